/**
 * The checks of a block's answers: coins are tossed and their partners settled, second words are heard, and what differs is computed by the
 * coordinator. An answer that a trusted row contradicts is a finding, whatever became of it and of who gave it.
 */
import type { RowLedger } from "../rows/ledger.ts";
import { BlockFacts } from "./checked-rows-facts.ts";
import type { Outbox } from "./checked-rows-outbox.ts";
import { Windows } from "./checked-rows-windows.ts";
import type { PartnerSource, RecomputeReason, TrustedWord, WordsCompared } from "./checked-rows-words.ts";
import { secondWordOf } from "./coins.ts";
import { Doubts } from "./doubts.ts";
import { Findings } from "./findings.ts";
import { settledBy } from "./partners.ts";
import { type OpenCheck, SecondWords } from "./second-words.ts";
import type { BlockTerms } from "./words.ts";

/** An answer that is to have its coin. */
export interface Untossed {
  readonly place: number;
  readonly attempt: number;
  /** Rate 1. */
  readonly isDoubtful: boolean;
}

/** A second answer. @property author of the answer that stands; null: none does, or it is not a volunteer's */
export interface HeardWord {
  readonly place: number;
  readonly attempt: number;
  readonly author: string | null;
  readonly second: string;
  readonly claimId: number;
}

export interface RowChecksOptions {
  readonly ledger: RowLedger;
  readonly terms: BlockTerms | null;
  readonly coinOf: (place: number, attempt: number) => number;
  readonly partners: PartnerSource;
  readonly outbox: Outbox;
  readonly isCharged: boolean;
}

/**
 * Coins, second words and findings of one block.
 * @example
 * checks.toss({ place: 3, attempt: 0, isDoubtful: false }, "ann", nowMs);
 * checks.words.find(3, 0)?.partner // -> "bob", null: the coordinator; undefined: its coin asks for nobody
 */
export class RowChecks {
  readonly words = new SecondWords();
  readonly facts = new BlockFacts();
  windows = new Windows(0);
  /** Null: no coin is tossed. */
  terms: BlockTerms | null;
  readonly findings: Findings;
  /** No volunteer is asked for a word any more. */
  isCancelled = false;
  readonly #ledger: RowLedger;
  readonly #coinOf: RowChecksOptions["coinOf"];
  readonly #partners: PartnerSource;
  readonly #outbox: Outbox;
  /** Answers that came while none stood at their place: they are compared with the next one. */
  readonly #lateWords = new Map<number, HeardWord[]>();
  readonly #doubts = new Doubts();
  /** What was compared with a trusted row, by place: its coin may not be tossed by then. */
  readonly #judged = new Map<number, readonly TrustedWord[]>();
  /** The least attempt that is of this block, by place; before it was asked again: 0. */
  readonly #since = new Map<number, number>();
  #tossed = 0;

  constructor({ ledger, terms, coinOf, partners, outbox, isCharged }: RowChecksOptions) {
    this.#ledger = ledger;
    this.terms = terms;
    this.#coinOf = coinOf;
    this.#partners = partners;
    this.#outbox = outbox;
    // Of a block without terms nothing is charged.
    this.findings = new Findings(isCharged || terms === null);
  }

  /** Coins that are tossed from now on. Rows that are checked more often at first are counted anew. */
  checkBy(terms: BlockTerms): void {
    this.terms = terms;
    this.#tossed = 0;
  }

  /** The coordinator answers all that is open: nothing goes out of a block that had a finding. */
  hurry(nowMs: number): void {
    for (const check of this.words.all()) if (check.partner !== null) this.want(check, "redraw", false, nowMs);
  }

  /** What is asked again is a block of its own. */
  renew(terms: BlockTerms): void {
    const { rows } = this.#ledger.counts;
    this.terms = terms;
    this.findings.renew();
    for (let place = 0; place < rows; place++) this.#since.set(place, this.#ledger.attemptOf(place));
    this.windows = new Windows(this.windows.number + 1);
    this.#tossed = 0;
  }

  /** Does the coordinator's own row stand there? */
  isTrusted(place: number): boolean {
    return this.#ledger.stateOf(place) === "final" && this.#ledger.authorOf(place) === null;
  }

  // ---- coins and their partners ----

