/** Programs that post an order to the API, ready to be copied. The key stays out: they read it from VOX_API_KEY. */

export const LANGUAGES = ['curl', 'Python', 'JavaScript'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Of JSON, lists and texts alone are literals of Python and of JavaScript, too. */
export type Literal = string | Literal[] | { [key: string]: Literal };

/** In single quotes of a shell nothing means anything but the quote itself. */
const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** `address` is whole: `https://vox.example.com/api/v1/sip/dialout`. */
export function program(language: Language, address: string, order: Literal): string {
  const body = JSON.stringify(order, null, 2);
  const quoted = JSON.stringify(address);
  if (language === 'curl') {
    return [
      `curl --fail-with-body ${shellQuoted(address)} \\`,
      `  -H "X-API-Key: $VOX_API_KEY" \\`,
      `  -H 'Content-Type: application/json' \\`,
      `  -d ${shellQuoted(body)}`,
    ].join('\n');
  }
  if (language === 'Python') {
    return `import os

import requests

order = ${body}
answer = requests.post(${quoted}, json=order, headers={"X-API-Key": os.environ["VOX_API_KEY"]}, timeout=30)
print(answer.status_code, answer.json())`;
  }
  return `const order = ${body};
const answer = await fetch(${quoted}, {
  method: "POST",
  headers: { "X-API-Key": process.env.VOX_API_KEY, "Content-Type": "application/json" },
  body: JSON.stringify(order),
});
console.log(answer.status, await answer.json());`;
}

/** What a program that was copied is to fill in, as a part of its order; nothing where nothing is asked for. */
export const blanks = (names: string[]): { variables?: Literal } =>
  names.length > 0 ? { variables: Object.fromEntries(names.map((name) => [name, '…'])) } : {};
