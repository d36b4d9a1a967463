/**
 * One block of one job: the ledger of its rows and the checks of their answers, as one pure machine that product, simulator and benches drive alike.
 * Rules: ROWS.md section 3. Effects say what is told, stored and wanted (checked-rows-words.ts); what is wanted comes back by a method.
 */
import type { RandomSource } from "../../shared/random/random.ts";
import type { RowLedger } from "../rows/ledger.ts";
import { type Claim, isMixture, type LedgerEffect, type MayHave, mixtureItem } from "../rows/words.ts";
import { RETRIES_MAX } from "./account.ts";
import { windowRows } from "./blocks.ts";
import { Devices } from "./checked-rows-devices.ts";
import { Facts } from "./checked-rows-facts.ts";
import { KnownRows, knownRowsOf } from "./checked-rows-known.ts";
import { Mixtures } from "./checked-rows-mixtures.ts";
import { type AnswerOf, sampleByCoins, type Window, Windows } from "./checked-rows-windows.ts";
import type {
  CheckEffect,
  Comparison,
  DeviceJoins,
  PartnerSource,
  RecomputeReason,
  RowToRecompute,
  StoredChecks,
  TrustedWord,
  VolunteerFacts,
  Waits,
} from "./checked-rows-words.ts";
import { secondWordOf } from "./coins.ts";
import { Findings } from "./findings.ts";
import { mayDrawAgain, settledBy } from "./partners.ts";
import { planSample, type SamplePlan } from "./sample.ts";
import { type OpenCheck, SecondWords } from "./second-words.ts";
import type { BlockTerms } from "./words.ts";

/** Draws that the ledger refuses, for the volunteer had the row, before the coordinator answers. */
const REFUSALS_MAX = 8;

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
  readonly sampleBy?: SamplePlan["by"];
  readonly stored?: StoredChecks;
}

/** A claim that has not ended. */
interface OpenClaim {
  readonly sessionId: string;
  /** Its answers whose coins are not tossed. */
  readonly untossed: { readonly place: number; readonly attempt: number; readonly isDoubtful: boolean }[];
  readonly known: Set<number>;
  isLate: boolean;
}

interface Taken {
  readonly claim: Claim | null;
  readonly effects: CheckEffect[];
}

/**
 * A block at work. Mutable and single-threaded; each method returns what follows from it, in order.
 *
 * @example
 * const block = new CheckedRows({ ledger, terms, coinOf, partners, random: secretRandom });
 * block.begin(nowMs);
 * block.join({ sessionId: "s", volunteerId: "ann", rowsPerMs: null });
 * const { claim } = block.take("s", nowMs);
 * block.answer(claim.claimId, claim.items.map(({ item }) => item), nowMs) // -> accepted ..., recompute or compare, at the end certified
 */
export class CheckedRows {
  readonly ledger: RowLedger;
  #terms: BlockTerms | null;
  readonly #coinOf: CheckedRowsOptions["coinOf"];
  readonly #partners: PartnerSource;
  readonly #random: RandomSource;
  readonly #sampleBy: SamplePlan["by"];
  readonly #stored: StoredChecks;
  readonly #claims = new Map<number, OpenClaim>();
  /** Claims that are not late. */
  #inTime = 0;
  readonly #devices = new Devices();
  readonly #known: KnownRows;
  readonly #knownAsked = new Set<number>();
  /** Known rows in nobody's claim, by volunteer. */
  readonly #knownQueued = new Map<string, number>();
  readonly #mixtures = new Mixtures();
  readonly #words = new SecondWords();
  readonly #facts = new Facts();
  /** Answers that came while none stood at their place: they are compared with the next one. */
  readonly #lateWords = new Map<
    number,
    { readonly attempt: number; readonly second: string; readonly claimId: number }[]
  >();
  #findings: Findings;
  #windows = new Windows(0);
  #windowRows: number | null;
  /** Coins that were tossed in this block. */
  #tossed = 0;
  #timesAsked: number;
  #isOver = false;
  #isCancelled = false;
  #trustedRows = 0;
  #duplicateRows = 0;
  /** Of the call at work. */
  #out: CheckEffect[] = [];
  #recompute: RowToRecompute[] = [];

