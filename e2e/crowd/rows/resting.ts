/** [AS7] Which volunteers are given nothing for a while, as the coordinator has it: ten seconds, twice as long each time in a row. */

const REST_MS_FIRST = 10_000;
const REST_MS_MAX = 30 * 60_000;

export class Resting {
  readonly #byVolunteer = new Map<string, { untilMs: number; times: number }>();

  /** @returns until when; sessions that fall silent together are one time */
  rest(volunteerId: string, nowMs: number): number {
    const { untilMs, times } = this.#byVolunteer.get(volunteerId) ?? { untilMs: 0, times: 0 };
    if (untilMs > nowMs) return untilMs;
    const until = nowMs + Math.min(REST_MS_MAX, REST_MS_FIRST * 2 ** times);
    this.#byVolunteer.set(volunteerId, { untilMs: until, times: times + 1 });
    return until;
  }

  rests(volunteerId: string, nowMs: number): boolean {
    return (this.#byVolunteer.get(volunteerId)?.untilMs ?? 0) > nowMs;
  }

  /** An answer ends the row of times. */
  answered(volunteerId: string): void {
    this.#byVolunteer.delete(volunteerId);
  }
}
