/** The generated client, set up: where the API is, who asks, and errors as one type. */
import { client } from '@/generated/client.gen';

import { config } from './config';
import { leave, token } from './session';

export interface FieldError {
  loc: (string | number)[];
  msg: string;
}

/** Every failure of a request. `status` 0: no answer came. `code` is stable, `message` is for people. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly requestId: string = '',
    readonly detail: unknown = null,
    readonly retryAfterS: number = 0,
    readonly body: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.waitUntil = status === 429 && retryAfterS > 0 ? Date.now() + retryAfterS * 1_000 : 0;
  }

  /** Milliseconds since 1970 of the moment from which a 429 lets the same request be tried again; 0: it names none. */
  readonly waitUntil: number;

  /** The server, not the request, is the cause: the same request may work later. */
  get isAway(): boolean {
    return this.status === 0 || this.status >= 500;
  }

  /** Refused fields of a 422, without the part that says where the field came from. */
  get fields(): FieldError[] {
    if (this.status !== 422 || !Array.isArray(this.detail)) return [];
    return (this.detail as FieldError[])
      .filter((entry) => Array.isArray(entry?.loc))
      .map((entry) => ({
        loc: entry.loc[0] === 'body' || entry.loc[0] === 'query' ? entry.loc.slice(1) : entry.loc,
        msg: entry.msg.replace(/^Value error, /, ''),
      }));
  }
}

/** Codes of a 401 that mean "this password is wrong", not "you are no longer signed in". */
const WRONG_PASSWORD = new Set(['invalid_credentials', 'wrong_password']);

export function toApiError(error: unknown, response: Response | undefined): ApiError {
  if (error instanceof ApiError) return error;
  if (!response) {
    return new ApiError(
      0,
      'unreachable',
      'The server cannot be reached. Check your connection, or wait: this page asks again.',
    );
  }
  const body = typeof error === 'object' && error !== null ? (error as Record<string, unknown>) : {};
  const text = (key: string) => (typeof body[key] === 'string' ? body[key] : '');
  return new ApiError(
    response.status,
    text('error') || `http_${response.status}`,
    text('message') || `The server answered with status ${response.status}.`,
    text('request_id') || (response.headers.get('X-Request-Id') ?? ''),
    body.detail ?? null,
    secondsOf(response.headers.get('Retry-After')),
    body,
  );
}

/** `Retry-After` in seconds. A proxy may write the date instead of the seconds. 0: none, or past. */
export function secondsOf(header: string | null): number {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1_000;
  return seconds > 0 ? seconds : 0;
}

/** A server that took the request and says nothing is as good as away. */
const PATIENCE_MS = 30_000;

export function setUpClient() {
  client.setConfig({
    fetch: (input, init) => {
      const signals = [AbortSignal.timeout(PATIENCE_MS), ...(input instanceof Request ? [input.signal] : [])];
      return fetch(input, { ...init, signal: AbortSignal.any(signals) });
    },
    baseUrl: addressOf(''),
    auth: () => token() ?? '',
    // Pages render from the answer: no cached one, whatever a proxy says.
    cache: 'no-store',
  });
  client.interceptors.error.use((error, response) => {
    const known = toApiError(error, response as Response | undefined);
    if (known.status === 401 && !WRONG_PASSWORD.has(known.code)) leave('expired');
    return known;
  });
}

/** Awaits a generated call and gives its data alone. Throws ApiError. */
export async function data<T>(call: Promise<{ data: T }>): Promise<T> {
  return (await call).data;
}

/** Where a path of the API is, for what the generated client cannot do. */
export const addressOf = (path: string) => config.apiUrl.replace(/\/api\/v1$/, '') + path;

/** What a refusing answer says. An ended session leads to the sign-in. */
export async function refusalOf(answer: Response): Promise<ApiError> {
  const known = toApiError(await answer.json().catch(() => null), answer);
  if (known.status === 401) leave('expired');
  return known;
}

/** A file of the API as it comes: recordings and exports. Throws ApiError. */
export async function fetchFile(path: string, signal?: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(addressOf(path), {
      headers: { Authorization: `Bearer ${token() ?? ''}` },
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw toApiError(error, undefined);
  }
  if (!answer.ok) throw await refusalOf(answer);
  return answer;
}
