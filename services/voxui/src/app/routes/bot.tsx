import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';

import { botQuery } from '@/features/bots/api/bots';
import { BotPage } from '@/features/bots/pages/bot';
import { variablesOf } from '@/features/bots/lib/tokens';
import { CallList } from '@/features/calls/components/call-list';
import type { CallSearch } from '@/features/calls/lib/filters';
import { runningQuery } from '@/features/campaigns/api/running';

const TestCallDialog = lazy(async () => {
  const { TestCallDialog: Component } = await import('@/features/testcall/components/test-call-dialog');
  return { default: Component };
});
const PhoneCallDialog = lazy(async () => {
  const { PhoneCallDialog: Component } = await import('@/features/testcall/components/phone-call-dialog');
  return { default: Component };
});
const route = getRouteApi('/signed-in/dashboard/bots/$id');

export default function BotRoute() {
  const { id } = route.useParams();
  const { tab, test } = route.useSearch();
  const navigate = route.useNavigate();
  const bot = useQuery(botQuery(id)).data;
  const lockedBy = useQuery({ ...runningQuery(id), enabled: bot?.locked === true }).data;
  const [calls, setCalls] = useState<CallSearch>({ bot_id: id });
  const setTest = (way: 'yes' | 'phone' | undefined) =>
    void navigate({ search: { tab, test: way }, replace: true, resetScroll: false });
  const Dialog = test === 'phone' ? PhoneCallDialog : TestCallDialog;
  return (
    <>
      <BotPage
        key={id}
        id={id}
        tab={tab ?? 'details'}
        onTab={(next) => void navigate({ search: { tab: next }, replace: true, resetScroll: false })}
        onTest={setTest}
        lockedBy={lockedBy ?? []}
        onCloned={(copy) => void navigate({ to: '/dashboard/bots/$id', params: { id: copy } })}
        onDeleted={() => void navigate({ to: '/dashboard/bots' })}
        calls={<CallList search={{ ...calls, bot_id: id }} onSearch={setCalls} bots={[]} fixedBot />}
      />
      {test !== undefined && bot?.is_active !== false && bot && (
        <Suspense fallback={null}>
          <Dialog
            open
            onOpenChange={(open) => {
              if (!open) setTest(undefined);
            }}
            bot={bot}
            variables={variablesOf(bot)}
          />
        </Suspense>
      )}
    </>
  );
}
