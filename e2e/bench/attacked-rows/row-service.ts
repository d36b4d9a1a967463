/**
 * One submitter's jobs, one after the other or several at once, on the product's ledger, checks and account, before a crowd in which one party
 * lies. Nothing is computed: an answer is right or a lie. Namings follow findings at once. The same options give the same tally.
 */
import { chargeBlock, closeBlock, countComputed, newAccount, openBlock } from "../../../server/checks/account.ts";
import { CheckedBlock } from "../../../server/checks/checked-rows.ts";
import type { CheckEffect, RowFinding, RowToRecompute } from "../../../server/checks/checked-rows-words.ts";
import { type SmallBlock, settleRefused } from "../../../server/checks/small-blocks.ts";
import type { Account, Block } from "../../../server/checks/words.ts";
import { RowLedger } from "../../../server/rows/ledger.ts";
import { UNCODED } from "../../../server/rows/words.ts";
import { normal } from "../../../shared/random/draws.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { colluderShare } from "../../../shared/verify/cross-checks/crowd-window.ts";
import { establishedRows } from "../../../shared/verify/cross-checks/partners.ts";
import type { DrivenRows, DrivenSession } from "../../crowd/rows/driven-rows.ts";
import { RowCrowd } from "../../crowd/rows/row-crowd.ts";
import { Coalition, liarKey } from "./coalition.ts";
import { CrowdPartners } from "./crowd-partners.ts";
import { OpenJob } from "./open-job.ts";
import type { LiarKey } from "./plans.ts";
import type { JobTally, ServiceClaim, ServiceEffect, ServiceOptions, ServiceTally } from "./service-words.ts";

const [CROWD_DRAW, LIES_DRAW, CHECKS_DRAW, ORDER_DRAW] = [81, 82, 83, 84];
/** Standard deviation of the logarithm of a tab's pace. */
const PACE_SPREAD = 0.5;
const CLAIM_MS = 3_000;
/** A fifth of a tab's share of a job, within these. */
const USUAL_ROWS = { least: 5, most: 40 } as const;
const CLAIMS_OF_A_JOB = 2 ** 32;
/** Until who was silent, or gave back more than it answered, is given anything again. */
const REST_MS = 60_000;

const NOTHING_DONE = { checkShare: null, blocks: 0, duplicates: 0, wrongFinal: 0, unasked: 0, findings: 0 } as const;
/** The time of a row at the coordinator. */
const COORDINATOR_ROW_MS = 15;

interface Volunteer {
  readonly tab: number;
  readonly key: LiarKey | null;
  readonly group: string;
  readonly checkGroup: string;
  isNamed: boolean;
  /** For good: the coalition has a fresh key instead. */
  hasLeft: boolean;
  restsUntilMs: number;
}

export class RowService implements DrivenRows<ServiceClaim, ServiceEffect> {
  readonly #options: ServiceOptions;
  readonly #crowd: RowCrowd<ServiceClaim, ServiceEffect>;
  readonly #random: RandomSource;
  readonly #partners: CrowdPartners;
  readonly #volunteers = new Map<string, Volunteer>();
  readonly #sessions = new Map<string, DrivenSession>();
  readonly #jobs: OpenJob[] = [];
  readonly #tallies: JobTally[] = [];
  #account: Account;
  #opened = 0;
  #caught = 0;
  #fresh = 0;
  #wasNamedElsewhere = false;

