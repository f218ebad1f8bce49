import { describe, expect, it, vi } from 'vitest';

import type { CallSummary } from '@/generated';
import { startOfDay } from '@/lib/days';

import { newCalls } from './arrivals';
import { decodedPeaks } from './decoded';
import { exportRefusal, filterCount, readSearch, toQuery } from './filters';
import { statusLook } from './labels';
import { events, lineAt, lines, marks, toolUses } from './record';
import { turnBars } from './waterfall';
import { WavPeaks } from './wav';

const NOW = Date.parse('2026-11-28T12:00:00Z');

describe('filters of the call list', () => {
  it('keep what fits of an address and drop the rest', () => {
    expect(
      readSearch({
        status: 'failed',
        range: 'ever',
        min_duration: '-1',
        sort: 'name',
        phone: 4471,
        transferred: 'true',
      }),
    ).toEqual({
      status: 'failed',
      phone: '4471',
      transferred: 'true',
    });
  });

  it('turn "today" into the first moment of the day in the display zone', () => {
    expect(toQuery({ range: 'today' }, 'Asia/Kolkata', NOW)).toEqual({ date_from: '2026-11-27T18:30:00.000Z' });
  });

  it('take a whole last day, also one on which clocks change', () => {
    expect(new Date(startOfDay('2026-10-25', 'Europe/Berlin')).toISOString()).toBe('2026-10-24T22:00:00.000Z');
    const query = toQuery({ range: 'custom', from: '2026-10-25', to: '2026-10-25' }, 'Europe/Berlin', NOW);
    expect(query).toEqual({ date_from: '2026-10-24T22:00:00.000Z', date_to: '2026-10-25T22:59:59.999Z' });
  });

  it('begin a day by the clock of its own midnight: in Auckland the clocks change between it and midnight in London', () => {
    expect(new Date(startOfDay('2026-04-05', 'Pacific/Auckland')).toISOString()).toBe('2026-04-04T11:00:00.000Z');
  });

  it('refuse an export without a first day or over 92 days, before the server is asked', () => {
    expect(exportRefusal({}, 'UTC', NOW)).toContain('first day');
    expect(exportRefusal({ range: 'custom', from: '2026-01-01' }, 'UTC', NOW)).toContain('92 days');
    expect(exportRefusal({ range: '30d' }, 'UTC', NOW)).toBeNull();
  });

  it('are counted without sort and page', () => {
    expect(filterCount({ status: 'failed', sort: 'created_at', cursor: 'x' })).toBe(1);
  });
});

describe('a stored call', () => {
  const call = {
    transcript: [
      {
        turn: 2,
        role: 'tool',
        tool_name: 'check_order',
        content: '{"status":"success"}',
        start_ms: 8_095,
        end_ms: 8_295,
      },
      { turn: 1, role: 'assistant', content: 'Hello', start_ms: 211, end_ms: 3_219 },
      { turn: 1, role: 'user', content: 'My order', start_ms: 4_106, end_ms: 7_667 },
    ],
    events: [
      { type: 'tool_call', offset_ms: 8_095, data: { tool: 'check_order', tool_call_id: 'c1', arguments: { id: 1 } } },
      { type: 'interruption', offset_ms: 9_000, data: {} },
      { type: 'something_new', offset_ms: 9_100, data: null },
    ],
  };

  it('gives its lines in the order of time, and the one that is spoken at a moment', () => {
    const all = lines(call);
    expect(all.map((line) => line.role)).toEqual(['assistant', 'user', 'tool']);
    expect([lineAt(all, 0), lineAt(all, 300), lineAt(all, 4_106), lineAt(all, 9_999)]).toEqual([-1, 0, 1, 1]);
  });

  it('ties a tool to its answer', () => {
    expect(toolUses(events(call), lines(call))).toEqual([
      {
        name: 'check_order',
        arguments: { id: 1 },
        answer: '{"status":"success"}',
        offsetMs: 8_095,
        durationMs: 200,
        status: '',
      },
    ]);
  });

  it('marks what is worth it and ignores what is new', () => {
    expect(marks(events(call)).map((mark) => mark.kind)).toEqual(['tool', 'barge_in']);
  });

  it('may lack everything (U9)', () => {
    expect([lines({}), events({})]).toEqual([[], []]);
    expect(statusLook('on_the_moon')).toEqual({ label: 'On the moon', tone: 'neutral' });
  });
});

describe('the latency of a turn', () => {
  it('is drawn to its total: what no stage took is "other"', () => {
    const [bar] = turnBars([{ turn: 2, stt_ms: 400, llm_ms: 100, total_ms: 600 }]);
    expect(bar?.segments.map((part) => [part.stage, part.ms])).toEqual([
      ['stt', 400],
      ['llm', 100],
      ['other', 100],
    ]);
    expect(bar?.segments.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1);
    expect(bar?.stages.tool).toBeNull();
  });

  it('says that stages overlapped when they add up to more', () => {
    const [bar] = turnBars([{ turn: 3, stt_ms: 400, turn_ms: 400, total_ms: 600 }]);
    expect(bar?.overlap).toBe(true);
    expect(bar?.segments.reduce((sum, part) => sum + part.share, 0)).toBeCloseTo(1);
  });

  it('leaves out a turn that was never answered', () => {
    expect(turnBars([{ turn: 4, stt_ms: 100, total_ms: null }])).toEqual([]);
  });
});