  constructor({ ledger, terms, coinOf, partners, random, sampleBy = "coordinator", stored = {} }: CheckedRowsOptions) {
    this.ledger = ledger;
    this.#terms = terms;
    this.#coinOf = coinOf;
    this.#partners = partners;
    this.#random = random;
    this.#sampleBy = sampleBy;
    this.#stored = stored;
    this.#known = new KnownRows(random);
    this.#findings = new Findings(stored.isCharged ?? false);
    this.#timesAsked = stored.timesAsked ?? 0;
    this.#windowRows = terms === null ? null : windowRows(terms);
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
    return this.#terms !== null && this.#findings.isCharged;
  }

  /** Certified, or given up: nothing goes out until it is asked again. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** When `tick` has something to do, ms; null: nothing waits for time. */
  get nextDueMs(): number | null {
    return this.ledger.nextDueMs;
  }

  get waits(): Waits {
    return {
      partners: this.#words.partners,
      coordinator: this.#words.coordinator + this.#mixtures.waiting,
      comparisons: this.#words.comparisons,
      claims: this.#claims.size,
      known: this.#devices.held,
      oldestMs: this.#isOver ? null : this.#windows.oldestMs,
    };
  }

  factsOf(volunteerId: string): VolunteerFacts {
    const { ledger } = this;
    const standing = [...ledger.standingOf(volunteerId)].filter((place) => ledger.stateOf(place) === "answered");
    return this.#facts.of(volunteerId, standing, (place) => ledger.attemptOf(place));
  }