  constructor(options: ServiceOptions) {
    this.#options = options;
    const { seed, volunteers, rowsEach, plan, answerBound, placesBefore = 0 } = options;
    this.#random = randomAt(seed, CHECKS_DRAW);
    this.#account = { ...newAccount(answerBound), places: placesBefore };
    const needed = establishedRows(volunteers * rowsEach, volunteers);
    this.#partners = new CrowdPartners(randomAt(seed, CHECKS_DRAW, 1), answerBound, needed, () => this.#crowd.nowMs);
    this.#crowd = new RowCrowd<ServiceClaim, ServiceEffect>({
      ...{ seed, tabs: [], rows: this },
      answers: (claim, items) => this.#saidOf(claim, items),
    });
    const paces = randomAt(seed, CROWD_DRAW);
    const { liarShare, keysPerLiar = 1 } = options;
    const liars = liarShare === 0 ? 0 : Math.max(1, Math.round(liarShare * volunteers));
    for (let at = 0; at < volunteers; at++) {
      const pace = Math.exp(PACE_SPREAD * normal(paces));
      const seat = at < (options.seats?.count ?? 0) ? `seat ${at}` : null;
      if (at >= liars) this.#join(pace, null, `address ${at}`, seat);
      else {
        for (let key = 0; key < keysPerLiar; key++) {
          const place = at * keysPerLiar + key;
          const liar = liarKey(place, liars * keysPerLiar);
          this.#join((pace / keysPerLiar) * (plan.paceOf?.(liar) ?? 1), liar, this.#liarAddress(place), seat);
        }
      }
    }
  }

  /** @throws RangeError where the jobs come to no end */
  run(): ServiceTally {
    // Once everybody has come.
    this.#crowd.clock.after(1, () => this.#openJobs());
    const { rowsComputed: tabRows } = this.#crowd.run(() => this.#tallies.length === this.#options.jobs);
    const named = [...this.#volunteers.values()].filter(({ isNamed }) => isNamed);
    return {
      jobs: this.#tallies,
      rows: this.#options.jobs * this.#jobRows,
      tabRows,
      liarsNamed: named.filter(({ key }) => key !== null).length,
      honestNamed: named.filter(({ key }) => key === null).length,
      ...{ charged: this.#account.charged, held: this.#account.held },
    };
  }

  get #jobRows(): number {
    return this.#options.volunteers * this.#options.rowsEach;
  }

  get #usualRows(): number {
    return Math.max(USUAL_ROWS.least, Math.min(USUAL_ROWS.most, Math.floor(this.#options.rowsEach / 5)));
  }

  #liarAddress(place: number): string {
    return this.#options.isOneAddress === true ? "address of the party" : `address of liar ${place} ${this.#fresh++}`;
  }

  /** @param seat null: it has none */
  #join(pace: number, key: LiarKey | null, address: string, seat: string | null = null): void {
    const checkGroup = seat ?? address;
    // [VS2] Seats that nobody believes count as one address.
    const group = seat !== null && this.#options.seats?.believed === false ? "seats" : checkGroup;
    const volunteerId = `volunteer ${this.#volunteers.size}`;
    const rowMs = CLAIM_MS / this.#usualRows / pace;
    const time = { fixedMs: 0, rowMs, factors: [], draw: 0 };
    const tab = this.#crowd.add({ volunteerId, time, comesBackAfterMs: REST_MS });
    this.#volunteers.set(volunteerId, { tab, key, group, checkGroup, isNamed: false, hasLeft: false, restsUntilMs: 0 });
  }

  // ---- what the crowd asks ----

  join(session: DrivenSession): void {
    if (this.#volunteers.get(session.volunteerId)!.hasLeft) return;
    this.#sessions.set(session.sessionId, session);
    const { group, checkGroup } = this.#volunteers.get(session.volunteerId)!;
    this.#partners.join(session.volunteerId, group, checkGroup);
    for (const job of this.#jobs) this.#joins(job, session);
  }

  leave(sessionId: string, nowMs: number): ServiceEffect[] {
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return [];
    this.#sessions.delete(sessionId);
    this.#partners.leave(session.volunteerId);
    return this.#jobs.flatMap((job) => this.#after(job, job.rows.leave(sessionId, nowMs)));
  }

  /** Of the job that has handed out the smallest share of its rows. */
  take(sessionId: string, nowMs: number): ServiceClaim | null {
    const volunteer = this.#volunteers.get(this.#sessions.get(sessionId)?.volunteerId ?? "");
    if (volunteer === undefined || volunteer.hasLeft || nowMs < volunteer.restsUntilMs) return null;
    for (const job of this.#jobs.toSorted((a, b) => a.shareOut - b.shareOut)) {
      const { claim, effects } = job.rows.take(sessionId, nowMs);
      if (effects.length > 0) this.#crowd.hear(this.#after(job, effects));
      if (claim === null) continue;
      const claimId = job.at * CLAIMS_OF_A_JOB + claim.claimId;
      const { volunteerId, items } = claim;
      const routed = { claimId, sessionId, volunteerId, items, of: claim, jobAt: job.at, said: null };
      job.claims.set(claim.claimId, routed);
      return routed;
    }
    return null;
  }

  answer(claimId: number, items: readonly number[], nowMs: number): ServiceEffect[] {
    const found = this.#claimOf(claimId);
    if (found === null) return [];
    const { job, claim } = found;
    job.hear(claim, items);
    return this.#after(job, job.rows.answer(claim.of.claimId, items, nowMs));
  }

  leftOut(claimId: number, items: readonly number[], nowMs: number): ServiceEffect[] {
    const found = this.#claimOf(claimId);
    return found === null ? [] : this.#after(found.job, found.job.rows.leftOut(found.claim.of.claimId, items, nowMs));
  }

  /** A liar that keeps what it does not answer says nothing. */
  release(claimId: number, nowMs: number): ServiceEffect[] {
    const found = this.#claimOf(claimId);
    if (found === null) return [];
    const { claim, job } = found;
    const does = claim.said?.conduct;
    if (does?.does === "mute" || (does?.does === "stops" && !does.releases)) return [];
    return this.#after(job, job.rows.release(claim.of.claimId, nowMs));
  }

  tick(nowMs: number): ServiceEffect[] {
    return this.#jobs.flatMap((job) => this.#after(job, job.rows.tick(nowMs)));
  }

  get nextDueMs(): number | null {
    const due = this.#jobs.flatMap(({ rows }) => rows.nextDueMs ?? []);
    return due.length === 0 ? null : Math.min(...due);
  }

  #claimOf(claimId: number): { job: OpenJob; claim: ServiceClaim } | null {
    const jobAt = Math.floor(claimId / CLAIMS_OF_A_JOB);
    const job = this.#jobs.find(({ at }) => at === jobAt);
    const claim = job?.claims.get(claimId - jobAt * CLAIMS_OF_A_JOB);
    return job === undefined || claim === undefined ? null : { job, claim };
  }

  // ---- what liars say ----

  #saidOf(claim: ServiceClaim, items: readonly number[]): readonly number[] | undefined {
    const { key } = this.#volunteers.get(claim.volunteerId)!;
    const job = this.#jobs.find(({ at }) => at === claim.jobAt);
    if (key === null || job === undefined) return undefined;
    claim.said ??= job.coalition.says({
      ...{ key, job: job.at, tries: job.tries, places: claim.items.map(({ item }) => item) },
      progress: job.progress,
      checkShare: job.block.state === "open" ? job.block.terms.checkShare : null,
      ...{ wasNamed: job.wasLiarNamed, usualRows: this.#usualRows },
    });
    const { conduct } = claim.said;
    if (conduct.does === "mute") return [];
    if (conduct.does === "stops") return items.filter((item) => conduct.answers.includes(item));
    if (conduct.does === "leaves" && items.includes(claim.items.at(-1)!.item)) this.#renew(claim.volunteerId);
    return undefined;
  }

  /** Its session ends, and a fresh key at another address comes. */
  #renew(volunteerId: string): void {
    const volunteer = this.#volunteers.get(volunteerId)!;
    const { tab, key } = volunteer;
    volunteer.hasLeft = true;
    this.#crowd.clock.after(0, () => {
      this.#crowd.close(tab);
      if (key === null || this.#options.plan.comesBack !== true) return;
      this.#join(this.#options.plan.paceOf?.(key) ?? 1, liarKey(key.place, key.of), this.#liarAddress(key.place));
    });
  }

  // ---- jobs ----

  #openJobs(): void {
    const { jobs, openAtOnce = 1 } = this.#options;
    while (this.#jobs.length < openAtOnce && this.#opened < jobs) {
      const block = this.#openBlock(this.#jobRows, false);
      if (block === "waits") return;
      const at = this.#opened++;
      if ("terms" in block) this.#openJob(at, block);
      else {
        const own = block.by === "coordinator" ? this.#jobRows : 0;
        this.#tallies.push({ ...NOTHING_DONE, rows: this.#jobRows, trusted: own, final: own });
      }
    }
  }

  #openJob(at: number, block: Block): void {
    const rowCount = this.#jobRows;
    const { seed, plan, rule = UNCODED } = this.#options;
    const ledger = new RowLedger({ rowCount, rule, orderKey: orderKeyOf(randomAt(seed, ORDER_DRAW, at)) });
    const coinOf = (place: number, attempt: number) => randomAt(seed, CHECKS_DRAW, 2, at, place, attempt).uniform();
    const rows = new CheckedBlock({
      ...{ ledger, terms: block.terms, partners: this.#partners, random: this.#random },
      coinOf,
    });
    for (const { key } of this.#volunteers.values()) if (key !== null) key.turns = 0;
    const coalition = new Coalition(plan, randomAt(seed, LIES_DRAW, at));
    const job = new OpenJob({ at, ledger, rows, coalition, coinOf, block, keepsWords: this.#options.liarShare > 0 });
    this.#jobs.push(job);
    this.#crowd.hear(this.#after(job, rows.begin(this.#crowd.nowMs)));
    for (const session of this.#sessions.values()) this.#joins(job, session);
    this.#crowd.hear([]);
  }

  #joins(job: OpenJob, session: DrivenSession): void {
    const { tab } = this.#volunteers.get(session.volunteerId)!;
    const device = { ...session, rowsPerMs: this.#crowd.paceOf(tab) ?? session.rowsPerMs };
    this.#crowd.hear(this.#after(job, job.rows.join(device, this.#crowd.nowMs)));
  }

  /** @returns what becomes of it where it is too dear; waits: reserves of other blocks are in its way */
  #openBlock(rows: number, isRetry: boolean): Block | "waits" | SmallBlock {
    const { openAtOnce = 1, jobs } = this.#options;
    const { places } = this.#account;
    const opening = openBlock(this.#account, {
      ...{ rows, isOpenJob: false, hasCrowd: this.#partners.isCrowdReady(), submitterRows: places },
      colluderShare: colluderShare(0, this.#caught),
      othersOpenOrWait: openAtOnce > 1 && (this.#jobs.length > (isRetry ? 1 : 0) || this.#opened < jobs),
      ...{ mayWait: !isRetry, priceMaxRows: null, isRetry, routeOneShare: 0 },
    });
    this.#account = opening.account;
    if ("block" in opening) return opening.block;
    if ("waits" in opening) return "waits";
    const settled = settleRefused(opening.refused, rows, this.#options.coordinatorRowMs ?? COORDINATOR_ROW_MS, null);
    if (settled.by === "coordinator" && !isRetry) this.#account = countComputed(this.#account, rows);
    return settled;
  }

  #endJob(job: OpenJob): void {
    if (job.isOver) return;
    job.isOver = true;
    this.#jobs.splice(this.#jobs.indexOf(job), 1);
    this.#tallies.push(job.tally());
    this.#openJobs();
  }

  // ---- what comes of it ----

  /** @returns what the crowd acts on */
  #after(job: OpenJob, effects: readonly CheckEffect[]): ServiceEffect[] {
    const heard: ServiceEffect[] = [];
    for (const effect of effects) {
      switch (effect.type) {
        case "accepted":
          this.#partners.count(effect.volunteerId);
          this.#nameElsewhere(job);
          break;
        case "drop":
        case "void": {
          const claim = job.claims.get(effect.claimId);
          if (claim !== undefined) heard.push({ ...effect, claim });
          break;
        }
        case "rest":
          this.#rest(effect.volunteerId);
          break;
        case "vouched":
          if (effect.partner === null) break;
          this.#partners.answered(effect.partner);
          job.vouched(effect.place, effect.attempt, effect.partner);
          break;
        case "letLie":
          this.#partners.lapsed(effect.volunteerId);
          break;
        case "exact":
          job.isExact(effect.place);
          break;
        case "recompute":
          this.#recompute(job, effect.rows);
          break;
        case "compare":
          this.#compare(job, effect);
          break;
        case "found":
          this.#found(job, effect);
          break;
        case "charge":
          ({ account: this.#account, block: job.block } = chargeBlock(this.#account, job.block));
          break;
        case "certified":
          for (const place of effect.places) job.certified(place, (id) => this.#volunteers.get(id)?.key !== null);
          if (effect.isLast) this.#blockEnds(job, [], false);
          break;
        case "notCertified":
          this.#blockEnds(job, effect.unsettled, effect.mayAskAgain);
          break;
      }
    }
    return heard;
  }

  #rest(volunteerId: string): void {
    const { clock } = this.#crowd;
    this.#volunteers.get(volunteerId)!.restsUntilMs = clock.nowMs() + REST_MS;
    clock.after(REST_MS, () => this.#crowd.hear([]));
  }

  #later(job: OpenJob, ms: number, happens: (nowMs: number) => readonly CheckEffect[]): void {
    const { clock } = this.#crowd;
    clock.after(ms, () => {
      if (!job.isOver) this.#crowd.hear(this.#after(job, happens(clock.nowMs())));
    });
  }

  #recompute(job: OpenJob, rows: readonly RowToRecompute[]): void {
    const { coordinatorMs = 0 } = this.#options;
    rows.forEach(({ place, attempt }, at) => {
      this.#later(job, coordinatorMs * (at + 1), (nowMs) => {
        return job.rows.recomputed(place, attempt, job.judged(place), nowMs);
      });
    });
  }

  #compare(job: OpenJob, { place, attempt, author, second }: Extract<CheckEffect, { type: "compare" }>): void {
    this.#later(job, 0, (nowMs) => {
      const isAlike = job.lied(place, author) === job.lied(place, second);
      return job.rows.compared(place, attempt, author, second, isAlike ? "agree" : "differ", nowMs);
    });
  }

  #found(job: OpenJob, { volunteerId, partner }: RowFinding): void {
    job.findings++;
    if (partner !== null) this.#caught++;
    if (this.#random.uniform() >= (this.#options.excusedShare ?? 0)) this.#name(volunteerId);
  }

  #name(volunteerId: string): void {
    const volunteer = this.#volunteers.get(volunteerId)!;
    if (volunteer.isNamed) return;
    volunteer.isNamed = true;
    if (volunteer.key !== null) for (const job of this.#jobs) job.wasLiarNamed = true;
    for (const job of [...this.#jobs]) this.#later(job, 0, (nowMs) => job.rows.name(volunteerId, nowMs));
    this.#renew(volunteerId);
  }

  #nameElsewhere(job: OpenJob): void {
    const { namedElsewhereAt } = this.#options;
    if (namedElsewhereAt === undefined || this.#wasNamedElsewhere || job.at !== 1) return;
    if (job.progress < namedElsewhereAt) return;
    this.#wasNamedElsewhere = true;
    for (const [volunteerId, { key }] of this.#volunteers) {
      if (key !== null && key.place < key.of / 2) this.#name(volunteerId);
    }
  }

  /** What has no bound is asked again, at most twice. */
  #blockEnds(job: OpenJob, unsettled: readonly number[], mayAskAgain: boolean): void {
    ({ account: this.#account, block: job.block } = closeBlock(this.#account, job.block));
    const next = mayAskAgain && unsettled.length > 0 ? this.#openBlock(unsettled.length, true) : null;
    if (next === null || next === "waits" || "by" in next) {
      if (next !== null && next !== "waits" && next.by === "coordinator") {
        for (const place of unsettled) job.isExact(place);
        job.ownRows = unsettled.length;
      }
      this.#crowd.clock.after(0, () => this.#endJob(job));
      return;
    }
    [job.block, job.wasLiarNamed] = [next, false];
    job.tries++;
    job.coalition.nextBlock();
    this.#later(job, 0, (nowMs) => job.rows.askAgain(next.terms, unsettled, nowMs));
  }
}

function orderKeyOf(random: RandomSource): Uint8Array {
  return Uint8Array.from({ length: 32 }, () => random.integer(256));
}

/** @example simulateService({ ...options, plan: PLANS.clean }).honestNamed // -> 0 */
export function simulateService(options: ServiceOptions): ServiceTally {
  return new RowService(options).run();
}
