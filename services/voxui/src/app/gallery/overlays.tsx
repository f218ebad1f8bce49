/** Parts that lie over the page or begin with a press: a button opens each. */
import { useState, type ReactNode } from 'react';

import { Button } from '@/components/button';
import { Confirm, Dialog, Drawer, LeaveQuestion } from '@/components/dialog';
import { DownloadButton } from '@/components/download-button';
import { LeaveGuard } from '@/components/leave-guard';
import { Menu } from '@/components/menu';
import { NumbersDialog } from '@/components/numbers-dialog';
import { ToastProvider, useToast } from '@/components/toast';
import { UploadProgress } from '@/components/upload-progress';

import type { States } from './parts';

function Opened({
  name,
  children,
}: {
  name: string;
  children: (open: boolean, set: (open: boolean) => void) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        onClick={() => {
          setOpen(true);
        }}
      >
        {`Open ${name}`}
      </Button>
      {open && children(open, setOpen)}
    </>
  );
}

function Says() {
  const toast = useToast();
  return (
    <Button
      onClick={() => {
        toast('The bot is saved.');
      }}
    >
      Say it
    </Button>
  );
}

const nothing = () => undefined;
const numbers = {
  name: 'gallery_numbers',
  title: 'Add numbers',
  hint: 'Nobody calls them any more.',
  action: 'Add',
  busy: 'Adding …',
  failed: 'Not added',
  reasonExample: 'Asked by mail',
  tooMany: 'Upload a file instead',
  untilHint: 'Empty: for ever',
  onSend: () => Promise.resolve({ invalid: 1 }),
  summary: () => '3 added',
};

export const OVERLAYS: Record<string, States> = {
  Dialog: {
    plain: (
      <Opened name="a dialog">
        {(open, set) => (
          <Dialog open={open} onOpenChange={set} title="A dialog" hint="What it is about">
            Content
          </Dialog>
        )}
      </Opened>
    ),
    wide: (
      <Opened name="a wide dialog">
        {(open, set) => (
          <Dialog open={open} onOpenChange={set} title="A wide dialog" wide>
            Content
          </Dialog>
        )}
      </Opened>
    ),
  },
  Drawer: {
    plain: (
      <Opened name="a drawer">
        {(open, set) => (
          <Drawer open={open} onOpenChange={set} title="+1 555 0100">
            Content
          </Drawer>
        )}
      </Opened>
    ),
  },
  Confirm: {
    danger: (
      <Opened name="a question">
        {(open, set) => (
          <Confirm
            open={open}
            onOpenChange={set}
            title="Stop it?"
            action="Stop"
            busyText="Stopping …"
            onConfirm={() => Promise.reject(new Error('It is running.'))}
          >
            9 live calls go on.
          </Confirm>
        )}
      </Opened>
    ),
  },
  NumbersDialog: {
    plain: (
      <Opened name="numbers">
        {(_, set) => (
          <NumbersDialog
            {...numbers}
            onClose={() => {
              set(false);
            }}
          />
        )}
      </Opened>
    ),
  },
  Menu: {
    plain: (
      <Menu
        trigger={<Button>Open a menu</Button>}
        label="Ada"
        items={[
          { label: 'Profile', icon: 'profile', onSelect: nothing },
          { label: 'Shown', checked: true, onSelect: nothing },
          { label: 'Not now', disabled: true, onSelect: nothing },
          { label: 'Delete', icon: 'trash', danger: true, onSelect: nothing },
        ]}
      />
    ),
  },
  ToastProvider: { plain: <ToastProvider children={<Says />} /> },
  DownloadButton: { plain: <DownloadButton run={() => Promise.resolve()} /> },
  UploadProgress: {
    sending: <UploadProgress progress={{ bytes: 2_400_000, total: 9_100_000 }} label="Some" onCancel={nothing} />,
    sent: <UploadProgress progress={{ bytes: 9_100_000, total: 9_100_000 }} label="All" onCancel={nothing} />,
  },
  LeaveGuard: { waiting: <LeaveGuard>A page with nothing to lose.</LeaveGuard> },
  LeaveQuestion: {
    plain: (
      <Opened name="a question on leaving">
        {(_, set) => <LeaveQuestion onLeave={nothing} onStay={set.bind(null, false)} />}
      </Opened>
    ),
  },
};
