/**
 * A drawn crowd under the product's ledger, on virtual time: nothing is computed, tabs take their time, messages take theirs. What a tab says of
 * an item is a callback, so that liars are whoever drives it:
 *
 *     const crowd = new RowCrowd({ seed: 1, tabs, rows: ledger, answers: (claim, items) => remember(claim, items) });
 *     const { endMs } = crowd.run(() => ledger.counts.answered === ledger.counts.rows);
 *
 * The same options give the same run.
 */
import { VirtualClock } from "../virtual-clock.ts";
import { type DrivenClaim, type DrivenEffect, type DrivenRows, isDrop, isRest, isVoid } from "./driven-rows.ts";
import { Resting } from "./resting.ts";
import { type PartRule, RowTab, type RowTabSpec } from "./row-tab.ts";

export interface RowCrowdOptions<C extends DrivenClaim, E extends DrivenEffect> {
  readonly seed: number;
  readonly tabs: readonly RowTabSpec[];
  /** The ledger, or the ledger and its checks. */
  readonly rows: DrivenRows<C, E>;
  /** Between a tab and the coordinator, each way; 10 by default. */
  readonly networkMs?: number;
  /** By default as tabs do: five rows at least, every two seconds. */
  readonly parts?: PartRule;
  /**
   * Called when items arrive, before the ledger hears of them: what they are answered with is kept by the driver. @returns the items that
   * are handed over, where the tab withholds some; the rest is given back when the claim ends
   */
  readonly answers?: (claim: C, items: readonly number[], crowd: RowCrowd<C, E>) => readonly number[] | undefined;
  /** Every effect, in order. It may call the ledger, and hands what comes of that to `hear`. */
  readonly onEffect?: (effect: E, crowd: RowCrowd<C, E>) => void;
  /** After each happening. */
  readonly observe?: (nowMs: number) => void;
}

export interface RowRun {
  /** Virtual milliseconds from the first tab to the end. */
  readonly endMs: number;
  /** Rows that tabs computed, whatever became of them. */
  readonly rowsComputed: number;
  readonly claims: number;
  /** Claims, drops, parts and rests: messages either way. */
  readonly messages: number;
}

interface Member<C extends DrivenClaim> {
  readonly spec: RowTabSpec;
  readonly tab: RowTab<C>;
  readonly volunteerId: string;
  /** null: it is not connected */
  sessionId: string | null;
  sessions: number;
  /** Rows a ms of its latest claims, at most five. */
  readonly paces: number[];
}

const NETWORK_MS = 10;
const PARTS: PartRule = { everyMs: 2_000, rowsMin: 5 };
const PACES_KEPT = 5;

export class RowCrowd<C extends DrivenClaim, E extends DrivenEffect> {
  readonly clock = new VirtualClock();
  readonly #options: RowCrowdOptions<C, E>;
  readonly #networkMs: number;
  readonly #members: Member<C>[] = [];
  readonly #bySession = new Map<string, Member<C>>();
  readonly #idle = new Set<Member<C>>();
  /** Claims of which a tab withheld something. */
  readonly #withheld = new Set<number>();
  readonly #resting = new Resting();
  #armedMs = Number.POSITIVE_INFINITY;
  #isWakeSet = false;
  /** Is `take` at work? */
  #isAsking = false;
  #claims = 0;
  #messages = 0;

  constructor(options: RowCrowdOptions<C, E>) {
    this.#options = options;
    this.#networkMs = options.networkMs ?? NETWORK_MS;
    for (const spec of options.tabs) this.add(spec);
  }

  get nowMs(): number {
    return this.clock.nowMs();
  }

