/**
 * One job of many volunteers under the rules of cross-checks, row by row and without sessions, models or a store: volunteers of
 * different speeds take batches, some lie, duplicates are compared, who is named loses its rows. Time is the crowd's, drawn from a seed.
 * One object, and this file as long as it takes: each of these may meet each other in one batch.
 */
import { PartnerWeights } from "../../../server/coordinator/crowd/partner-weights.ts";
import { EventQueue } from "../../../server/kinds/inference/planner/event-queue.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { jobChecks } from "../../../shared/verify/cross-checks/acceptance.ts";
import { anchorShareOfJob, baseCheckShare, duplicateShare } from "../../../shared/verify/cross-checks/check-rates.ts";
import { thresholdOfBatch } from "../../../shared/verify/cross-checks/coins.ts";
import { CrowdWindow, colluderShare, type Seniority } from "../../../shared/verify/cross-checks/crowd-window.ts";
import { DuplicateQueues } from "../../../shared/verify/cross-checks/duplicate-queues.ts";
import { queuedInBatch } from "../../../shared/verify/cross-checks/hidden-duplicates.ts";
import { ESTABLISHED_ROWS, WINDOW_ROWS } from "../../../shared/verify/cross-checks/parameters.ts";
import { establishedRows, partnersNeeded, partnerWeight } from "../../../shared/verify/cross-checks/partners.ts";
import { highestCheckShare, mustRaise } from "../../../shared/verify/cross-checks/raise-checks.ts";
import { type RouteShares, splitBound } from "../../../shared/verify/cross-checks/split-bound.ts";
import { blockBound, checksNeeded } from "../../../shared/verify/cross-checks/volunteer-bounds.ts";
import { CHORUS_KNOWN_ROWS, Coalition, NIGHT } from "./coalition-plans.ts";
import { drawSpeed, RowCrowd, type RowVolunteer } from "./row-crowd.ts";
import type { RowOptions } from "./row-options.ts";

/** Of a row: nobody has it, somebody has, it is answered, the trusted side answered it. */
const OPEN = 0;
const SENT = 1;
export const ANSWERED = 2;
export const EXACT = 3;
const NOBODY = -1;

/** Until so many rows of a job are answered every batch has rows computed by the trusted side, as today. */
const FIRST_AUDITED_ROWS = 400;
const FIRST_AUDIT_SHARE = 0.05;
/** Shares are looked at again after such a part of the job. */
const LOOK_SHARE = 0.02;
/** A volunteer gets a little less than its share of the rows. */
const ROWS_EXPECTED_SHARE = 0.9;
/** Where more lie no share of checks helps. */
const LIAR_SHARE_OF_RAISES_MAX = 0.5;
/** `burst`: so many turns, the last of which lies, then silence. */
const BURST_TURNS = 10;
/** `rush`: how fast it goes on once it has done its share of the rows. */
const SPEED_AFTER_RUSH = 0.05;
/** At night one volunteer in so many is awake, and the coalition. */
const AWAKE_AT_NIGHT = 10;

interface RowBatch {
  readonly rows: number[];
  readonly isDuplicate: boolean[];
  /** dBar */
  readonly expectedDuplicates: number;
  /** Nothing in it is fresh, so that it checks the authors and not whoever answers. */
  readonly isAllDuplicates: boolean;
  readonly liesHere: boolean;
}

interface Agreement {
  readonly place: number;
  readonly isLie: boolean;
}

export class RowJob {
  readonly crowd: RowCrowd;
  readonly counts = {
    duplicates: 0,
    redone: 0,
    anchors: 0,
    trusted: 0,
    samples: 0,
    toppedUp: 0,
    replaced: 0,
    covered: 0,
    caught: 0,
  };
  readonly authors: Int32Array;
  readonly states: Uint8Array;
  readonly isLie: Uint8Array;
  readonly shares: RouteShares;
  readonly establishedRows: number;
  readonly redo: number[] = [];
  readonly random: RandomSource;
  readonly window = new CrowdWindow();
  readonly queues = new DuplicateQueues<number>();
  /** Share of the rows that are taken in now which join the sample that is being drawn. */
  sampleRate = 0;
  /** Who may be given work; null: everybody. */
  mayWork: ((volunteer: RowVolunteer) => boolean) | null = null;
  /** Who may do a row again; null: everybody that may work. */
  mayRedo: ((volunteer: RowVolunteer) => boolean) | null = null;
  answered = 0;
  nextFresh = 0;

