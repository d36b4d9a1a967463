/**
 * One block of one job: the ledger of its rows and the checks of their answers, as one pure machine that product, simulator and benches drive alike.
 * Rules: docs/how-a-row-becomes-final.md. Effects say what is told, stored and wanted (checked-rows-words.ts); what is wanted comes back by a method.
 */
import type { RandomSource } from "../../shared/random/random.ts";
import type { RowLedger } from "../rows/ledger.ts";
import { isMixture, type LedgerClaim, type LedgerEffect, type MayHave } from "../rows/words.ts";
import { RowChecks, type Untossed } from "./checked-rows-coins.ts";
import { Devices } from "./checked-rows-devices.ts";
import { KnownRows } from "./checked-rows-known.ts";
import { BlockLife } from "./checked-rows-life.ts";
import { Mixtures } from "./checked-rows-mixtures.ts";
import { Outbox } from "./checked-rows-outbox.ts";
import type {
  BlockWaits,
  CheckEffect,
  DeviceJoins,
  PartnerSource,
  StoredChecks,
  TrustedWord,
  VolunteerFacts,
  WordsCompared,
} from "./checked-rows-words.ts";
import type { BlockSample } from "./sample.ts";
import type { BlockTerms } from "./words.ts";

export interface CheckedRowsOptions {
  /** Rows, groups and claims of the block; after a restart with what was durable of them. */
  readonly ledger: RowLedger;
  /** Null: nothing is checked, and nothing certified (schemes of the papers, unchecked jobs). */
  readonly terms: BlockTerms | null;
  /** The secret number of (place, attempt), uniform in [0, 1): coinOfRow. Samples ask for attempts from SAMPLE_ATTEMPTS_FROM on. */
  readonly coinOf: (place: number, attempt: number) => number;
  readonly partners: PartnerSource;
  /** Secret. */
  readonly random: RandomSource;
  /** Who answers the sample; the coordinator where it is left out. */
  readonly sampleBy?: BlockSample["by"];
  /** The rows of an open job: windows end as `nextWindow` says, and a finding ends its block before the job does. */
  readonly isOpenJob?: boolean;
  /** Answers of a window; null: the block has one. As its terms say (blocks.ts) where it is left out. */
  readonly windowRows?: number | null;
  readonly stored?: StoredChecks;
}

/** A claim that has not ended. */
interface OpenClaim {
  readonly sessionId: string;
  /** Its answers whose coins are not tossed. */
  readonly untossed: Untossed[];
  /** Known rows that are not answered. */
  readonly known: Set<number>;
  isLate: boolean;
}

/**
 * A block at work. Mutable and single-threaded; each method returns what follows from it, in order.
 *
 * @example
 * const block = new CheckedBlock({ ledger, terms, coinOf, partners, random: secretRandom });
 * block.begin(nowMs);
 * block.join({ sessionId: "s", volunteerId: "ann", rowsPerMs: null }, nowMs);
 * const { claim } = block.take("s", nowMs);
 * block.answer(claim.claimId, claim.items.map(({ item }) => item), nowMs) // -> accepted ..., recompute or compare, at the end certified
 */
export class CheckedBlock {
  readonly ledger: RowLedger;
  #checks: RowChecks;
  #life: BlockLife;
  readonly #outbox = new Outbox();
  readonly #options: CheckedRowsOptions;
  readonly #stored: StoredChecks;
  readonly #isOpenJob: boolean;
  readonly #claims = new Map<number, OpenClaim>();
  /** Answers of claims that have not ended, whose coins are not tossed. */
  #untossed = 0;
  #devices = new Devices();
  readonly #known: KnownRows;
  readonly #mixtures: Mixtures;
  #trustedRows = 0;
  #duplicateRows = 0;

