/** Files of the API that go to the person's disk. */
import { fetchFile } from './api';

/** Hands an answer to the browser as a file. */
export async function saveFile(answer: Response, name: string) {
  const url = URL.createObjectURL(await answer.blob());
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
export const download = async (path: string, name: string) => {
  await saveFile(await fetchFile(path), name);
};
