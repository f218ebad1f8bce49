import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';

import { Facts } from '@/components/card';
import { CopyButton } from '@/components/copy';
import { Drawer } from '@/components/dialog';
import { LoadingRows, Problem } from '@/components/states';
import { Time } from '@/components/time';
import type { Attempt, Contact } from '@/generated';
import { duration, phone, words } from '@/lib/format';

import { attemptsQuery } from '../api/campaigns';
import { outcomeText } from '../lib/labels';
import { ContactBadge } from './status';

interface ContactDrawerProps {
  campaignId: string;
  contact: Contact;
  onClose: () => void;
}

/** One contact: what is known of it, and every dial of every run. */
export function ContactDrawer({ campaignId, contact, onClose }: ContactDrawerProps) {
  const attempts = useQuery(attemptsQuery(campaignId, contact.campaign_call_id));
  const variables = Object.entries(contact.variables);
  return (
    <Drawer open onOpenChange={onClose} title={phone(contact.phone_number)}>
      <div className="space-y-6">
        <div className="flex flex-wrap items-center gap-2">
          <ContactBadge status={contact.status} />
          <span className="text-xs text-muted">
            since <Time iso={contact.status_changed_at} />
          </span>
          <CopyButton value={contact.phone_number} what="number" />
        </div>
        <section>
          <h3 className="mb-2 text-sm font-semibold">Variables</h3>
          {variables.length === 0 ? (
            <p className="text-sm text-muted">The list has no other column for this contact.</p>
          ) : (
            <Facts items={variables} />
          )}
        </section>
        <section>
          <h3 className="mb-2 text-sm font-semibold">Attempts</h3>
          {attempts.isPending ? (
            <LoadingRows rows={3} label="Loading attempts" />
          ) : !attempts.data ? (
            <Problem error={attempts.error} title="The attempts could not be loaded" onRetry={attempts.refetch} />
          ) : attempts.data.items.length === 0 ? (
            <p className="text-sm text-muted">Nobody dialled this number yet.</p>
          ) : (
            <ol className="space-y-2">
              {attempts.data.items.map((attempt) => (
                <AttemptCard key={attempt.attempt_id} attempt={attempt} />
              ))}
            </ol>
          )}
        </section>
      </div>
    </Drawer>
  );
}

const cause = (attempt: Attempt) =>
  [attempt.error, attempt.sip_status ? `SIP ${attempt.sip_status} ${attempt.sip_reason ?? ''}`.trim() : null]
    .filter(Boolean)
    .join(' · ');

function AttemptCard({ attempt }: { attempt: Attempt }) {
  const kind = attempt.kind === 'callback' ? 'Callback' : `Try ${attempt.attempt_no}`;
  return (
    <li className="rounded-lg border border-line p-3 text-sm">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <span className="font-medium">
          {kind}
          {attempt.run_number > 1 && ` of run ${attempt.run_number}`}
        </span>
        <Time iso={attempt.dialled_at} />
        <span className="grow">{attempt.outcome ? outcomeText(attempt.outcome) : 'Under way'}</span>
        {attempt.answered_at && (
          <Link
            to="/dashboard/calls/$id"
            params={{ id: attempt.session_id }}
            className="font-medium text-brand-text hover:underline"
          >
            Open call
          </Link>
        )}
      </div>
      <p className="num mt-1 text-xs text-muted">
        From {phone(attempt.from_number)} · rang {duration(attempt.ring_seconds)} · talked{' '}
        {duration(attempt.talk_seconds)}
        {attempt.business_disposition && ` · ${attempt.business_disposition}`}
        {attempt.amd && ` · ${words(attempt.amd.decision ?? 'screened')}`}
        {attempt.late && ' · result came late'}
      </p>
      {cause(attempt) && <p className="mt-1 text-xs break-words text-bad">{cause(attempt)}</p>}
    </li>
  );
}
