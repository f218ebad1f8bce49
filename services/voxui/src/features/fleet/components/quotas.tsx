import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { Button } from '@/components/button';
import { Panel } from '@/components/card';
import { Dialog } from '@/components/dialog';
import { FormEnd } from '@/components/form-end';
import { TextField } from '@/components/form-fields';
import { KeptForm, useKeptForm } from '@/components/kept-form';
import { LiveData } from '@/components/live';
import { LoadingRows, Notice, Problem } from '@/components/states';
import { Table, type Column } from '@/components/table';
import { useToast } from '@/components/toast';
import type { QuotaShown } from '@/generated';
import { plural } from '@/lib/format';
import { LATE_MS } from '@/lib/stream';

import { quotasQuery, SLOWER_MS, useFleetChanges } from '../api/fleet';
import { bodyOf, campaignsOf, formOf, refusalOf, type QuotaForm } from '../lib/quota';

/** How many seats each client of the registry may use, and does. */
export function QuotasPanel({ mayChange, total }: { mayChange: boolean; total: number }) {
  const quotas = useQuery(quotasQuery);
  const [editing, setEditing] = useState<QuotaShown | null>(null);
  const several = new Set(quotas.data?.items.map((quota) => quota.pool)).size > 1;
  const columns: Column<QuotaShown>[] = [
    { key: 'client', header: 'Client', role: 'title', cell: (quota) => quota.client },
    ...(several ? [{ key: 'pool', header: 'Pool', cell: (quota: QuotaShown) => quota.pool }] : []),
    { key: 'used', header: 'In use', cell: (quota) => <Used quota={quota} total={total} /> },
    { key: 'max', header: 'At most', align: 'right', cell: (quota) => quota.max ?? 'no limit' },
    { key: 'min', header: 'Kept free for it', align: 'right', cell: (quota) => quota.min ?? 0 },
    { key: 'weight', header: 'Weight', align: 'right', cell: (quota) => quota.weight ?? 1 },
    {
      key: 'campaigns',
      header: 'Campaigns',
      align: 'right',
      cell: (quota) => Object.keys(quota.campaigns ?? {}).length,
    },
    ...(mayChange
      ? [
          {
            key: 'edit',
            header: '',
            role: 'aside' as const,
            cell: (quota: QuotaShown) => (
              <Button
                small
                aria-label={`Change the quota of ${quota.client}`}
                onClick={() => {
                  setEditing(quota);
                }}
              >
                Change
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <Panel title="Quotas" hint="How the seats are shared between deployments and their campaigns" flush>
      <LiveData of={quotas} everyMs={SLOWER_MS} lateMs={LATE_MS.drainsAndQuotas} />
      {quotas.isPending ? (
        <LoadingRows rows={2} label="Loading the quotas" />
      ) : !quotas.data ? (
        <div className="p-4">
          <Problem error={quotas.error} title="The quotas could not be loaded" onRetry={quotas.refetch} />
        </div>
      ) : (
        <>
          {quotas.data.overcommitted && (
            <div className="p-4 pb-0">
              <Notice tone="warn">
                More seats are kept free for clients than there are: they cannot all have them at the same time.
              </Notice>
            </div>
          )}
          {quotas.data.items.length === 0 ? (
            <p className="p-6 text-center text-muted">No client has a quota: whoever asks first gets a seat.</p>
          ) : (
            <Table
              label="Quotas"
              columns={columns}
              rows={quotas.data.items}
              rowKey={(quota) => `${quota.pool} ${quota.client}`}
            />
          )}
        </>
      )}
      {editing && (
        <QuotaDialog
          quota={editing}
          onClose={() => {
            setEditing(null);
          }}
        />
      )}
    </Panel>
  );
}

function Used({ quota, total }: { quota: QuotaShown; total: number }) {
  const limit = quota.max ?? total;
  const used = quota.used ?? 0;
  return (
    <div className="flex min-w-32 items-center gap-2">
      <span className="num">{used}</span>
      <span className="h-1.5 grow rounded-full bg-sunken" aria-hidden="true">
        <span
          className={`block h-1.5 rounded-full ${limit > 0 && used >= limit ? 'bg-warn' : 'bg-brand'}`}
          style={{ width: `${limit > 0 ? Math.min(100, (used / limit) * 100) : 0}%` }}
        />
      </span>
    </div>
  );
}

const FIELDS = [
  ['max', 'At most', 'Seats at the same time; empty: no limit.'],
  ['min', 'Kept free for it', 'Seats that nobody else gets.'],
  ['weight', 'Weight', 'Its part of what is left when several clients want seats.'],
] as const;

function QuotaDialog({ quota, onClose }: { quota: QuotaShown; onClose: () => void }) {
  const kept = useKeptForm<QuotaForm>({ name: `quota_${quota.pool}_${quota.client}`, defaultValues: formOf(quota) });
  const [refusal, setRefusal] = useState('');
  const [error, setError] = useState<unknown>(null);
  const { putQuota } = useFleetChanges();
  const toast = useToast();
  const campaigns = campaignsOf(quota);
  const save = async (form: QuotaForm) => {
    const told = refusalOf(form);
    setRefusal(told);
    if (told) return;
    setError(null);
    try {
      await putQuota(bodyOf(quota, form), quota.pool);
      kept.saved();
      toast('The quota is changed');
      onClose();
    } catch (caught) {
      setError(caught);
    }
  };
  return (
    <Dialog open onOpenChange={onClose} title={`Quota of ${quota.client}`} hint="Calls that run are never cut.">
      <KeptForm of={kept} onSubmit={save}>
        {FIELDS.map(([name, label, hint]) => (
          <TextField<QuotaForm> key={name} name={name} label={label} hint={hint} />
        ))}
        {campaigns > 0 && (
          <p className="text-sm text-muted">The limits of its {plural(campaigns, 'campaign')} stay as they are.</p>
        )}
        {refusal && (
          <p role="alert" className="text-sm font-medium text-bad">
            {refusal}
          </p>
        )}
        <FormEnd
          error={error}
          failed="The quota was not changed"
          busy={kept.form.formState.isSubmitting && 'Saving …'}
          onCancel={onClose}
        >
          Save
        </FormEnd>
      </KeptForm>
    </Dialog>
  );
}
