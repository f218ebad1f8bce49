import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Badge } from '@/components/badge';
import { Button, IconButton } from '@/components/button';
import { Card } from '@/components/card';
import { useColumns } from '@/components/columns';
import { Confirm } from '@/components/dialog';
import { Input } from '@/components/field';
import { List } from '@/components/list';
import { Menu, type MenuItem } from '@/components/menu';
import { Page } from '@/components/page';
import { Empty } from '@/components/states';
import { ROW_LINK } from '@/components/table';
import { Time } from '@/components/time';
import { useToast } from '@/components/toast';
import { usersDelete, usersToggleActive, type User } from '@/generated';
import { DASH } from '@/lib/format';
import { useTyped } from '@/lib/hooks';
import { mayChange, mayDelete, rank, ROLE_LABEL } from '@/lib/permissions';

import { usersQuery } from '../api/users';
import { ORDERS, type UsersSearch } from '../lib/search';
import { PasswordDialog, UserDialog } from '../components/user-dialogs';

type Asking = { what: 'edit' | 'password' | 'toggle' | 'delete'; user: User } | { what: 'add' } | null;

export function UsersPage({
  me,
  search,
  onSearch,
}: {
  me: User;
  search: UsersSearch;
  onSearch: (search: UsersSearch) => void;
}) {
  const change = (changed: UsersSearch) => {
    onSearch({ ...search, page: undefined, ...changed });
  };
  const [text, setText] = useTyped(search.q ?? '', (typed) => {
    change({ q: typed || undefined });
  });
  const users = useQuery(usersQuery(search));
  const [asking, setAsking] = useState<Asking>(null);
  const close = () => {
    setAsking(null);
  };

  const actions = (user: User): MenuItem[] => [
    { label: 'Edit', icon: 'edit', onSelect: setAsking.bind(null, { what: 'edit', user }) },
    { label: 'Reset password', icon: 'keys', onSelect: setAsking.bind(null, { what: 'password', user }) },
    {
      label: user.is_active ? 'Deactivate' : 'Activate',
      icon: 'users',
      onSelect: setAsking.bind(null, { what: 'toggle', user }),
    },
    ...(mayDelete(me, user)
      ? [
          {
            label: 'Delete',
            icon: 'trash',
            danger: true,
            onSelect: setAsking.bind(null, { what: 'delete', user }),
          } as const,
        ]
      : []),
  ];
  const columns = useColumns<User>('users', [
    {
      key: 'name',
      header: 'Name',
      role: 'title',
      sort: 'name',
      cell: (user) => (
        <span className="block max-w-72 truncate font-medium" title={user.name}>
          {mayChange(me, user) ? (
            <button type="button" className={ROW_LINK} onClick={setAsking.bind(null, { what: 'edit', user })}>
              {user.name}
            </button>
          ) : (
            user.name
          )}{' '}
          {user.user_id === me.user_id && <span className="font-normal text-muted">(you)</span>}
        </span>
      ),
    },
    {
      key: 'email',
      header: 'Email',
      sort: 'email',
      cell: (user) => (
        <span className="block max-w-72 break-words md:truncate" title={user.email}>
          {user.email}
        </span>
      ),
    },
    { key: 'role', header: 'Role', cell: (user) => ROLE_LABEL[user.role] ?? user.role },
    {
      key: 'state',
      header: 'State',
      cell: (user) => (
        <Badge tone={user.is_active ? 'ok' : 'neutral'} dot>
          {user.is_active ? 'Active' : 'Inactive'}
        </Badge>
      ),
    },
    {
      key: 'languages',
      header: 'Languages',
      optional: true,
      cell: (user) => (rank(user.role) < rank('admin') && user.agent_languages.join(', ')) || DASH,
    },
    { key: 'login', header: 'Last sign-in', cell: (user) => <Time iso={user.last_login_at} relative /> },
    { key: 'created', header: 'Added', sort: 'created_at', cell: (user) => <Time iso={user.created_at} /> },
    {
      key: 'actions',
      header: 'Actions',
      role: 'aside',
      align: 'right',
      cell: (user) =>
        mayChange(me, user) ? (
          <Menu
            trigger={<IconButton icon="more" label={`Actions for ${user.name}`} className="relative z-10" />}
            items={actions(user)}
          />
        ) : null,
    },
  ]);
  return (
    <Page
      title="Users"
      actions={
        <Button look="primary" icon="plus" onClick={setAsking.bind(null, { what: 'add' })}>
          Add user
        </Button>
      }
    >
      <Card>
        <div className="flex flex-wrap items-center gap-2 border-b border-line p-3">
          <Input
            type="search"
            aria-label="Search users by name or email"
            placeholder="Search by name or email"
            value={text}
            className="sm:max-w-72"
            onChange={(event) => {
              setText(event.target.value);
            }}
          />
          {columns.choice}
        </div>
        <List
          query={users}
          what="The users"
          one="user"
          label="Users"
          columns={columns.shown}
          rowKey={(user) => user.user_id}
          sorting={{
            orders: ORDERS,
            order: search.sort,
            onOrder: (sort) => {
              change({ sort });
            },
          }}
          turning={{
            page: search.page,
            onPage: (page) => {
              change({ page });
            },
          }}
          empty={
            <Empty
              icon="users"
              title="Nobody fits"
              action={<Button onClick={change.bind(null, { q: undefined })}>Clear search</Button>}
            >
              No name and no email holds “{search.q}”.
            </Empty>
          }
        />
      </Card>
      {(asking?.what === 'add' || asking?.what === 'edit') && (
        <UserDialog me={me} user={asking.what === 'edit' ? asking.user : null} onClose={close} />
      )}
      {asking?.what === 'password' && <PasswordDialog user={asking.user} onClose={close} />}
      {(asking?.what === 'toggle' || asking?.what === 'delete') && (
        <Ask what={asking.what} user={asking.user} onClose={close} />
      )}
    </Page>
  );
}

function Ask({ what, user, onClose }: { what: 'toggle' | 'delete'; user: User; onClose: () => void }) {
  const queries = useQueryClient();
  const toast = useToast();
  const path = { user_id: user.user_id };
  const verb = what === 'delete' ? 'Delete' : user.is_active ? 'Deactivate' : 'Activate';
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`${verb} ${user.name}?`}
      action={verb}
      busyText={`${verb.replace(/e$/, '')}ing …`}
      onConfirm={async () => {
        if (what === 'delete') await usersDelete({ path });
        else await usersToggleActive({ path });
        await queries.invalidateQueries({ queryKey: ['users'] });
        toast(`${user.name} is ${verb.toLowerCase().replace(/e$/, '')}ed`);
      }}
    >
      {what === 'delete'
        ? '1 account goes, and cannot sign in any more. What this person made stays.'
        : user.is_active
          ? 'All sessions of this person end at once. The account can be activated again.'
          : 'This person can sign in again with the old password.'}
    </Confirm>
  );
}
