import { describe, expect, it } from 'vitest';

import type { Carrier } from '@/generated';

import { CAMPAIGN } from '../test/records';
import { actionsOf, consequence, curesOf } from './consequence';
import { countRows, previewFile, previewText, records, unfilled } from './csv';
import { changes, deserialize, emptyCampaign, serialize } from './form';
import { isLive, paceSentence, readLive, stateLine } from './live';
import { warnings, windowMinutes } from './review';
import { contactFilters, contactQuery, readCampaignSearch } from './search';

const NOW = Date.parse('2026-11-28T09:00:00Z');
const line = (status: string, live: Record<string, unknown> | null) => stateLine(status, readLive(live), 'UTC', NOW);

describe('the line that says what the dialler does', () => {
  it.each([
    ['draft', null, 'Not started'],
    ['running', null, 'Waiting for the dialler to take it up'],
    [
      'running',
      { state: 'waiting_retries', next_at: '2026-11-28T14:32:00Z' },
      'Waiting for retries, next 28 Nov, 14:32',
    ],
    ['running', { state: 'outside_window', next_at: null }, 'Outside the window'],
    ['running', { state: 'dialler_away' }, 'The dialler has not taken it up'],
    [
      'running',
      { state: 'dialler_away', updated_at: '2026-11-28T08:12:00Z' },
      'No sign of life from the dialler since 28 Nov, 08:12',
    ],
    ['running', { state: 'blocked', blocked: { reason: 'no_capacity' } }, 'Blocked: no free seat'],
    ['running', { state: 'blocked', blocked: { reason: 'of_tomorrow' } }, 'Blocked: of tomorrow'],
    ['running', { state: 'of_tomorrow' }, 'Of tomorrow'],
    ['paused', { state: 'draining', active: { in_progress: 2 } }, 'Paused: nobody is dialled; 2 calls still last'],
    ['completed', { state: 'draining', active: { in_progress: 1 } }, 'Ended; 1 call still lasts'],
    ['completed', { state: 'idle', active: {} }, 'Ended'],
  ])('%s with %o is “%s”', (status, live, text) => {
    expect(line(status, live)).toBe(text);
  });

  it('never breaks on a block of a newer dialler', () => {
    const live = readLive({ state: 7, active: [], blocked: 'x', passes: [1, { pass: 1 }], pacing: null });
    expect(live).toMatchObject({ state: '', active: {}, blocked: null, pacing: null });
    expect(live?.passes).toHaveLength(1);
  });
});

it('asks for news while a call or a callback is left, also of a campaign that has ended', () => {
  const ended = { status: 'completed', live: null, stats: {} };
  expect(isLive(ended)).toBe(false);
  expect(isLive({ ...ended, stats: { in_flight: 1 } })).toBe(true);
  expect(isLive({ ...ended, stats: { callback_pending: 1 } })).toBe(true);
  expect(isLive({ ...ended, status: 'running' })).toBe(true);
});

it('says when the pacing differs from what was set, and when the abandon rate brakes', () => {
  const text = paceSentence({ mode: 'predictive', mode_now: 'reserved', seats: 1, brake: 0.5 });
  expect(text).toContain('set to predictive; for now reserved is used');
  expect(text).toContain('1 seat now');
  expect(text).toContain('slows it to 50 %');
});

it('offers by state what the server takes', () => {
  const of = (status: string, prepared: unknown = null) => actionsOf({ ...CAMPAIGN, status, prepared_run: prepared });
  expect(of('draft')).toEqual(['start', 'clone', 'delete']);
  expect(of('draft', { scope: 'all' })).toEqual(['start', 'cancel-restart', 'clone']);
  expect(of('paused')).toEqual(['resume', 'stop', 'clone']);
  expect(of('failed')).toContain('restart-all');
  expect(of('of_tomorrow')).toEqual([]);
});

it('counts in the singular too', () => {
  const one = { ...CAMPAIGN, stats: { pending: 1, in_flight: 1, total_calls: 2, completed: 1 } };
  expect(consequence('stop', one)).toContain('1 waiting contact becomes manual_stopped');
  expect(consequence('stop', one)).toContain('1 live call goes on');
  expect(consequence('restart-unfinished', one)).toContain('1 contact that is not completed is made ready');
});

it('promises no call to those who are on the do-not-call list', () => {
  const list = { total_calls: 4, pending: 3, excluded: 1 };
  const draft = { status: 'draft', started_at: null, prepared_run: null, stats: { ...CAMPAIGN.stats, ...list, retry_scheduled: 0, callback_pending: 0 } }; // prettier-ignore
  expect(consequence('start', draft)).toContain('3 contacts can be called');
  const again = { ...draft, prepared_run: { scope: 'all' }, stats: { ...draft.stats, pending: 0, completed: 3 } };
  expect(consequence('start', again)).toContain('4 contacts can be called');
});

it('names each cure once and leaves out reasons that it does not know', () => {
  expect(curesOf(['number_unknown', 'number_inbound_only', 'of_tomorrow']).map((cure) => cure.to)).toEqual([
    'carriers',
  ]);
  expect(curesOf(undefined)).toEqual([]);
});

