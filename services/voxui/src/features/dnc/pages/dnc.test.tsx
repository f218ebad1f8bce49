import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import axe from 'axe-core';
import { http, HttpResponse } from 'msw';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { renderPage } from '@/test/render';
import { api, pageOf, refusal, server } from '@/test/server';

import { readSearch, type DncSearch } from '../lib/search';
import { DncPage } from './dnc';

const ENTRY = {
  phone_number: '+4930123456',
  reason: 'asked in a call',
  source: 'call',
  added_by: 'u-1',
  session_id: null,
  expires_at: null,
  created_at: '2026-06-05T10:15:00.000Z',
};

function show(search: DncSearch = {}, onSearch = vi.fn()) {
  renderPage(<DncPage search={search} onSearch={onSearch} people={[{ user_id: 'u-1', name: 'Ana' }]} />);
  return onSearch;
}
const listed = (...entries: object[]) => server.use(http.get(api('/dnc'), () => HttpResponse.json(pageOf(entries))));

describe('the list', () => {
  it('shows who is on it, why, since when and by whom', async () => {
    listed(ENTRY);
    show();
    const row = await screen.findByRole('row', { name: /\+49 3012 3456/ });
    expect(row).toHaveTextContent('asked in a call');
    expect(row).toHaveTextContent('Asked in a call');
    expect(row).toHaveTextContent('Ana');
    expect(row).toHaveTextContent('Never');
    const found = await axe.run(document.body, { rules: { region: { enabled: false } } });
    expect(found.violations).toEqual([]);
  });

  it('says that nobody is on it', async () => {
    listed();
    show();
    expect(await screen.findByRole('heading', { name: 'Nobody is on the list.' })).toBeInTheDocument();
  });

  it('offers to clear filters that fit nobody', async () => {
    listed();
    const onSearch = show({ q: '4930' });
    await userEvent.click(await screen.findByRole('button', { name: 'Clear filters' }));
    expect(onSearch).toHaveBeenCalledWith({});
  });

  it('says why it failed and tries again', async () => {
    server.use(
      http.get(api('/dnc'), () => refusal(503, 'store_unavailable', 'The database is away.'), { once: true }),
      http.get(api('/dnc'), () => HttpResponse.json(pageOf([ENTRY]))),
    );
    show();
    expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.');
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByText('asked in a call')).toBeInTheDocument();
  });

  it('asks the server for digits, source, order and page of the address', async () => {
    let asked = '';
    server.use(
      http.get(api('/dnc'), ({ request }) => {
        asked = new URL(request.url).search;
        return HttpResponse.json({ ...pageOf([ENTRY]), next: 'c-2' });
      }),
    );
    const onSearch = show({ q: '49', source: 'call', sort: 'created_at', cursor: 'c-1' });
    await userEvent.click(await screen.findByRole('button', { name: 'Next page' }));
    expect(asked).toBe('?limit=50&q=49&source=call&sort=created_at&cursor=c-1');
    expect(onSearch).toHaveBeenCalledWith({ q: '49', source: 'call', sort: 'created_at', cursor: 'c-2' });
    expect(screen.getByRole('columnheader', { name: 'When' })).toHaveAttribute('aria-sort', 'ascending');
    await userEvent.click(screen.getByRole('button', { name: 'When' }));
    expect(onSearch).toHaveBeenLastCalledWith({ q: '49', source: 'call' });
  });

  it('removes a number after saying that this revives nothing', async () => {
    listed(ENTRY);
    let removed = '';
    server.use(
      http.delete(api('/dnc/:number'), ({ params }) => {
        removed = String(params.number);
        return new HttpResponse(null, { status: 204 });
      }),
    );
    show();
    await userEvent.click(await screen.findByRole('button', { name: /^Remove \+49/ }));
    const dialog = screen.getByRole('dialog');
    expect(dialog).toHaveTextContent('This revives nothing');
    await userEvent.click(within(dialog).getByRole('button', { name: 'Remove' }));
    expect(await screen.findByText(/may be called again$/)).toBeInTheDocument();
    expect(removed).toBe('+4930123456');
  });
});

