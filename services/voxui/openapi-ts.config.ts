import { defineConfig } from '@hey-api/openapi-ts';

// `openapi.json` is voxbridge's own description; tests/house/test_console.py fails when it is out of date.
export default defineConfig({
  input: './openapi.json',
  output: {
    path: process.env.VOXUI_GENERATED ?? './src/generated', // the drift check writes elsewhere
    postProcess: [],
    // The client's own code is not written for `exactOptionalPropertyTypes`; its types still reach us.
    header: ['// Made by `npm run gen`; do not edit.', '// @ts-nocheck'],
  },
  plugins: ['@hey-api/typescript', '@hey-api/sdk', { name: '@hey-api/client-fetch', throwOnError: true }],
});
