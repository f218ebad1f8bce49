import { readdirSync } from 'node:fs';

import a11y from 'eslint-plugin-jsx-a11y';
import hooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

// src/app -> src/features/* -> src/components -> src/lib -> src/generated; features meet only in src/app.
const ban = (files, patterns, message) => ({
  files,
  ignores: ['**/*.test.*'],
  rules: { 'no-restricted-imports': ['error', { patterns: [{ group: patterns, message }] }] },
});
const features = readdirSync(new URL('./src/features', import.meta.url)); // from the disk: a new feature is guarded at once

export default tseslint.config(
  { ignores: ['dist', 'src/generated', 'placeholder', 'public'] },
  ...tseslint.configs.strict,
  a11y.flatConfigs.strict,
  {
    plugins: { 'react-hooks': hooks },
    rules: {
      ...hooks.configs.recommended.rules,
      '@typescript-eslint/no-non-null-assertion': 'off',
      // Radix and our Field tie label and control by id.
      'jsx-a11y/label-has-associated-control': ['error', { assert: 'either' }],
    },
  },
  { files: ['scripts/**'], languageOptions: { globals: { process: 'readonly', console: 'readonly' } } },
  ...features.map((name) =>
    ban(
      [`src/features/${name}/**`],
      [
        '@/app/*',
        '@/app/**',
        ...features.filter((other) => other !== name).flatMap((other) => [`@/features/${other}/**`]),
      ],
      'Features meet only in src/app.',
    ),
  ),
  ban(['src/components/**'], ['@/app/**', '@/features/**'], 'Shared parts know no feature.'),
  ban(['src/lib/**'], ['@/app/**', '@/features/**', '@/components/**'], 'lib knows neither screens nor parts.'),
);
