import { useQuery } from '@tanstack/react-query';
import { useRef, useState } from 'react';

import { Button } from '@/components/button';
import { Panel } from '@/components/card';
import { LoadingBlock, Notice, Problem } from '@/components/states';
import { bytes, plural } from '@/lib/format';

import { previewFile, unfilled, type Preview } from '../lib/csv';

interface StepContactsProps {
  file: File | null;
  onFile: (file: File | null) => void;
  /** What the bot's texts ask to be filled. */
  tokens: string[];
  /** The campaign has run: its list stays. */
  locked: boolean;
  /** Contacts that are there already. */
  stored: number;
  error: string | null;
}

export function StepContacts({ file, onFile, tokens, locked, stored, error }: StepContactsProps) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const preview = useQuery({
    queryKey: ['csv-preview', file?.name, file?.size, file?.lastModified],
    queryFn: () => previewFile(file!),
    enabled: file !== null,
    staleTime: Infinity,
    gcTime: 0,
  });
  if (locked) {
    return (
      <Panel title="Contacts">
        <Notice>The campaign has run: its list of {plural(stored, 'contact')} stays. More can be added by API.</Notice>
      </Panel>
    );
  }
  return (
    <Panel
      title="Contacts"
      hint={
        stored > 0
          ? `${plural(stored, 'contact')} are loaded; a new file replaces them`
          : 'A CSV file; its header needs a column phone_number, the other columns are variables of the bot'
      }
    >
      <div className="space-y-4">
        {error && <Notice tone="bad">{error}</Notice>}
        {/* Dropping is a shortcut of the button inside, which keyboards use. */}
        {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
        <div
          role="group"
          aria-label="File of contacts"
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => {
            setOver(false);
          }}
          onDrop={(event) => {
            event.preventDefault();
            setOver(false);
            const dropped = event.dataTransfer.files[0];
            if (dropped) onFile(dropped);
          }}
          className={`flex flex-wrap items-center justify-center gap-3 rounded-xl border border-dashed p-6 ${over ? 'border-brand bg-brand-soft' : 'border-line-strong'}`}
        >
          <span className="text-sm">{file ? `${file.name}, ${bytes(file.size)}` : 'Drop a CSV file here'}</span>
          <Button onClick={() => input.current?.click()}>{file ? 'Choose another' : 'Choose a file'}</Button>
          {file && (
            <Button look="quiet" icon="close" onClick={onFile.bind(null, null)}>
              Remove
            </Button>
          )}
          <input
            ref={input}
            type="file"
            accept=".csv,text/csv,text/plain"
            aria-label="CSV file of contacts"
            className="sr-only"
            tabIndex={-1}
            onChange={(event) => {
              onFile(event.target.files?.[0] ?? null);
              event.target.value = '';
            }}
          />
        </div>
        {file !== null &&
          (preview.isPending ? (
            <LoadingBlock label="Reading the file" />
          ) : !preview.data ? (
            <Problem error={preview.error} title="The file could not be read" onRetry={preview.refetch} />
          ) : (
            <FilePreview preview={preview.data} tokens={tokens} />
          ))}
      </div>
    </Panel>
  );
}

function FilePreview({ preview, tokens }: { preview: Preview; tokens: string[] }) {
  const missing = unfilled(preview, tokens);
  return (
    <>
      {!preview.hasPhone && (
        <Notice tone="bad">
          The header has no column <span className="font-mono">phone_number</span>: the file would be refused. It has{' '}
          {preview.header.filter(Boolean).join(', ') || 'no column'}.
        </Notice>
      )}
      {missing.length > 0 && (
        <Notice tone="warn">
          The bot’s texts use {missing.map((token) => `{{${token}}}`).join(', ')}, and no column fills{' '}
          {missing.length === 1 ? 'it' : 'them'}.
        </Notice>
      )}
      <div
        // A keyboard must be able to scroll a wide file.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        role="region"
        aria-label="First rows of the file"
        className="overflow-x-auto rounded-lg border border-line"
      >
        <table className="w-full text-left text-xs">
          <thead>
            <tr className="border-b border-line bg-sunken">
              {preview.header.map((name, at) => (
                <th key={at} scope="col" className="px-3 py-2 font-medium whitespace-nowrap">
                  {name || '(no name)'}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {preview.rows.map((row, line) => (
              <tr key={line} className="border-b border-line last:border-0">
                {preview.header.map((_, at) => (
                  <td key={at} className="max-w-56 truncate px-3 py-1.5 whitespace-nowrap">
                    {row[at] ?? ''}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {preview.rows.length === 0 && <Notice tone="warn">There is no row below the header.</Notice>}
    </>
  );
}
