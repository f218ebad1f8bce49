/** How far a file is on its way. */
export interface Progress {
  bytes: number;
  /** null: the one that sends it does not say. */
  total: number | null;
}

export type Tell = (progress: Progress) => void;