  private readonly coins: Float32Array;
  private readonly expectedDuplicates: Float32Array;
  private readonly batchRows: Uint16Array;
  private readonly isPending: Uint8Array;
  private readonly agreements = new Map<number, Agreement[]>();
  private readonly partners = new PartnerWeights();
  private readonly coalition: Coalition;
  private readonly events = new EventQueue<number>();
  private readonly idle = new Set<number>();
  /** Idle ones for whom a row waits now. */
  private readonly wanted: number[] = [];
  private readonly batches = new Map<number, RowBatch>();
  /** Rows whose partner is drawn once the crowd is established, and whether a row was one of them. */
  private readonly held: number[] = [];
  private readonly wasHeld: Uint8Array;
  private drawsAnyway = false;
  private readonly turns = new Map<number, number>();
  /** `chorus`: who has lied. */
  private readonly chorus = new Set<number>();
  private readonly anchorShare: number;
  private readonly baseShare: number;
  /** beta of the namings so far: a search, and asked for at each agreement. */
  private known = { covered: 0, caught: 0, share: colluderShare(0, 0) };
  private isRaised = false;
  private checksSeen = 0;
  private checksAtLatestNaming: number | null = null;
  private now = 0;
  /** Whose turn was the latest. */
  lastAsked = NOBODY;
  private nextLook = LOOK_SHARE;

  constructor(readonly options: RowOptions) {
    const { rows, volunteers, bound, isKnown } = options;
    this.random = simulationRandom(options.seed);
    this.authors = new Int32Array(rows).fill(NOBODY);
    [this.states, this.isLie, this.isPending] = [new Uint8Array(rows), new Uint8Array(rows), new Uint8Array(rows)];
    this.coins = Float32Array.from({ length: rows }, () => this.random.uniform());
    this.wasHeld = new Uint8Array(rows);
    [this.expectedDuplicates, this.batchRows] = [new Float32Array(rows), new Uint16Array(rows)];
    this.coalition = new Coalition(options, this.random);
    this.crowd = new RowCrowd();
    const liars = options.plan === "honest" ? 0 : Math.round(options.liarShare * volunteers);
    const { keysPerLiar = 1, perAddress = 1 } = options;
    this.establishedRows = establishedRows(rows, volunteers + liars * (keysPerLiar - 1));
    this.shares = splitBound({ ...options, colluderShare: this.colluderShare, isStrict: true });
    this.anchorShare = anchorShareOfJob(options.rowsSinceAlarm, rows);
    this.baseShare = baseCheckShare(rows, this.shares.job * bound, this.colluderShare);
    for (let one = 0; one < volunteers; one++) {
      const isLiar = one < liars;
      const rowsBefore = isLiar ? (options.liarRowsBefore ?? ESTABLISHED_ROWS) : ESTABLISHED_ROWS;
      const [keys, speed] = [isLiar ? keysPerLiar : 1, drawSpeed(this.random)];
      const address = Math.floor(one / perAddress);
      for (let key = 0; key < keys; key++) this.join(isLiar, speed / keys, isKnown ? rowsBefore : 0, address);
    }
    const groups = Math.ceil(volunteers / perAddress);
    const needed = partnersNeeded(bound, this.liarShare, 1 / 3);
    if (groups < needed)
      throw new RangeError(`RowJob: expected volunteers of ${needed} addresses or more, got ${groups}`);
  }

  /** beta */
  get colluderShare(): number {
    const { covered, caught } = this.counts;
    const { known } = this;
    if (known.covered !== covered || known.caught !== caught) {
      this.known = { covered, caught, share: colluderShare(covered, caught) };
    }
    return this.known.share;
  }

  /** f of those whose word counts. */
  get liarShare(): number {
    return this.window.liarShare("established");
  }

  liarShareOf(volunteer: RowVolunteer): number {
    return this.window.liarShare(this.seniorityOf(volunteer));
  }