  constructor(options: CheckedRowsOptions) {
    const { ledger, terms, random, stored = {} } = options;
    this.#options = options;
    this.#isOpenJob = options.isOpenJob === true;
    this.ledger = ledger;
    this.#stored = stored;
    this.#known = new KnownRows(ledger, this.#outbox, random);
    this.#mixtures = new Mixtures(ledger, this.#outbox, random);
    [this.#checks, this.#life] = this.#begun(terms, stored);
  }

  #begun(terms: BlockTerms | null, { isCharged = false, timesAsked = 0 }: StoredChecks): [RowChecks, BlockLife] {
    const { ledger, coinOf, partners, sampleBy = "coordinator", windowRows } = this.#options;
    const outbox = this.#outbox;
    const checks = new RowChecks({ ledger, terms, coinOf, partners, outbox, isCharged });
    const isOpenJob = this.#isOpenJob;
    return [checks, new BlockLife({ ledger, checks, outbox, coinOf, sampleBy, timesAsked, isOpenJob, windowRows })];
  }

  /** Rows that the coordinator computed of this block so far. */
  get trustedRows(): number {
    return this.#trustedRows;
  }

  /** Second answers to a row, asked for or not. */
  get duplicateRows(): number {
    return this.#duplicateRows;
  }

  get isCharged(): boolean {
    return this.#life.isCharged;
  }

  /** Certified, or given up: nothing goes out until it is asked again. */
  get isOver(): boolean {
    return this.#life.isOver;
  }

  /** When `tick` has something to do, ms; null: nothing waits for time. */
  get nextDueMs(): number | null {
    return this.ledger.nextDueMs;
  }

  get waits(): BlockWaits {
    const { words, windows } = this.#checks;
    return {
      partners: words.partners,
      coordinator: words.coordinator + this.#mixtures.waiting + this.#known.asked,
      comparisons: words.comparisons,
      claims: this.#claims.size,
      known: this.#devices.held,
      oldestMs: this.isOver ? null : windows.oldestMs,
    };
  }

  /** Answers that came since a window was closed, and when the first of them did, ms. */
  get openWindow(): { readonly answers: number; readonly sinceMs: number | null } {
    const { openAnswers: answers, openSinceMs: sinceMs } = this.#checks.windows;
    return { answers, sinceMs };
  }

  /** By which the oldest answers are checked that are not final; null: nothing is checked. */
  get oldestTerms(): BlockTerms | null {
    const { windows, terms } = this.#checks;
    return windows.frozen[0]?.terms ?? terms;
  }

  factsOf(volunteerId: string): VolunteerFacts {
    const { ledger } = this;
    const standing = [...ledger.standingOf(volunteerId)].filter((place) => ledger.stateOf(place) === "answered");
    return this.#checks.facts.of(volunteerId, standing, (place) => ledger.attemptOf(place));
  }

  // ---- tabs and their claims ----

