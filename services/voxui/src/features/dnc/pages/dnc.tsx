import { useState } from 'react';

import type { Person } from '@/components/author';
import { Button } from '@/components/button';
import { DownloadButton } from '@/components/download-button';
import { Page } from '@/components/page';

import { exportCsv } from '../api/dnc';
import { AddDialog } from '../components/add-dialog';
import { CheckNumber } from '../components/check-number';
import { DncList } from '../components/dnc-list';
import { UploadDialog } from '../components/upload-dialog';
import type { DncSearch } from '../lib/search';

interface DncPageProps {
  search: DncSearch;
  onSearch: (search: DncSearch) => void;
  people: Person[];
}

export function DncPage({ search, onSearch, people }: DncPageProps) {
  const [open, setOpen] = useState<'add' | 'upload' | null>(null);
  const close = () => {
    setOpen(null);
  };
  const add = (
    <Button
      look="primary"
      icon="plus"
      onClick={() => {
        setOpen('add');
      }}
    >
      Add numbers
    </Button>
  );
  return (
    <Page
      title="Do-not-call list"
      lead="Nobody on this list is called, whichever campaign holds the number."
      actions={
        <>
          <DownloadButton run={exportCsv} />
          <Button
            onClick={() => {
              setOpen('upload');
            }}
          >
            Upload CSV
          </Button>
          {add}
        </>
      }
    >
      <div className="space-y-4">
        <CheckNumber />
        <DncList search={search} onSearch={onSearch} people={people} action={add} />
      </div>
      {open === 'add' && <AddDialog onClose={close} />}
      {open === 'upload' && <UploadDialog onClose={close} />}
    </Page>
  );
}
