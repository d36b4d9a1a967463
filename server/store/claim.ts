/**
 * [CE15] What nobody may have more than so much of, in the whole service: reserved in the database, beside the count of what is there already, before
 * anything of it begins.
 */
export interface Claim {
  readonly id: string;
  readonly submitter: string;
  readonly what: "jobs" | "upload-bytes";
  readonly amount: number;
  /** Together with what they have. */
  readonly most: number;
}

export interface ReservationStore {
  /** @returns what they have, where the claim is too much beside that; null: it is reserved, while this coordinator lives */
  reserve(claim: Claim): Promise<number | null>;
  release(ids: readonly string[]): Promise<void>;
}
