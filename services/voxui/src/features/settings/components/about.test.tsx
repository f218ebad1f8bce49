import { render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import { config } from '@/lib/config';

import { About } from './about';

afterEach(() => vi.restoreAllMocks());

const ABOUT = { version: '1.4.0', image_tag: 'v14' };

it('says which images run, also in the middle of a deploy, and leads to docs and licences', () => {
  vi.spyOn(config, 'docsUrl', 'get').mockReturnValue('https://docs.example.com/');
  render(<About about={ABOUT} seatTags={[['v14', 9], ['', 1]]} />); // prettier-ignore
  expect(screen.getByText('v14 (9 seats), no tag (1 seat)')).toBeVisible();
  expect(screen.getByRole('link', { name: 'Read the docs' })).toHaveAttribute('href', 'https://docs.example.com/');
  expect(screen.getByRole('link', { name: /^Licences/ })).toHaveAttribute('href', '/licences.txt');
});

it('has no link to docs that nobody named', () => {
  render(<About about={ABOUT} seatTags={[]} />);
  expect(screen.queryByRole('link', { name: 'Read the docs' })).not.toBeInTheDocument();
  expect(screen.getByText('–')).toBeVisible();
});
