/** Files of the API that go to the person's disk. */
import { fetchFile } from './api';
import { Gathered } from './gathered';
import type { Tell } from './progress';

/** Hands an answer to the browser as a file. */
export async function saveFile(answer: Response, name: string, tell: Tell = () => undefined) {
  const url = URL.createObjectURL(await collect(answer, tell));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun; the browser holds the bytes itself from here on.
  setTimeout(() => {
    URL.revokeObjectURL(url);
  }, 10_000);
}

/** Fetches a file of the API and saves it. Throws ApiError. */
export const download = async (path: string, name: string, tell?: Tell) => {
  await saveFile(await fetchFile(path), name, tell);
};

async function collect(answer: Response, tell: Tell): Promise<Blob> {
  const type = answer.headers.get('Content-Type') ?? '';
  // Of a compressed answer the length is not that of the file.
  const length = answer.headers.has('Content-Encoding') ? null : answer.headers.get('Content-Length');
  const total = length === null ? null : Number(length);
  const gathered = new Gathered();
  for (const reader = answer.body?.getReader(); reader;) {
    const { done, value } = await reader.read();
    if (done) break;
    gathered.push(value);
    tell({ bytes: gathered.bytes, total });
  }
  return gathered.file(type);
}
