/**
 * What is known of each row, by place, in seven bytes: its state and one flag, its attempt, and who has to do with it. While a row is out this is the
 * claim that holds it; once it is answered, the author.
 */

export const WAITING = 0;
export const OUT = 1;
export const ANSWERED = 2;
export const FINAL = 3;

/** Authors that are no volunteers. */
export const NO_VOLUNTEER = -1;
export const BY_COORDINATOR = -2;
/** Of an estimate, where rows do not go out as they are. */
export const CODE = -3;

const STATE_BITS = 3;
/** A naming put the row back: only established volunteers may have it. */
const NAMED_BIT = 4;
const ATTEMPT_MAX = 2 ** 16 - 1;

export class RowStates {
  #count = 0;
  #flags = new Uint8Array(0);
  #attempts = new Uint16Array(0);
  #who = new Int32Array(0);
  /** By author: how many answers stand. */
  readonly #standing: number[] = [];
  #answered = 0;
  #final = 0;

  get count(): number {
    return this.#count;
  }

  /** Rows that are answered or final. */
  get answered(): number {
    return this.#answered;
  }

  get final(): number {
    return this.#final;
  }

  append(count: number, attempt: number): void {
    if (!Number.isInteger(count) || count < 0) throw new RangeError(`rows: expected how many, got ${count}`);
    const end = this.#count + count;
    if (end > this.#flags.length) {
      const room = this.#count === 0 ? end : Math.max(end, 2 * this.#count);
      const [flags, attempts, who] = [new Uint8Array(room), new Uint16Array(room), new Int32Array(room)];
      flags.set(this.#flags);
      attempts.set(this.#attempts);
      who.set(this.#who);
      [this.#flags, this.#attempts, this.#who] = [flags, attempts, who];
    }
    this.#who.fill(NO_VOLUNTEER, this.#count, end);
    this.#attempts.fill(attempt, this.#count, end);
    this.#count = end;
  }

  has(place: number): boolean {
    return place >= 0 && place < this.#count;
  }

  stateOf(place: number): number {
    return this.#flags[place]! & STATE_BITS;
  }

  isStanding(place: number): boolean {
    return (this.#flags[place]! & STATE_BITS) >= ANSWERED;
  }

  isNamed(place: number): boolean {
    return (this.#flags[place]! & NAMED_BIT) !== 0;
  }

  attemptOf(place: number): number {
    return this.#attempts[place]!;
  }

  /** The author of an answer that stands, else NO_VOLUNTEER. */
  authorOf(place: number): number {
    return this.isStanding(place) ? this.#who[place]! : NO_VOLUNTEER;
  }

  /** The claim that holds a row that is out. */
  holderOf(place: number): number {
    return this.#who[place]!;
  }

  setWaiting(place: number): void {
    this.#set(place, WAITING, NO_VOLUNTEER);
  }

  setOut(place: number, claimId: number): void {
    this.#set(place, OUT, claimId);
  }

  /** The answer stands from now on, and no naming is remembered of the row. */
  setStanding(place: number, author: number, isFinal: boolean): void {
    this.#set(place, isFinal ? FINAL : ANSWERED, author);
    this.#flags[place]! &= STATE_BITS;
  }

  /** The answer stands no more. @throws RangeError at the end of all attempts */
  takeOut(place: number, attempt: number, isNamed: boolean): void {
    if (attempt > ATTEMPT_MAX)
      throw new RangeError(`takeOut: expected at most ${ATTEMPT_MAX} attempts, got ${attempt}`);
    this.#set(place, WAITING, NO_VOLUNTEER);
    this.#attempts[place] = attempt;
    if (isNamed) this.#flags[place]! |= NAMED_BIT;
  }

  /** The row as it was before a restart. */
  restore(place: number, author: number, attempt: number, isFinal: boolean): void {
    this.setStanding(place, author, isFinal);
    this.#attempts[place] = attempt;
  }

  /** Answers of volunteers that stand are final from now on. */
  certifyAll(): void {
    for (let place = 0; place < this.#count; place++) this.certify(place);
  }

  certify(place: number): void {
    if (this.stateOf(place) === ANSWERED && this.#who[place]! >= 0) this.#set(place, FINAL, this.#who[place]!);
  }

  /** Places whose answer is this author's. The walk ends with the last of them. */
  *standingOf(author: number): Generator<number, undefined> {
    let left = this.#standing[author] ?? 0;
    for (let place = this.#who.indexOf(author); place >= 0 && left > 0; place = this.#who.indexOf(author, place + 1)) {
      if (!this.isStanding(place)) continue;
      left--;
      yield place;
    }
  }

  #set(place: number, state: number, who: number): void {
    const before = this.#flags[place]! & STATE_BITS;
    if (before >= ANSWERED) this.#stands(this.#who[place]!, -1);
    if (state >= ANSWERED) this.#stands(who, 1);
    this.#answered += Number(state >= ANSWERED) - Number(before >= ANSWERED);
    this.#final += Number(state === FINAL) - Number(before === FINAL);
    this.#flags[place] = (this.#flags[place]! & ~STATE_BITS) | state;
    this.#who[place] = who;
  }

  /** Of the coordinator and of the code nobody counts. */
  #stands(author: number, more: number): void {
    if (author >= 0) this.#standing[author] = (this.#standing[author] ?? 0) + more;
  }
}
