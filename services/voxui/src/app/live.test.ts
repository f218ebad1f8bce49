import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { live, LOST, type StreamEvent } from '@/lib/stream';

import { followEvents } from './live';

let tell: (event: StreamEvent) => void;
let client: QueryClient;
let asked: string[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(live, 'onEvent').mockImplementation((listener) => {
    tell = listener;
    return () => undefined;
  });
  client = new QueryClient();
  asked = [];
  vi.spyOn(client, 'invalidateQueries').mockImplementation((filters) => {
    asked.push(JSON.stringify(filters?.queryKey));
    return Promise.resolve();
  });
  followEvents(client);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

it('asks once a second however many calls are told, and once more for the last of them', async () => {
  for (let number = 0; number < 200; number += 1) tell({ name: 'call.started', data: {} });
  const fresh = () => asked.filter((key) => key === '["calls","fresh"]').length;
  expect(fresh()).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(fresh()).toBe(2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(fresh()).toBe(2);
});

it('never asks for the list of calls again by itself: rows stay while they are read', () => {
  for (const name of ['hello', 'reset', 'call.started', 'call.completed']) {
    tell({ name, data: { topics: ['calls'], session_id: 'x' } });
  }
  expect(asked).not.toContain('["calls","list"]');
  expect(asked).not.toContain('["calls"]');
  expect(asked).toContain('["calls","one","x"]');
});

it('takes figures of a campaign over as they are told, without asking', () => {
  const campaign = { campaign_id: 'c', status: 'running', stats: { pending: 5 }, live: null, name: 'Spring' };
  client.setQueryData(['campaigns', 'one', 'c'], campaign);
  client.setQueryData(['campaigns', 'list', {}], { items: [campaign], total: 1 });
  tell({
    name: 'campaign.updated',
    data: { campaign_id: 'c', status: 'running', stats: { pending: 4 }, live: { x: 1 } },
  });
  const after = { ...campaign, stats: { pending: 4 }, live: { x: 1 } };
  expect(client.getQueryData(['campaigns', 'one', 'c'])).toEqual(after);
  expect(client.getQueryData(['campaigns', 'list', {}])).toEqual({ items: [after], total: 1 });
  expect(asked).toEqual(['["campaigns","contacts","c"]']);
});

it('asks for a campaign whose state changed: what may be done with it changed too', () => {
  client.setQueryData(['campaigns', 'one', 'c'], { campaign_id: 'c', status: 'running', stats: {}, live: null });
  tell({ name: 'campaign.updated', data: { campaign_id: 'c', status: 'completed', stats: {}, live: null } });
  expect(asked).toEqual(['["campaigns"]']);
});

it('asks at once when the stream breaks: views that are told rarely ask, and the server may be away', () => {
  tell({ name: LOST, data: { topics: ['fleet', 'campaign:c'] } });
  expect(asked).toEqual(['["fleet"]', '["campaigns"]']);
});

it('passes over an event that this release does not know', () => {
  tell({ name: 'weather.changed', data: {} });
  expect(asked).toEqual([]);
});

it('asks for the seats each second while they change, for drains and quotas at once and then each 5 s', async () => {
  for (let second = 0; second < 10; second += 1) {
    tell({ name: 'fleet.changed', data: {} });
    await vi.advanceTimersByTimeAsync(1_000);
  }
  const times = (what: string) => asked.filter((key) => key === `["fleet","${what}"]`).length;
  expect(times('status')).toBe(10);
  expect([times('drains'), times('quotas')]).toEqual([3, 3]);
});
