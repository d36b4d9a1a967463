/** The life of a block: its windows fill, their coins are answered, their samples are drawn and answered, and then their answers are final. */
import type { RowLedger } from "../rows/ledger.ts";
import { RETRIES_MAX } from "./account.ts";
import { windowRows } from "./blocks.ts";
import type { RowChecks } from "./checked-rows-coins.ts";
import type { Outbox } from "./checked-rows-outbox.ts";
import { type AnswerOf, type AnswerWindow, sampleByCoins } from "./checked-rows-windows.ts";
import { type BlockSample, planBlockSample } from "./sample.ts";
import type { BlockTerms } from "./words.ts";

export interface BlockLifeOptions {
  readonly ledger: RowLedger;
  readonly checks: RowChecks;
  readonly outbox: Outbox;
  readonly coinOf: (place: number, attempt: number) => number;
  readonly sampleBy: BlockSample["by"];
  readonly timesAsked: number;
  /** Windows end when somebody says so (`nextWindow`), each with terms of its own. */
  readonly isOpenJob: boolean;
  /** Undefined: as the terms say. */
  readonly windowRows: number | null | undefined;
}

/**
 * When answers of one block become final, and when it ends.
 * @example
 * life.goOn({ isAllIn: true, isQuiet: true, nowMs }) // -> tells certified, notCertified, or what the sample asks for
 */
export class BlockLife {
  /** Certified, or given up. */
  isOver = false;
  #timesAsked: number;
  readonly #ledger: RowLedger;
  readonly #checks: RowChecks;
  readonly #outbox: Outbox;
  readonly #coinOf: BlockLifeOptions["coinOf"];
  #sampleBy: BlockSample["by"];
  readonly #windowRows: number | null | undefined;
  readonly #isOpenJob: boolean;

  constructor(options: BlockLifeOptions) {
    const { ledger, checks, outbox, coinOf, sampleBy, timesAsked, isOpenJob, windowRows: asked } = options;
    this.#isOpenJob = isOpenJob;
    this.#ledger = ledger;
    this.#windowRows = asked;
    this.#checks = checks;
    this.#outbox = outbox;
    this.#coinOf = coinOf;
    this.#sampleBy = sampleBy;
    this.#timesAsked = timesAsked;
  }

  get isCharged(): boolean {
    return this.#checks.terms !== null && this.#checks.findings.isCharged;
  }

  /** From now on the crowd answers no sample of it. */
  sampleByCoordinator(): void {
    this.#sampleBy = "coordinator";
  }

  /**
   * @param isAnew no row is asked again: an open job goes on with what comes
   * @throws RangeError where the block is at work, or was asked twice again
   */
  askAgain(isAnew: boolean): void {
    if (isAnew && this.#isOpenJob) this.#timesAsked = -1;
    if (!this.isOver || this.#timesAsked >= RETRIES_MAX) {
      throw new RangeError(
        `askAgain: expected a block that has ended and was asked again less than ${RETRIES_MAX} times`,
      );
    }
    this.isOver = false;
    this.#timesAsked++;
  }

  /** [CK14] What came in until now is a window; what comes from now on is checked by these terms. */
  nextWindow(terms: BlockTerms): void {
    const { windows, terms: before } = this.#checks;
    if (this.isOver || this.isCharged || before === null) return;
    if (windows.openAnswers > 0) windows.freeze(before);
    this.#checks.checkBy(terms);
  }

  /**
   * Goes on as far as it can.
   * @param isAllIn every row is answered, and every coin tossed
   * @param isQuiet nothing is being computed or compared
   */
  goOn({ isAllIn, isQuiet, nowMs }: { isAllIn: boolean; isQuiet: boolean; nowMs: number }): void {
    const { terms, windows, words } = this.#checks;
    if (this.isOver) return;
    if (terms === null || this.isCharged || this.#checks.isCancelled) {
      if (isAllIn && isQuiet) this.#giveUp();
      return;
    }
    const rows = this.#windowRowsOf(terms);
    const isFull = rows !== null && windows.openAnswers >= rows;
    if (windows.openAnswers > 0 && (isFull || isAllIn)) windows.freeze(terms);
    // A block of one window goes on only while nothing is open: no coin before its sample is drawn, no draw before it is final.
    if (!this.#isOpenJob && rows === null && !(isAllIn && isQuiet)) return;
    for (const window of windows.frozen) {
      if (window.sampled !== null || (this.#isOpenJob && words.openOf(window.number) > 0)) continue;
      this.#drawSample(window, nowMs);
    }
    const answers: AnswerOf[] = [];
    let [sampled, { checkShare }] = [0, terms];
    const isSettled = ({ number, sampled: drawn }: AnswerWindow) => drawn !== null && words.openOf(number) === 0;
    for (const window of windows.takeWhile(isSettled)) {
      answers.push(...this.#standing(window));
      sampled += window.sampled ?? 0;
      checkShare = Math.min(checkShare, window.terms.checkShare);
    }
    const isLast = isAllIn && isQuiet && words.isEmpty && windows.frozen.length === 0;
    if (answers.length > 0 || isLast) this.#certify(answers, checkShare, sampled, isLast);
  }

  /** Null: the block has one window. Any that needs a sample has. */
  #windowRowsOf(terms: BlockTerms): number | null {
    if (terms.sampleShare > 0 || this.#isOpenJob) return null;
    return this.#windowRows === undefined ? windowRows(terms) : this.#windowRows;
  }

  /** What of a window still stands, and nobody recomputed. Answers of the code are none. */
  #standing({ answers }: AnswerWindow): AnswerOf[] {
    const ledger = this.#ledger;
    return answers.filter(
      ({ place, attempt }) =>
        ledger.stateOf(place) === "answered" && ledger.attemptOf(place) === attempt && ledger.authorOf(place) !== null,
    );
  }

  /** [CK8] Every coin of the window is answered, and nothing was found. */
  #drawSample(window: AnswerWindow, nowMs: number): void {
    const standing = this.#standing(window);
    const plan = planBlockSample(window.terms, standing.length, this.#sampleBy);
    window.sampled = plan.rows;
    for (const { place, attempt } of sampleByCoins(standing, plan.rows, this.#coinOf)) {
      const check = this.#checks.open(place, attempt, this.#ledger.authorOf(place)!, window.number);
      this.#checks.want(check, "sample", plan.by === "crowd", nowMs);
    }
  }

  #certify(answers: readonly AnswerOf[], checkShare: number, sampled: number, isLast: boolean): void {
    // Rows of an open job that are asked again later are others.
    if (this.#isOpenJob) this.#timesAsked = 0;
    const places = answers.map(({ place }) => place);
    this.#ledger.certify(places);
    this.isOver = isLast;
    this.#outbox.tell({ type: "certified", places, checkShare, sampled, isLast });
  }

  #giveUp(): void {
    const ledger = this.#ledger;
    const { isCharged } = this;
    this.isOver = true;
    const unsettled: number[] = [];
    for (let place = 0; place < ledger.counts.rows; place++) {
      if (ledger.stateOf(place) === "answered" && ledger.authorOf(place) !== null) unsettled.push(place);
    }
    const mayAskAgain = isCharged && !this.#checks.isCancelled && this.#timesAsked < RETRIES_MAX;
    this.#outbox.tell({ type: "notCertified", unsettled, isCharged, mayAskAgain });
  }
}
