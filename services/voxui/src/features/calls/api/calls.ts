import { queryOptions } from '@tanstack/react-query';

import { callsDelete, callsGet, callsList, type CallRecord } from '@/generated';
import { data, fetchFile } from '@/lib/api';
import { download, saveFile } from '@/lib/download';
import type { Tell } from '@/lib/progress';
import { whileQuiet } from '@/lib/stream';
import { PAGE_SIZE } from '@/lib/sort';

import { toQuery, type CallSearch } from '../lib/filters';

export const LIVE_MS = 3_000;
export const LIST_MS = 15_000;

/** A page of the list. It stays as it is while it is read: what is new is announced, see `freshCallsQuery`. */
export const callsQuery = (search: CallSearch, zone: string) =>
  queryOptions({
    queryKey: ['calls', 'list', search, zone],
    queryFn: () =>
      data(
        callsList({
          query: {
            ...toQuery(search, zone, Date.now()),
            limit: PAGE_SIZE,
            ...(search.cursor ? { cursor: search.cursor } : {}),
          },
        }),
      ),
    staleTime: Infinity,
    refetchOnMount: 'always', // whoever opens the list sees it as it is now
    refetchOnWindowFocus: false,
    placeholderData: (before) => before,
  });

/** The first page again and again, for new calls and for states that change. */
export const freshCallsQuery = (search: CallSearch, zone: string) =>
  queryOptions({
    queryKey: ['calls', 'fresh', search, zone],
    queryFn: () => data(callsList({ query: { ...toQuery(search, zone, Date.now()), limit: PAGE_SIZE } })),
    enabled: !search.cursor && (search.sort ?? '-created_at') === '-created_at',
    refetchInterval: () => whileQuiet(LIST_MS),
    staleTime: 0,
  });

export const callQuery = (id: string) =>
  queryOptions({
    queryKey: ['calls', 'one', id],
    queryFn: () => data(callsGet({ path: { session_id: id }, query: { make_recording_accessible: true } })),
    // A call that runs is watched; its result brings everything at once, analysis included.
    refetchInterval: (query) => (isOpen(query.state.data) ? whileQuiet(LIVE_MS) : false),
  });

const isOpen = (call: CallRecord | undefined) => call?.status === 'in_progress';

export const deleteCall = (id: string) => data(callsDelete({ path: { session_id: id } }));

export async function exportCsv(search: CallSearch, zone: string, tell: Tell) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(toQuery(search, zone, Date.now()))) {
    if (value !== undefined && value !== null && key !== 'sort') query.set(key, String(value));
  }
  await download(`/api/v1/calls/export.csv?${query.toString()}`, 'calls.csv', tell);
}

export const exportJson = (id: string, tell: Tell) =>
  download(`/api/v1/calls/${encodeURIComponent(id)}/export.json`, `call-${id}.json`, tell);

export const downloadRecording = async (id: string, tell: Tell) => {
  const answer = await fetchFile(`/api/v1/recordings/${encodeURIComponent(id)}`);
  const kind = answer.headers.get('Content-Type') ?? '';
  const extension = kind.includes('mpeg') ? 'mp3' : kind.includes('ogg') ? 'ogg' : 'wav';
  await saveFile(answer, `call-${id}.${extension}`, tell);
};
