/** The life of a block: its windows fill, their coins are answered, their samples are drawn and answered, and then their answers are final. */
import type { RowLedger } from "../rows/ledger.ts";
import { RETRIES_MAX } from "./account.ts";
import { windowRows } from "./blocks.ts";
import type { RowChecks } from "./checked-rows-coins.ts";
import type { Outbox } from "./checked-rows-outbox.ts";
import { type AnswerOf, sampleByCoins, type Window } from "./checked-rows-windows.ts";
import { planSample, type SamplePlan } from "./sample.ts";
import type { BlockTerms } from "./words.ts";

export interface BlockLifeOptions {
  readonly ledger: RowLedger;
  readonly checks: RowChecks;
  readonly outbox: Outbox;
  readonly coinOf: (place: number, attempt: number) => number;
  readonly sampleBy: SamplePlan["by"];
  readonly timesAsked: number;
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
  readonly #sampleBy: SamplePlan["by"];

  constructor({ ledger, checks, outbox, coinOf, sampleBy, timesAsked }: BlockLifeOptions) {
    this.#ledger = ledger;
    this.#checks = checks;
    this.#outbox = outbox;
    this.#coinOf = coinOf;
    this.#sampleBy = sampleBy;
    this.#timesAsked = timesAsked;
  }

  get isCharged(): boolean {
    return this.#checks.terms !== null && this.#checks.findings.isCharged;
  }

  /** @throws RangeError where the block is at work, or was asked twice again */
  askAgain(): void {
    if (!this.isOver || this.#timesAsked >= RETRIES_MAX) {
      throw new RangeError(
        `askAgain: expected a block that has ended and was asked again less than ${RETRIES_MAX} times`,
      );
    }
    this.isOver = false;
    this.#timesAsked++;
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
    const rows = windowRows(terms);
    const isFull = rows !== null && windows.openAnswers >= rows;
    if (windows.openAnswers > 0 && (isFull || isAllIn)) windows.freeze();
    for (let head = windows.head; head !== undefined; head = windows.head) {
      if (words.openOf(head.number) > 0) return;
      if (head.sampled === null) this.#drawSample(head, terms, nowMs);
      else {
        windows.shift();
        const isLast = isAllIn && isQuiet && windows.head === undefined;
        this.#certify(this.#standing(head), terms, head.sampled, isLast);
      }
    }
    if (!this.isOver && isAllIn && isQuiet) this.#certify([], terms, 0, true);
  }

  /** What of a window still stands, and nobody recomputed. Answers of the code are none. */
  #standing({ answers }: Window): AnswerOf[] {
    const ledger = this.#ledger;
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
      const check = this.#checks.open(place, attempt, this.#ledger.authorOf(place)!, window.number);
      this.#checks.want(check, "sample", plan.by === "crowd", nowMs);
    }
  }

  #certify(answers: readonly AnswerOf[], { checkShare }: BlockTerms, sampled: number, isLast: boolean): void {
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
