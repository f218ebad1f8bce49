/** Pages that belong to no feature: nothing here, not allowed, something broke. */
import { Link, useRouter } from '@tanstack/react-router';

import { Button, buttonClass } from '@/components/button';
import { Page } from '@/components/page';
import { Empty, Problem } from '@/components/states';
import { ROLE_LABEL, type Role } from '@/lib/permissions';

const Home = () => (
  <Link to="/" className={buttonClass('primary')}>
    Back to the start
  </Link>
);

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty icon="search" title="There is nothing at this address" action={<Home />}>
        The link may be old, or a letter of it got lost.
      </Empty>
    </Page>
  );
}

export function Forbidden({ role }: { role: Role }) {
  return (
    <Page title="You may not see this">
      <Empty icon="keys" title="You may not see this" action={<Home />}>
        This page needs the role {ROLE_LABEL[role]}. An administrator can change your role under Users.
      </Empty>
    </Page>
  );
}

export function NoConsole() {
  return (
    <Page title="No console for this role">
      <Empty icon="profile" title="No console for this role">
        Agents and supervisors work at the agent desk, which is not switched on here. Your profile is in the menu.
      </Empty>
    </Page>
  );
}

export function Broken({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <Page title="Something broke">
      <div className="max-w-2xl space-y-4">
        <Problem error={error} title="This page could not be shown" onRetry={() => router.invalidate()} />
        <Button
          icon="refresh"
          onClick={() => {
            location.reload();
          }}
        >
          Load the page anew
        </Button>
      </div>
    </Page>
  );
}
