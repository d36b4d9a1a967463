/**
 * One rehearsal of an inference job on a drawn crowd: who is sent what when, what is sent again, audited, asked of somebody else,
 * until the last answer is there. Rules of jobs in rounds in short, as SPEC.md had them; the readiness of
 * a round, deadlines and golden rows are the coordinator's own; messages, queues and the store are left out.
 */
import type { RandomSource } from "../../../../shared/random/random.ts";
import { deadlineFrom, graceFrom, usualRatio } from "../../../coordinator/response-times.ts";
import type { LiarShares } from "../../../coordinator/verified-work.ts";
import { endRoundOf, groupsInRound, hasAllRaw, type InferencePlan, isRawWorker } from "../core/inference-plan.ts";
import type { DrawnCrowd, DrawnTab } from "./drawn-crowd.ts";
import { EventQueue } from "./event-queue.ts";
import { ATTEMPTS_IN_TIME_MAX, readinessOf } from "./readiness.ts";
import { RehearsedRecords } from "./rehearsed-records.ts";
import {
  type Attempt,
  abandon,
  abandonMixtures,
  accept,
  aliveAt,
  holdsOther,
  isAnswered,
  type RehearsedRound,
  type RehearsedSlot,
  rehearsedRound,
} from "./rehearsed-round.ts";

/** What a job is made of, as far as its cost goes. */
export interface JobSizes {
  readonly queryCount: number;
  readonly macsPerQuery: number;
  readonly inputSize: number;
  readonly outputSize: number;
  readonly modelBytes: number;
  /** Of a number of a query that travels as it is, and of one in a mixture. */
  readonly rawBytes: number;
  readonly mixedBytes: number;
  readonly answerBound: number;
  /** Share of lost answers that are told as estimates, and not computed again. */
  readonly toldShare: number;
}

export interface RehearsalRules {
  readonly hasParities: boolean;
  readonly roundsInFlight: number;
  readonly volunteersReady: number;
  readonly liarShares: LiarShares;
  readonly secondOpinionShare: number;
  readonly auditMs: number;
}

export interface Spent {
  readonly tabMacs: number;
  readonly auditedRows: number;
  readonly bytesDown: number;
  readonly bytesUp: number;
}

export interface Rehearsal extends Spent {
  readonly firstMs: number;
  /** Infinity: the crowd left before the end. */
  readonly finishMs: number;
  /** The largest bound of an audited answer; 1 where nothing is audited. */
  readonly wrongBound: number;
  /** Between the first and the last quarter of its rounds, for each round: what a longer job takes more. */
  readonly perRound: Spent & { readonly ms: number };
}

type Due =
  | { readonly kind: "free"; readonly tab: number; readonly attempt: Attempt; readonly answers: boolean }
  | { readonly kind: "verdict"; readonly attempt: Attempt }
  | { readonly kind: "late"; readonly attempt: Attempt }
  | { readonly kind: "grace"; readonly round: RehearsedRound }
  | { readonly kind: "back"; readonly tab: number };

/** Draws that say what answers usually take of their tab's median. */
const RATIO_SAMPLES = 64;
/** A round is written down before it is done, and a top-up takes its turn: milliseconds of each. */
const WRITE_MS = 5;
/** A rehearsal that takes more steps is broken off: the crowd does not hold. */
const STEPS_MAX = 200_000;

/**
 * @param random same draws for every code that is compared
 */
export function rehearse(
  plan: InferencePlan,
  sizes: JobSizes,
  crowd: DrawnCrowd,
  rules: RehearsalRules,
  random: RandomSource,
): Rehearsal {
  return new Run(plan, sizes, crowd, rules, random).toEnd();
}

