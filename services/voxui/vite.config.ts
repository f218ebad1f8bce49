import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

const api = process.env.VOX_DEV_API ?? 'http://127.0.0.1:8080';

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string };

/** `version.json`: which build this is. A tab compares the script it runs with it. */
const versionFile: Plugin = {
  name: 'version-file',
  apply: 'build',
  generateBundle(_, bundle) {
    const entry = Object.values(bundle).find((file) => file.type === 'chunk' && file.isEntry);
    const source = `${JSON.stringify({ version, entry: entry && `/${entry.fileName}` })}\n`;
    this.emitFile({ type: 'asset', fileName: 'version.json', source });
  },
};

export default defineConfig({
  plugins: [react(), tailwindcss(), versionFile],
  define: { __VERSION__: JSON.stringify(version) },
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  server: { port: 5173, proxy: { '/api': api, '/health': api, '/config.js': api } },
  build: { target: 'es2022', manifest: true, chunkSizeWarningLimit: 700, license: { fileName: 'licences.txt' } },
  test: {
    environment: 'jsdom',
    testTimeout: 20_000,
    setupFiles: './src/test/setup.ts',
    css: false,
    include: ['src/**/*.test.{ts,tsx}'],
  },
});
