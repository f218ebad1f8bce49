import { useState, type SyntheticEvent } from 'react';

import { Button } from '@/components/button';
import { Facts } from '@/components/card';
import { Dialog } from '@/components/dialog';
import { Field, Input } from '@/components/field';
import { FormEnd } from '@/components/form-end';
import { Notice } from '@/components/states';
import { Table, type Column } from '@/components/table';
import { UploadProgress } from '@/components/upload-progress';
import type { DncUploadReport } from '@/generated';
import { Cancelled, useUpload } from '@/lib/upload';

import { UPLOAD, useDncChanges } from '../api/dnc';

type RowError = DncUploadReport['sample_errors'][number];

export function UploadDialog({ onClose }: { onClose: () => void }) {
  const { uploaded } = useDncChanges();
  const { progress, send, cancel } = useUpload();
  const [file, setFile] = useState<File | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [report, setReport] = useState<DncUploadReport | null>(null);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (!file) return;
    setError(null);
    try {
      setReport(await uploaded(send<DncUploadReport>(UPLOAD, file)));
    } catch (caught) {
      setError(caught);
    }
  };
  if (report) {
    return (
      <Dialog open wide sticky onOpenChange={onClose} title="Uploaded" hint={file?.name}>
        <Report report={report} />
        <div className="mt-4 flex justify-end">
          <Button look="primary" onClick={onClose}>
            Done
          </Button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      sticky
      onOpenChange={onClose}
      title="Upload a CSV file"
      hint="It needs a column phone_number; a column reason is kept. Nothing is replaced."
    >
      <form className="space-y-4" onSubmit={(event) => void submit(event)}>
        <Field label="File">
          <Input
            type="file"
            accept=".csv,text/csv"
            className="py-1.5"
            onChange={(event) => {
              setFile(event.target.files?.[0] ?? null);
              setError(null);
            }}
          />
        </Field>
        {progress && <UploadProgress progress={progress} label="Numbers on their way" onCancel={cancel} />}
        {error instanceof Cancelled && <Notice>The upload was cancelled. Nothing was added to the list.</Notice>}
        <FormEnd
          error={error instanceof Cancelled ? null : error}
          failed="Nothing was added"
          busy={progress !== null && 'Uploading …'}
          disabled={!file}
          onCancel={onClose}
        >
          Upload
        </FormEnd>
      </form>
    </Dialog>
  );
}

const ERROR_COLUMNS: Column<RowError>[] = [
  { key: 'row', header: 'Row', align: 'right', cell: (error) => error.row },
  { key: 'number', header: 'Number', role: 'title', cell: (error) => error.phone_number || 'Empty' },
  { key: 'reason', header: 'Reason', cell: (error) => error.reason },
];

function Report({ report }: { report: DncUploadReport }) {
  const figure = (value: number) => value.toLocaleString('en');
  return (
    <div className="space-y-4">
      <Facts
        items={[
          ['Rows', figure(report.total_rows)],
          ['Added', figure(report.added)],
          ['On the list already', figure(report.existing)],
          ['No phone number', figure(report.invalid)],
          ['Over the limit', figure(report.over_limit)],
        ]}
      />
      {report.sample_errors.length > 0 && (
        <div className="overflow-hidden rounded-lg border border-line">
          <Table
            label="The first rows that were refused"
            columns={ERROR_COLUMNS}
            rows={report.sample_errors}
            rowKey={(error) => String(error.row)}
          />
        </div>
      )}
    </div>
  );
}
