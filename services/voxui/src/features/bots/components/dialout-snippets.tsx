import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Panel } from '@/components/card';
import { CodeBlock } from '@/components/copy';
import { Tabs } from '@/components/tabs';
import { config } from '@/lib/config';

import { dialoutSnippet, LANGUAGES } from '../lib/snippets';

/** How a program lets this bot call somebody. */
export function DialoutSnippets({ botId, variables }: { botId: string; variables: string[] }) {
  const [language, setLanguage] = useState<string>(LANGUAGES[0]);
  const apiUrl = new URL(config.apiUrl, window.location.origin).href;
  return (
    <Panel
      title="Call somebody from a program"
      hint={
        <>
          It needs a key, which you make under{' '}
          <Link to="/dashboard/api-keys" className="text-brand-text underline">
            API keys
          </Link>
        </>
      }
    >
      <Tabs
        label="Language"
        value={language}
        onChange={setLanguage}
        tabs={LANGUAGES.map((name) => ({
          key: name,
          label: name,
          content: <CodeBlock value={dialoutSnippet(name, { apiUrl, botId, variables })} what={`program in ${name}`} />,
        }))}
      />
    </Panel>
  );
}
