import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { FormProvider, useForm } from 'react-hook-form';
import { expect, it, vi } from 'vitest';

import { NumberField, SecretField } from './form-fields';

interface Values {
  limit: number;
  speed: number;
  key: string | null;
}

function setUp(mask = '') {
  const sent = vi.fn();
  function Form() {
    const form = useForm<Values>({ defaultValues: { limit: 5, speed: 1, key: '' } });
    return (
      <FormProvider {...form}>
        <form onSubmit={(event) => void form.handleSubmit((values) => void sent(values))(event)}>
          <NumberField<Values> name="limit" label="Calls at once" min={1} max={200} />
          <NumberField<Values> name="speed" label="Speed" min={0.5} max={2} step={0.1} />
          <SecretField<Values> name="key" label="Key" mask={mask} />
          <button type="submit">Save</button>
        </form>
      </FormProvider>
    );
  }
  render(<Form />);
  const save = async () => {
    await userEvent.click(screen.getByRole('button', { name: 'Save' }));
    return sent.mock.lastCall?.[0] as Values;
  };
  return { save };
}

async function type(label: string, text: string) {
  const field = screen.getByLabelText(label);
  await userEvent.clear(field);
  if (text) await userEvent.type(field, text);
  expect(field).toHaveValue(text); // nothing is corrected while somebody types
  await userEvent.tab();
  return field;
}

it.each(['', '0', '201', 'many', '1e9', '2.5', '-'])(
  'a number that does not fit is left while it is typed, and replaced by the last good one with a note: "%s" (U6)',
  async (text) => {
    const { save } = setUp();
    const field = await type('Calls at once', text);
    expect(field).toHaveValue('5');
    expect(screen.getByText(`“${text}” is not a whole number from 1 to 200: 5 stays.`)).toBeInTheDocument();
    expect((await save()).limit).toBe(5);
  },
);

it('a number that fits is taken on leaving, also with a comma, and its note goes (U6)', async () => {
  const { save } = setUp();
  await type('Calls at once', '900');
  await type('Calls at once', '20');
  expect(screen.queryByText(/stays/)).not.toBeInTheDocument();
  await type('Speed', '1,2');
  expect(await save()).toMatchObject({ limit: 20, speed: 1.2 });
});

it('a number is checked too by who sends the form with Enter (U6)', async () => {
  setUp();
  const field = screen.getByLabelText('Calls at once');
  await userEvent.clear(field);
  await userEvent.type(field, '900{Enter}');
  expect(field).toHaveValue('5');
});

const MASK = '****abcd';

it('a stored secret is shown by its mask, which is never sent: empty keeps it (U5)', async () => {
  const { save } = setUp(MASK);
  expect(screen.getByLabelText('Key')).toHaveValue(MASK);
  expect((await save()).key).toBe('');
  await userEvent.click(screen.getByRole('button', { name: 'Replace Key' }));
  expect(screen.getByLabelText('Key')).toHaveValue('');
  await userEvent.tab();
  expect((await save()).key).toBe('');
});

it('a secret is replaced by what is typed, unreadable over a shoulder (U5)', async () => {
  const { save } = setUp(MASK);
  await userEvent.click(screen.getByRole('button', { name: 'Replace Key' }));
  await userEvent.type(screen.getByLabelText('Key'), 'new-key');
  expect(screen.getByLabelText('Key')).toHaveAttribute('type', 'password');
  expect((await save()).key).toBe('new-key');
});

it('a secret is removed only when asked for, and can be kept after all (U5)', async () => {
  const { save } = setUp(MASK);
  await userEvent.click(screen.getByRole('button', { name: 'Remove Key' }));
  expect((await save()).key).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Keep Key' }));
  expect((await save()).key).toBe('');
});
