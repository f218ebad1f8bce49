import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useState } from 'react';

import { Button, buttonClass } from '@/components/button';
import { Page } from '@/components/page';
import { Empty, LoadingBlock, Problem } from '@/components/states';
import { useToast } from '@/components/toast';
import type { Campaign, UploadReport } from '@/generated';
import { useDisplay } from '@/lib/hooks';
import { useUnsaved } from '@/lib/leave';
import type { Progress } from '@/lib/progress';
import { useUpload } from '@/lib/upload';

import { campaignEditQuery, createCampaign, updateCampaign, uploadPath } from '../api/campaigns';
import { StepContacts } from '../components/step-contacts';
import { UploadResult } from '../components/upload-result';
import { Wizard, type Surroundings } from '../components/wizard';
import { mayEdit } from '../lib/consequence';
import { changes, deserialize, emptyCampaign, serialize, type CampaignForm } from '../lib/form';

interface FormPageProps {
  around: Surroundings;
  onOpen: (id: string) => void;
}

const LIST = { to: '/dashboard/campaigns', label: 'Campaigns' };

/** Saves the campaign first, then loads the file; the result of the file is shown before the page is left. */
function useSaving(onOpen: (id: string) => void) {
  const queries = useQueryClient();
  const toast = useToast();
  const [loading, setLoading] = useState<{ id: string; file: File } | null>(null);
  const { progress, send, cancel } = useUpload();
  // Leaving ends it: the server takes a whole file or nothing.
  useUnsaved(useCallback(() => progress !== null, [progress]));
  const upload = useMutation({
    mutationFn: ({ id, file }: { id: string; file: File }) => send<UploadReport>(uploadPath(id), file),
    onSettled: () => queries.invalidateQueries({ queryKey: ['campaigns'] }),
  });
  const load = (id: string, file: File) => {
    setLoading({ id, file });
    upload.mutate({ id, file });
  };
  const finish = async (write: Promise<Campaign>, file: File | null) => {
    const campaign = await write;
    await queries.invalidateQueries({ queryKey: ['campaigns'] });
    if (file) {
      load(campaign.campaign_id, file);
      return;
    }
    toast(`${campaign.name} is saved`);
    onOpen(campaign.campaign_id);
  };
  const result = loading && (
    <Loading {...loading} upload={upload} progress={progress} onCancel={cancel} onLoad={load} onOpen={onOpen} />
  );
  return { finish, result };
}

interface LoadingProps {
  id: string;
  file: File;
  upload: { data: UploadReport | undefined; error: Error | null };
  progress: Progress | null;
  onCancel: () => void;
  onLoad: (id: string, file: File) => void;
  onOpen: (id: string) => void;
}

function Loading({ id, file, upload, progress, onCancel, onLoad, onOpen }: LoadingProps) {
  const [other, setOther] = useState<File | null>(null);
  const open = () => {
    onOpen(id);
  };
  const [choosing, setChoosing] = useState(false);
  if (choosing) {
    return (
      <div className="space-y-4">
        <StepContacts file={other} onFile={setOther} tokens={[]} locked={false} stored={0} error={null} />
        <div className="flex justify-end gap-2">
          <Button onClick={open}>Open the campaign</Button>
          <Button
            look="primary"
            disabled={other === null}
            onClick={() => {
              if (!other) return;
              setChoosing(false);
              onLoad(id, other);
            }}
          >
            Load this file
          </Button>
        </div>
      </div>
    );
  }
  return (
    <UploadResult
      campaignId={id}
      file={file}
      report={upload.data}
      error={upload.error}
      progress={progress}
      onCancel={onCancel}
      onAgain={onLoad.bind(null, id, file)}
      onAnother={() => {
        setOther(null);
        setChoosing(true);
      }}
      onDone={open}
    />
  );
}

export function CampaignNewPage({ around, onOpen }: FormPageProps) {
  const display = useDisplay();
  const { finish, result } = useSaving(onOpen);
  if (display.isPending) {
    return (
      <Page title="New campaign" back={LIST}>
        <LoadingBlock label="Loading the settings" className="h-96" />
      </Page>
    );
  }
  return (
    <Page
      title="New campaign"
      back={LIST}
      lead={result ? undefined : 'A bot, a number and a list of contacts. It calls nobody before it is started.'}
    >
      {result ?? (
        <Wizard
          {...around}
          initial={deserialize(emptyCampaign(display.data?.display_timezone ?? 'UTC'))}
          draftName="campaign_new"
          isNew
          locked={false}
          stored={0}
          onSave={(form: CampaignForm, file) => finish(createCampaign(serialize(form)), file)}
        />
      )}
    </Page>
  );
}

export function CampaignEditPage({ id, around, onOpen }: FormPageProps & { id: string }) {
  const campaign = useQuery(campaignEditQuery(id));
  const { finish, result } = useSaving(onOpen);
  const back = { to: `/dashboard/campaigns/${id}`, label: campaign.data?.name ?? 'Campaign' };
  if (campaign.isPending) {
    return (
      <Page title="Edit campaign" back={back}>
        <LoadingBlock label="Loading the campaign" className="h-96" />
      </Page>
    );
  }
  if (!campaign.data) {
    return (
      <Page title="Edit campaign" back={back}>
        <Problem error={campaign.error} title="The campaign could not be loaded" onRetry={campaign.refetch} />
      </Page>
    );
  }
  const stored = campaign.data;
  return (
    <Page title={`Edit ${stored.name}`} back={back}>
      {result ??
        (mayEdit(stored) ? (
          <Wizard
            {...around}
            initial={deserialize(stored)}
            draftName={`campaign_${id}`}
            isNew={false}
            locked={stored.identity_locked}
            stored={stored.stats.total_calls ?? 0}
            onSave={(form, file) => finish(updateCampaign(id, changes(form, stored.identity_locked)), file)}
          />
        ) : (
          <Empty
            icon="edit"
            title="This campaign cannot be changed now"
            action={
              <Link to="/dashboard/campaigns/$id" params={{ id }} className={buttonClass('primary')}>
                Open the campaign
              </Link>
            }
          >
            Only a draft and a paused campaign can. Pause it first; one that has ended can be restarted or cloned.
          </Empty>
        ))}
    </Page>
  );
}
