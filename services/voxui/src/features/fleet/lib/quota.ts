/** A client's limits as a form: what was typed, and what is sent. */
import type { QuotaBody, QuotaShown } from '@/generated';

export interface QuotaForm {
  max: string;
  min: string;
  weight: string;
}

export const formOf = (quota: QuotaShown): QuotaForm => ({
  max: quota.max == null ? '' : String(quota.max),
  min: String(quota.min ?? 0),
  weight: String(quota.weight ?? 1),
});

const isCount = (text: string) => /^\d{1,6}$/.test(text.trim());

/** Why it cannot be sent; "" when it can. */
export function refusalOf({ max, min, weight }: QuotaForm): string {
  if (max.trim() !== '' && !isCount(max)) return '“At most” is a whole number, or empty for no limit.';
  if (!isCount(min)) return '“Kept free for it” is a whole number; 0 keeps none.';
  if (!isCount(weight) || Number(weight) < 1) return 'The weight is a whole number from 1 on.';
  if (max.trim() !== '' && Number(min) > Number(max)) return 'It cannot keep more seats than it may use.';
  return '';
}

export const campaignsOf = (quota: QuotaShown) => Object.keys(quota.campaigns ?? {}).length;

/** The whole document, as the registry takes it: the limits of campaigns go with it, what they use does not. */
export function bodyOf(quota: QuotaShown, form: QuotaForm): QuotaBody {
  const campaigns = Object.fromEntries(
    Object.entries(quota.campaigns ?? {}).map(([id, { max, min }]) => [id, { max: max ?? null, min: min ?? 0 }]),
  );
  return {
    client: quota.client,
    max: form.max.trim() === '' ? null : Number(form.max),
    min: Number(form.min),
    weight: Number(form.weight),
    campaigns,
  };
}