  /** One more tab, from its `joinsAtMs` on, or from now. @returns its number */
  add(spec: RowTabSpec): number {
    const number = this.#members.length;
    const voice = {
      handsOver: (claim: C, items: readonly number[]) => this.#handOver(member, claim, items),
      leavesOut: (claim: C, items: readonly number[]) =>
        this.#tell(member, () => this.hear(this.#options.rows.leftOut(claim.claimId, items, this.nowMs))),
      ends: (claim: C, rows: number, ms: number, isWhole: boolean) => {
        if (isWhole && ms > 0) member.paces.push(rows / ms);
        if (member.paces.length > PACES_KEPT) member.paces.shift();
        if (this.#options.answers !== undefined) this.#giveBack(member, claim);
      },
    };
    const { seed, parts = PARTS } = this.#options;
    const tab = new RowTab<C>(this.clock, spec, { seed, tab: number, parts, voice });
    const volunteerId = spec.volunteerId ?? `volunteer-${number}`;
    const member: Member<C> = { spec, tab, volunteerId, sessionId: null, sessions: 0, paces: [] };
    this.#members.push(member);
    this.clock.at(spec.joinsAtMs ?? this.nowMs, () => this.#join(number, member));
    if (spec.leavesAtMs !== undefined) this.clock.at(spec.leavesAtMs, () => this.close(number));
    return number;
  }

  sessionOf(number: number): string | null {
    return this.#members[number]?.sessionId ?? null;
  }

  /** Which tab a session is of, while it is connected. */
  tabOf(sessionId: string): number | null {
    const member = this.#bySession.get(sessionId);
    return member === undefined ? null : this.#members.indexOf(member);
  }

  /** Median of its latest claims, rows a ms; null: it ended none. What the next job knows of it. */
  paceOf(number: number): number | null {
    const sorted = [...(this.#members[number]?.paces ?? [])].sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? null;
  }

  /** The tab's session ends, by itself or closed; nothing where it has none. */
  close(number: number): void {
    const member = this.#members[number];
    if (member === undefined || member.sessionId === null) return;
    const { sessionId, spec } = member;
    this.#bySession.delete(sessionId);
    this.#idle.delete(member);
    member.sessionId = null;
    member.tab.forget();
    this.hear(this.#options.rows.leave(sessionId, this.nowMs));
    if (spec.comesBackAfterMs !== undefined) {
      this.clock.after(spec.comesBackAfterMs, () => this.#join(number, member));
    }
  }

  /** Effects of a call to the ledger. Idle tabs are asked afterwards, even where there are no effects, unless `take` itself hands these over. */
  hear(effects: readonly E[]): void {
    if (effects.length > 0 || !this.#isAsking) this.wake();
    for (const effect of effects) {
      this.#options.onEffect?.(effect, this);
      if (isDrop(effect)) this.#sendDrop(effect.claim, effect.items);
      else if (isVoid(effect)) {
        const number = this.tabOf(effect.claim.sessionId);
        if (number !== null) this.clock.after(0, () => this.close(number));
      } else if (isRest(effect)) this.#rest(effect.volunteerId);
    }
  }

  /** There may be something to take, such as rows that were appended: idle tabs are asked once all of this moment is heard. */
  wake(): void {
    if (this.#isWakeSet) return;
    this.#isWakeSet = true;
    this.clock.after(0, () => this.#askIdle());
  }

  /** @throws RangeError where nothing more is due, or the time is over, before it is done */
  run(isDone: () => boolean, mostMs = Number.POSITIVE_INFINITY): RowRun {
    while (!isDone()) {
      this.#arm();
      if (!this.clock.next()) throw new RangeError(`run: expected an end, got nothing to do at ${this.nowMs} ms`);
      if (this.nowMs > mostMs) throw new RangeError(`run: expected an end within ${mostMs} ms, got none`);
      this.#options.observe?.(this.nowMs);
    }
    return this.ran();
  }

  /** As run, for so long. */
  runUntil(endMs: number): RowRun {
    let isOver = false;
    this.clock.at(endMs, () => {
      isOver = true;
    });
    return this.run(() => isOver);
  }

  /** What there was so far. */
  ran(): RowRun {
    const rowsComputed = this.#members.reduce((sum, { tab }) => sum + tab.rowsComputed, 0);
    return { endMs: this.nowMs, rowsComputed, claims: this.#claims, messages: this.#messages };
  }

  #join(number: number, member: Member<C>): void {
    if (member.sessionId !== null) return;
    const sessionId = `session-${number}-${member.sessions++}`;
    member.sessionId = sessionId;
    this.#bySession.set(sessionId, member);
    const rowsPerMs = this.paceOf(number) ?? member.spec.rowsPerMs ?? null;
    this.#options.rows.join({ sessionId, volunteerId: member.volunteerId, rowsPerMs }, this.nowMs);
    this.#idle.add(member);
    this.wake();
  }

  /** Says something to the coordinator, unless the session is gone when it arrives. */
  #tell(member: Member<C>, arrives: () => void): void {
    const { sessionId } = member;
    this.#messages++;
    this.clock.after(this.#networkMs, () => {
      if (member.sessionId !== sessionId || sessionId === null) return;
      arrives();
      this.#ask(member);
    });
  }

  #handOver(member: Member<C>, claim: C, items: readonly number[]): void {
    this.#tell(member, () => {
      const { rows, answers } = this.#options;
      const given = answers?.(claim, items, this) ?? items;
      if (given.length < items.length) this.#withheld.add(claim.claimId);
      if (given.length === 0) return;
      this.#resting.answered(member.volunteerId);
      this.hear(rows.answer(claim.claimId, given, this.nowMs));
    });
  }

  /** What the tab withheld of a claim that it has ended. */
  #giveBack(member: Member<C>, claim: C): void {
    this.clock.after(this.#networkMs, () => {
      if (!this.#withheld.delete(claim.claimId) || member.sessionId !== claim.sessionId) return;
      this.hear(this.#options.rows.release(claim.claimId, this.nowMs));
      this.#ask(member);
    });
  }

  #sendDrop(claim: DrivenClaim, items: readonly number[]): void {
    const member = this.#bySession.get(claim.sessionId);
    if (member === undefined) return;
    this.#messages++;
    this.clock.after(this.#networkMs, () => {
      if (member.sessionId === claim.sessionId) member.tab.drop(claim.claimId, items);
    });
  }

  #rest(volunteerId: string): void {
    const untilMs = this.#resting.rest(volunteerId, this.nowMs);
    this.clock.at(untilMs, () => this.wake());
  }

  /** Claims for a tab, as many as it may have, or so many at most. */
  #ask(member: Member<C>, most = Number.POSITIVE_INFINITY): void {
    const { sessionId, volunteerId } = member;
    if (sessionId === null) return;
    if (this.#resting.rests(volunteerId, this.nowMs)) {
      if (member.tab.holdsNothing) this.#idle.add(member);
      return;
    }
    for (let taken = 0; taken < most; taken++) {
      this.#isAsking = true;
      const claim = this.#options.rows.take(sessionId, this.nowMs);
      this.#isAsking = false;
      if (claim === null) break;
      this.#claims++;
      this.#messages++;
      member.tab.sent(claim);
      this.clock.after(this.#networkMs, () => {
        if (member.sessionId === sessionId) member.tab.arrives(claim);
      });
    }
    if (member.tab.holdsNothing) this.#idle.add(member);
    else this.#idle.delete(member);
  }

  /** Idle tabs are asked, the one that is expected first before the others; none takes a claim ahead before each has one. */
  #askIdle(): void {
    this.#isWakeSet = false;
    const paceOf = (member: Member<C>) => this.paceOf(this.#members.indexOf(member)) ?? member.spec.rowsPerMs ?? 0;
    const idle = [...this.#idle].map((member) => ({ member, pace: paceOf(member) }));
    idle.sort((a, b) => b.pace - a.pace);
    for (const { member } of idle) this.#ask(member, 1);
    for (const { member } of idle) this.#ask(member);
  }

  /** The ledger's next due moment is one of the clock's. */
  #arm(): void {
    const dueMs = this.#options.rows.nextDueMs;
    if (dueMs === null || dueMs >= this.#armedMs) return;
    this.#armedMs = dueMs;
    this.clock.at(dueMs, () => {
      if (this.#armedMs !== dueMs) return;
      this.#armedMs = Number.POSITIVE_INFINITY;
      this.hear(this.#options.rows.tick(this.nowMs));
    });
  }
}