describe('checking a number', () => {
  beforeEach(() => listed());

  const check = async (number: string) => {
    show();
    await userEvent.type(await screen.findByLabelText('Phone number'), `${number}{Enter}`);
  };

  it('says that it is allowed', async () => {
    server.use(http.get(api('/dnc/:number'), () => refusal(404, 'not_listed', 'Not on the list.')));
    await check('+15550100');
    expect(await screen.findByText(/^Allowed: \+1 555 0100/)).toBeInTheDocument();
  });

  it('says that it is on the list, since when and why', async () => {
    server.use(http.get(api('/dnc/:number'), () => HttpResponse.json(ENTRY)));
    await check('+49 30 123456');
    expect(await screen.findByText(/^On the list:/)).toHaveTextContent('“asked in a call”');
  });

  it('says that it is no number', async () => {
    server.use(http.get(api('/dnc/:number'), () => refusal(422, 'invalid', "'12' is no phone number.")));
    await check('12');
    expect(await screen.findByRole('alert')).toHaveTextContent("'12' is no phone number.");
  });
});

describe('adding', () => {
  beforeEach(() => listed());

  it('sends what was pasted, line by line', async () => {
    let sent: unknown;
    server.use(
      http.post(api('/dnc'), async ({ request }) => {
        sent = await request.json();
        return HttpResponse.json({ added: 1, existing: 1, invalid: 0 });
      }),
    );
    show();
    await userEvent.click((await screen.findAllByRole('button', { name: 'Add numbers' }))[0]!);
    await userEvent.type(screen.getByLabelText('Phone numbers'), '+49 30 123456\n+1 555 0100');
    await userEvent.type(screen.getByLabelText(/^Reason/), 'by letter');
    await userEvent.click(screen.getByRole('button', { name: 'Add' }));
    expect(await screen.findByText('1 number added, 1 stood there already')).toBeInTheDocument();
    expect(sent).toEqual({
      phone_numbers: ['+49 30 123456', '+1 555 0100'],
      reason: 'by letter',
      expires_at: null,
    });
  });

  it('keeps the text when some of it is no number', async () => {
    server.use(http.post(api('/dnc'), () => HttpResponse.json({ added: 1, existing: 0, invalid: 1 })));
    show();
    await userEvent.click((await screen.findAllByRole('button', { name: 'Add numbers' }))[0]!);
    await userEvent.type(screen.getByLabelText('Phone numbers'), '+4930123456, twelve');
    await userEvent.click(screen.getByRole('button', { name: 'Add' }));
    expect(await screen.findByText(/1 entry is no phone number/)).toBeInTheDocument();
    expect(screen.getByLabelText('Phone numbers')).toHaveValue('+4930123456, twelve');
  });

  it('shows what an upload did, row by row', async () => {
    server.use(
      http.post(api('/dnc/upload'), () =>
        HttpResponse.json({
          total_rows: 3,
          added: 1,
          existing: 1,
          invalid: 1,
          over_limit: 0,
          sample_errors: [{ row: 4, phone_number: '12', reason: 'needs 8 to 15 digits' }],
        }),
      ),
    );
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Upload CSV' }));
    await userEvent.upload(
      screen.getByLabelText('File'),
      new File(['phone_number\n12\n'], 'no.csv', { type: 'text/csv' }),
    );
    await userEvent.click(screen.getByRole('button', { name: 'Upload' }));
    expect(await screen.findByRole('dialog', { name: 'Uploaded' })).toHaveTextContent('needs 8 to 15 digits');
  });

  it('says why a file was refused', async () => {
    server.use(
      http.post(api('/dnc/upload'), () => refusal(422, 'missing_phone_number', 'The file has no column phone_number.')),
    );
    show();
    await userEvent.click(await screen.findByRole('button', { name: 'Upload CSV' }));
    await userEvent.upload(screen.getByLabelText('File'), new File(['a\n1\n'], 'no.csv', { type: 'text/csv' }));
    await userEvent.click(screen.getByRole('button', { name: 'Upload' }));
    expect(await screen.findByRole('alert')).toHaveTextContent('The file has no column phone_number.');
  });
});

describe('what is read', () => {
  it('reads an address, and drops what does not fit', () => {
    expect(readSearch({ q: 4930, source: 'call', cursor: 'c' })).toEqual({ q: '4930', source: 'call', cursor: 'c' });
    expect(readSearch({ q: '', source: 'elsewhere', cursor: 3 })).toEqual({});
  });
});
