/** What the operator of this console chose: `/config.js` at run time, else `VITE_*` of the build, else the default. */
export interface ConsoleConfig {
  /** Ends in `/api/v1`: paths of the generated client carry that part themselves. */
  apiUrl: string;
  brandName: string;
  poweredBy: string;
  tokenKey: string;
  /** Path of an image, false = no mark. */
  logo: string | false;
  /** Path of a style sheet. */
  theme: string;
  primary: string;
  primarySoft: string;
  background: string;
  aurora1: string;
  aurora2: string;
  agentDesk: boolean;
  docsUrl: string;
}

declare global {
  interface Window {
    __VOX_CONFIG__?: Record<string, unknown>;
  }
}

const BUILD: Record<string, string | undefined> = {
  apiUrl: import.meta.env.VITE_API_URL,
  brandName: import.meta.env.VITE_BRAND_NAME,
  poweredBy: import.meta.env.VITE_BRAND_POWERED_BY,
  tokenKey: import.meta.env.VITE_TOKEN_KEY,
  logo: import.meta.env.VITE_BRAND_LOGO,
  theme: import.meta.env.VITE_BRAND_THEME,
  primary: import.meta.env.VITE_PRIMARY_COLOR,
  primarySoft: import.meta.env.VITE_PRIMARY_SOFT,
  background: import.meta.env.VITE_BG_COLOR,
  aurora1: import.meta.env.VITE_AURORA_COLOR1,
  aurora2: import.meta.env.VITE_AURORA_COLOR2,
  agentDesk: import.meta.env.VITE_ADK_ENABLED,
  docsUrl: import.meta.env.VITE_DOCS_URL,
};

const isText = (value: unknown) => typeof value === 'string' && value.length <= 500;
const isColour = (value: unknown) => typeof value === 'string' && (value === '' || /^#[0-9a-f]{6}$/i.test(value));
/** Of this host: the policy of the page loads styles and pictures from nowhere else. */
const isPath = (value: unknown) => typeof value === 'string' && (value === '' || /^\/(?![/\\])/.test(value));
const isAddress = (value: unknown) => isPath(value) || (typeof value === 'string' && value.startsWith('https://'));

const isFlag = (value: unknown) => value === true || value === false || value === 'true' || value === 'false';

/** Reads one setting after the other; a bad value falls back to the default with one warning that names it. */
export function readConfig(
  runtime: Record<string, unknown>,
  build: Record<string, string | undefined>,
  warn: (message: string) => void,
): ConsoleConfig {
  const read = (key: string, fallback: string, fits: (value: unknown) => boolean): string => {
    const value = runtime[key] ?? build[key];
    if (value === undefined) return fallback;
    if (fits(value)) return String(value);
    warn(`config: ${key} has a value that is not allowed; the default is used`);
    return fallback;
  };
  const logo = read('logo', '/brand/logo.png', (value) => String(value) === 'false' || isPath(value));
  const apiUrl = read('apiUrl', '/api/v1', (value) => isAddress(value) && String(value).endsWith('/api/v1'));
  return {
    apiUrl,
    brandName: read('brandName', 'Vox', isText),
    poweredBy: read('poweredBy', 'Powered by Vox', isText),
    tokenKey: read('tokenKey', 'vox_token', isText),
    logo: logo === 'false' ? false : logo,
    theme: read('theme', '', isPath),
    primary: read('primary', '', isColour),
    primarySoft: read('primarySoft', '', isColour),
    background: read('background', '', isColour),
    aurora1: read('aurora1', '', isColour),
    aurora2: read('aurora2', '', isColour),
    agentDesk: read('agentDesk', 'false', isFlag) === 'true',
    docsUrl: read('docsUrl', '', isAddress),
  };
}

export const config = readConfig(window.__VOX_CONFIG__ ?? {}, BUILD, (message) => {
  console.warn(message);
});
