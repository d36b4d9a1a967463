/** One job at work before a crowd in which one party lies: what was said of its rows, what became final of it, and whether that is wrong. */
import type { CheckedBlock } from "../../../server/checks/checked-rows.ts";
import type { TrustedWord } from "../../../server/checks/checked-rows-words.ts";
import { secondWordOf } from "../../../server/checks/coins.ts";
import type { Block } from "../../../server/checks/words.ts";
import type { RowLedger } from "../../../server/rows/ledger.ts";
import { isMixture } from "../../../server/rows/words.ts";
import type { Coalition } from "./coalition.ts";
import type { JobTally, ServiceClaim } from "./service-words.ts";

interface Word {
  readonly volunteerId: string;
  readonly attempt: number;
  readonly isLie: boolean;
}

export interface OpenJobOptions {
  /** 0 for the submitter's first. */
  readonly at: number;
  readonly ledger: RowLedger;
  readonly rows: CheckedBlock;
  readonly coalition: Coalition;
  coinOf(place: number, attempt: number): number;
  /** Where nobody lies no words are kept. */
  readonly keepsWords: boolean;
  readonly block: Block;
}

export class OpenJob {
  readonly at: number;
  readonly ledger: RowLedger;
  readonly rows: CheckedBlock;
  readonly coalition: Coalition;
  readonly claims = new Map<number, ServiceClaim>();
  block: Block;
  tries = 0;
  /** Rows of a block that was too dear, which the coordinator computed alone. */
  ownRows = 0;
  findings = 0;
  /** Since the block was opened. */
  wasLiarNamed = false;
  isOver = false;
  readonly #options: OpenJobOptions;
  readonly #words = new Map<number, Word[]>();
  /** Who agreed with an answer, by place and attempt. */
  readonly #vouched = new Map<string, string>();
  readonly #isFinal: Uint8Array;
  /** By place: it was wrong while it was final. */
  readonly #wasWrong: Uint8Array;
  #unasked = 0;

  constructor(options: OpenJobOptions) {
    ({ at: this.at, ledger: this.ledger, rows: this.rows, coalition: this.coalition, block: this.block } = options);
    this.#options = options;
    this.#isFinal = new Uint8Array(this.ledger.counts.rows);
    this.#wasWrong = new Uint8Array(this.ledger.counts.rows);
  }

  /** Share of its rows that are answered. */
  get progress(): number {
    const { answered, rows } = this.ledger.counts;
    return answered / rows;
  }

  /** Share of its rows that were handed out. */
  get shareOut(): number {
    const { fresh, rows } = this.ledger.counts;
    return 1 - fresh / rows;
  }

  hear({ volunteerId, items: asked, said }: ServiceClaim, items: readonly number[]): void {
    if (!this.#options.keepsWords) return;
    const attempts = new Map(asked.map(({ item, attempt }) => [item, attempt]));
    for (const item of items) {
      const word = { volunteerId, attempt: attempts.get(item)!, isLie: said?.lies.has(item) ?? false };
      const words = this.#words.get(item);
      if (words === undefined) this.#words.set(item, [word]);
      else words.push(word);
    }
  }

  /** All words about a row or a mixture, beside the coordinator's. */
  judged(item: number): TrustedWord[] {
    return this.#wordsOf(item).map(({ isLie, ...word }) => ({ ...word, isRight: !isLie, isBeyondDoubt: isLie }));
  }

  /** Did this volunteer lie about the row? @param volunteerId null: the coordinator */
  lied(place: number, volunteerId: string | null): boolean {
    return this.#words.get(place)?.findLast((word) => word.volunteerId === volunteerId)?.isLie ?? false;
  }

  vouched(place: number, attempt: number, partner: string): void {
    this.#vouched.set(`${place} ${attempt}`, partner);
  }

  /** The coordinator's answer stands there. */
  isExact(place: number): void {
    this.#isFinal[place] = 1;
  }

  /** What stands there is final. @param isLiar of the party? */
  certified(place: number, isLiar: (volunteerId: string) => boolean): void {
    this.#isFinal[place] = 1;
    const [author, attempt] = [this.ledger.authorOf(place), this.ledger.attemptOf(place)];
    const words = this.#words.get(place) ?? [];
    if (words.findLast((word) => word.volunteerId === author && word.attempt === attempt)?.isLie !== true) return;
    this.#wasWrong[place] = 1;
    if (!this.#mayEscape(place, attempt, isLiar)) this.#unasked++;
  }

  tally(): JobTally {
    const { checkShare } = this.#options.block.terms;
    const count = (marks: Uint8Array) => marks.reduce((sum, mark) => sum + mark, 0);
    return {
      ...{ rows: this.#isFinal.length, checkShare, blocks: this.tries + 1, findings: this.findings },
      ...{ trusted: this.rows.trustedRows + this.ownRows, duplicates: this.rows.duplicateRows },
      ...{ final: count(this.#isFinal), wrongFinal: count(this.#wasWrong), unasked: this.#unasked },
    };
  }

  /** The author's word alone is there where nobody lies, and it is right. */
  #wordsOf(item: number): readonly Word[] {
    if (this.#options.keepsWords) return this.#words.get(item) ?? [];
    const author = isMixture(item) ? null : this.ledger.authorOf(item);
    return author === null ? [] : [{ volunteerId: author, attempt: this.ledger.attemptOf(item), isLie: false }];
  }

  /** Did the coin of that answer ask for nobody, or for a partner of the party? First rows are asked about more often than is reckoned with here. */
  #mayEscape(place: number, attempt: number, isLiar: (volunteerId: string) => boolean): boolean {
    const coin = this.#options.coinOf(place, attempt);
    const asked = secondWordOf(coin, this.block.terms, Number.POSITIVE_INFINITY, false);
    if (asked !== "crowd") return asked === "none";
    const partner = this.#vouched.get(`${place} ${attempt}`);
    return partner !== undefined && isLiar(partner);
  }
}
