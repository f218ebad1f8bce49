/** The head of a CSV file, read in the browser to show what the server will take. The server reads the whole file itself. */

export const PREVIEW_BYTES = 64 * 1024;
const PREVIEW_ROWS = 6;
const DELIMITERS = [',', ';', '\t', '|'];
const PHONE = 'phone_number';

export interface Preview {
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

/** Records of a text, empty lines left out; `limit` at most. Quoted cells may hold delimiters, quotes and lines. */
export function records(text: string, delimiter: string, limit: number): string[][] {
  const found: string[][] = [];
  let record: string[] = [];
  let cell = '';
  let quoted = false;
  const endRecord = () => {
    record.push(cell);
    if (record.some((value) => value.trim() !== '')) found.push(record);
    record = [];
    cell = '';
  };
  for (let at = 0; at < text.length && found.length < limit; at += 1) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === delimiter) {
      record.push(cell);
      cell = '';
    } else if (char === '\n') endRecord();
    else if (char !== '\r') cell += char;
  }
  if (found.length < limit && (cell !== '' || record.length > 0)) endRecord();
  return found;
}

/** The delimiter under which the header has `phone_number`, else the one of most columns: as the server chooses it. */
export function previewText(text: string): Preview {
  const tries = DELIMITERS.map((delimiter) => {
    const [head = [], ...rows] = records(text, delimiter, PREVIEW_ROWS + 1);
    const header = head.map((name) => name.replace(/[\p{Cf}\p{Cc}]/gu, '').trim());
    return { header, rows, hasPhone: header.includes(PHONE) };
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

/** Tokens of the bot's texts that no column fills. */
export const unfilled = (preview: Preview, tokens: string[]) =>
  tokens.filter((token) => !preview.header.includes(token));
