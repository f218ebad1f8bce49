import { Link } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';

import { config } from '@/lib/config';
import { LANGUAGES, program, type Literal } from '@/lib/snippets';

import { Panel } from './card';
import { CodeBlock } from './copy';
import { Tabs } from './tabs';

interface ProgramProps {
  title: string;
  /** Behind the API's address: `/sip/dialout`. */
  path: string;
  order: Literal;
  /** Where its key comes from; by default: where one is made. */
  hint?: ReactNode;
}

/** An order to the API as a program, to be copied, in the reader's language. */
export function Program({ title, path, order, hint = <WhereKeysAreMade /> }: ProgramProps) {
  const [language, setLanguage] = useState<string>(LANGUAGES[0]);
  const address = new URL(config.apiUrl, window.location.origin).href + path;
  return (
    <Panel title={title} hint={hint}>
      <Tabs
        label={`Language of “${title}”`}
        value={language}
        onChange={setLanguage}
        tabs={LANGUAGES.map((name) => ({
          key: name,
          label: name,
          content: <CodeBlock value={program(name, address, order)} what={`program in ${name}`} />,
        }))}
      />
    </Panel>
  );
}

const WhereKeysAreMade = () => (
  <>
    It needs a key, which you make under{' '}
    <Link to="/dashboard/api-keys" className="text-brand-text underline">
      API keys
    </Link>
  </>
);