  /**
   * [CC3] Its partner is settled now. Answers that were taken out since they came have their coin all the same.
   * @param mayBeCrowd false: after a restart nobody knows whether the coin had a partner before, and a second draw would count a colluder twice
   */
  toss(answer: Untossed, author: string, nowMs: number, mayBeCrowd = true): void {
    const { place, attempt, isDoubtful } = answer;
    this.windows.add(answer, nowMs);
    const before = this.#tossed++;
    const isJudged = wordOf(this.#judged.get(place), author, attempt) !== undefined;
    if (this.terms === null || isJudged || this.words.find(place, attempt) !== undefined) return;
    const word = secondWordOf(this.#coinOf(place, attempt), this.terms, before, isDoubtful);
    if (word === "none") return;
    this.want(this.open(place, attempt, author), isDoubtful ? "doubt" : "coin", word === "crowd" && mayBeCrowd, nowMs);
  }

  /** After a restart: this answer's coin was answered by a partner that agreed. */
  wasVouched(place: number, attempt: number, author: string, partner: string, nowMs: number): void {
    this.windows.add({ place, attempt }, nowMs);
    this.facts.vouched(place, attempt, author, partner);
    this.#tossed++;
  }

  /** Nothing of its window is final before it is answered. */
  open(place: number, attempt: number, author: string, window = this.windows.number): OpenCheck {
    const check = {
      place,
      attempt,
      author,
      window,
      partner: null,
      drawn: [],
      isAsked: false,
      misses: 0,
      differs: null,
    };
    this.words.open(check);
    return check;
  }

  /** A partner is drawn; where none is there, or the answer was taken out, the coordinator says whether it was right. */
  want(check: OpenCheck, why: RecomputeReason, isOfCrowd: boolean, nowMs: number): void {
    const { place, attempt, author } = check;
    const ledger = this.#ledger;
    const stands = ledger.stateOf(place) === "answered" && ledger.attemptOf(place) === attempt;
    const by = isOfCrowd && stands && !this.isCancelled ? "crowd" : "coordinator";
    const facts = { addressGroup: this.#partners.groupOf(author), isFine: true };
    if (settledBy(by, this.#partners.isCrowdReady(), facts) === "crowd") {
      // One draw: at a job's begin the ledger knows few, and who came first would be met as often as there are draws.
      const partner = this.#partners.draw(author, new Set([author, ...check.drawn]));
      if (partner !== null && ledger.check(place, partner, nowMs)) return this.words.handTo(check, partner);
    }
    this.#askCoordinator(check, why);
  }

  #askCoordinator(check: OpenCheck, why: RecomputeReason): void {
    this.words.handTo(check, null);
    if (check.isAsked) return;
    check.isAsked = true;
    this.#outbox.wantRow({ place: check.place, attempt: check.attempt, why });
  }

  /**
   * Its partner is gone, late, or has not begun it: the coordinator answers. Of two draws a colluding partner is met with chance beta + (1 - beta) beta,
   * and c0 counts beta. Who counted two would have half as many duplicates again for every job; this costs slow crowds alone.
   * @returns whether it was this check's partner
   */
  redraw(place: number, attempt: number, notBy: string, nowMs: number): boolean {
    const check = this.words.find(place, attempt);
    if (check === undefined || check.partner !== notBy) return false;
    this.want(check, "redraw", false, nowMs);
    return true;
  }

  /** Answers there no longer stand: their coins are answered all the same. */
  tookOut(places: readonly number[], nowMs: number): void {
    for (const place of places) for (const check of this.words.at(place)) this.want(check, "coin", false, nowMs);
  }

  /** Nobody but the coordinator answers what is open. */
  cancel(nowMs: number): void {
    this.isCancelled = true;
    for (const check of this.words.all()) this.want(check, "redraw", false, nowMs);
  }

  // ---- second words ----

  /** To a check, of who was slower, or of an earlier attempt: it is compared, and where it differs, the row is computed. */
  heard(word: HeardWord): void {
    const { place, author } = word;
    if (this.isTrusted(place)) this.#compare({ ...word, author: null });
    else if (author !== null) this.#compare(word);
    else if (this.#ledger.stateOf(place) !== "answered") {
      this.#lateWords.set(place, [...(this.#lateWords.get(place) ?? []), word]);
    }
  }

  /** An answer stands there now: with it is compared what came before. */
  stands(place: number, author: string): void {
    const late = this.#lateWords.get(place);
    if (late === undefined) return;
    this.#lateWords.delete(place);
    for (const word of late) this.#compare({ ...word, author });
  }

  #compare(word: HeardWord): void {
    const { place, attempt, second } = word;
    const window = this.words.find(place, attempt)?.window ?? this.windows.oldest;
    if (this.words.compare(place, attempt, second, window)) this.#outbox.tell({ type: "compare", ...word });
  }

  compared(place: number, attempt: number, author: string | null, second: string, what: WordsCompared): void {
    const check = this.words.find(place, attempt);
    const isUnasked = what !== "agree" && check?.partner !== second;
    if (isUnasked && this.#doubts.waits(second, { place, attempt, author, what })) return;
    if (!this.words.compared(place, attempt, second)) return;
    if (isUnasked) this.#doubts.begins(second, place);
    if (what !== "agree") this.#differs(place, attempt, author ?? second, second);
    else if (author !== null && check?.partner === second) {
      this.words.close(check);
      this.facts.vouched(place, attempt, author, second);
      this.#outbox.tell({ type: "vouched", place, attempt, author, partner: second });
    }
  }

  /** Two answers differ: the coordinator says which of them is wrong. */
  #differs(place: number, attempt: number, author: string, second: string): void {
    const present = this.#ledger.attemptOf(place);
    const check =
      this.words.find(place, attempt) ??
      this.words.find(place, present) ??
      this.open(place, present, author, this.windows.oldest);
    check.differs ??= second;
    this.#askCoordinator(check, "difference");
  }

  // ---- trusted rows ----

  /** What is wrong of these answers is a finding: of this attempt or an earlier one, standing or not. Those of a block that was charged are told. */
  judge(place: number, words: readonly TrustedWord[]): void {
    for (const { isRight, ...word } of words) {
      if (isRight) continue;
      const partner = this.words.find(place, word.attempt)?.differs ?? null;
      const isOfBlock = word.attempt >= (this.#since.get(place) ?? 0);
      this.#outbox.tell(...this.findings.add({ ...word, place, partner }, isOfBlock));
    }
  }

  /**
   * A row of the coordinator answers coins of its place, of each answer that was compared with it. One that came while the row was computed is
   * compared with it by itself.
   */
  answered(place: number, attempt: number, words: readonly TrustedWord[], nowMs: number): void {
    this.#judged.set(place, [...(this.#judged.get(place) ?? []), ...words]);
    for (const { volunteerId, isRight, attempt: its } of words) {
      if (isRight && this.#isAuthor(volunteerId, place, its)) this.facts.foundRight(volunteerId);
    }
    for (const check of [...this.words.at(place)]) {
      const { author } = check;
      const word = wordOf(words, author, check.attempt);
      if (word === undefined && this.#isMissed(check, attempt)) this.want(check, "coin", false, nowMs);
      else this.words.close(check);
      if (word?.isRight === true) {
        this.#outbox.tell({ type: "vouched", place, attempt: word.attempt, author, partner: null });
      }
    }
    for (const word of this.#lateWords.get(place) ?? []) {
      if (wordOf(words, word.second, word.attempt) === undefined) this.#compare({ ...word, author: null });
    }
    this.#lateWords.delete(place);
    this.#lookOn(place, words);
  }

  /** Of a volunteer that was wrong nobody asks what else it had said unasked; else its next word that differs has its turn. */
  #lookOn(place: number, words: readonly TrustedWord[]): void {
    for (const { second, waiting } of this.#doubts.endAt(place)) {
      const wasWrong = words.some(({ volunteerId, isRight }) => volunteerId === second && !isRight);
      for (const { what, author, ...row } of waiting) {
        if (wasWrong || what === "undecided") this.words.compared(row.place, row.attempt, second);
        else this.compared(row.place, row.attempt, author, second, what);
      }
    }
  }

  /** The coordinator was asked before this answer came: it is asked once more. An answer that nobody holds any more is given up then. */
  #isMissed(check: OpenCheck, attempt: number): boolean {
    if (check.attempt !== attempt) return true;
    check.isAsked = false;
    return check.misses++ === 0;
  }

  #isAuthor(volunteerId: string, place: number, attempt: number): boolean {
    if (this.words.find(place, attempt)?.author === volunteerId) return true;
    return this.#ledger.attemptOf(place) === attempt && this.#ledger.authorOf(place) === volunteerId;
  }
}

function wordOf(words: readonly TrustedWord[] | undefined, volunteerId: string, attempt: number) {
  return words?.find((word) => word.volunteerId === volunteerId && word.attempt === attempt);
}
