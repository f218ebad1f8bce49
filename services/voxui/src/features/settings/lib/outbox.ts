/** What the address says of the list of deliveries. */
import type { OutboxJob } from '@/generated';
import { words } from '@/lib/format';
import { readOrder } from '@/lib/sort';

export type JobStatus = OutboxJob['status'];

export const ORDERS = ['-next_attempt_at', 'next_attempt_at'] as const;

const STATUS_LABEL: Record<JobStatus, string> = {
  pending: 'Waiting',
  leased: 'In work',
  done: 'Done',
  dead: 'Given up',
};
export const STATUSES = Object.entries(STATUS_LABEL).map(([value, label]) => ({ value, label }));
/** A state of a newer server is shown as it is. */
export const statusText = (status: string) => STATUSES.find(({ value }) => value === status)?.label ?? words(status);

export interface OutboxSearch {
  status?: JobStatus | undefined;
  sort?: string | undefined;
  cursor?: string | undefined;
}

export const readSearch = (search: Record<string, unknown>): OutboxSearch => ({
  status: STATUSES.some(({ value }) => value === search.status) ? (search.status as JobStatus) : undefined,
  sort: readOrder(ORDERS, search.sort),
  cursor: typeof search.cursor === 'string' && search.cursor !== '' ? search.cursor : undefined,
});
