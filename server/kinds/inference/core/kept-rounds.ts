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
  readonly opinionsWanted: ReadonlySet<number>;
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
    if (this.#changed.size === 0) return;
    for (const roundIndex of this.#changed) {
      const round = this.get(roundIndex);
      if (round === undefined) this.#forget(roundIndex);
      else this.#keepAgain(round, look(round));
    }
    this.#changed.clear();
  }

  /** Does one want an opinion, as it is now? Known without a look at what else has changed. */
  get wantOpinions(): boolean {
    if (this.#opinions.size > 0) return true;
    for (const roundIndex of this.#changed) if ((this.get(roundIndex)?.opinionsWanted.size ?? 0) > 0) return true;
    return false;
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

  /** Most changes leave a round in the lists in which it is. */
  #keepAgain(round: Round, facts: KeptFacts): void {
    const before = this.#kept.get(round.roundIndex);
    if (before === undefined || before.facts.size !== facts.size || before.inOrder.round !== round) {
      this.#forget(round.roundIndex);
      const inOrder = { key: facts.size, turn: this.#turns.get(round.roundIndex) ?? 0, round };
      this.#sizeOf(facts.size).indices.add({ key: round.roundIndex, turn: 0 });
      return this.#change(NOTHING_KEPT, facts, inOrder);
    }
    this.#change(before.facts, facts, before.inOrder);
  }

  #forget(roundIndex: number): void {
    const kept = this.#kept.get(roundIndex);
    if (kept === undefined) return;
    this.#sizeOf(kept.facts.size).indices.delete({ key: roundIndex, turn: 0 });
    this.#change(kept.facts, NOTHING_KEPT, kept.inOrder);
    this.#kept.delete(roundIndex);
  }

  #change(was: KeptFacts, is: KeptFacts, inOrder: Opened<Round>): void {
    const { round, turn } = inOrder;
    this.#kept.set(round.roundIndex, { facts: is, inOrder });
    const size = this.#sizeOf(inOrder.key);
    this.#count(size, was, -1);
    this.#count(size, is, 1);
    moved(this.#toSend, inOrder, was.isToSend, is.isToSend);
    moved(this.#toBackUp, inOrder, was.isToBackUp, is.isToBackUp);
    moved(this.#toBackUpLast, inOrder, was.isToBackUpLast, is.isToBackUpLast);
    if (was.wantsOpinion !== is.wantsOpinion)
      moved(this.#opinions, { key: turn, turn: 0, round }, was.wantsOpinion, is.wantsOpinion);
    if (areSame(was.holders, is.holders)) return;
    for (const { assignmentId, paceMs } of was.holders) this.#holders.delete({ key: paceMs, turn: assignmentId });
    for (const { assignmentId, paceMs } of is.holders) this.#holders.add({ key: paceMs, turn: assignmentId });
  }

  #sizeOf(size: number): SizeKept {
    while (this.#sizes.length <= size) this.#sizes.push(new SizeKept());
    return this.#sizes[size]!;
  }

  #count(kept: SizeKept, facts: KeptFacts, sign: 1 | -1): void {
    this.#bytes += sign * facts.bytes;
    this.#unbegunRows += sign * facts.unbegunRows;
    this.#atWork += sign * Number(facts.isAtWork);
    this.#tried += sign * Number(facts.wasTried);
    kept.untouched += sign * Number(facts.isUntouched);
    kept.unbegun += sign * Number(facts.unbegunRows > 0);
    kept.encoding += sign * Number(facts.isEncoding);
    kept.unsent += sign * Number(facts.isUnsent);
  }
}

/** A round of which nothing is kept is as one that has nothing. */
const NOTHING_KEPT: KeptFacts = {
  size: 0,
  bytes: 0,
  unbegunRows: 0,
  isUntouched: false,
  isEncoding: false,
  isUnsent: false,
  isAtWork: false,
  wasTried: false,
  wantsOpinion: false,
  isToSend: false,
  isToBackUp: false,
  isToBackUpLast: false,
  holders: [],
};

function moved<Round>(list: OrderedList<Opened<Round>>, one: Opened<Round>, was: boolean, is: boolean): void {
  if (was === is) return;
  if (is) list.add(one);
  else list.delete(one);
}

function areSame(was: KeptFacts["holders"], is: KeptFacts["holders"]): boolean {
  return (
    was.length === is.length &&
    was.every(({ assignmentId, paceMs }, n) => assignmentId === is[n]?.assignmentId && paceMs === is[n]?.paceMs)
  );
}

function* roundsIn<Round>(list: OrderedList<Opened<Round>>): Generator<Round, undefined> {
  for (const { round } of list.inOrder()) yield round;
}
