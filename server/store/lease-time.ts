/** A lease is renewed so many times before it would be over. */
export const RENEWALS = 3;

/**
 * [CE1] Is it sure that nobody has taken over, by the clock of whoever holds the lease? The database counts from when it renewed, which is later
 * than when it was asked to: who counts from the asking never believes for longer than the database does.
 */
export class LeaseTime {
  readonly leaseMs: number;
  #askedMs: number;

  constructor(leaseMs: number, askedMs: number) {
    this.leaseMs = leaseMs;
    this.#askedMs = askedMs;
  }

  /** @param askedMs when the renewal that has come back was asked for */
  renewed(askedMs: number): void {
    this.#askedMs = askedMs;
  }

  /** Until it is over; negative: it is. */
  leftAtMs(nowMs: number): number {
    return this.leaseMs - (nowMs - this.#askedMs);
  }
}
