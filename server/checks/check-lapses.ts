/** Checks that volunteers let lie: such a volunteer is drawn less, and rests after three in a row. */

/** In a row. */
const LAPSES_TO_REST = 3;
/** For so long it is drawn for nothing, doubled with each rest that follows without a check answered between, */
const REST_MS = 60_000;
/** up to this. */
const REST_MS_MAX = 3_600_000;
/** Keys cost nothing: those that lapsed longest ago are forgotten. */
const RECORDS_MAX = 10_000;

interface LapseRecord {
  inARow: number;
  rests: number;
  restsUntilMs: number;
}

/**
 * Mutable; one for a service, and forgotten with it: idle keys cost time and trusted rows, and never a wrong answer.
 * @example
 * const lapses = new CheckLapses();
 * lapses.lapsed("ann", 0);
 * lapses.shareOf("ann", 0) // -> 0.5
 */
export class CheckLapses {
  readonly #records = new Map<string, LapseRecord>();

  /**
   * The volunteer had not begun a check in time, or left with it.
   * @returns whether it rests from now on
   */
  lapsed(volunteerId: string, nowMs: number): boolean {
    const record = this.#records.get(volunteerId) ?? { inARow: 0, rests: 0, restsUntilMs: 0 };
    this.#records.delete(volunteerId);
    this.#records.set(volunteerId, record);
    const [oldest] = this.#records.keys();
    if (this.#records.size > RECORDS_MAX && oldest !== undefined) this.#records.delete(oldest);
    record.inARow++;
    if (record.inARow % LAPSES_TO_REST !== 0) return false;
    record.restsUntilMs = nowMs + Math.min(REST_MS_MAX, REST_MS * 2 ** record.rests);
    record.rests++;
    return true;
  }

  /** The volunteer answered a check: it is drawn as any other. */
  answered(volunteerId: string): void {
    this.#records.delete(volunteerId);
  }

  /** Its chance to be taken where a draw meets it: half for each check that it let lie. @returns 0: it rests */
  shareOf(volunteerId: string, nowMs: number): number {
    const record = this.#records.get(volunteerId);
    if (record === undefined) return 1;
    return nowMs < record.restsUntilMs ? 0 : 2 ** -Math.min(record.inARow, LAPSES_TO_REST);
  }
}