  get volunteersBound(): number {
    return this.shares.volunteers * this.options.bound;
  }

  get jobBound(): number {
    return this.shares.job * this.options.bound;
  }

  private seniorityOf(volunteer: RowVolunteer): Seniority {
    return this.isEstablished(volunteer) ? "established" : "newcomer";
  }

  isEstablished({ rowsDone, rowsBefore }: RowVolunteer): boolean {
    return rowsDone + rowsBefore >= this.establishedRows;
  }

  checksOf(volunteer: RowVolunteer): number {
    return this.crowd.checksOf(volunteer, this.colluderShare, this.establishedRows);
  }

  boundOf(volunteer: RowVolunteer): number {
    return blockBound(this.liarShareOf(volunteer), this.checksOf(volunteer));
  }

  /** kappa of attempt 0. */
  jobChecks(): number {
    let lowest = 1;
    for (const { isNamed, rows, checkShare } of this.crowd.all) {
      if (!isNamed && rows.length > 0) lowest = Math.min(lowest, checkShare);
    }
    return jobChecks(this.counts.anchors, lowest, this.colluderShare, this.answered - this.queues.size);
  }

  /** Everybody asks for work; whoever is answered is asked again, until there is none. */
  run(): void {
    for (const volunteer of this.crowd.all) this.ask(volunteer);
    this.goOn();
  }

  goOn(): void {
    this.wakeAll();
    for (let next = this.events.pop(); next !== null; next = this.events.pop()) {
      const { atMs, value: place } = next;
      this.now = atMs;
      const volunteer = this.crowd.all[place]!;
      this.complete(volunteer);
      this.ask(this.whoeverComesNext(volunteer));
      this.wake();
      if (this.answered / this.options.rows > this.nextLook) {
        this.nextLook += LOOK_SHARE;
        this.look();
      }
    }
  }

  /** Every so often shares of checks are looked at again. */
  look(): void {
    this.isRaised ||= mustRaise({
      rows: this.options.rows,
      answered: this.answered,
      volunteers: this.crowd.all.length - this.crowd.namedCount,
      volunteersBound: this.volunteersBound,
      jobBound: this.jobBound,
      baseShare: this.baseShare,
      liarShare: this.liarShare,
      colluderShare: this.colluderShare,
      checksSeen: this.checksSeen,
      checksAtLatestNaming: this.checksAtLatestNaming,
    });
    if (!this.isRaised) return;
    for (const volunteer of this.crowd.all) if (!volunteer.isNamed) this.raise(volunteer, this.shareWanted(volunteer));
  }

  /** Coins are thresholds: raising a share takes in older rows too. It never falls. */
  raise(volunteer: RowVolunteer, share: number): void {
    if (share <= volunteer.checkShare) return;
    const before = volunteer.checkShare;
    volunteer.checkShare = share;
    for (const row of volunteer.rows) {
      if (this.authors[row] !== volunteer.place || this.states[row] !== ANSWERED) continue;
      const [dBar, size] = [this.expectedDuplicates[row]!, this.batchRows[row]!];
      const coin = this.coins[row]!;
      if (coin >= thresholdOfBatch(before, dBar, size) && coin < thresholdOfBatch(share, dBar, size))
        this.sendAgain(row);
    }
  }

  /** The row waits for a second answer, by a partner that is drawn now. */
  sendAgain(row: number): void {
    if (this.isPending[row] === 1) return;
    this.isPending[row] = 1;
    this.wait(row, NOBODY);
  }

  /** An answered row is given out afresh, under a fresh coin. */
  takeOut(row: number): void {
    this.states[row] = OPEN;
    this.authors[row] = NOBODY;
    this.isPending[row] = 0;
    this.coins[row] = this.random.uniform();
    this.answered--;
    this.redo.push(row);
  }

  /** The trusted side computes the row: who was wrong is named. @returns whether its author was right */
  computeForSample(row: number): boolean {
    this.counts.anchors++;
    this.counts.trusted++;
    return this.learn(row);
  }

