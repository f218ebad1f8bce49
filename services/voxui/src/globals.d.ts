/// <reference types="vite/client" />

/** Version of this console, from package.json. */
declare const __VERSION__: string;
