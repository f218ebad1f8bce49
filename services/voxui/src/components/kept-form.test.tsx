/** U8: what is typed into a form survives until it is saved, nothing secret does, and who leaves is asked. */
import { Link, useLocation, useNavigate } from '@tanstack/react-router';
import { cleanup, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState, type ReactNode } from 'react';
import { beforeEach, expect, it, vi } from 'vitest';

import { dropDrafts } from '@/lib/draft';
import { setToken } from '@/lib/session';
import { renderPage } from '@/test/render';

import { Button } from './button';
import { Dialog } from './dialog';
import { FormEnd } from './form-end';
import { NumberField, PasswordField, SecretField, TextField } from './form-fields';
import { KeptForm, useKeptForm } from './kept-form';

const STORED = { name: 'Desk', seats: 3, password: '', key: '' };
type Values = typeof STORED;

function Form({
  stored = STORED,
  save = vi.fn(),
  onCancel = vi.fn(),
  revision = 1,
  frame = (form: ReactNode) => form,
}) {
  const kept = useKeptForm<Values>({ name: 'desk', defaultValues: stored, values: stored, revision });
  return frame(
    <KeptForm
      of={kept}
      onSubmit={async (values) => {
        await kept.saving(() => Promise.resolve(save(values, kept.revision))).catch(() => undefined);
      }}
    >
      <TextField<Values> name="name" label="Name" />
      <NumberField<Values> name="seats" label="Seats" min={1} max={9} />
      <PasswordField<Values> name="password" label="Password" autoComplete="off" />
      <SecretField<Values> name="key" label="Key" mask="" />
      <FormEnd error={null} failed="Not saved" busy={false} onCancel={onCancel}>
        Save
      </FormEnd>
      <Link to={'/elsewhere' as never}>Elsewhere</Link>
      <span data-testid="path">{useLocation().pathname}</span>
    </KeptForm>,
  );
}

function InDialog() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={setOpen.bind(null, true)}>Open</Button>
      {open && (
        <Form
          onCancel={vi.fn(setOpen.bind(null, false))}
          frame={(form) => (
            <Dialog open onOpenChange={setOpen.bind(null, false)} title="A form">
              {form}
            </Dialog>
          )}
        />
      )}
    </>
  );
}

const again = (stored = STORED, revision = 1) => {
  cleanup();
  renderPage(<Form stored={stored} revision={revision} />);
};
const signInAs = (sub: string) => {
  setToken(`x.${btoa(JSON.stringify({ sub }))}.y`);
};
const question = () => screen.findByRole('dialog', { name: 'Leave without saving?' });
const kept = () => JSON.stringify(sessionStorage);

beforeEach(() => {
  signInAs('ada@example.com');
});

it('what was typed is back, and said to be, until it is saved', async () => {
  const save = vi.fn();
  renderPage(<Form save={save} />);
  await userEvent.type(await screen.findByLabelText('Name'), ' two');
  again();
  expect(await screen.findByLabelText('Name')).toHaveValue('Desk two');
  expect(screen.getByText(/Your unsaved changes are back/)).toBeVisible();
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  again();
  expect(await screen.findByLabelText('Name')).toHaveValue('Desk');
  expect(screen.queryByText(/Your unsaved changes are back/)).toBeNull();
});

it('keeps the first letter too, and nothing once all is as it was', async () => {
  renderPage(<Form />);
  await userEvent.type(await screen.findByLabelText('Name'), 'x');
  expect(kept()).toContain('Deskx');
  await userEvent.type(screen.getByLabelText('Name'), '{Backspace}');
  expect(sessionStorage).toHaveLength(0);
});

it('never keeps what stands in a field for secrets', async () => {
  renderPage(<Form />);
  await userEvent.type(await screen.findByLabelText('Password'), 'planted-password');
  await userEvent.type(screen.getByLabelText('Key'), 'planted-key');
  expect(sessionStorage).toHaveLength(0);
  await userEvent.type(screen.getByLabelText('Name'), ' two');
  expect(kept()).toContain('Desk two');
  expect(kept()).not.toContain('planted');
});

