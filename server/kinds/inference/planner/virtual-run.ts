/**
 * One job on one drawn crowd, run by the coordinator's own core on virtual time: every rule is the core's, and only tabs, the disk and the numerics are
 * made up. No clock, no chance but the seed's.
 */
import type { RandomSource } from "../../../../shared/random/random.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import type { Effect } from "../../../coordinator/effects.ts";
import type { CoordinatorEvent, Happening } from "../../../coordinator/events.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import { step } from "../../core-kinds.ts";
import { INFERENCE } from "../core/work.ts";
import { keyOf } from "../rows/core/accounts.ts";
import { type RowsJob, rowsJob } from "../rows/core/rows-job.ts";
import type { ChecksAhead } from "../rows/told/rows-ahead.ts";
import type { HeldRows, RestoredOnRows, RowClaim, RowsWork } from "../rows/work.ts";
import type { CrowdFacts } from "./crowd-facts.ts";
import type { DrawnCrowd } from "./drawn-crowd.ts";
import { EventQueue } from "./event-queue.ts";
import { VIRTUAL_JOB } from "./virtual-job.ts";
import { type NumericsTimes, VirtualNumerics } from "./virtual-numerics.ts";
import { knowSession, virtualState, virtualVolunteer } from "./virtual-state.ts";
import { begunAt, type ClaimAtTab, nextPart, nextPartMs, type rowsDone, type VirtualTab } from "./virtual-tab.ts";

export interface RunAsked {
  readonly facts: CrowdFacts;
  readonly crowd: DrawnCrowd;
  readonly job: RestoredOnRows;
  readonly checks: ChecksAhead;
  /** Rows of the job that one row stands for. */
  readonly rowsEach: number;
  readonly times: NumericsTimes & { readonly writeMs: number };
  readonly votesNeeded: number | null;
  readonly seed: number;
}

/** What was spent by some time. */
export interface Spent {
  readonly ms: number;
  /** Rows that tabs computed, whatever became of them. */
  readonly tabRows: number;
  /** Rows that the coordinator computed. */
  readonly trustedRows: number;
  /** Rows that were sent, and that came back. */
  readonly rowsDown: number;
  readonly rowsUp: number;
}

export interface VirtualRun extends Spent {
  /** Infinity: the crowd left before its end. */
  readonly ms: number;
  readonly firstMs: number;
  /** Tabs that were sent anything. */
  readonly tabsAtWork: number;
  /** Between a quarter and three quarters of its answers, a row. */
  readonly perRow: Spent;
}

export const START_MS = 1_000;
/** A run of more steps is broken off: its crowd does not hold. */
const STEPS_MAX = 100_000;
/** Nobody waits longer for a drawn crowd: a hundred days, and a day for its next answer. */
const VIRTUAL_MS_MAX = 8.64e9;
const STALLED_MS_MAX = 8.64e7;
/** Of an answer: no tab is asked a known question again. */
const NO_REPROBE = 0.5;
const NOTHING: Spent = { ms: 0, tabRows: 0, trustedRows: 0, rowsDown: 0, rowsUp: 0 };

type Due =
  | { readonly type: "happening"; readonly happening: Happening }
  | { readonly type: "timer"; readonly timerId: number }
  | { readonly type: "part"; readonly tab: number; readonly claim: ClaimAtTab }
  | { readonly type: "leaves"; readonly tab: number; readonly sessionId: string; readonly claim: ClaimAtTab }
  | { readonly type: "comes"; readonly tab: number };

/** @returns the same for the same question */
export function runVirtually(asked: RunAsked): VirtualRun {
  return new Run(asked).toEnd();
}

class Run {
  readonly #asked: RunAsked;
  readonly #state: CoordinatorState;
  readonly #due = new EventQueue<Due>();
  readonly #tabs: VirtualTab[];
  readonly #randoms: RandomSource[];
  readonly #tabOf = new Map<string, number>();
  readonly #numerics: VirtualNumerics;
  readonly #sessions: number[];
  readonly #liars: ReadonlySet<string>;
  #job: RowsJob | null = null;
  #nowMs = START_MS;
  /** Rows that are answered, and since when it is that many. */
  #answered = 0;
  #answeredMs = START_MS;
  /** When the coordinator has computed what it is at. */
  #freeAtMs = START_MS;
  #firstMs = Number.POSITIVE_INFINITY;
  #spent = { tabRows: 0, trustedRows: 0, rowsDown: 0, rowsUp: 0 };
  readonly #marks: Spent[] = [];
  readonly #markRows: readonly number[];

