import { Button } from '@/components/button';
import { Facts, Panel } from '@/components/card';
import { DownloadButton } from '@/components/download-button';
import { LoadingBlock, Notice, Problem } from '@/components/states';
import { Table } from '@/components/table';
import { UploadProgress } from '@/components/upload-progress';
import type { UploadReport } from '@/generated';
import { plural } from '@/lib/format';
import { download } from '@/lib/download';
import type { Progress } from '@/lib/progress';
import { Cancelled } from '@/lib/upload';

interface UploadResultProps {
  campaignId: string;
  file: File;
  report: UploadReport | undefined;
  error: Error | null;
  progress: Progress | null;
  onCancel: () => void;
  onAgain: () => void;
  onAnother: () => void;
  onDone: () => void;
}

/** What became of each row of the file. */
export function UploadResult({
  campaignId,
  file,
  report,
  error,
  progress,
  onCancel,
  onAgain,
  onAnother,
  onDone,
}: UploadResultProps) {
  if (error) {
    const isCancelled = error instanceof Cancelled;
    return (
      <Panel title={isCancelled ? 'The upload was cancelled' : 'The contacts were not loaded'}>
        <div className="space-y-4">
          {!isCancelled && <Problem error={error} title={`${file.name} was not taken in`} onRetry={onAgain} />}
          <Notice>
            The campaign is saved, without the contacts of this file; those that it had before stay. It cannot start
            before it has some.
          </Notice>
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={onDone}>Open the campaign</Button>
            {isCancelled && <Button onClick={onAgain}>Upload it again</Button>}
            <Button look="primary" onClick={onAnother}>
              Choose another file
            </Button>
          </div>
        </div>
      </Panel>
    );
  }
  if (!report) {
    return (
      <Panel title="Loading the contacts" hint={`${file.name} is sent, read and checked; a long list takes a minute.`}>
        {progress ? (
          <UploadProgress progress={progress} label="Contacts on their way" onCancel={onCancel} />
        ) : (
          <LoadingBlock label="Loading the contacts" />
        )}
      </Panel>
    );
  }
  const left = report.invalid + report.duplicates + report.over_limit;
  const rows = (count: number) => count.toLocaleString('en');
  return (
    <Panel
      title={`${plural(report.inserted, 'contact')} will be called`}
      hint={`${plural(report.total_rows, 'row')} in ${file.name}`}
    >
      <div className="space-y-4">
        <Facts
          items={[
            ['Will be called', rows(report.inserted)],
            ['Invalid numbers', rows(report.invalid)],
            ['Duplicates', rows(report.duplicates)],
            ['On the do-not-call list', rows(report.suppressed)],
            ['Over the limit', rows(report.over_limit)],
            ['Columns', report.columns.join(', ')],
            ...(report.ignored_columns.length > 0
              ? [['Columns left out', report.ignored_columns.join(', ')] as [string, string]]
              : []),
          ]}
        />
        {report.sample_errors.length > 0 && (
          <div className="overflow-hidden rounded-lg border border-line">
            <Table
              label="Rows that were left out"
              rows={report.sample_errors}
              rowKey={(row) => String(row.row)}
              columns={[
                { key: 'row', header: 'Row', role: 'title', cell: (row) => `Row ${row.row}` },
                {
                  key: 'number',
                  header: 'Number',
                  cell: (row) => <span className="num">{row.phone_number || '–'}</span>,
                },
                { key: 'reason', header: 'Why', cell: (row) => row.reason },
              ]}
            />
          </div>
        )}
        <div className="flex flex-wrap justify-end gap-2">
          {left > 0 && (
            <DownloadButton
              label={`All ${plural(left, 'row')} left out`}
              run={(tell) =>
                download(
                  `/api/v1/campaigns/${encodeURIComponent(campaignId)}/upload-report.csv`,
                  'upload-report.csv',
                  tell,
                )
              }
            />
          )}
          <Button look="primary" onClick={onDone}>
            Open the campaign
          </Button>
        </div>
      </div>
    </Panel>
  );
}
