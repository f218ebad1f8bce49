import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';

const display = { display_timezone: 'UTC', default_country: '', provider_keys: {} };

/** The API for components. A test adds what it needs; a request that nobody answers fails it. */
export const server = setupServer(http.get('*/api/v1/settings/display', () => HttpResponse.json(display)));

export const api = (path: string) => `*/api/v1${path}`;

export const refusal = (status: number, error: string, message: string, more: object = {}) =>
  HttpResponse.json({ error, message, request_id: 'req-12345678', detail: null, ...more }, { status });

export const pageOf = <T>(items: T[]) => ({
  items,
  page: 1,
  limit: 50,
  total: items.length,
  total_capped: false,
  next: null,
});