  constructor(asked: RunAsked) {
    const { facts, crowd, job, rowsEach, times, votesNeeded, seed } = asked;
    this.#asked = asked;
    this.#state = virtualState(facts, rowsEach, START_MS);
    const { tabs } = facts;
    const liars = new Set(tabs.flatMap((tab, place) => (crowd.tabs[place]!.isLiar ? [virtualVolunteer(tab)] : [])));
    this.#liars = liars;
    this.#numerics = new VirtualNumerics((volunteerId) => liars.has(volunteerId), times, votesNeeded);
    this.#sessions = tabs.map(() => 0);
    this.#randoms = tabs.map((_, place) => simulationRandom(1_000 * seed + place));
    this.#tabs = tabs.map((tab, place) => this.#tabAt(place, tab.volunteer));
    const rows = job.job.queryCount;
    this.#markRows = [Math.ceil(rows / 4), Math.ceil((3 * rows) / 4)];
  }

  #tabAt(place: number, volunteer: number): VirtualTab {
    const sessionId = `s${place}.${this.#sessions[place]!++}`;
    this.#tabOf.set(sessionId, place);
    const drawn = this.#asked.crowd.tabs[place]!;
    const volunteerId = virtualVolunteer({ volunteer });
    return { drawn, sessionId, volunteerId, claims: [], underWay: null, isGone: false, hasModel: false };
  }

  toEnd(): VirtualRun {
    this.#begin();
    for (let steps = 0; steps < STEPS_MAX && !this.#hasEnded; steps++) {
      const next = this.#due.pop();
      if (next === null || next.atMs > Math.min(VIRTUAL_MS_MAX, this.#answeredMs + STALLED_MS_MAX)) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#happens(next.value);
    }
    const end = this.#hasEnded ? this.#nowMs - START_MS : Number.POSITIVE_INFINITY;
    for (const { underWay } of this.#tabs)
      if (underWay !== null) this.#spent.tabRows += rowsSoFar(underWay, this.#nowMs);
    const tabsAtWork = this.#tabs.filter(({ hasModel }) => hasModel).length;
    return { ...this.#spent, ms: end, firstMs: this.#firstMs, tabsAtWork, perRow: this.#perRow() };
  }

  get #hasEnded(): boolean {
    return this.#state.jobs.get(VIRTUAL_JOB)?.stored.state === "done";
  }

  #begin(): void {
    const { facts, crowd, job, checks } = this.#asked;
    this.#tabs.forEach(({ sessionId }, place) => {
      this.#open(place);
      knowSession(this.#state, sessionId, facts.tabs[place]!);
      const { busyMs } = crowd.tabs[place]!;
      if (busyMs === 0) return;
      this.#happen({ type: "availabilityChanged", sessionId, available: false });
      this.#later(busyMs, { type: "availabilityChanged", sessionId, available: true });
    });
    this.#happen({ type: "restored", jobs: [job], volunteers: [], crowd: facts.standing.crowd });
    this.#job = rowsJob(this.#state, VIRTUAL_JOB) ?? null;
    if (this.#job !== null && checks.by === "account")
      this.#state.accounts.set(keyOf(this.#job), checks.opening.account);
  }

  #open(place: number): void {
    const { volunteer, address, backend, precision } = this.#asked.facts.tabs[place]!;
    const { sessionId } = this.#tabs[place]!;
    this.#happen({
      type: "sessionOpened",
      ...{ sessionId, volunteerId: virtualVolunteer({ volunteer }), nickname: "", team: "", backend },
      ...{ addressGroup: address === null ? null : `address ${address}`, invitationSha256: null },
    });
    this.#happen({ type: "sessionProbed", sessionId, precision });
  }

  #perRow(): Spent {
    const [from, to] = this.#marks;
    if (from === undefined || to === undefined) return NOTHING;
    const rows = Math.max(1, this.#markRows[1]! - this.#markRows[0]!);
    const share = (key: keyof Spent) => (to[key] - from[key]) / rows;
    return {
      ...{ ms: share("ms"), tabRows: share("tabRows"), trustedRows: share("trustedRows") },
      ...{ rowsDown: share("rowsDown"), rowsUp: share("rowsUp") },
    };
  }

  #mark(): void {
    const answered = this.#job?.ledger?.counts.answered ?? 0;
    if (answered !== this.#answered) {
      this.#answered = answered;
      this.#answeredMs = this.#nowMs;
    }
    const next = this.#markRows[this.#marks.length];
    if (next === undefined || answered < next) return;
    this.#marks.push({ ...this.#spent, ms: this.#nowMs });
  }

  // --- what happens -------------------------------------------------------------------------------------------------

  #happens(due: Due): void {
    switch (due.type) {
      case "happening":
        return this.#happen(due.happening);
      case "timer":
        if (this.#state.timers.has(due.timerId)) this.#happen({ type: "timerFired", timerId: due.timerId });
        return;
      case "part":
        return this.#partDone(due.tab, due.claim);
      case "leaves":
        return this.#leaves(due.tab, due.sessionId, due.claim);
      case "comes":
        return this.#comes(due.tab);
    }
  }

  #later(ms: number, happening: Happening): void {
    this.#due.push(this.#nowMs + ms, { type: "happening", happening });
  }

  #happen(happening: Happening): void {
    const event = { ...happening, atMs: this.#nowMs } as CoordinatorEvent;
    const follow: Happening[] = [];
    for (const effect of step(this.#state, event)) {
      const next = this.#carryOut(effect);
      if (next !== null) follow.push(next);
    }
    this.#mark();
    for (const next of follow) this.#happen(next);
  }

  #carryOut(effect: Effect): Happening | null {
    switch (effect.type) {
      case "setTimer":
        this.#due.push(effect.atMs, { type: "timer", timerId: effect.timerId });
        return null;
      case "persist":
        this.#later(this.#asked.times.writeMs, { type: "persisted", effectId: effect.effectId });
        return null;
      case "sendAssignment":
        this.#sent(effect.sessionId, effect.assignmentId, effect.payload as RowClaim);
        return null;
      case "voidAssignment":
        return effect.tell ? this.#dropped(effect.sessionId, effect.assignmentId) : null;
      case "closeSession":
        return this.#closed(effect.sessionId, effect.code === "wrong-answers");
      case "sendProbe":
        return null;
      case "work":
        this.#work(effect.effectId, effect.work as RowsWork);
        return null;
      default:
        return null;
    }
  }

  #work(effectId: number, work: RowsWork): void {
    if (work.type === "leaveOut") return this.#leaveOut(work.sessionId, work.assignmentId, work.rowsNeeded);
    if (work.type === "recompute" || work.type === "lookCloser") this.#spent.trustedRows += work.rows.length;
    const isAnswer = work.type === "takeDecoded" || (work.type === "takeRows" && work.answers.length > 0);
    if (isAnswer) this.#firstMs = Math.min(this.#firstMs, this.#nowMs - START_MS);
    const done = this.#numerics.carryOut(work);
    if (done === null) return;
    this.#freeAtMs = Math.max(this.#freeAtMs, this.#nowMs) + done.ms;
    if (work.type === "recompute") this.#firstMs = Math.min(this.#firstMs, this.#freeAtMs - START_MS);
    this.#later(this.#freeAtMs - this.#nowMs, {
      ...{ type: "outcome", kind: INFERENCE, jobId: VIRTUAL_JOB, effectId, outcome: done.outcome },
    });
  }

  // --- tabs ---------------------------------------------------------------------------------------------------------

  #sent(sessionId: string, assignmentId: number, { rows }: RowClaim): void {
    const place = this.#tabOf.get(sessionId);
    const tab = place === undefined ? undefined : this.#tabs[place];
    if (tab === undefined || place === undefined || tab.sessionId !== sessionId) return;
    tab.hasModel = true;
    this.#spent.rowsDown += rows.length;
    const { macsPerQuery } = this.#asked.job.job;
    const claim: ClaimAtTab = {
      ...{ assignmentId, rows: rows.length, macs: macsPerQuery, needed: rows.length, handed: 0, isDropped: false },
    };
    tab.claims.push(claim);
    if (tab.claims.length === 1) this.#begins(place, tab, 0);
  }

  /** @param soonerMs it was at its tab before */
  #begins(place: number, tab: VirtualTab, soonerMs: number): void {
    const claim = tab.claims[0];
    if (claim === undefined || tab.drawn.isMute) return;
    const { crowd } = this.#asked;
    const random = this.#randoms[place]!;
    const { overheadMs, msPerMac } = tab.drawn;
    const ms = (overheadMs + claim.rows * claim.macs * msPerMac) * crowd.drawRatio(random);
    const chance = random.uniform();
    const computeMs = Math.max(1, ms - soonerMs);
    if (chance < crowd.silentRate) return;
    tab.underWay = begunAt(claim, this.#nowMs, computeMs);
    this.#due.push(nextPartMs(tab.underWay), { type: "part", tab: place, claim });
    if (chance < crowd.silentRate + crowd.leftRate * (computeMs / (crowd.usualMs ?? computeMs))) {
      const atMs = this.#nowMs + computeMs * random.uniform();
      this.#due.push(atMs, { type: "leaves", tab: place, sessionId: tab.sessionId, claim });
    }
  }

  #partDone(place: number, claim: ClaimAtTab): void {
    const tab = this.#tabs[place]!;
    const { underWay, sessionId } = tab;
    if (underWay === null || underWay.claim !== claim) return;
    const came = nextPart(underWay);
    if (came?.type !== "answer") {
      this.#due.push(nextPartMs(underWay), { type: "part", tab: place, claim });
      if (came !== null) this.#handOver(tab, claim, came.from, came.to);
      return;
    }
    this.#spent.tabRows += came.to;
    tab.claims.shift();
    tab.underWay = null;
    this.#begins(place, tab, tab.drawn.tripMs);
    const { assignmentId, isDropped } = claim;
    if (isDropped) return this.#happen({ type: "assignmentReturned", sessionId, assignmentId });
    this.#spent.rowsUp += came.to - came.from;
    const rows = Array.from({ length: came.to }, (_, row) => row);
    const all: HeldRows = { type: "rows", rows };
    this.#happen({ type: "resultArrived", sessionId, assignmentId, draw: NO_REPROBE, came: all });
  }

  #handOver({ sessionId }: VirtualTab, { assignmentId }: ClaimAtTab, from: number, to: number): void {
    this.#spent.rowsUp += to - from;
    const slices: HeldRows = { type: "rows", rows: Array.from({ length: to - from }, (_, row) => from + row) };
    this.#happen({ type: "sliceArrived", sessionId, assignmentId, draw: NO_REPROBE, slices });
  }

  /** @returns it is given back at once, where it was not begun */
  #dropped(sessionId: string, assignmentId: number): Happening | null {
    const tab = this.#tabs[this.#tabOf.get(sessionId) ?? -1];
    if (tab === undefined || tab.sessionId !== sessionId) return null;
    const place = tab.claims.findIndex((claim) => claim.assignmentId === assignmentId);
    if (place < 0) return null;
    if (place === 0) {
      tab.claims[0]!.isDropped = true;
      return null;
    }
    const [claim] = tab.claims.splice(place, 1);
    this.#spent.rowsDown -= claim!.rows;
    return { type: "assignmentReturned", sessionId, assignmentId };
  }

  #leaveOut(sessionId: string, assignmentId: number, rowsNeeded: number): void {
    const tab = this.#tabs[this.#tabOf.get(sessionId) ?? -1];
    const claim = tab?.claims.find((one) => one.assignmentId === assignmentId);
    if (claim !== undefined) claim.needed = Math.min(claim.needed, Math.max(1, rowsNeeded));
  }

  #leaves(place: number, sessionId: string, claim: ClaimAtTab): void {
    const tab = this.#tabs[place]!;
    if (tab.sessionId !== sessionId || tab.underWay?.claim !== claim) return;
    this.#lost(tab);
    const awayMs = this.#asked.crowd.drawAbsence(this.#randoms[place]!);
    if (awayMs !== null) this.#due.push(this.#nowMs + awayMs, { type: "comes", tab: place });
    this.#happen({ type: "sessionClosed", sessionId });
  }

  /** What it held is gone. */
  #lost(tab: VirtualTab): void {
    if (tab.underWay !== null) this.#spent.tabRows += rowsSoFar(tab.underWay, this.#nowMs);
    tab.underWay = null;
    tab.claims.length = 0;
    tab.isGone = true;
  }

  #closed(sessionId: string, isForGood: boolean): Happening | null {
    const place = this.#tabOf.get(sessionId);
    const tab = place === undefined ? undefined : this.#tabs[place];
    if (place === undefined || tab === undefined || tab.isGone || tab.sessionId !== sessionId) return null;
    this.#lost(tab);
    // Whoever was found to lie comes in vain.
    if (!isForGood && !this.#liars.has(tab.volunteerId))
      this.#due.push(this.#nowMs + COME_BACK_MS, { type: "comes", tab: place });
    return { type: "sessionClosed", sessionId };
  }

  #comes(place: number): void {
    const { hasModel } = this.#tabs[place]!;
    const tab = this.#tabAt(place, this.#asked.facts.tabs[place]!.volunteer);
    this.#tabs[place] = { ...tab, hasModel };
    this.#open(place);
  }
}

/** A tab whose connection was closed tries again. */
const COME_BACK_MS = 1_000;

function rowsSoFar(underWay: Parameters<typeof rowsDone>[0], nowMs: number): number {
  const { claim, sinceMs, computeMs } = underWay;
  return Math.min(claim.rows, Math.floor((claim.rows * (nowMs - sinceMs)) / computeMs));
}