  name(volunteer: RowVolunteer, byPartner: boolean): void {
    if (volunteer.isNamed) return;
    volunteer.isNamed = true;
    this.crowd.namedCount++;
    this.crowd.totalSpeed -= volunteer.speed;
    this.checksAtLatestNaming = this.checksSeen;
    if (byPartner) this.counts.caught++;
    const typicalRows = this.window.rows / this.crowd.all.length;
    // Of its rows as many lie in the window as of the job's.
    const rows = volunteer.rowsDone * Math.min(1, WINDOW_ROWS / this.options.rows);
    this.window.addNaming(this.seniorityOf(volunteer), { rows, typicalRows, byPartner });
    for (const row of volunteer.rows) {
      if (this.authors[row] === volunteer.place && this.states[row] === ANSWERED) this.takeOut(row);
    }
    this.leave(volunteer);
  }

  private join(isLiar: boolean, speed: number, rowsBefore: number, address?: number): RowVolunteer {
    const volunteer = this.crowd.join(isLiar, speed, rowsBefore, this.baseShare, address);
    if (this.isRaised) volunteer.checkShare = this.shareWanted(volunteer);
    this.weigh(volunteer);
    return volunteer;
  }

  private weigh({ place, address, rowsDone, rowsBefore }: RowVolunteer): void {
    const weight = partnerWeight(rowsDone + rowsBefore, this.establishedRows);
    this.partners.set(String(place), String(address), weight);
  }

  /** Nothing waits for it any more, and nothing will. */
  private leave(volunteer: RowVolunteer): void {
    const { place } = volunteer;
    this.partners.set(String(place), null, 0);
    for (const row of this.queues.giveUp(place)) {
      if (this.states[row] === ANSWERED) this.wait(row, this.lastAsked);
      else this.isPending[row] = 0;
    }
  }

  private shareWanted({ speed }: RowVolunteer): number {
    const { rows } = this.options;
    const most = highestCheckShare({
      ...{ rows, jobBound: this.jobBound, colluderShare: this.colluderShare, baseShare: this.baseShare },
    });
    const liarShare = Math.min(LIAR_SHARE_OF_RAISES_MAX, this.liarShare);
    const needed = checksNeeded(this.volunteersBound, liarShare);
    const rowsExpected = (ROWS_EXPECTED_SHARE * rows * speed) / this.crowd.totalSpeed;
    return duplicateShare(rowsExpected, needed, this.colluderShare, 1, this.baseShare, most);
  }

  /** @param except who asked most lately: it could have made itself the next */
  private wait(row: number, except: number): void {
    if (!this.arePartnersDrawn()) {
      this.held.push(row);
      return;
    }
    const author = this.crowd.all[this.authors[row]!]!;
    const mayCheck = (place: number) => {
      const other = this.crowd.all[place]!;
      return place !== except && !other.isNamed && other.address !== author.address && this.mayWork?.(other) !== false;
    };
    const established = (place: number) => mayCheck(place) && this.isEstablished(this.crowd.all[place]!);
    const partner = (this.areMostEstablished ? this.drawAmong(established) : null) ?? this.drawAmong(mayCheck);
    if (partner === null) this.isPending[row] = 0;
    else {
      this.queues.wait(partner, row);
      if (this.idle.has(partner)) this.wanted.push(partner);
    }
  }

  /** Partners are drawn while most are established, and once every row is out. */
  private arePartnersDrawn(): boolean {
    this.drawsAnyway ||= this.nextFresh === this.options.rows;
    return this.drawsAnyway || this.areMostEstablished;
  }

  private get areMostEstablished(): boolean {
    return this.partners.haveMost(this.establishedRows + 1);
  }

  /** Where a few tries met nobody who is allowed all are looked at: here no row waits for another look. */
  private drawAmong(isAllowed: (place: number) => boolean): number | null {
    const drawn = this.partners.tryDraw(this.random, (id) => isAllowed(Number(id)));
    if (drawn !== null) return Number(drawn);
    const allowed = this.crowd.all.filter(({ place, isNamed }) => !isNamed && isAllowed(place));
    return allowed.length === 0 ? null : allowed[this.random.integer(allowed.length)]!.place;
  }

