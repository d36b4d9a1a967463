/**
 * The open rounds of a job, and what is asked of all of them together: kept as they change, so that no event goes through all of them. Whoever
 * changes a round, one of its slots, or the state of an attempt at one, says so by `changed`; what follows is found out when it is asked for.
 * SPEC.md EV5.
 */
import { type Entry, OrderedList } from "../../../coordinator/crowd/ordered-list.ts";

/** What is asked of one round. */
export interface KeptFacts {
  /** [DP12] Which of the job's sizes it has. */
  readonly size: number;
  readonly bytes: number;
  /** Of its rows that answer queries those that nobody has begun. */
  readonly unbegunRows: number;
  /** Nobody is at any of its slots, and none has a result. */
  readonly isUntouched: boolean;
  readonly isEncoding: boolean;
  /** One of its slots is still to be sent, for the first time or again, and nobody is at it. */
  readonly isUnsent: boolean;
  readonly isAtWork: boolean;
  readonly wasTried: boolean;
  readonly wantsOpinion: boolean;
  /** [DP4] A slot that nobody is at can be sent now. */
  readonly isToSend: boolean;
  /** [DP4] A slot that somebody is at can be sent to somebody else too, as long as there are rounds to open. */
  readonly isToBackUp: boolean;
  /** [DP12] Or when there are none. */
  readonly isToBackUpLast: boolean;
  /** Who is at it in time: how long each takes for a multiply-add, ms. */
  readonly holders: readonly { readonly assignmentId: number; readonly paceMs: number }[];
}

/** What is asked of a round here. */
interface OpenRound {
  readonly roundIndex: number;
  readonly bytes: number;
}

interface Opened<Round> extends Entry {
  readonly round: Round;
}

interface Kept<Round> {
  readonly facts: KeptFacts;
  readonly inOrder: Opened<Round>;
}

/** The rounds of one size. */
class SizeKept {
  /** By their indices. */
  readonly indices = new OrderedList<Entry>();
  untouched = 0;
  unbegun = 0;
  encoding = 0;
  unsent = 0;
}

/** In the order in which they were opened; those that are sent from, the largest first. */
export class KeptRounds<Round extends OpenRound> extends Map<number, Round> {
  /** By index: the place of each in the order in which they were opened. */
  readonly #turns = new Map<number, number>();
  readonly #kept = new Map<number, Kept<Round>>();
  /** By index: what is known of them may be wrong. */
  readonly #changed = new Set<number>();
  readonly #sizes: SizeKept[] = [];
  readonly #toSend = new OrderedList<Opened<Round>>();
  readonly #toBackUp = new OrderedList<Opened<Round>>();
  readonly #toBackUpLast = new OrderedList<Opened<Round>>();
  readonly #opinions = new OrderedList<Opened<Round>>();
  readonly #holders = new OrderedList<Entry>();
  #nextTurn = 0;
  #bytes = 0;
  #unbegunRows = 0;
  #atWork = 0;
  #tried = 0;

  override set(roundIndex: number, round: Round): this {
    if (!this.has(roundIndex)) this.#turns.set(roundIndex, this.#nextTurn++);
    this.#changed.add(roundIndex);
    return super.set(roundIndex, round);
  }

  override delete(roundIndex: number): boolean {
    this.#forget(roundIndex);
    this.#changed.delete(roundIndex);
    this.#turns.delete(roundIndex);
    return super.delete(roundIndex);
  }

  override clear(): void {
    for (const roundIndex of [...this.keys()]) this.delete(roundIndex);
  }

  /** Something of it is about to change, or has: before anything is asked of the rounds. */
  changed({ roundIndex }: Round): void {
    if (this.has(roundIndex)) this.#changed.add(roundIndex);
  }

  /** The schedule did. */
  allChanged(): void {
    for (const roundIndex of this.keys()) this.#changed.add(roundIndex);
  }

  /** What has changed is looked at again. */
  lookAgain(look: (round: Round) => KeptFacts): void {
    for (const roundIndex of this.#changed) {
      const round = this.get(roundIndex);
      this.#forget(roundIndex);
      if (round !== undefined) this.#keep(round, look(round));
    }
    this.#changed.clear();
  }

