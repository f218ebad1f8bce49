import { Link } from '@tanstack/react-router';
import { useState } from 'react';

import { Button, buttonClass, IconButton } from '@/components/button';
import type { IconName } from '@/components/icons';
import { Menu, type MenuItem } from '@/components/menu';
import { Failed } from '@/components/states';

import { ACTION_BUSY, ACTION_LABEL, actionsOf, asks, mayEdit, type Action } from '../lib/consequence';
import { ActionDialog, useAct, type Actable } from './action-dialog';

const ICON: Record<Action, IconName> = {
  start: 'play',
  resume: 'play',
  pause: 'pause',
  stop: 'stop',
  'restart-all': 'refresh',
  'restart-unfinished': 'refresh',
  'cancel-restart': 'close',
  clone: 'clone',
  delete: 'trash',
};

interface ActionsProps {
  campaign: Actable;
  onOpen: (id: string | null) => void;
  onEdit: (id: string) => void;
}

function useAsking({ campaign, onOpen }: ActionsProps) {
  const [asking, setAsking] = useState<Action | null>(null);
  const [busy, setBusy] = useState<Action | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const run = useAct(onOpen);
  const choose = async (action: Action) => {
    setProblem(null);
    if (asks(action)) {
      setAsking(action);
      return;
    }
    setBusy(action);
    try {
      await run(action, campaign);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(null);
    }
  };
  const dialog = asking && (
    <ActionDialog
      action={asking}
      campaign={campaign}
      onOpen={onOpen}
      onClose={() => {
        setAsking(null);
      }}
    />
  );
  return { choose, busy, problem, dialog };
}

/** What the state allows, in a menu: for a row of the list. */
export function ActionMenu(props: ActionsProps) {
  const { choose, problem, dialog } = useAsking(props);
  const { campaign, onEdit } = props;
  const items: MenuItem[] = [
    ...actionsOf(campaign).map((action) => ({
      label: ACTION_LABEL[action],
      icon: ICON[action],
      danger: action === 'stop' || action === 'delete',
      onSelect: () => void choose(action),
    })),
    ...(mayEdit(campaign)
      ? [{ label: 'Edit', icon: 'edit', onSelect: onEdit.bind(null, campaign.campaign_id) } as const]
      : []),
  ];
  if (items.length === 0) return null;
  return (
    <span className="relative z-10">
      <Failed error={problem} />
      <Menu trigger={<IconButton icon="more" label={`Actions for ${campaign.name}`} />} items={items} />
      {dialog}
    </span>
  );
}

/** The same as buttons: for the head of the campaign's page. */
export function ActionButtons(props: ActionsProps) {
  const { choose, busy, problem, dialog } = useAsking(props);
  const { campaign } = props;
  return (
    <>
      <Failed error={problem} />
      {mayEdit(campaign) && (
        <Link to="/dashboard/campaigns/$id/edit" params={{ id: campaign.campaign_id }} className={buttonClass()}>
          Edit
        </Link>
      )}
      {actionsOf(campaign).map((action, at) => (
        <Button
          key={action}
          icon={ICON[action]}
          look={at === 0 ? 'primary' : 'plain'}
          disabled={busy !== null}
          busy={busy === action && ACTION_BUSY[action]}
          after={problem}
          onClick={() => void choose(action)}
        >
          {ACTION_LABEL[action]}
        </Button>
      ))}
      {dialog}
    </>
  );
}