  private drawForHeld(): void {
    if (this.held.length === 0 || !this.arePartnersDrawn()) return;
    for (const row of this.held.splice(0)) {
      this.wasHeld[row] = 1;
      if (this.states[row] === ANSWERED) this.wait(row, NOBODY);
      else this.isPending[row] = 0;
    }
  }

  private isNight(): boolean {
    const progress = this.nextFresh / this.options.rows;
    return this.options.plan === "night" && progress >= NIGHT.from && progress < NIGHT.to;
  }

  private ask(volunteer: RowVolunteer): void {
    if (!volunteer.isNamed && !this.assign(volunteer)) this.idle.add(volunteer.place);
  }

  private wake(): void {
    if (this.idle.size === 0 || this.isNight()) return;
    if (this.nextFresh < this.options.rows || this.redo.length > 0) return this.wakeAll();
    for (const place of this.wanted.splice(0)) {
      if (this.idle.delete(place)) this.ask(this.crowd.all[place]!);
    }
  }

  private wakeAll(): void {
    this.wanted.length = 0;
    for (const place of [...this.idle]) {
      this.idle.delete(place);
      this.ask(this.crowd.all[place]!);
    }
  }

  /** @returns false where there is nothing for it */
  private assign(volunteer: RowVolunteer): boolean {
    const { place, isLiar } = volunteer;
    if (this.isNight() && !isLiar && place % AWAKE_AT_NIGHT !== 0) return false;
    if (this.mayWork !== null && !this.mayWork(volunteer)) return false;
    const { batchRows } = this.options;
    this.drawForHeld();
    this.lastAsked = place;
    const mayTakeFresh =
      this.nextFresh < this.options.rows || (this.redo.length > 0 && this.mayRedo?.(volunteer) !== false);
    const waiting = this.queues.waitingFor(place);
    const wanted = mayTakeFresh ? queuedInBatch(waiting, batchRows) : Math.min(waiting, batchRows);
    const rows = this.takeDuplicates(place, wanted);
    const duplicates = rows.length;
    if (mayTakeFresh) this.takeFresh(volunteer, rows, batchRows);
    if (rows.length === 0) return false;
    const isAllDuplicates = duplicates === rows.length;
    this.counts.duplicates += duplicates;
    const liesHere = this.schedule(volunteer, rows);
    const isDuplicate = rows.map((_, at) => at < duplicates);
    // Whoever was first to have a record may know all rows that had to wait for it.
    const expectedDuplicates = isAllDuplicates
      ? 0
      : rows.filter((row, at) => at < duplicates && this.wasHeld[row] === 0).length;
    this.batches.set(place, { rows, isDuplicate, expectedDuplicates, isAllDuplicates, liesHere });
    return true;
  }

  private takeDuplicates(place: number, wanted: number): number[] {
    const rows: number[] = [];
    while (rows.length < wanted) {
      const [row] = this.queues.take(place, 1);
      if (row === undefined) break;
      const author = this.authors[row]!;
      if (this.states[row] !== ANSWERED || author < 0) this.isPending[row] = 0;
      else if (author === place) this.wait(row, NOBODY);
      else rows.push(row);
    }
    return rows;
  }

  private takeFresh(volunteer: RowVolunteer, rows: number[], batchRows: number): void {
    while (rows.length < batchRows) {
      let row = this.mayRedo?.(volunteer) === false ? undefined : this.redo.pop();
      if (row !== undefined) {
        if (this.states[row] !== OPEN) continue;
        this.counts.redone++;
      } else if (this.nextFresh < this.options.rows) row = this.nextFresh++;
      else break;
      this.states[row] = SENT;
      rows.push(row);
    }
  }

  /** When it will have answered. @returns whether `burst`, `chorus` or `rush` lies in this batch */
  private schedule(volunteer: RowVolunteer, rows: readonly number[]): boolean {
    const { place, speed, isLiar } = volunteer;
    const { plan } = this.options;
    if (plan === "rush" && isLiar) return this.rush(volunteer, rows.length);
    if ((plan !== "burst" && plan !== "chorus") || !isLiar) {
      this.events.push(this.now + rows.length / speed, place);
      return false;
    }
    const turn = (this.turns.get(place) ?? 0) + 1;
    this.turns.set(place, turn);
    const period = BURST_TURNS * this.options.batchRows;
    const isLast = turn % BURST_TURNS === 0;
    const liesHere = plan === "burst" ? isLast : this.isAmongItsOwn(place, rows);
    // Honest turns at once, then the lying one, answered when its period is over.
    const soon = this.now + 1e-6 * (1 + this.random.uniform());
    this.events.push(isLast ? (Math.floor(this.now / period + 1e-9) + 1) * period : soon, place);
    return liesHere;
  }