  get bytes(): number {
    let bytes = this.#bytes;
    for (const roundIndex of this.#changed)
      bytes += (this.get(roundIndex)?.bytes ?? 0) - (this.#kept.get(roundIndex)?.facts.bytes ?? 0);
    return bytes;
  }

  /** Of all of them. From here on all is as it was when `lookAgain` was called last. */
  get unbegunRows(): number {
    return this.#unbegunRows;
  }

  /** [DP12] Somebody was at a batch, and nobody is any more. */
  get haveComeToAStop(): boolean {
    return this.#atWork === 0 && this.#tried > 0;
  }

  /** What the fastest of those who are at them in time takes for a multiply-add, ms; infinite: nobody is, or nothing is known of them. */
  get fastestMs(): number {
    return this.#holders.first?.key ?? Number.POSITIVE_INFINITY;
  }

  hasUntouched(size: number): boolean {
    return (this.#sizes[size]?.untouched ?? 0) > 0;
  }

  hasUnbegun(size: number): boolean {
    return (this.#sizes[size]?.unbegun ?? 0) > 0;
  }

  /** @param size absent: of any */
  hasEncoding(size?: number): boolean {
    return this.#someOf(size, ({ encoding }) => encoding > 0);
  }

  /** @param size absent: of any */
  hasUnsent(size?: number): boolean {
    return this.#someOf(size, ({ unsent }) => unsent > 0);
  }

  /** Index of the last one of that size; null: there is none. */
  lastOf(size: number): number | null {
    return this.#sizes[size]?.indices.last?.key ?? null;
  }

  sizeOf(roundIndex: number): number {
    return this.#kept.get(roundIndex)?.facts.size ?? 0;
  }

  isUntouched(roundIndex: number): boolean {
    return this.#kept.get(roundIndex)?.facts.isUntouched ?? false;
  }

  /** All of them. */
  *inOrder(): Generator<Round, undefined> {
    for (const { indices } of this.#sizes) {
      const rounds = [...indices.inOrder()].flatMap(({ key }) => this.get(key) ?? []);
      const turnOf = ({ roundIndex }: Round) => this.#turns.get(roundIndex) ?? 0;
      yield* rounds.sort((a, b) => turnOf(a) - turnOf(b));
    }
  }

  toSend(): Generator<Round, undefined> {
    return roundsIn(this.#toSend);
  }

  /** @param isNothingLeft [DP12] to be opened */
  toBackUp(isNothingLeft: boolean): Generator<Round, undefined> {
    return roundsIn(isNothingLeft ? this.#toBackUpLast : this.#toBackUp);
  }

  /** As many as there are now: they may change meanwhile. */
  wantingOpinions(): Round[] {
    return [...roundsIn(this.#opinions)];
  }

  #someOf(size: number | undefined, is: (kept: SizeKept) => boolean): boolean {
    if (size === undefined) return this.#sizes.some(is);
    const kept = this.#sizes[size];
    return kept !== undefined && is(kept);
  }

  #keep(round: Round, facts: KeptFacts): void {
    const { roundIndex } = round;
    const turn = this.#turns.get(roundIndex) ?? 0;
    const kept = { facts, inOrder: { key: facts.size, turn, round } };
    this.#kept.set(roundIndex, kept);
    while (this.#sizes.length <= facts.size) this.#sizes.push(new SizeKept());
    this.#count(kept, 1);
    for (const list of this.#listsOf(facts)) list.add(kept.inOrder);
    for (const { assignmentId, paceMs } of facts.holders) this.#holders.add({ key: paceMs, turn: assignmentId });
    if (facts.wantsOpinion) this.#opinions.add({ key: turn, turn: 0, round });
    this.#sizes[facts.size]?.indices.add({ key: roundIndex, turn: 0 });
  }

  #forget(roundIndex: number): void {
    const kept = this.#kept.get(roundIndex);
    if (kept === undefined) return;
    const { facts, inOrder } = kept;
    this.#kept.delete(roundIndex);
    this.#count(kept, -1);
    for (const list of this.#listsOf(facts)) list.delete(inOrder);
    for (const { assignmentId, paceMs } of facts.holders) this.#holders.delete({ key: paceMs, turn: assignmentId });
    if (facts.wantsOpinion) this.#opinions.delete({ key: inOrder.turn, turn: 0 });
    this.#sizes[facts.size]?.indices.delete({ key: roundIndex, turn: 0 });
  }

  #listsOf({ isToSend, isToBackUp, isToBackUpLast }: KeptFacts): OrderedList<Opened<Round>>[] {
    return [
      ...(isToSend ? [this.#toSend] : []),
      ...(isToBackUp ? [this.#toBackUp] : []),
      ...(isToBackUpLast ? [this.#toBackUpLast] : []),
    ];
  }

  #count({ facts }: Kept<Round>, sign: 1 | -1): void {
    this.#bytes += sign * facts.bytes;
    this.#unbegunRows += sign * facts.unbegunRows;
    this.#atWork += sign * Number(facts.isAtWork);
    this.#tried += sign * Number(facts.wasTried);
    const kept = this.#sizes[facts.size];
    if (kept === undefined) return;
    kept.untouched += sign * Number(facts.isUntouched);
    kept.unbegun += sign * Number(facts.unbegunRows > 0);
    kept.encoding += sign * Number(facts.isEncoding);
    kept.unsent += sign * Number(facts.isUnsent);
  }
}

function* roundsIn<Round>(list: OrderedList<Opened<Round>>): Generator<Round, undefined> {
  for (const { round } of list.inOrder()) yield round;
}