  /** The first call. After a restart: coins that nobody had answered are asked for again, with other partners. */
  begin(nowMs: number): CheckEffect[] {
    const { ledger } = this;
    const vouched = new Map<number, { readonly attempt: number; readonly partner: string }>();
    for (const { place, ...word } of this.#stored.vouched ?? []) vouched.set(place, word);
    for (const { place, attempt, author } of this.#stored.openCoins ?? []) {
      this.#wantWord(this.#openCheck(place, attempt, author), "coin", false, nowMs);
    }
    for (let place = 0; place < ledger.counts.rows && ledger.counts.answered > 0; place++) {
      const [state, author, attempt] = [ledger.stateOf(place), ledger.authorOf(place), ledger.attemptOf(place)];
      if (state === "final" && author === null) this.#known.add(place, []);
      if (state !== "answered" || author === null) continue;
      const word = vouched.get(place);
      if (word?.attempt === attempt) {
        this.#facts.vouched(place, attempt, author, word.partner);
        this.#windows.add({ place, attempt }, nowMs);
        this.#tossed++;
      } else this.#toss({ place, attempt, isDoubtful: false }, author, nowMs);
    }
    return this.#done(nowMs);
  }

  join(device: DeviceJoins, nowMs: number): CheckEffect[] {
    this.#devices.join(device);
    this.ledger.join(device);
    if (!this.#devices.isIn(device.sessionId)) this.#askKnown();
    return this.#done(nowMs);
  }

  leave(sessionId: string, nowMs: number): CheckEffect[] {
    this.#devices.leave(sessionId);
    this.#apply(this.ledger.leave(sessionId, nowMs), nowMs);
    return this.#done(nowMs);
  }

  /** @returns claim null: nothing is there for this session now */
  take(sessionId: string, nowMs: number, mayHave?: MayHave): Taken {
    const volunteerId = this.#devices.volunteerOf(sessionId);
    if (volunteerId === undefined || this.#isOver || this.#isCancelled || this.#devices.isRefused(sessionId)) {
      return { claim: null, effects: [] };
    }
    if (!this.#queueKnown(sessionId, volunteerId)) return { claim: null, effects: this.#done(nowMs) };
    const claim = this.ledger.take(sessionId, nowMs, mayHave);
    if (claim !== null) this.#opened(claim);
    return { claim, effects: this.#done(nowMs) };
  }

  /** The device has a known row in its next claim, whether or not it was let in: an inspection. */
  inspect(sessionId: string): void {
    const volunteerId = this.#devices.volunteerOf(sessionId);
    const place = volunteerId === undefined ? null : this.#known.pick(volunteerId);
    if (place !== null) this.ledger.know(place, volunteerId!);
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
    this.#apply(this.ledger.leftOut(claimId, items, nowMs), nowMs);
    return this.#done(nowMs);
  }

  release(claimId: number, nowMs: number): CheckEffect[] {
    this.#apply(this.ledger.release(claimId, nowMs), nowMs);
    return this.#done(nowMs);
  }

  tick(nowMs: number): CheckEffect[] {
    this.#apply(this.ledger.tick(nowMs), nowMs);
    return this.#done(nowMs);
  }

  /**
   * The volunteer was named, here or elsewhere: its sessions leave, its rows are asked again. That is no finding of this block, and excuses none:
   * coins of what it answered are answered all the same.
   */
  name(volunteerId: string, nowMs: number): CheckEffect[] {
    this.#facts.named(volunteerId);
    for (const sessionId of this.#devices.sessionsOf(volunteerId)) this.#devices.leave(sessionId);
    this.#apply(this.ledger.name(volunteerId, nowMs), nowMs);
    return this.#done(nowMs);
  }

  /** Redo, taken back, suspension: rows are asked again with their next attempt. Coins that were tossed are answered all the same. */
  takeOut(places: readonly number[], nowMs: number): CheckEffect[] {
    this.#takeOut(places, nowMs);
    return this.#done(nowMs);
  }

  /**
   * The coordinator computed a row.
   * @param words all that volunteers had answered for it, of whichever attempt
   */
  recomputed(place: number, attempt: number, words: readonly TrustedWord[], nowMs: number): CheckEffect[] {
    this.#trustedRows++;
    this.#knownAsked.delete(place);
    const isOfMixture = isMixture(place);
    for (const { isRight, ...word } of words) {
      const partner = this.#words.find(place, word.attempt)?.differs ?? null;
      if (!isRight) this.#out.push(...this.#findings.add({ ...word, place, partner }));
      else if (!isOfMixture && this.#isAuthor(word.volunteerId, place, word.attempt)) {
        this.#facts.foundRight(word.volunteerId);
      }
    }
    if (isOfMixture) this.#mixtureSeen(place, attempt, words, nowMs);
    else this.#madeExact(place, words, nowMs);
    return this.#done(nowMs);
  }

  /** @param author null: the coordinator's own row */
  compared(
    place: number,
    attempt: number,
    author: string | null,
    second: string,
    what: Comparison,
    nowMs: number,
  ): CheckEffect[] {
    if (!this.#words.compared(place, attempt, second)) return [];
    const check = this.#words.find(place, attempt);
    if (what !== "agree") this.#differs(place, attempt, author ?? second, second);
    else if (author !== null && check !== undefined && check.partner === second) {
      this.#words.close(check);
      this.#facts.vouched(place, attempt, author, second);
      this.#out.push({ type: "vouched", place, attempt, author, partner: second });
    }
    return this.#done(nowMs);
  }

  /** Its answer to a known row was compared with the coordinator's. */
  comparedKnown(sessionId: string, place: number, isRight: boolean, nowMs: number): CheckEffect[] {
    const volunteerId = this.#devices.volunteerOf(sessionId);
    if (volunteerId === undefined) return [];
    this.#devices.tookKnown(sessionId, -1);
    if (isRight) {
      for (const { claimId, items, doubtful } of this.#devices.hadRight(sessionId)) {
        this.#enter(claimId, items, doubtful, nowMs);
      }
    } else {
      this.#out.push({ type: "knownWrong", volunteerId, sessionId, place });
      if (!this.#devices.isIn(sessionId)) {
        this.#devices.hadWrong(sessionId);
        for (const { claimId } of [...this.ledger.claimsOf(sessionId)].reverse()) {
          this.#apply(this.ledger.release(claimId, nowMs), nowMs);
        }
      }
    }
    return this.#done(nowMs);
  }

  /** More trusted rows, for route 1. What is wrong among them is a finding. */
  recompute(places: readonly number[], nowMs: number): CheckEffect[] {
    for (const place of places) {
      const author = this.ledger.authorOf(place);
      if (author === null) continue;
      const attempt = this.ledger.attemptOf(place);
      const check = this.#words.find(place, attempt) ?? this.#openCheck(place, attempt, author);
      this.#wantWord(check, "route", false, nowMs);
    }
    return this.#done(nowMs);
  }

  /** Route 1 has bounds for these answers: they are final. */
  settle(places: readonly number[], nowMs: number): CheckEffect[] {
    this.ledger.certify(places);
    return this.#done(nowMs);
  }

  /**
   * What is unsettled is asked of those who are left, as the next block: after `notCertified`, at most twice.
   * @throws RangeError before that
   */
  askAgain(terms: BlockTerms, places: readonly number[], nowMs: number): CheckEffect[] {
    if (!this.#isOver || this.#timesAsked >= RETRIES_MAX) {
      throw new RangeError(
        `askAgain: expected a block that has ended and was asked less than ${RETRIES_MAX} times again`,
      );
    }
    this.#timesAsked++;
    this.#isOver = false;
    this.#terms = terms;
    this.#windowRows = windowRows(terms);
    this.#findings = new Findings(false);
    this.#windows = new Windows(this.#windows.number + 1);
    this.#tossed = 0;
    this.#takeOut(places, nowMs);
    return this.#done(nowMs);
  }

  /** The job is cancelled: nothing goes out, and what was tossed is answered by the coordinator; then comes `notCertified`. */
  cancel(nowMs: number): CheckEffect[] {
    this.#isCancelled = true;
    for (const claimId of [...this.#claims.keys()]) this.#apply(this.ledger.release(claimId, nowMs), nowMs);
    for (const check of this.#words.all()) if (check.partner !== null) this.#wantWord(check, "redraw", false, nowMs);
    return this.#done(nowMs);
  }

  // ---- what the ledger says ----

  #enter(claimId: number, items: readonly number[], doubtful: readonly number[], nowMs: number): void {
    this.#apply(this.ledger.answer(claimId, items, nowMs), nowMs, new Set(doubtful));
  }

  #apply(effects: readonly LedgerEffect[], nowMs: number, doubtful: ReadonlySet<number> = new Set()): void {
    this.#mixturesCame(effects);
    for (const effect of effects) this.#follow(effect, nowMs, doubtful);
  }

  #follow(effect: LedgerEffect, nowMs: number, doubtful: ReadonlySet<number>): void {
    switch (effect.type) {
      case "accepted":
        return this.#accepted(effect, doubtful, nowMs);
      case "secondWord":
      case "surplus":
        return this.#heard(effect);
      case "known": {
        const { claim, ...told } = effect;
        const { claimId, sessionId } = claim;
        this.#claims.get(claimId)?.known.delete(effect.place);
        this.#out.push({ ...told, type: "compareKnown", claimId, sessionId });
        return;
      }
      case "mixture": {
        const { claim, ...told } = effect;
        this.#out.push({ ...told, claimId: claim.claimId });
        return;
      }
      case "decodable":
        if (!this.#mixtures.hold(effect)) this.#out.push(effect);
        return;
      case "drop":
        this.#out.push({ type: "drop", ...namesOf(effect.claim), items: effect.items });
        return;
      case "late":
        this.#late(effect.claim, nowMs);
        this.#out.push({ type: "late", ...namesOf(effect.claim) });
        return;
      case "void":
        this.#ended(effect.claim, nowMs);
        this.#devices.leave(effect.claim.sessionId);
        this.#out.push({ type: "void", ...namesOf(effect.claim), volunteerId: effect.claim.volunteerId });
        return;
      case "ended":
        this.#ended(effect.claim, nowMs);
        this.#out.push({ type: "ended", ...namesOf(effect.claim) });
        return;
      case "rest":
        this.#out.push(effect);
        return;
      case "checkFree":
        return this.#redraw(effect, nowMs);
      case "takenOut":
        return this.#tookOut(effect.places, effect.mixtures, nowMs);
    }
  }

  #opened({ claimId, sessionId, volunteerId, items }: Claim): void {
    const known = new Set(items.filter(({ reason }) => reason === "known").map(({ item }) => item));
    this.#claims.set(claimId, { sessionId, untossed: [], known, isLate: false });
    this.#inTime++;
    if (known.size === 0) return;
    this.#devices.tookKnown(sessionId, known.size);
    this.#knownQueued.set(volunteerId, Math.max(0, (this.#knownQueued.get(volunteerId) ?? 0) - known.size));
  }

  #accepted(
    { claim, place, attempt, volunteerId }: Extract<LedgerEffect, { type: "accepted" }>,
    doubtful: ReadonlySet<number>,
    nowMs: number,
  ): void {
    const { claimId, sessionId } = claim;
    this.#out.push({ type: "accepted", claimId, place, attempt, volunteerId });
    const isDoubtful = doubtful.has(place) || this.#devices.isCoarse(sessionId);
    const open = this.#claims.get(claimId);
    if (open === undefined || open.isLate) this.#toss({ place, attempt, isDoubtful }, volunteerId, nowMs);
    else open.untossed.push({ place, attempt, isDoubtful });
    const late = this.#lateWords.get(place);
    if (late === undefined) return;
    this.#lateWords.delete(place);
    for (const word of late) this.#compare(place, word.attempt, volunteerId, word.second, word.claimId);
  }

  #late({ claimId, volunteerId }: Claim, nowMs: number): void {
    const open = this.#claims.get(claimId);
    if (open === undefined || open.isLate) return;
    open.isLate = true;
    this.#inTime--;
    this.#tossAll(open, volunteerId, nowMs);
  }

  #ended({ claimId, volunteerId }: Claim, nowMs: number): void {
    const open = this.#claims.get(claimId);
    if (open === undefined) return;
    this.#claims.delete(claimId);
    if (!open.isLate) this.#inTime--;
    this.#devices.tookKnown(open.sessionId, -open.known.size);
    this.#tossAll(open, volunteerId, nowMs);
  }

  /** A second answer: to a check, of who was slower, or of an earlier attempt. */
  #heard(effect: Extract<LedgerEffect, { type: "secondWord" | "surplus" }>): void {
    const { place, attempt, volunteerId: second, claim } = effect;
    const { ledger } = this;
    const state = ledger.stateOf(place);
    this.#duplicateRows++;
    const isTrusted = state === "final" && ledger.authorOf(place) === null;
    const author = isTrusted ? null : effect.author;
    if (author !== null || isTrusted) this.#compare(place, attempt, author, second, claim.claimId);
    else if (state !== "answered") {
      const late = this.#lateWords.get(place) ?? [];
      this.#lateWords.set(place, [...late, { attempt, second, claimId: claim.claimId }]);
    }
  }

  #compare(place: number, attempt: number, author: string | null, second: string, claimId: number): void {
    const window = this.#words.find(place, attempt)?.window ?? this.#windows.oldest;
    if (!this.#words.compare(place, attempt, second, window)) return;
    this.#out.push({ type: "compare", place, attempt, author, second, claimId });
  }

  /** Two answers differ: the coordinator says which is wrong. */
  #differs(place: number, attempt: number, author: string, second: string): void {
    const present = this.ledger.attemptOf(place);
    const check =
      this.#words.find(place, attempt) ??
      this.#words.find(place, present) ??
      this.#openCheck(place, present, author, this.#windows.oldest);
    check.differs ??= second;
    this.#askCoordinator(check, "difference");
  }

  // ---- coins and their partners ----

  #tossAll({ untossed }: OpenClaim, author: string, nowMs: number): void {
    for (const answer of untossed.splice(0)) this.#toss(answer, author, nowMs);
  }