it('an old draft changes only what was typed: the rest is what is stored now', async () => {
  const save = vi.fn();
  renderPage(<Form />);
  await userEvent.type(await screen.findByLabelText('Name'), ' two');
  cleanup();
  renderPage(<Form stored={{ ...STORED, seats: 8 }} revision={2} save={save} />);
  expect(await screen.findByLabelText('Seats')).toHaveValue('8');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(save).toHaveBeenCalledWith({ ...STORED, name: 'Desk two', seats: 8 }, 1);
});

it('can be thrown away', async () => {
  renderPage(<Form />);
  await userEvent.type(await screen.findByLabelText('Name'), ' two');
  again();
  await userEvent.click(await screen.findByRole('button', { name: 'Throw them away' }));
  expect(screen.getByLabelText('Name')).toHaveValue('Desk');
  expect(sessionStorage).toHaveLength(0);
});

it('a refused save loses nothing', async () => {
  renderPage(<Form save={vi.fn().mockRejectedValue(new Error('away'))} />);
  await userEvent.type(await screen.findByLabelText('Name'), ' two');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  expect(kept()).toContain('Desk two');
  await userEvent.click(screen.getByRole('link', { name: 'Elsewhere' }));
  expect(await question()).toBeVisible();
});

it('asks on the way to another page, and stays or leaves as told', async () => {
  renderPage(<Form />);
  await userEvent.type(await screen.findByLabelText('Name'), ' two');
  await userEvent.click(screen.getByRole('link', { name: 'Elsewhere' }));
  await userEvent.click(within(await question()).getByRole('button', { name: 'Stay' }));
  expect(screen.getByTestId('path')).toHaveTextContent('/page');
  await userEvent.click(screen.getByRole('link', { name: 'Elsewhere' }));
  await userEvent.click(within(await question()).getByRole('button', { name: 'Leave' }));
  await vi.waitFor(() => {
    expect(screen.getByTestId('path')).toHaveTextContent('/elsewhere');
  });
});

it('leaves unasked when there is nothing to lose, and when the save itself leads on', async () => {
  function Leading() {
    const navigate = useNavigate();
    return <Form save={vi.fn(() => navigate({ to: '/elsewhere' as never }))} />;
  }
  renderPage(<Leading />);
  await userEvent.type(await screen.findByLabelText('Name'), ' two');
  await userEvent.click(screen.getByRole('button', { name: 'Save' }));
  await vi.waitFor(() => {
    expect(screen.getByTestId('path')).toHaveTextContent('/elsewhere');
  });
  await userEvent.click(screen.getByRole('link', { name: 'Elsewhere' }));
  expect(screen.queryByRole('dialog')).toBeNull();
});

it.each(['the cross', 'Escape', 'Cancel'])('a dialog asks too: %s', async (way) => {
  renderPage(<InDialog />);
  const close = async () => {
    if (way === 'Escape') await userEvent.keyboard('{Escape}');
    else await userEvent.click(screen.getByRole('button', { name: way === 'Cancel' ? way : 'Close' }));
  };
  await userEvent.click(await screen.findByRole('button', { name: 'Open' }));
  await close();
  expect(screen.queryByRole('dialog')).toBeNull(); // nothing was typed

  await userEvent.click(screen.getByRole('button', { name: 'Open' }));
  await userEvent.type(screen.getByLabelText('Name'), ' two');
  await close();
  await userEvent.click(within(await question()).getByRole('button', { name: 'Stay' }));
  expect(screen.getByLabelText('Name')).toHaveValue('Desk two');
  await close();
  await userEvent.click(within(await question()).getByRole('button', { name: 'Leave' }));
  await vi.waitFor(() => {
    expect(screen.queryByRole('dialog')).toBeNull();
  });
  await userEvent.click(screen.getByRole('button', { name: 'Open' }));
  expect(screen.getByLabelText('Name')).toHaveValue('Desk two');
});

it('is of one person, and gone with the sign-out', async () => {
  renderPage(<Form />);
  await userEvent.type(await screen.findByLabelText('Name'), ' two');
  signInAs('grace@example.com');
  again();
  expect(await screen.findByLabelText('Name')).toHaveValue('Desk');
  signInAs('ada@example.com');
  again();
  expect(await screen.findByLabelText('Name')).toHaveValue('Desk two');
  dropDrafts();
  expect(sessionStorage).toHaveLength(0);
});