describe('a recording', () => {
  const wav = (samples: number[], channels: number, size = samples.length * 2) => {
    const view = new DataView(new ArrayBuffer(44 + samples.length * 2));
    const word = (at: number, text: string) => { [...text].forEach((char, by) => { view.setUint8(at + by, char.charCodeAt(0)); }); }; // prettier-ignore
    word(0, 'RIFF');
    word(8, 'WAVE');
    word(12, 'fmt ');
    word(36, 'data'); // prettier-ignore
    view.setUint32(16, 16, true);
    view.setUint16(20, 1, true);
    view.setUint16(22, channels, true);
    view.setUint32(24, 8_000, true);
    view.setUint16(34, 16, true);
    view.setUint32(40, size, true);
    samples.forEach((sample, at) => { view.setInt16(44 + at * 2, sample, true); }); // prettier-ignore
    return view.buffer;
  };

  const peaksOf = (file: ArrayBuffer, at: number[], buckets: number, total: number | null = null, isWhole = true) => {
    const reader = new WavPeaks(total);
    [0, ...at].forEach((start, part) => { reader.push(new Uint8Array(file.slice(start, at[part]))); }); // prettier-ignore
    return reader.peaks(buckets, isWhole);
  };
  /** A lane of 10 ms that is loud, and one that is quiet; then the other way round. */
  const turns = (high: number, low: number) => [
    ...Array.from({ length: 80 }, () => [high, low]).flat(),
    ...Array.from({ length: 80 }, () => [low, high]).flat(),
  ];
  const BOTH = { channels: [[0.5, 0], [0, 0.5]], durationMs: 20, known: 1 }; // prettier-ignore

  it('gives the peaks of each lane, wherever its bytes were cut on their way', () => {
    const file = wav(turns(-16_384, 0), 2);
    for (const at of [[], [3], [11, 30, 44], [45, 47, 300, 301, 302]]) expect(peaksOf(file, at, 2)).toEqual(BOTH);
  });

  it('is drawn in its place while the rest is still coming', () => {
    const file = wav(turns(16_384, 0), 2);
    const half = file.slice(0, 44 + 80 * 4);
    const first = { channels: [[0.5, 0], [0, 0]], durationMs: 20, known: 0.5 }; // prettier-ignore
    expect(peaksOf(half, [], 2, null, false)).toEqual(first);
    expect(peaksOf(file.slice(0, 30), [], 2, null, false)).toBeNull();
  });

  it('whose length was never written is as long as the file, and counts what is there at the end', () => {
    const file = wav(turns(16_384, 0), 2, 0xffffffff);
    expect(peaksOf(file.slice(0, 44 + 80 * 4), [], 2, file.byteLength, false)?.known).toBe(0.5);
    expect(peaksOf(file, [], 2)).toEqual(BOTH);
  });

  it('leaves out what stands behind its samples', () => {
    const file = wav([...turns(16_384, 0), 32_767, 32_767], 2, 160 * 4);
    expect(peaksOf(file, [], 2)).toEqual(BOTH);
  });

  it('of another format is refused, and drawn as one lane by the decoder of the browser', async () => {
    expect(() => peaksOf(new ArrayBuffer(100), [], 1)).toThrow('no WAV file');
    const lanes = [Float32Array.of(0.25, -0.5, 0, 0), Float32Array.of(0, 0, 0, -0.75)];
    const sound = { length: 4, duration: 2, numberOfChannels: 2, getChannelData: (at: number) => lanes[at] };
    const decodeAudioData = () => Promise.resolve(sound);
    vi.stubGlobal('OfflineAudioContext', class { decodeAudioData = decodeAudioData; }); // prettier-ignore
    expect(await decodedPeaks(new ArrayBuffer(9), 2)).toEqual({ channels: [[0.5, 0.75]], durationMs: 2_000, known: 1 });
    vi.unstubAllGlobals();
  });
});

describe('new calls', () => {
  const call = (session_id: string, created_at: string) => ({ session_id, created_at }) as CallSummary;

  it('are those that are newer than the newest one shown', () => {
    const shown = [call('b', '2026-01-02'), call('a', '2026-01-01')];
    expect(newCalls(shown, [call('c', '2026-01-03'), ...shown, call('old', '2025-01-01')])).toBe(1);
    expect(newCalls([], [call('c', '2026-01-03')])).toBe(1);
    expect(newCalls(undefined, [])).toBe(0);
  });
});