  /** [CC3] Its partner is settled now. Rows that were taken out since they were answered have their coin all the same. */
  #toss({ place, attempt, isDoubtful }: OpenClaim["untossed"][number], author: string, nowMs: number): void {
    this.#windows.add({ place, attempt }, nowMs);
    const before = this.#tossed++;
    const isTrusted = this.ledger.stateOf(place) === "final" && this.ledger.authorOf(place) === null;
    if (this.#terms === null || isTrusted || this.#words.find(place, attempt) !== undefined) return;
    const word = secondWordOf(this.#coinOf(place, attempt), this.#terms, before, isDoubtful);
    if (word === "none") return;
    this.#wantWord(this.#openCheck(place, attempt, author), isDoubtful ? "doubt" : "coin", word === "crowd", nowMs);
  }

  #openCheck(place: number, attempt: number, author: string, window = this.#windows.number): OpenCheck {
    const check: OpenCheck = {
      ...{ place, attempt, author, window, drawn: [] },
      ...{ partner: null, isAsked: false, differs: null },
    };
    this.#words.open(check);
    return check;
  }

  #wantWord(check: OpenCheck, why: RecomputeReason, isOfCrowd: boolean, nowMs: number): void {
    const { place, attempt, author } = check;
    const { ledger } = this;
    const stands = ledger.stateOf(place) === "answered" && ledger.attemptOf(place) === attempt;
    const notAmong = new Set([author, ...check.drawn]);
    const facts = { addressGroup: this.#partners.groupOf(author), isFine: true };
    const by = isOfCrowd && stands && !this.#isCancelled ? "crowd" : "coordinator";
    if (settledBy(by, this.#partners.isCrowdReady(), facts) === "crowd") {
      for (let draw = 0; draw < REFUSALS_MAX; draw++) {
        const partner = this.#partners.draw(author, notAmong);
        if (partner === null) break;
        if (ledger.check(place, partner, nowMs)) return this.#words.handTo(check, partner);
        notAmong.add(partner);
      }
    }
    this.#askCoordinator(check, why);
  }

  #askCoordinator(check: OpenCheck, why: RecomputeReason): void {
    this.#words.handTo(check, null);
    if (check.isAsked) return;
    check.isAsked = true;
    this.#recompute.push({ place: check.place, attempt: check.attempt, why });
  }