  /** `rush`: all turns of a fair share at once. It lies from the second one on, for the first rows of a job are audited. */
  private rush({ place, speed }: RowVolunteer, rowCount: number): boolean {
    const turn = (this.turns.get(place) ?? 0) + 1;
    this.turns.set(place, turn);
    const { rows, volunteers, batchRows, keysPerLiar = 1 } = this.options;
    const isRush = turn < rows / volunteers / batchRows / keysPerLiar;
    const soon = 1e-6 * (1 + this.random.uniform());
    this.events.push(this.now + (isRush ? soon : rowCount / (SPEED_AFTER_RUSH * speed)), place);
    return isRush && turn > 1;
  }

  /** `chorus`: so much of the batch was answered by others of the coalition that nothing else in it is a duplicate. Once for each of them. */
  private isAmongItsOwn(place: number, rows: readonly number[]): boolean {
    if (this.chorus.has(place) || this.coalition.knownAmong(rows) < CHORUS_KNOWN_ROWS) return false;
    this.chorus.add(place);
    return true;
  }

  private complete(volunteer: RowVolunteer): void {
    const { place } = volunteer;
    const batch = this.batches.get(place)!;
    this.batches.delete(place);
    const progress = this.nextFresh / this.options.rows;
    const lies = batch.rows.map((row) => this.coalition.answer(volunteer, row, progress, batch.liesHere));
    this.compare(volunteer, batch, lies);
    const fresh = batch.rows.filter((_, at) => !batch.isDuplicate[at]);
    if (volunteer.isNamed) {
      // Nothing of it is taken in.
      for (const row of fresh) {
        this.states[row] = OPEN;
        this.redo.push(row);
      }
      return;
    }
    this.takeIn(volunteer, batch, lies);
    this.check(volunteer, fresh);
  }

  /** Duplicates first: who is found to lie there has nothing taken in. */
  private compare(volunteer: RowVolunteer, batch: RowBatch, lies: readonly boolean[]): void {
    for (const [at, row] of batch.rows.entries()) {
      if (!batch.isDuplicate[at]) continue;
      if (volunteer.isNamed) {
        if (this.states[row] === ANSWERED) this.wait(row, volunteer.place);
        else this.isPending[row] = 0;
        continue;
      }
      const author = this.crowd.all[this.authors[row]!];
      if (this.states[row] !== ANSWERED || author === undefined || author.isNamed) this.isPending[row] = 0;
      else if ((this.isLie[row] === 1) === lies[at]) this.agree(author, volunteer, row, batch.isAllDuplicates);
      else this.settle(author, volunteer, row, lies[at]!);
    }
  }

  private agree(author: RowVolunteer, second: RowVolunteer, row: number, isAllDuplicates: boolean): void {
    const count = (whom: RowVolunteer, by: RowVolunteer) => {
      whom.partnerChecks.set(by.place, (whom.partnerChecks.get(by.place) ?? 0) + 1);
      this.checksSeen += 1 - this.colluderShare;
    };
    count(author, second);
    // Where nothing else is in the batch it knew that it would be compared.
    if (!isAllDuplicates) count(second, author);
    const agreement = { place: second.place, isLie: this.isLie[row] === 1 };
    const held = this.agreements.get(row);
    if (held === undefined) this.agreements.set(row, [agreement]);
    else held.push(agreement);
  }

  /** Two answers differ: the trusted side computes that very row. */
  private settle(author: RowVolunteer, second: RowVolunteer, row: number, isSecondLie: boolean): void {
    this.counts.trusted++;
    const isAuthorLie = this.isLie[row] === 1;
    if (isSecondLie) this.name(second, true);
    if (isAuthorLie) this.name(author, true);
    this.makeExact(row);
  }