class Run {
  readonly #plan: InferencePlan;
  readonly #roundCount: number;
  readonly #sizes: JobSizes;
  readonly #crowd: DrawnCrowd;
  readonly #rules: RehearsalRules;
  readonly #random: RandomSource;
  readonly #due = new EventQueue<Due>();
  readonly #open: RehearsedRound[] = [];
  /** Fastest first. */
  #idle: number[];
  readonly #records: RehearsedRecords;
  readonly #hasModel: boolean[];
  /** Liars that their audits told: they are sent nothing more. */
  readonly #isNamed: boolean[];
  /** Tabs that left and are not back, and liars that were told. */
  readonly #gone = new Set<number>();
  #nextRound = 0;
  #doneRounds = 0;
  #nowMs = 0;
  #firstMs = Number.POSITIVE_INFINITY;
  #lastMs = 0;
  #tabMacs = 0;
  #bytesDown = 0;
  #bytesUp = 0;
  readonly #rank: number[];
  readonly #usualRatio: number;
  readonly #sentWorkers: number;
  /** What was spent when a quarter, and three quarters, of the rounds were done. */
  readonly #marks = new Map<number, Spent & { readonly ms: number }>();
  readonly #markRounds: readonly [number, number];

  constructor(plan: InferencePlan, sizes: JobSizes, crowd: DrawnCrowd, rules: RehearsalRules, random: RandomSource) {
    this.#plan = plan;
    this.#roundCount = endRoundOf(plan);
    this.#sizes = sizes;
    this.#crowd = crowd;
    this.#rules = rules;
    this.#random = random;
    this.#usualRatio = usualRatio(Array.from({ length: RATIO_SAMPLES }, () => crowd.drawRatio(random)));
    const { tabs } = crowd;
    const fastestFirst = tabs.map((_, tab) => tab).sort((a, b) => tabs[a]!.msPerMac - tabs[b]!.msPerMac);
    this.#rank = new Array<number>(tabs.length);
    fastestFirst.forEach((tab, place) => {
      this.#rank[tab] = place;
    });
    this.#idle = fastestFirst.filter((tab) => tabs[tab]!.busyMs === 0);
    tabs.forEach(({ busyMs }, tab) => {
      if (busyMs > 0) this.#due.push(busyMs, { kind: "back", tab });
    });
    this.#records = new RehearsedRecords(plan, tabs, sizes, rules.liarShares);
    this.#hasModel = tabs.map(() => false);
    this.#isNamed = tabs.map(() => false);
    this.#markRounds = [Math.ceil(this.#roundCount / 4), Math.ceil((3 * this.#roundCount) / 4)];
    this.#sentWorkers = rules.hasParities
      ? plan.scheme.workerCount
      : [...plan.scheme.rawQueryOf].filter((query) => query >= 0).length;
  }

  toEnd(): Rehearsal {
    this.#dispatch();
    for (let steps = 0; this.#doneRounds < this.#roundCount && steps < STEPS_MAX; steps++) {
      const next = this.#due.pop();
      if (next === null) break;
      this.#nowMs = next.atMs;
      this.#happen(next.value);
      this.#dispatch();
    }
    const hasEnded = this.#doneRounds === this.#roundCount;
    const perRound = this.#perRound();
    const isAudited = this.#plan.verification === "audits";
    const topUps = hasEnded && isAudited ? this.#records.topUp() : 0;
    return {
      perRound,
      wrongBound: hasEnded && isAudited ? this.#records.wrongBound() : 1,
      firstMs: this.#firstMs,
      finishMs: hasEnded ? this.#lastMs + WRITE_MS + topUps * this.#rules.auditMs : Number.POSITIVE_INFINITY,
      tabMacs: this.#tabMacs,
      auditedRows: this.#records.auditedRows,
      bytesDown: this.#bytesDown,
      bytesUp: this.#bytesUp,
    };
  }