  #redraw({ place, attempt, notBy }: Extract<LedgerEffect, { type: "checkFree" }>, nowMs: number): void {
    const check = this.#words.find(place, attempt);
    if (check === undefined || check.partner !== notBy) return;
    if (this.#devices.isHere(notBy)) this.#out.push({ type: "letLie", volunteerId: notBy });
    this.#wantWord(check, "redraw", mayDrawAgain(check.drawn.length), nowMs);
  }

  // ---- rows ----

  #takeOut(places: readonly number[], nowMs: number): void {
    const standing = places.filter((place) => this.ledger.authorOf(place) !== null);
    this.ledger.takeOut(standing);
    this.#tookOut(standing, [], nowMs);
  }

  #tookOut(places: readonly number[], mixtures: readonly number[], nowMs: number): void {
    if (places.length + mixtures.length > 0) this.#out.push({ type: "takenOut", places, mixtures });
    for (const place of places) {
      for (const check of this.#words.at(place)) this.#wantWord(check, "coin", false, nowMs);
    }
  }

  #isAuthor(volunteerId: string, place: number, attempt: number): boolean {
    if (this.#words.find(place, attempt)?.author === volunteerId) return true;
    return this.ledger.attemptOf(place) === attempt && this.ledger.authorOf(place) === volunteerId;
  }

  /** The coordinator's row stands from now on: it answers all coins of the place. */
  #madeExact(place: number, words: readonly TrustedWord[], nowMs: number): void {
    const { ledger } = this;
    for (const check of [...this.#words.at(place)]) {
      const { attempt, author } = check;
      this.#words.close(check);
      const isWrong = words.some((word) => word.volunteerId === author && word.attempt === attempt && !word.isRight);
      if (!isWrong) this.#out.push({ type: "vouched", place, attempt, author, partner: null });
    }
    this.#lateWords.delete(place);
    this.#known.add(
      place,
      words.map(({ volunteerId }) => volunteerId),
    );
    if (ledger.stateOf(place) === "final" && ledger.authorOf(place) === null) return;
    this.#out.push({ type: "exact", place });
    this.#apply(ledger.makeExact(place, nowMs), nowMs);
  }

  // ---- known rows ----

  /** @returns false: a known row is computed first */
  #queueKnown(sessionId: string, volunteerId: string): boolean {
    const queued = this.#knownQueued.get(volunteerId) ?? 0;
    for (let count = queued; count < this.#devices.wanted(sessionId); count++) {
      const place = this.#known.pick(volunteerId);
      if (place === null) {
        this.#askKnown();
        return false;
      }
      this.ledger.know(place, volunteerId);
      this.#knownQueued.set(volunteerId, count + 1);
    }
    return true;
  }

  /** Rows that wait, from a place that nobody knows. They are computed once, whatever else is said of them. */
  #askKnown(): void {
    if (this.#knownAsked.size > 0) return;
    const { ledger } = this;
    const { rows } = ledger.counts;
    const wanted = this.#known.size === 0 ? knownRowsOf(rows) : 1;
    const from = this.#random.integer(Math.max(1, rows));
    for (let step = 0; step < rows && this.#knownAsked.size < wanted; step++) {
      const place = (from + step) % rows;
      if (ledger.stateOf(place) !== "waiting") continue;
      this.#knownAsked.add(place);
      this.#recompute.push({ place, attempt: ledger.attemptOf(place), why: "known" });
    }
  }

  // ---- mixtures ----

  /** Of the mixtures of a part one is computed before a decoder sees any. */
  #mixturesCame(effects: readonly LedgerEffect[]): void {
    const came = effects.filter((effect) => effect.type === "mixture");
    if (came.length === 0 || this.#terms === null) return;
    const drawn = came[this.#random.integer(came.length)]!;
    const item = mixtureItem(drawn.group, drawn.index);
    const items = came.map(({ group, index }) => mixtureItem(group, index));
    this.#mixtures.came(item, { items, groups: came.map(({ group }) => group) });
    this.#recompute.push({ place: item, attempt: drawn.attempt, why: "mixture" });
  }

  #mixtureSeen(item: number, attempt: number, words: readonly TrustedWord[], nowMs: number): void {
    if (!this.#mixtures.has(item)) return;
    if (words.every((word) => word.attempt !== attempt || word.isRight)) {
      for (const group of this.#mixtures.wereRight(item)) this.#out.push({ type: "decodable", ...group });
      return;
    }
    const { items } = this.#mixtures.wereWrong(item);
    this.ledger.takeOut(items);
    this.#tookOut([], items, nowMs);
  }

  // ---- the block's life ----

  /** Every row is answered, and every coin tossed: who is late with answers that nobody needs is not waited for. */
  get #isAllIn(): boolean {
    return this.ledger.isDone && this.#inTime === 0;
  }

  get #isQuiet(): boolean {
    return this.#words.isEmpty && this.#mixtures.isEmpty;
  }

  #settle(nowMs: number): void {
    if (this.#isOver) return;
    const terms = this.#terms;
    if (terms === null || this.isCharged || this.#isCancelled) {
      const isIn = this.#isCancelled ? this.#claims.size === 0 : this.#isAllIn;
      if (isIn && this.#isQuiet) this.#giveUp();
      return;
    }
    const isFull = this.#windowRows !== null && this.#windows.openAnswers >= this.#windowRows;
    if (this.#windows.openAnswers > 0 && (isFull || this.#isAllIn)) this.#windows.freeze();
    for (let head = this.#windows.head; head !== undefined; head = this.#windows.head) {
      if (this.#words.openOf(head.number) > 0) return;
      if (head.sampled === null) this.#drawSample(head, terms, nowMs);
      else this.#certify(head, terms);
    }
    if (!this.#isOver && this.#isLast) this.#certified([], terms, 0);
  }

  /** Is nothing left that could become final? */
  get #isLast(): boolean {
    const { head, openAnswers } = this.#windows;
    return this.#isAllIn && this.#isQuiet && head === undefined && openAnswers === 0;
  }

  /** What of a window still stands, and nobody recomputed. */
  #standing({ answers }: Window): AnswerOf[] {
    const { ledger } = this;
    return answers.filter(
      ({ place, attempt }) =>
        ledger.stateOf(place) === "answered" && ledger.attemptOf(place) === attempt && ledger.authorOf(place) !== null,
    );
  }

  /** [CC8] Every coin of the window is answered, and nothing was found. */
  #drawSample(window: Window, terms: BlockTerms, nowMs: number): void {
    const standing = this.#standing(window);
    const plan = planSample(terms, standing.length, this.#sampleBy);
    window.sampled = plan.rows;
    for (const { place, attempt } of sampleByCoins(standing, plan.rows, this.#coinOf)) {
      const check = this.#openCheck(place, attempt, this.ledger.authorOf(place)!, window.number);
      this.#wantWord(check, "sample", plan.by === "crowd", nowMs);
    }
  }

  #certify(window: Window, terms: BlockTerms): void {
    const places = this.#standing(window).map(({ place }) => place);
    this.ledger.certify(places);
    this.#windows.shift();
    this.#certified(places, terms, window.sampled ?? 0);
  }

  #certified(places: readonly number[], { checkShare }: BlockTerms, sampled: number): void {
    this.#isOver = this.#isLast;
    this.#out.push({ type: "certified", places, checkShare, sampled, isLast: this.#isOver });
  }

  #giveUp(): void {
    const { ledger } = this;
    this.#isOver = true;
    const unsettled: number[] = [];
    for (let place = 0; place < ledger.counts.rows; place++) {
      if (ledger.stateOf(place) === "answered" && ledger.authorOf(place) !== null) unsettled.push(place);
    }
    const mayAskAgain = this.isCharged && !this.#isCancelled && this.#timesAsked < RETRIES_MAX;
    this.#out.push({ type: "notCertified", unsettled, isCharged: this.isCharged, mayAskAgain });
  }

  /** @returns what the call has led to: a charge before anything else, and what the coordinator is to compute in one piece */
  #done(nowMs: number): CheckEffect[] {
    this.#settle(nowMs);
    const effects = this.#out;
    if (this.#recompute.length > 0) effects.push({ type: "recompute", rows: this.#recompute });
    this.#out = [];
    this.#recompute = [];
    const charge = effects.findIndex(({ type }) => type === "charge");
    if (charge > 0) effects.unshift(...effects.splice(charge, 1));
    return this.#terms === null && charge >= 0 ? effects.slice(1) : effects;
  }
}

function namesOf({ claimId, sessionId }: Claim): { claimId: number; sessionId: string } {
  return { claimId, sessionId };
}