  /** The first call. After a restart: coins that nobody had answered the coordinator answers, and samples too. */
  begin(nowMs: number): CheckEffect[] {
    const { ledger } = this;
    const checks = this.#checks;
    const partners = new Map<number, { readonly attempt: number; readonly partner: string }>();
    for (const { place, ...word } of this.#stored.vouched ?? []) partners.set(place, word);
    const doubtful = new Set(this.#stored.doubtful ?? []);
    for (const { place, attempt, author } of this.#stored.openCoins ?? []) {
      checks.want(checks.open(place, attempt, author), "coin", false, nowMs);
    }
    // What of a sample had been drawn before nobody knows either.
    if (ledger.counts.answered > 0) this.#life.sampleByCoordinator();
    for (let place = 0; ledger.counts.answered > 0 && place < ledger.counts.rows; place++) {
      const [author, attempt, word] = [ledger.authorOf(place), ledger.attemptOf(place), partners.get(place)];
      if (checks.isTrusted(place)) this.#known.add(place, []);
      if (ledger.stateOf(place) !== "answered" || author === null) continue;
      if (word?.attempt === attempt) checks.wasVouched(place, attempt, author, word.partner, nowMs);
      else checks.toss({ place, attempt, isDoubtful: doubtful.has(place) }, author, nowMs, false);
    }
    return this.#done(nowMs);
  }

  /** Had its device a known row wrong? It gets nothing more until it has left and joins again. */
  refuses(sessionId: string): boolean {
    return this.#devices.isRefused(sessionId);
  }

  join(device: DeviceJoins, nowMs: number): CheckEffect[] {
    this.#devices.join(device);
    this.ledger.join(device);
    if (!this.#devices.isIn(device.sessionId)) this.#known.ask();
    return this.#done(nowMs);
  }

  /** What the device is taken for now: of one that is coarse the coordinator computes each row that enters from here on. */
  measured(sessionId: string, isCoarse: boolean): void {
    this.#devices.measured(sessionId, isCoarse);
  }

  leave(sessionId: string, nowMs: number): CheckEffect[] {
    this.#devices.leave(sessionId);
    return this.#carryOn(this.ledger.leave(sessionId, nowMs), nowMs);
  }

  /** @returns claim null: nothing is there for this session now */
  take(sessionId: string, nowMs: number, mayHave?: MayHave): { claim: LedgerClaim | null; effects: CheckEffect[] } {
    const volunteerId = this.#devices.volunteerOf(sessionId);
    const isRefused =
      this.isOver || this.#checks.isCancelled || this.#devices.isRefused(sessionId) || this.#isEndingEarly;
    if (volunteerId === undefined || isRefused) return { claim: null, effects: [] };
    // A device that is to be measured waits for its known rows.
    const wanted = this.#devices.wanted(sessionId);
    const queued = this.#known.queue(volunteerId, wanted);
    this.#devices.queued(sessionId, queued);
    const claim = queued < wanted ? null : this.ledger.take(sessionId, nowMs, mayHave);
    if (claim !== null) {
      const known = new Set(claim.items.filter(({ reason }) => reason === "known").map(({ item }) => item));
      this.#claims.set(claim.claimId, { sessionId, untossed: [], known, isLate: false });
      this.#devices.tookKnown(sessionId, known.size);
    }
    return { claim, effects: this.#done(nowMs) };
  }

  /** The device has a known row in its next claim, whether or not its answers enter the block. */
  inspect(sessionId: string, nowMs: number): CheckEffect[] {
    const volunteerId = this.#devices.volunteerOf(sessionId);
    if (volunteerId !== undefined) this.#known.queue(volunteerId, 1);
    return this.#done(nowMs);
  }

  /**
   * A part of a claim.
   * @param doubtful items of it that the coordinator computes whatever their coins say: not finite, or with a label that stays open (rate 1)
   */
  answer(claimId: number, items: readonly number[], nowMs: number, doubtful: readonly number[] = []): CheckEffect[] {
    const claim = this.#claims.get(claimId);
    if (claim === undefined) return [];
    if (this.#devices.isIn(claim.sessionId)) this.#enter(claimId, items, doubtful, nowMs);
    else {
      const known = items.filter((item) => claim.known.has(item));
      const others = items.filter((item) => !claim.known.has(item));
      if (others.length > 0) this.#devices.hold(claim.sessionId, { claimId, items: others, doubtful });
      if (known.length > 0) this.#enter(claimId, known, [], nowMs);
    }
    return this.#done(nowMs);
  }

  leftOut(claimId: number, items: readonly number[], nowMs: number): CheckEffect[] {
    return this.#carryOn(this.ledger.leftOut(claimId, items, nowMs), nowMs);
  }

  /** @param isOwnWish false: it was taken back */
  release(claimId: number, nowMs: number, isOwnWish = true): CheckEffect[] {
    return this.#carryOn(this.ledger.release(claimId, nowMs, isOwnWish), nowMs);
  }

  tick(nowMs: number): CheckEffect[] {
    return this.#carryOn(this.ledger.tick(nowMs), nowMs);
  }

  // ---- what was wanted of the shell ----

  /**
   * The coordinator computed a row, or a mixture.
   * @param words all that volunteers had answered for it, of whichever attempt; those at least that were there when it was asked for
   */
  recomputed(place: number, attempt: number, words: readonly TrustedWord[], nowMs: number): CheckEffect[] {
    this.#trustedRows++;
    this.#checks.judge(place, words);
    if (isMixture(place)) this.#mixtures.recomputed(place, attempt, words);
    else {
      // Partners that were drawn for the row may still be asked for their word: none has it as a known row.
      const drawn = this.#checks.words.at(place).flatMap((check) => check.drawn);
      this.#checks.answered(place, attempt, words, nowMs);
      this.#known.add(place, [...drawn, ...words.map(({ volunteerId }) => volunteerId)]);
      if (!this.#checks.isTrusted(place)) {
        this.#outbox.tell({ type: "exact", place });
        this.#apply(this.ledger.makeExact(place), nowMs);
      }
    }
    return this.#done(nowMs);
  }

  /** @param author null: the coordinator's own row */
  compared(
    place: number,
    attempt: number,
    author: string | null,
    second: string,
    what: WordsCompared,
    nowMs: number,
  ): CheckEffect[] {
    this.#checks.compared(place, attempt, author, second, what);
    return this.#done(nowMs);
  }

  /** Its answer to a known row was compared with the coordinator's. A wrong one is no finding: nothing of its device has entered. */
  comparedKnown(sessionId: string, place: number, isRight: boolean, nowMs: number): CheckEffect[] {
    const volunteerId = this.#devices.volunteerOf(sessionId);
    if (volunteerId === undefined) return [];
    this.#devices.endedKnown(sessionId, 1);
    if (isRight) {
      for (const { claimId, items, doubtful } of this.#devices.hadRight(sessionId)) {
        this.#enter(claimId, items, doubtful, nowMs);
      }
    } else {
      this.#outbox.tell({ type: "knownWrong", volunteerId, sessionId, place });
      if (!this.#devices.isIn(sessionId)) {
        this.#devices.hadWrong(sessionId);
        // A closer look decides about the device, which has given nothing back and need not rest for that.
        this.#releaseAll(sessionId, nowMs, false);
      }
    }
    return this.#done(nowMs);
  }

  // ---- what comes from elsewhere ----

  /**
   * The volunteer was named, here or elsewhere: its sessions leave, its rows are asked again. That is no finding of this block, and excuses none:
   * coins of what it answered are answered all the same.
   */
  name(volunteerId: string, nowMs: number): CheckEffect[] {
    this.#checks.facts.named(volunteerId);
    for (const sessionId of this.#devices.sessionsOf(volunteerId)) this.#devices.leave(sessionId);
    return this.#carryOn(this.ledger.name(volunteerId, nowMs), nowMs);
  }

  /** Redo, taken back, suspension: rows are asked again with their next attempt. Coins that were tossed are answered all the same. */
  takeOut(places: readonly number[], nowMs: number): CheckEffect[] {
    this.#takeOut(places, nowMs);
    return this.#done(nowMs);
  }

  /** More trusted rows, for route 1. What is wrong among them is a finding. */
  recompute(places: readonly number[], nowMs: number): CheckEffect[] {
    const checks = this.#checks;
    for (const place of places) {
      const [author, attempt] = [this.ledger.authorOf(place), this.ledger.attemptOf(place)];
      if (author === null) continue;
      checks.want(checks.words.find(place, attempt) ?? checks.open(place, attempt, author), "route", false, nowMs);
    }
    return this.#done(nowMs);
  }

  /**
   * A group that was told as decodable is decoded, or a vote has no majority yet.
   * @param doubted votes that are asked for again, of others: what the ledger counts is one less of each
   */
  decoded(group: number, doubted: readonly number[], nowMs: number): CheckEffect[] {
    this.#mixtures.decoded(group, doubted);
    return this.#done(nowMs);
  }

  /** Estimates of rows that go out as they are stay: they are the rows' answers, and never final. */
  estimated(places: readonly number[], nowMs: number): CheckEffect[] {
    return this.#carryOn(this.ledger.estimate(places), nowMs);
  }

  /** Route 1 has bounds for these answers: they are final. */
  settle(places: readonly number[], nowMs: number): CheckEffect[] {
    this.ledger.certify(places);
    return this.#done(nowMs);
  }

  /**
   * What is unsettled is asked of those who are left, as the next block: after `notCertified`, at most twice.
   * @throws RangeError where the block is at work, or was asked twice again
   */
  askAgain(terms: BlockTerms, places: readonly number[], nowMs: number): CheckEffect[] {
    this.#life.askAgain(places.length === 0);
    this.#takeOut(places, nowMs);
    this.#checks.renew(terms);
    return this.#done(nowMs);
  }

  /**
   * [VF14] Rows go out as before, and nothing is made of what they say: coins are forgotten, and nothing is certified. Sessions come anew. What was to be
   * looked at of mixtures still is, for groups wait for that.
   */
  goOnWithoutChecks(nowMs: number): CheckEffect[] {
    for (const sessionId of this.#devices.sessions()) this.ledger.leave(sessionId, nowMs);
    this.#claims.clear();
    this.#untossed = 0;
    this.#devices = new Devices();
    [this.#checks, this.#life] = this.#begun(null, {});
    return this.#done(nowMs);
  }

  /** The job is cancelled: nothing goes out, and what was tossed is answered by the coordinator; then comes `notCertified`. */
  cancel(nowMs: number): CheckEffect[] {
    this.#checks.cancel(nowMs);
    for (const claimId of [...this.#claims.keys()]) this.#apply(this.ledger.release(claimId, nowMs, false), nowMs);
    return this.#done(nowMs);
  }

  // ---- open jobs ----

  /** Answers that came in until now are a window, which is final once its coins and its sample are answered. Later ones are checked by these terms. */
  nextWindow(terms: BlockTerms, nowMs: number): CheckEffect[] {
    this.#life.nextWindow(terms);
    return this.#done(nowMs);
  }

  /** No more rows come. */
  close(nowMs: number): CheckEffect[] {
    this.ledger.close();
    return this.#done(nowMs);
  }

  /** The block of an open job had a finding: nothing more goes out, and it ends as soon as what is out has come. */
  get #isEndingEarly(): boolean {
    return this.#isOpenJob && this.isCharged && !this.isOver;
  }

  get #isAllLate(): boolean {
    for (const { isLate } of this.#claims.values()) if (!isLate) return false;
    return true;
  }

  // ---- what the ledger says ----

  #enter(claimId: number, items: readonly number[], doubtful: readonly number[], nowMs: number): void {
    this.#apply(this.ledger.answer(claimId, items, nowMs), nowMs, new Set(doubtful));
  }

  #carryOn(effects: readonly LedgerEffect[], nowMs: number): CheckEffect[] {
    this.#apply(effects, nowMs);
    return this.#done(nowMs);
  }

  #apply(effects: readonly LedgerEffect[], nowMs: number, doubtful: ReadonlySet<number> = new Set()): void {
    if (this.#checks.terms !== null) this.#mixtures.came(effects);
    for (const effect of effects) this.#follow(effect, nowMs, doubtful);
  }

  #follow(effect: LedgerEffect, nowMs: number, doubtful: ReadonlySet<number>): void {
    const tell = this.#outbox.tell.bind(this.#outbox);
    switch (effect.type) {
      case "accepted":
        return this.#accepted(effect, doubtful, nowMs);
      case "secondWord":
      case "surplus": {
        const { place, attempt, author, volunteerId: second, claim } = effect;
        this.#duplicateRows++;
        return this.#checks.heard({ place, attempt, author, second, claimId: claim.claimId });
      }
      case "known": {
        const { claim, place, volunteerId } = effect;
        this.#claims.get(claim.claimId)?.known.delete(place);
        return tell({ type: "compareKnown", place, volunteerId, ...namesOf(claim) });
      }
      case "mixture": {
        const { claim, ...mixture } = effect;
        return tell({ ...mixture, claimId: claim.claimId });
      }
      case "decodable":
        return this.#mixtures.decodable(effect);
      case "drop":
        return tell({ type: "drop", ...namesOf(effect.claim), items: effect.items });
      case "late":
        this.#late(effect.claim, nowMs);
        return tell({ type: "late", ...namesOf(effect.claim) });
      case "void":
        this.#ended(effect.claim, nowMs);
        this.#devices.leave(effect.claim.sessionId);
        return tell({ type: "void", ...namesOf(effect.claim), volunteerId: effect.claim.volunteerId });
      case "ended":
        this.#ended(effect.claim, nowMs);
        return tell({ type: "ended", ...namesOf(effect.claim) });
      case "rest":
        return tell(effect);
      case "checkFree": {
        const { place, attempt, notBy } = effect;
        const wasPartner = this.#checks.redraw(place, attempt, notBy, nowMs);
        return wasPartner && this.#devices.isHere(notBy) ? tell({ type: "letLie", volunteerId: notBy }) : undefined;
      }
      case "takenOut":
        return this.#tookOut(effect, nowMs, { named: effect.volunteerId });
    }
  }

  #accepted(
    { claim, place, attempt, volunteerId }: Extract<LedgerEffect, { type: "accepted" }>,
    doubtful: ReadonlySet<number>,
    nowMs: number,
  ): void {
    const { claimId, sessionId } = claim;
    this.#outbox.tell({ type: "accepted", claimId, place, attempt, volunteerId });
    const answer = { place, attempt, isDoubtful: doubtful.has(place) || this.#devices.isCoarse(sessionId) };
    const open = this.#claims.get(claimId);
    if (open === undefined || open.isLate) this.#checks.toss(answer, volunteerId, nowMs);
    else {
      open.untossed.push(answer);
      this.#untossed++;
    }
    this.#checks.stands(place, volunteerId);
  }

  /** What it has answered so far has its coins; nobody waits for the rest of it. A device that was not let in by then begins anew. */
  #late({ claimId, sessionId, volunteerId }: LedgerClaim, nowMs: number): void {
    const open = this.#claims.get(claimId);
    if (open === undefined || open.isLate) return;
    open.isLate = true;
    this.#tossAll(open, volunteerId, nowMs);
    if (!this.#devices.isIn(sessionId)) this.#releaseAll(sessionId, nowMs, true);
  }

  /** What is held of the session never enters. */
  #releaseAll(sessionId: string, nowMs: number, isOwnWish: boolean): void {
    this.#devices.drop(sessionId);
    for (const { claimId } of [...this.ledger.claimsOf(sessionId)].reverse()) {
      this.#apply(this.ledger.release(claimId, nowMs, isOwnWish), nowMs);
    }
  }

  #ended({ claimId, volunteerId }: LedgerClaim, nowMs: number): void {
    const open = this.#claims.get(claimId);
    if (open === undefined) return;
    this.#claims.delete(claimId);
    this.#devices.endedKnown(open.sessionId, open.known.size);
    this.#tossAll(open, volunteerId, nowMs);
  }

  #tossAll({ untossed }: OpenClaim, author: string, nowMs: number): void {
    this.#untossed -= untossed.length;
    for (const answer of untossed.splice(0)) this.#checks.toss(answer, author, nowMs);
  }

  #tossRest(nowMs: number): void {
    for (const [claimId, open] of this.#claims) {
      const author = this.ledger.claimOf(claimId)?.volunteerId;
      if (author !== undefined) this.#tossAll(open, author, nowMs);
    }
  }

  #takeOut(places: readonly number[], nowMs: number): void {
    const standing = places.filter((place) => this.ledger.authorOf(place) !== null);
    this.ledger.takeOut(standing);
    this.#tookOut({ places: standing, mixtures: [] }, nowMs);
  }

  #tookOut({ places, mixtures }: TakenOut, nowMs: number, whose: { readonly named?: string } = {}): void {
    if (places.length + mixtures.length > 0) this.#outbox.tell({ type: "takenOut", places, mixtures, ...whose });
    this.#checks.tookOut(places, nowMs);
  }

  /** @returns what the call has led to */
  #done(nowMs: number): CheckEffect[] {
    const { isCancelled, words } = this.#checks;
    if (this.#isEndingEarly) this.#checks.hurry(nowMs);
    const isAllIn = isCancelled ? this.#claims.size === 0 : this.#isEndingEarly ? this.#isAllLate : this.ledger.isDone;
    // A claim whose rows others have answered holds nothing up, however long it may take.
    if (isAllIn && this.#untossed > 0) this.#tossRest(nowMs);
    const isQuiet = words.isEmpty && this.#mixtures.waiting + this.#mixtures.decoding === 0;
    this.#life.goOn({ isAllIn, isQuiet, nowMs });
    return this.#outbox.empty();
  }
}

type TakenOut = Pick<Extract<CheckEffect, { type: "takenOut" }>, "places" | "mixtures">;

function namesOf({ claimId, sessionId }: LedgerClaim): { claimId: number; sessionId: string } {
  return { claimId, sessionId };
}