  #spent(): Spent & { readonly ms: number } {
    const spent = { tabMacs: this.#tabMacs, auditedRows: this.#records.auditedRows };
    return { ...spent, bytesDown: this.#bytesDown, bytesUp: this.#bytesUp, ms: this.#nowMs };
  }

  #perRound(): Spent & { readonly ms: number } {
    const [from, to] = [this.#marks.get(this.#markRounds[0]), this.#marks.get(this.#markRounds[1])];
    const rounds = this.#markRounds[1] - this.#markRounds[0];
    const share = (value: (spent: Spent & { readonly ms: number }) => number) =>
      from === undefined || to === undefined || rounds === 0 ? 0 : (value(to) - value(from)) / rounds;
    return {
      ms: share(({ ms }) => ms),
      tabMacs: share(({ tabMacs }) => tabMacs),
      auditedRows: share(({ auditedRows }) => auditedRows),
      bytesDown: share(({ bytesDown }) => bytesDown),
      bytesUp: share(({ bytesUp }) => bytesUp),
    };
  }

  #happen(due: Due): void {
    switch (due.kind) {
      case "free":
        return this.#free(due.tab, due.attempt, due.answers);
      case "verdict":
        return this.#verdict(due.attempt);
      case "late":
        if (due.attempt.isOver) return;
        due.attempt.isLate = true;
        due.attempt.slot.round.isStirred = true;
        // A round is not held up for an opinion that is late.
        if (due.attempt.isOpinion) this.#opinionGiven(due.attempt);
        return;
      case "grace":
        due.round.gracePassed = true;
        return this.#advance(due.round);
      case "back":
        return this.#rest(due.tab);
    }
  }

