/** Files that go to the API: only this old request tells how far they are. */
import { useCallback, useEffect, useRef, useState } from 'react';

import { addressOf, refusalOf, toApiError } from './api';
import type { Progress, Tell } from './progress';
import { token } from './session';

/** A file of 64 MiB needs its time on a slow line, and the server its own to read it. */
const PATIENCE_MS = 600_000;

/** Somebody stopped it before the whole file was there: the server took nothing of it. */
export class Cancelled extends Error {}

/** Sends a file as the API takes it. Throws ApiError, Cancelled. */
export function upload<T>(path: string, file: File, tell: Tell, signal: AbortSignal): Promise<T> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('POST', addressOf(path));
    request.setRequestHeader('Authorization', `Bearer ${token() ?? ''}`);
    request.timeout = PATIENCE_MS;
    request.upload.onprogress = ({ loaded, total }) => {
      // What is sent around the file counts as the file: its parts are the same.
      tell({ bytes: Math.round((file.size * loaded) / Math.max(1, total)), total: file.size });
    };
    request.upload.onload = () => {
      tell({ bytes: file.size, total: file.size });
    };
    request.onerror = request.ontimeout = () => {
      failed(toApiError(null, undefined));
    };
    request.onload = () => {
      const { status, responseText } = request;
      if (status >= 200 && status < 300) done(JSON.parse(responseText) as T);
      else void refusalOf(new Response(responseText, { status, headers: headersOf(request) })).then(failed);
    };
    signal.addEventListener('abort', () => {
      request.abort();
      failed(new Cancelled());
    });
    const body = new FormData();
    body.append('file', file);
    request.send(body);
  });
}

const headersOf = (request: XMLHttpRequest) =>
  ['Retry-After', 'X-Request-Id'].flatMap<[string, string]>((name) => {
    const value = request.getResponseHeader(name);
    return value === null ? [] : [[name, value]];
  });

/** One upload at a time, and its end when nobody looks any more. `progress`: null while none is on its way. */
export function useUpload() {
  const [progress, setProgress] = useState<Progress | null>(null);
  const abort = useRef(new AbortController());
  const cancel = useCallback(() => {
    abort.current.abort();
  }, []);
  useEffect(() => cancel, [cancel]);
  const send = async <T>(path: string, file: File): Promise<T> => {
    abort.current = new AbortController();
    setProgress({ bytes: 0, total: file.size });
    try {
      return await upload<T>(path, file, setProgress, abort.current.signal);
    } finally {
      setProgress(null);
    }
  };
  return { progress, send, cancel };
}