describe('the preview of a file', () => {
  it('takes the delimiter under which the header has phone_number', () => {
    const preview = previewText('phone_number;name, first\n+4930;Ana\n');
    expect(preview).toEqual({
      delimiter: ';',
      header: ['phone_number', 'name, first'],
      rows: [['+4930', 'Ana']],
      hasPhone: true,
    });
  });
  it('reads quotes, quoted delimiters and lines, and leaves empty lines out', () => {
    expect(records('a,"b ""c"", d"\r\n\r\n"x\ny",z', ',', 9)).toEqual([
      ['a', 'b "c", d'],
      ['x\ny', 'z'],
    ]);
  });
  it('shows six rows at most', () => {
    expect(previewText(`phone_number\n${'1\n'.repeat(20)}`).rows).toHaveLength(6);
  });
  it('says that the column of numbers is missing', () => {
    expect(previewText('Phone,name\n1,Ana').hasPhone).toBe(false);
  });
  it('reads the head of a large file only, with its mark and its older code page', async () => {
    const large = new File(['\uFEFFphone_number,name\n', '1,ü\n'.repeat(100_000)], 'large.csv');
    expect((await previewFile(large)).header).toEqual(['phone_number', 'name']);
    const old = new File([new Uint8Array([...'phone_number,name\n1,J'].map((c) => c.charCodeAt(0)).concat(0xfc))], 'a');
    expect((await previewFile(old)).rows).toEqual([['1', 'Jü']]);
  });
  it.each([
    ['a header alone', 'phone_number\n', 0],
    ['no line at the end', 'phone_number;name\n1;"a\nb; ""c"""\n;\n2;d', 2],
    ['more than a piece', `phone_number\n${'"12345678901"\r\n'.repeat(100_000)}`, 100_000],
  ])('counts the rows of a whole file: %s', async (_, text, rows) => {
    expect(await countRows(new File([text], 'list.csv'))).toBe(rows);
  });
  it('counts the rows of a spreadsheet that writes two bytes a letter', async () => {
    const text = new Uint16Array([...'\ufeffphone_number\n1\n2'].map((char) => char.charCodeAt(0)));
    expect(await countRows(new File([text], 'list.csv'))).toBe(2);
  });
  it('names the tokens that no column fills', () => {
    expect(unfilled(previewText('phone_number,name\n'), ['name', 'amount'])).toEqual(['amount']);
  });
});

describe('the form', () => {
  it('gives back what it was made of', () => {
    const form = deserialize(CAMPAIGN);
    expect(deserialize({ ...form, config: serialize(form).config, name: 'x' })).toEqual({ ...form, name: 'x' });
  });
  it('keeps on, off and “as the deployment” of the screening apart', () => {
    for (const enabled of [true, false, null]) {
      const form = deserialize({ ...CAMPAIGN, config: { amd: { enabled } } });
      expect(serialize(form).config.amd).toEqual({ enabled });
    }
  });
  it('never sends to a campaign of one day what only one of many days may have', () => {
    const form = deserialize(emptyCampaign('Asia/Kolkata'));
    form.config.always_on = true;
    form.config.time_window.use_callee_timezone = true;
    expect(serialize(form).config).toMatchObject({ always_on: false, time_window: { use_callee_timezone: false } });
  });
  it('leaves name and bot out once the campaign has run', () => {
    expect(changes(deserialize(CAMPAIGN), true)).not.toHaveProperty('name');
    expect(changes(deserialize(CAMPAIGN), false)).toMatchObject({ name: CAMPAIGN.name, bot_id: 'demo' });
  });
});

describe('warnings before a save', () => {
  const carrier = {
    name: 'K', outbound_cps: 1, outbound_channels: 5, lk_sync_status: 'synced',
    dids: [{ number: '+15550199', direction: 'both' }, { number: '+15550198', direction: 'inbound' }],
  } as unknown as Carrier; // prettier-ignore
  const form = deserialize(CAMPAIGN);
  it('compares the limit with seats and channels', () => {
    expect(warnings(form, [carrier], null, 4).join(' ')).toMatch(/4 seats.*5 channels/);
    expect(warnings(form, [{ ...carrier, outbound_channels: 10 }], null, 10)).toEqual([]);
  });
  it('says that a window is too short for the list', () => {
    expect(warnings(form, [carrier], 40_000, null).join(' ')).toContain('32,400 of 40,000');
  });
  it('names numbers that no carrier calls out with', () => {
    const lost = { ...form, number_pool: ['+15550198'] };
    expect(warnings(lost, [carrier], null, null)).toEqual(['No carrier calls out with +15550198; they are skipped.']);
  });
  it.each([
    ['09:00', '18:00', 540],
    ['22:00', '02:00', 240],
    ['08:00', '08:00', 1440],
  ])('a window from %s to %s has %i minutes', (start, end, minutes) => {
    expect(windowMinutes(start, end)).toBe(minutes);
  });
});

it('reads filters from an address and drops a callback state that does not exist', () => {
  const search = readCampaignSearch({ tab: 'contacts', phone: 4930123456, callback: 'of_tomorrow', x: 1 });
  expect(contactQuery(search, 'UTC', NOW)).toEqual({ phone: '4930123456' });
  expect(readCampaignSearch({ tab: 'contacts', sort: '-at' }).sort).toBeUndefined();
});

it('asks for contacts by whole days of the last try', () => {
  const search = readCampaignSearch({ tab: 'contacts', range: 'custom', from: '2026-11-20', to: '2026-11-21' });
  expect(contactFilters(search)).toBe(1);
  expect(contactQuery(search, 'Asia/Kolkata', NOW)).toEqual({
    date_from: '2026-11-19T18:30:00.000Z',
    date_to: '2026-11-21T18:29:59.999Z',
  });
  expect(contactQuery({ range: '7d' }, 'UTC', NOW)).toEqual({ date_from: '2026-11-22T00:00:00.000Z' });
});