  private takeIn(volunteer: RowVolunteer, batch: RowBatch, lies: readonly boolean[]): void {
    let taken = 0;
    for (const [at, row] of batch.rows.entries()) {
      if (batch.isDuplicate[at]) continue;
      taken++;
      this.states[row] = ANSWERED;
      this.authors[row] = volunteer.place;
      this.isLie[row] = lies[at] ? 1 : 0;
      this.expectedDuplicates[row] = batch.expectedDuplicates;
      this.batchRows[row] = batch.rows.length;
      volunteer.rows.push(row);
      if (lies[at]) volunteer.firstLieAt ??= volunteer.rowsDone + taken;
    }
    this.answered += taken;
    this.window.addRows(this.seniorityOf(volunteer), taken);
    volunteer.rowsDone += taken;
    this.weigh(volunteer);
  }

  /** What the rows that were taken in meet: first audits, anchors, words that others gave for them before, their coins. */
  private check(volunteer: RowVolunteer, fresh: readonly number[]): void {
    if (this.answered <= FIRST_AUDITED_ROWS) this.auditFirst(fresh);
    for (const row of fresh) {
      if (volunteer.isNamed) return;
      if (this.states[row] !== ANSWERED) continue;
      if (this.random.uniform() < this.anchorShare) {
        this.counts.anchors++;
        this.counts.trusted++;
        if (!this.learn(row)) return;
        continue;
      }
      this.compareWithHeld(volunteer, row);
      if (this.states[row] !== ANSWERED || this.authors[row] !== volunteer.place) continue;
      const theta = thresholdOfBatch(volunteer.checkShare, this.expectedDuplicates[row]!, this.batchRows[row]!);
      const isSampled = this.sampleRate > 0 && this.random.uniform() < this.sampleRate;
      if (this.coins[row]! < theta || isSampled) this.sendAgain(row);
    }
  }

  private auditFirst(fresh: readonly number[]): void {
    const count = Math.max(1, Math.ceil(FIRST_AUDIT_SHARE * fresh.length));
    for (let audit = 0; audit < count && fresh.length > 0; audit++) {
      const row = fresh[this.random.integer(fresh.length)]!;
      if (this.states[row] !== ANSWERED) continue;
      this.counts.trusted++;
      if (!this.learn(row)) return;
    }
  }

  /** The trusted side's own answer takes the place of the volunteer's. @returns whether that one was right */
  private learn(row: number): boolean {
    const author = this.crowd.all[this.authors[row]!]!;
    const isRight = this.isLie[row] === 0;
    if (isRight) author.trustedChecks++;
    else this.name(author, false);
    this.makeExact(row);
    return isRight;
  }

  /** A row that was taken out of a liar's: whoever had agreed with it is compared with the new answer. */
  private compareWithHeld(volunteer: RowVolunteer, row: number): void {
    for (const { place, isLie } of this.agreements.get(row) ?? []) {
      const holder = this.crowd.all[place]!;
      if (holder.isNamed || place === volunteer.place || isLie === (this.isLie[row] === 1)) continue;
      this.counts.trusted++;
      if (isLie) {
        this.counts.covered++;
        this.window.addCovered();
        this.name(holder, false);
      }
      if (this.isLie[row] === 1) this.name(volunteer, true);
      this.makeExact(row);
      return;
    }
  }

  private makeExact(row: number): void {
    if (this.states[row] !== ANSWERED && this.states[row] !== EXACT) this.answered++;
    this.states[row] = EXACT;
    this.isLie[row] = 0;
    this.authors[row] = NOBODY;
    this.isPending[row] = 0;
  }

  /** Under churn a liar is somebody new for the next batch, or where it has been named. */
  private whoeverComesNext(volunteer: RowVolunteer): RowVolunteer {
    const { plan } = this.options;
    const isNew = volunteer.isLiar && (plan === "churn" || (plan === "comes back" && volunteer.isNamed));
    if (!isNew) return volunteer;
    if (!volunteer.isNamed) {
      this.crowd.totalSpeed -= volunteer.speed;
      this.leave(volunteer);
    }
    return this.join(true, volunteer.speed, 0);
  }
}
