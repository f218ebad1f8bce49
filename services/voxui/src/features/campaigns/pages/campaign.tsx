import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import type { Person } from '@/components/author';
import { buttonClass } from '@/components/button';
import { Card } from '@/components/card';
import { Id } from '@/components/copy';
import { DownloadButton } from '@/components/download-button';
import { LiveData } from '@/components/live';
import { NoRecord } from '@/components/no-record';
import { Page } from '@/components/page';
import { Notice } from '@/components/states';
import { Tabs } from '@/components/tabs';
import type { Campaign } from '@/generated';
import { download } from '@/lib/download';

import { campaignQuery, LIVE_MS } from '../api/campaigns';
import { ActionButtons } from '../components/actions';
import { ActivityLog } from '../components/activity';
import { Configuration } from '../components/configuration';
import { Contacts } from '../components/contacts';
import { Integration } from '../components/integration';
import { Monitor } from '../components/monitor';
import { CampaignBadges } from '../components/status';
import { reasonText } from '../lib/labels';
import { isLive } from '../lib/live';
import type { CampaignSearch } from '../lib/search';

interface CampaignPageProps {
  id: string;
  search: CampaignSearch;
  /** Names that the bot's texts ask for. */
  variables: string[];
  people: Person[];
  onSearch: (search: CampaignSearch) => void;
  onOpen: (id: string | null) => void;
  onEdit: (id: string) => void;
}

const BACK = { to: '/dashboard/campaigns', label: 'Campaigns' };

export function CampaignPage(props: CampaignPageProps) {
  const campaign = useQuery(campaignQuery(props.id));
  if (!campaign.data) return <NoRecord query={campaign} what="campaign" id={props.id} icon="campaigns" list={BACK} />;
  return <Detail {...props} campaign={campaign.data} query={campaign} />;
}

interface DetailProps extends CampaignPageProps {
  campaign: Campaign;
  query: UseQueryResult<Campaign>;
}

function Detail({ campaign, query, search, variables, people, onSearch, onOpen, onEdit }: DetailProps) {
  const id = campaign.campaign_id;
  const tabs = [
    { key: 'monitor', label: 'Monitor', content: <Monitor campaign={campaign} readAt={query.dataUpdatedAt} /> },
    {
      key: 'contacts',
      label: 'Contacts',
      count: campaign.stats.total_calls,
      content: <Contacts campaign={campaign} search={search} onSearch={onSearch} />,
    },
    { key: 'configuration', label: 'Configuration', content: <Configuration campaign={campaign} /> },
    {
      key: 'integration',
      label: 'Integration',
      content: (
        <Integration campaign={campaign} variables={variables} people={people} search={search} onSearch={onSearch} />
      ),
    },
    { key: 'activity', label: 'Activity', content: <ActivityLog campaign={campaign} /> },
  ];
  return (
    <Page
      title={campaign.name}
      back={BACK}
      beside={<CampaignBadges status={campaign.status} alwaysOn={campaign.config.always_on === true} />}
      lead={
        <span className="flex flex-wrap items-center gap-x-3">
          {campaign.bot_name ? (
            <Link to="/dashboard/bots/$id" params={{ id: campaign.bot_id }} className="text-brand-text hover:underline">
              {campaign.bot_name}
            </Link>
          ) : (
            <span>Its bot is gone</span>
          )}
          <span>Run {campaign.run_number}</span>
          {campaign.completion_reason && <span>{reasonText(campaign.completion_reason)}</span>}
          <Id value={id} what="campaign id" />
        </span>
      }
      actions={
        <>
          {campaign.started_at !== null || campaign.restart_history.length > 0 ? (
            <>
              <Link to="/dashboard/calls" search={{ campaign_id: id }} className={buttonClass()}>
                Calls
              </Link>
              <DownloadButton
                label="Attempt report"
                run={(tell) =>
                  download(`/api/v1/campaigns/${encodeURIComponent(id)}/attempt-report.csv`, `attempts-${id}.csv`, tell)
                }
              />
            </>
          ) : null}
          <ActionButtons campaign={campaign} onOpen={onOpen} onEdit={onEdit} />
        </>
      }
    >
      {isLive(campaign) && <LiveData of={query} everyMs={LIVE_MS} />}
      <div className="space-y-4">
        {campaign.warnings.length > 0 && (
          <Notice tone="warn">
            <ul>
              {campaign.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          </Notice>
        )}
        {campaign.prepared_run && campaign.status === 'draft' && (
          <Notice>
            Run {campaign.run_number} is prepared for{' '}
            {campaign.prepared_run.scope === 'all' ? 'all contacts' : 'the contacts that are not completed'}. Nobody is
            called before it is started; the figures below are those of the former run.
          </Notice>
        )}
        {campaign.upload.state === 'loading' && <Notice>The file of contacts is being loaded.</Notice>}
        {campaign.upload.state === 'failed' && (
          <Notice tone="bad">The last file of contacts was not taken in. Edit the campaign to load it again.</Notice>
        )}
        <Card className="p-4 pt-2">
          <Tabs
            label="Campaign"
            value={search.tab ?? 'monitor'}
            onChange={(tab) => {
              onSearch({ tab });
            }}
            tabs={tabs}
          />
        </Card>
      </div>
    </Page>
  );
}
