/** The head of a CSV file, read in the browser to show what the server will take. The server reads the whole file itself. */

export const PREVIEW_BYTES = 64 * 1024;
const PIECE_BYTES = 1024 * 1024;
const PREVIEW_ROWS = 6;
const DELIMITERS = [',', ';', '\t', '|'];
const PHONE = 'phone_number';

export interface Preview {
  delimiter: string;
  header: string[];
  rows: string[][];
  hasPhone: boolean;
}

/** UTF-8, UTF-16 with a mark, else the code page of older spreadsheets. */
function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    // `stream`: the last character may be cut where the preview ends.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Reads a text that comes in pieces, record by record; empty lines are none. Quoted cells may hold delimiters, quotes and lines. */
function reader(delimiter: string, onRecord: (record: string[]) => void) {
  let record: string[] = [];
  let cell = '';
  let quoted = false;
  let closed = false; // the quote before ended a cell, or is one half of a doubled one
  const end = () => {
    record.push(cell);
    if (record.some((value) => value.trim() !== '')) onRecord(record);
    record = [];
    cell = '';
  };
  const take = (text: string) => {
    for (const char of text) {
      const doubled = closed && char === '"';
      closed = quoted && char === '"';
      if (closed) quoted = false;
      else if (quoted) cell += char;
      else if (doubled) {
        cell += '"';
        quoted = true;
      } else if (char === '"' && cell === '') quoted = true;
      else if (char === delimiter) {
        record.push(cell);
        cell = '';
      } else if (char === '\n') end();
      else if (char !== '\r') cell += char;
    }
  };
  return { take, end };
}

/** Records of a text; `limit` at most. */
export function records(text: string, delimiter: string, limit: number): string[][] {
  const found: string[][] = [];
  const { take, end } = reader(delimiter, (record) => {
    if (found.length < limit) found.push(record);
  });
  take(text);
  end();
  return found;
}

/** The delimiter under which the header has `phone_number`, else the one of most columns: as the server chooses it. */
export function previewText(text: string): Preview {
  const tries = DELIMITERS.map((delimiter) => {
    const [head = [], ...rows] = records(text, delimiter, PREVIEW_ROWS + 1);
    const header = head.map((name) => name.replace(/[\p{Cf}\p{Cc}]/gu, '').trim());
    return { delimiter, header, rows, hasPhone: header.includes(PHONE) };
  });
  return tries.reduce((best, next) => {
    const isBetter =
      next.hasPhone === best.hasPhone ? next.header.length > best.header.length : next.hasPhone && !best.hasPhone;
    return isBetter ? next : best;
  });
}

export async function previewFile(file: File): Promise<Preview> {
  return previewText(decode(new Uint8Array(await file.slice(0, PREVIEW_BYTES).arrayBuffer())));
}

/** Rows below the header of the whole file: read piece by piece, so that the page stays alive. */
export async function countRows(file: File): Promise<number> {
  const { delimiter } = await previewFile(file);
  let count = -1;
  const { take, end } = reader(delimiter, () => {
    count += 1;
  });
  const mark = new Uint8Array(await file.slice(0, 2).arrayBuffer()).join();
  // Where records end is the same in older code pages.
  const decoder = new TextDecoder(mark === '255,254' ? 'utf-16le' : mark === '254,255' ? 'utf-16be' : 'utf-8');
  for (let at = 0; at < file.size; at += PIECE_BYTES) {
    take(decoder.decode(await file.slice(at, at + PIECE_BYTES).arrayBuffer(), { stream: true }));
  }
  end();
  return Math.max(0, count);
}

/** Tokens of the bot's texts that no column fills. */
export const unfilled = (preview: Preview, tokens: string[]) =>
  tokens.filter((token) => !preview.header.includes(token));
