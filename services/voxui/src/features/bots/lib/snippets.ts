/** Programs that let a bot call somebody, ready to be copied. The key stays out of them: they read it from VOX_API_KEY. */

export const LANGUAGES = ['curl', 'Python', 'JavaScript'] as const;
export type Language = (typeof LANGUAGES)[number];

interface Order {
  /** Where the API is, whole: `https://vox.example.com/api/v1`. */
  apiUrl: string;
  botId: string;
  /** Names that the bot's texts ask for. */
  variables: string[];
}

/** In single quotes of a shell nothing means anything but the quote itself. */
const shellQuoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

export function dialoutSnippet(language: Language, { apiUrl, botId, variables }: Order): string {
  const address = `${apiUrl}/sip/dialout`;
  const values = Object.fromEntries(variables.map((name) => [name, '…']));
  // Texts only: this is a literal of Python and of JavaScript, too.
  const body = JSON.stringify(
    { bot_id: botId, to_number: '+15550100', ...(variables.length > 0 ? { variables: values } : {}) },
    null,
    2,
  );
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
