/** One tab of a simulated crowd: claims take it time, one after the other, and what it has computed it hands over in parts. */
import { type ComputeTime, computeMsOf } from "../compute-time.ts";
import type { VirtualClock } from "../virtual-clock.ts";
import type { DrivenClaim } from "./driven-rows.ts";

/** What a tab is; how it is drawn is its maker's affair. */
export interface RowTabSpec {
  /** Whose device it is; absent: of a volunteer of its own. Several sessions of one volunteer have the same. */
  readonly volunteerId?: string;
  /** Of a claim of so many rows; its factors are drawn anew for each claim. */
  readonly time: ComputeTime;
  /** What is known of it when it joins; absent or null: nothing. */
  readonly rowsPerMs?: number | null;
  /** The tab takes claims and never says anything. */
  readonly isMute?: boolean;
  readonly joinsAtMs?: number;
  readonly leavesAtMs?: number;
  /** After its session was closed, for whichever reason, it opens another; absent: it stays away. */
  readonly comesBackAfterMs?: number;
}

export interface PartRule {
  /** A part is handed over once so much time went into it. */
  readonly everyMs: number;
  /** The fewest rows of a part that is not a claim's rest. */
  readonly rowsMin: number;
}

/** A claim in a tab's hands. */
interface Held<C> {
  readonly claim: C;
  /** Items that it has not been told to leave out, in the order in which it computes them. */
  items: number[];
  /** How many of them are handed over. */
  handedOver: number;
  isHere: boolean;
}

interface Work<C> {
  readonly held: Held<C>;
  /** When its first row began. */
  readonly firstRowMs: number;
  readonly rowMs: number;
}

/** What a tab has to say; the network between is its owner's. */
export interface TabVoice<C> {
  handsOver(claim: C, items: readonly number[]): void;
  leavesOut(claim: C, items: readonly number[]): void;
  /** The tab has nothing more of this claim. @param ms from the claim's beginning @param isWhole nothing of it was left out */
  ends(claim: C, rows: number, ms: number, isWhole: boolean): void;
}

export class RowTab<C extends DrivenClaim> {
  readonly #clock: VirtualClock;
  readonly #spec: RowTabSpec;
  readonly #factorOf: (count: number) => number;
  readonly #parts: PartRule;
  readonly #voice: TabVoice<C>;
  #queue: Held<C>[] = [];
  #work: Work<C> | null = null;
  #claimsBegun = 0;
  #handedOver = 0;
  #cancel: () => void = () => {};

  constructor(
    clock: VirtualClock,
    spec: RowTabSpec,
    { seed, tab, parts, voice }: { seed: number; tab: number; parts: PartRule; voice: TabVoice<C> },
  ) {
    this.#clock = clock;
    this.#spec = spec;
    this.#factorOf = (count) => computeMsOf({ ...spec.time, fixedMs: 1, rowMs: 0 }, seed, tab, count, 0);
    this.#parts = parts;
    this.#voice = voice;
  }

  /** Rows that it has computed, handed over or not. */
  get rowsComputed(): number {
    return this.#handedOver + (this.#work === null ? 0 : this.#computed(this.#work) - this.#work.held.handedOver);
  }

  get holdsNothing(): boolean {
    return this.#queue.length === 0 && this.#work === null;
  }

  /** The claim is on its way: what it is told of this claim from now on finds it. */
  sent(claim: C): void {
    this.#queue.push({ claim, items: claim.items.map(({ item }) => item), handedOver: 0, isHere: false });
  }

  arrives(claim: C): void {
    const held = this.#queue.find((one) => one.claim === claim);
    if (held === undefined) return;
    held.isHere = true;
    if (this.#work === null) this.#begin();
  }

  /** The tab reads that nobody waits for these rows any more: those that it has not begun are left out. */
  drop(claimId: number, items: readonly number[]): void {
    if (this.#spec.isMute === true) return;
    const told = new Set(items);
    const isAtWork = this.#work?.held.claim.claimId === claimId;
    const held = isAtWork ? this.#work?.held : this.#queue.find(({ claim }) => claim.claimId === claimId);
    if (held === undefined) return;
    // The row that it is at is computed to its end.
    const kept = isAtWork && this.#work !== null ? this.#begun(this.#work) : 0;
    const leftOut = held.items.filter((item, i) => i >= kept && told.has(item));
    if (leftOut.length === 0) return;
    held.items = held.items.filter((item, i) => i < kept || !told.has(item));
    this.#voice.leavesOut(held.claim, leftOut);
    if (isAtWork) this.#plan();
    else if (held.items.length === 0) this.#queue = this.#queue.filter((one) => one !== held);
  }

  /** Its session is gone, and with it what it held. */
  forget(): void {
    this.#handedOver = this.rowsComputed;
    this.#cancel();
    this.#queue = [];
    this.#work = null;
  }

  #begin(): void {
    const held = this.#queue[0];
    if (held?.isHere !== true) return;
    this.#queue.shift();
    const factor = this.#factorOf(this.#claimsBegun++);
    const { fixedMs, rowMs } = this.#spec.time;
    this.#work = { held, firstRowMs: this.#clock.nowMs() + fixedMs * factor, rowMs: rowMs * factor };
    this.#plan();
  }

  /** Sets when it hands over next: what is there of a part, or all of the rest. */
  #plan(): void {
    this.#cancel();
    const work = this.#work;
    if (work === null || this.#spec.isMute === true) return;
    const { held, firstRowMs, rowMs } = work;
    const left = held.items.length - held.handedOver;
    if (left <= 0) return this.#end(work);
    const rows = Math.max(this.#parts.rowsMin, Math.floor(this.#parts.everyMs / rowMs));
    // A part of a little less than two is the rest.
    const until = left < 1.5 * rows ? held.items.length : held.handedOver + rows;
    this.#cancel = this.#clock.at(firstRowMs + rowMs * until, () => this.#handOver(work, until));
  }

  #handOver(work: Work<C>, until: number): void {
    const { held } = work;
    const items = held.items.slice(held.handedOver, until);
    held.handedOver = until;
    this.#handedOver += items.length;
    this.#voice.handsOver(held.claim, items);
    this.#plan();
  }

  #end({ held, firstRowMs }: Work<C>): void {
    this.#work = null;
    const isWhole = held.items.length === held.claim.items.length;
    this.#voice.ends(held.claim, held.handedOver, this.#clock.nowMs() - firstRowMs, isWhole);
    this.#begin();
  }

  #computed({ held, firstRowMs, rowMs }: Work<C>): number {
    if (this.#spec.isMute === true) return 0;
    const rows = Math.floor((this.#clock.nowMs() - firstRowMs) / rowMs);
    return Math.min(held.items.length, Math.max(held.handedOver, rows));
  }

  #begun({ held, firstRowMs, rowMs }: Work<C>): number {
    return Math.max(held.handedOver, Math.ceil((this.#clock.nowMs() - firstRowMs) / rowMs), 0);
  }
}