  /** The tab has come to the end of its batch, or has left in the middle of it. */
  #free(tab: number, attempt: Attempt, answers: boolean): void {
    if (!answers) {
      attempt.isOver = true;
      attempt.slot.round.isStirred = true;
      if (attempt.isOpinion) this.#opinionGiven(attempt);
      this.#gone.add(tab);
      const awayMs = this.#crowd.drawAbsence(this.#random);
      if (awayMs !== null) this.#due.push(this.#nowMs + awayMs, { kind: "back", tab });
      return;
    }
    this.#rest(tab);
    if (attempt.isOver) return;
    this.#bytesUp += (attempt.slot.round.groups + attempt.goldenRows) * this.#sizes.outputSize * 4;
    const delayMs = this.#plan.verification === "audits" ? this.#rules.auditMs : 0;
    if (delayMs === 0) this.#verdict(attempt);
    else this.#due.push(this.#nowMs + delayMs, { kind: "verdict", attempt });
  }

  #rest(tab: number): void {
    if (this.#isNamed[tab]) return;
    this.#gone.delete(tab);
    const rank = this.#rank[tab]!;
    let place = this.#idle.length;
    while (place > 0 && this.#rank[this.#idle[place - 1]!]! > rank) place--;
    this.#idle.splice(place, 0, tab);
  }

  #verdict(attempt: Attempt): void {
    const { slot, tab } = attempt;
    const { round } = slot;
    if (attempt.isOver) return;
    attempt.isOver = true;
    if (this.#plan.verification !== "audits") this.#records.count(tab, round.groups);
    else if (this.#records.audit(tab, round.groups, attempt.goldenRows)) return this.#leaveForGood(tab, attempt);
    if (attempt.isOpinion) return this.#opinionGiven(attempt);
    if (slot.acceptedBy >= 0) return;
    slot.acceptedBy = tab;
    accept(slot);
    for (const other of slot.attempts) other.isOver = true;
    if (this.#drawsOpinion(slot, tab)) {
      slot.wantsOpinion = true;
      round.opinions++;
    }
    this.#advance(round);
  }

  #drawsOpinion(slot: RehearsedSlot, tab: number): boolean {
    const { secondOpinionShare, volunteersReady } = this.#rules;
    if (this.#plan.verification !== "audits" || !isRawWorker(this.#plan, slot.workerIndex)) return false;
    if (volunteersReady < 2 || this.#records.isKnown(tab)) return false;
    return this.#random.uniform() < secondOpinionShare;
  }

  #opinionGiven({ slot }: Attempt): void {
    if (!slot.wantsOpinion) return;
    slot.wantsOpinion = false;
    slot.round.opinions--;
    this.#advance(slot.round);
  }

  /** A liar: its first audit tells. What it has in hand by then is given up, and it is sent nothing more. */
  #leaveForGood(tab: number, attempt: Attempt): void {
    this.#isNamed[tab] = true;
    this.#gone.add(tab);
    this.#idle = this.#idle.filter((other) => other !== tab);
    const attempts = this.#open.flatMap(({ slots }) => slots.flatMap((slot) => slot.attempts));
    const inHand = attempts.filter((other) => other.tab === tab && !other.isOver);
    for (const given of [attempt, ...inHand]) {
      given.isOver = true;
      given.slot.round.isStirred = true;
      if (given.isOpinion) this.#opinionGiven(given);
    }
  }

  #advance(round: RehearsedRound): void {
    if (!round.isPublished) {
      const { hasParities } = this.#rules;
      const verdict = readinessOf(this.#plan, hasParities, round.accepted, 0, round.gracePassed);
      if (verdict === "grace" && !round.graceAsked) {
        round.graceAsked = true;
        this.#due.push(this.#nowMs + graceFrom(this.#typicalMs(round.groups)), { kind: "grace", round });
      }
      if (verdict !== "decode") return;
      round.isPublished = true;
      round.isStirred = true;
      this.#firstMs = Math.min(this.#firstMs, this.#nowMs);
      round.wanted = this.#wantsLost();
      if (round.wanted) abandonMixtures(this.#plan, round);
      else for (const slot of round.slots) abandon(slot);
    }
    if (round.wanted && !hasAllRaw(this.#plan, round.accepted)) return;
    if (round.opinions > 0) return;
    for (const slot of round.slots) abandon(slot);
    const place = this.#open.indexOf(round);
    if (place < 0) return;
    this.#open.splice(place, 1);
    this.#doneRounds++;
    this.#lastMs = this.#nowMs;
    if (this.#markRounds.includes(this.#doneRounds)) this.#marks.set(this.#doneRounds, this.#spent());
  }

  /** Are lost answers computed again? A withheld estimate sends its whole batch out again. */
  #wantsLost(): boolean {
    if (this.#plan.verification !== "audits") return false;
    return this.#plan.endsExact || this.#random.uniform() >= this.#sizes.toldShare;
  }

  /** Batches of open rounds, then what is wanted again, then opinions, then the next round. */
  #dispatch(): void {
    for (;;) {
      if (this.#idle.length === 0) return;
      if (this.#sendOne()) continue;
      const mayOpen = this.#open.length < this.#rules.roundsInFlight && this.#nextRound < this.#roundCount;
      if (!mayOpen) {
        if (!this.#sendOpinion()) return;
        continue;
      }
      this.#open.push(rehearsedRound(this.#plan, groupsInRound(this.#plan, this.#nextRound++)));
    }
  }

  #sendOne(): boolean {
    return this.#sendWhere(false) || this.#sendWhere(true);
  }

  /** @param isBackup somebody is at it already, and late */
  #sendWhere(isBackup: boolean): boolean {
    for (const round of this.#open) {
      if (!round.isStirred) continue;
      let isAllSent = true;
      for (const slot of round.slots) {
        if (slot.acceptedBy >= 0 || !this.#needsSending(round, slot)) continue;
        isAllSent = false;
        if (slot.attempts.some(({ isOver }) => !isOver) !== isBackup) continue;
        const tab = this.#bestFor(round, slot);
        if (tab === null) continue;
        this.#send(slot, tab, false);
        return true;
      }
      if (isAllSent) round.isStirred = false;
    }
    return false;
  }

  #needsSending(round: RehearsedRound, slot: RehearsedSlot): boolean {
    const isRaw = isRawWorker(this.#plan, slot.workerIndex);
    if (!isRaw && !this.#rules.hasParities) return false;
    const { inTime, alive } = aliveAt(slot);
    if (!round.isPublished) return inTime === 0 && alive < ATTEMPTS_IN_TIME_MAX + 1;
    if (!round.wanted || !isRaw || isAnswered(this.#plan, slot)) return false;
    return inTime < ATTEMPTS_IN_TIME_MAX && alive < ATTEMPTS_IN_TIME_MAX + 1;
  }

  /** [DP5] The fastest idle tab that has not tried this batch, and holds no other of the round where it may not. */
  #bestFor(round: RehearsedRound, slot: RehearsedSlot): number | null {
    const tabsHere = this.#crowd.tabs.length - this.#gone.size;
    const isCrowdSmall = Math.min(this.#rules.volunteersReady, tabsHere) < this.#sentWorkers;
    const mayHoldTwo = !this.#plan.needsDistinctVolunteers && (round.isPublished || isCrowdSmall);
    let again: number | null = null;
    const isSomebodyAtIt = slot.attempts.some(({ isOver }) => !isOver);
    for (const tab of this.#idle) {
      if (!mayHoldTwo && holdsOther(slot, tab)) continue;
      if (!slot.tried.includes(tab)) return tab;
      again ??= tab;
    }
    return isSomebodyAtIt ? null : again;
  }

  #sendOpinion(): boolean {
    for (const round of this.#open) {
      if (round.opinions === 0) continue;
      for (const slot of round.slots) {
        if (!slot.wantsOpinion || slot.attempts.some(({ isOver, isOpinion }) => isOpinion && !isOver)) continue;
        const mayGive = (tab: number) => tab !== slot.acceptedBy && !slot.tried.includes(tab);
        const tab = this.#idle.find(mayGive);
        if (tab !== undefined) {
          this.#send(slot, tab, true);
          return true;
        }
        if (this.#crowd.tabs.some((_, other) => !this.#gone.has(other) && mayGive(other))) continue;
        // Nor for one that nobody is left to give.
        slot.wantsOpinion = false;
        round.opinions--;
        this.#advance(round);
        return true;
      }
    }
    return false;
  }

  #send(slot: RehearsedSlot, tab: number, isOpinion: boolean): void {
    const { round } = slot;
    const goldenRows = this.#records.goldenRows(tab, slot.workerIndex, this.#random.uniform());
    const attempt: Attempt = { tab, slot, goldenRows, isLate: false, isOver: false, isOpinion };
    const rows = round.groups + goldenRows;
    slot.attempts.push(attempt);
    slot.tried.push(tab);
    this.#idle.splice(this.#idle.indexOf(tab), 1);
    const { macsPerQuery, inputSize, modelBytes, rawBytes, mixedBytes } = this.#sizes;
    this.#tabMacs += rows * macsPerQuery;
    const isRaw = isRawWorker(this.#plan, slot.workerIndex);
    this.#bytesDown += rows * inputSize * (isRaw ? rawBytes : mixedBytes);
    if (!this.#hasModel[tab]) {
      this.#hasModel[tab] = true;
      this.#bytesDown += modelBytes;
    }
    const medianMs = this.#medianMs(this.#crowd.tabs[tab]!, rows);
    const ms = medianMs * this.#crowd.drawRatio(this.#random);
    const draw = this.#random.uniform();
    const { leftRate, silentRate } = this.#crowd;
    if (draw < leftRate) {
      this.#due.push(this.#nowMs + ms * this.#random.uniform(), { kind: "free", tab, attempt, answers: false });
    } else if (draw >= leftRate + silentRate) {
      this.#due.push(this.#nowMs + ms, { kind: "free", tab, attempt, answers: true });
    }
    this.#due.push(this.#nowMs + deadlineFrom(medianMs, this.#usualRatio), { kind: "late", attempt });
  }

  #medianMs({ overheadMs, msPerMac }: DrawnTab, rows: number): number {
    return overheadMs + rows * this.#sizes.macsPerQuery * msPerMac;
  }

  #typicalMs(groups: number): number {
    const { tabs } = this.#crowd;
    const middle = this.#rank.indexOf(Math.floor(tabs.length / 2));
    return this.#medianMs(tabs[middle]!, groups);
  }
}
