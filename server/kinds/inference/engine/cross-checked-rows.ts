/**
 * Rows that two volunteers answered: they are compared where both answers are held, and the coordinator computes those that differ. Also
 * the words of those whose first answer was taken out, which are held against the next one. SPEC.md CC4, CC5.
 */
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import { addRows, isFineClass, NOTHING_LOOKED, type RowsLooked } from "../../../../shared/verify/model-class.ts";
import type { DuplicateFound, DuplicateOf, InferenceEffect, WordFound } from "../core/work.ts";
import { type AnswerRule, doAgree } from "./answer-rule.ts";
import { lookAt } from "./audit-batches.ts";
import type { SentRows } from "./differing-rows.ts";
import { MARK } from "./job-answers.ts";
import { type Computing, modelWithCost, outputRow, queryRow } from "./job-data.ts";
import type { HeldResult, OpenRound, OpenRounds } from "./open-rounds.ts";
import type { RoundAnswers } from "./round-answers.ts";
import { batchRowsIn, queriesHeldBy } from "./round-plan.ts";
import type { Suspicions } from "./suspicions.ts";
import { type Word, Words } from "./words.ts";

type AuditEffect = Extract<InferenceEffect, { type: "audit" }>;

/** A row that two volunteers answered. C numbers each. */
interface ComparedRow {
  readonly of: DuplicateOf;
  readonly query: number;
  readonly agrees: boolean;
  readonly standing: Float32Array;
  readonly received: Float32Array;
  /** Its place among the duplicates. */
  readonly row: number;
}

/** Somebody's word for a row, which is now another's. */
interface WordAgainst {
  readonly word: Word;
  readonly query: number;
  /** In the batch. */
  readonly row: number;
  readonly received: Float32Array;
}

export class CrossCheckedRows {
  readonly #with: Computing;
  readonly #rounds: OpenRounds;
  readonly #answers: RoundAnswers;
  readonly #rule: AnswerRule;
  readonly #suspicions: Suspicions;
  readonly #words = new Words();

  /** @param suspicions take the rows of whoever is off */
  constructor(
    computing: Computing,
    rounds: OpenRounds,
    answers: RoundAnswers,
    rule: AnswerRule,
    suspicions: Suspicions,
  ) {
    this.#with = computing;
    this.#rounds = rounds;
    this.#answers = answers;
    this.#rule = rule;
    this.#suspicions = suspicions;
  }

  /** [CC5] What came with a result of rows that others answered, and what they said. */
  compare(effect: AuditEffect, held: HeldResult): (ComparedRow | null)[] {
    const { data } = this.#with;
    return (effect.crossChecked?.duplicates ?? []).map((of, i) => {
      const query = held.duplicates.queries[i];
      const standing = of && query !== undefined ? this.#standing(of, query) : null;
      if (of === null || query === undefined || standing === null) return null;
      const received = outputRow(data, held.duplicates.outputs, i);
      const agrees = this.#agree(standing, of.precision, received, effect.precision);
      if (agrees)
        this.#words.keep(query, {
          volunteerId: effect.volunteerId,
          precision: effect.precision,
          said: received.slice(),
        });
      // Copies: what they are taken from is let go of while the row is computed.
      return { of, query, agrees, standing: standing.slice(), received: received.slice(), row: i };
    });
  }

  /** [CC5] What others said of rows whose answer was taken out, where the new answer is another. */
  wordsAgainst(
    round: OpenRound,
    { volunteerId, workerIndex, precision }: AuditEffect,
    held: HeldResult,
  ): WordAgainst[] {
    const { data } = this.#with;
    const queries = queriesHeldBy(round.plan, workerIndex) ?? new Uint32Array();
    // Most rows are answered for the first time.
    const spokenOf = [...queries.keys()].filter((row) => this.#words.of(queries[row]!).length > 0);
    return spokenOf.flatMap((row) => {
      const query = queries[row]!;
      const received = outputRow(data, held.outputs, row);
      return this.#words
        .of(query)
        .filter((word) => word.volunteerId !== volunteerId)
        .filter(({ said, precision: of }) => !this.#agree(said, of, received, precision))
        .map((word) => ({ word, query, row, received: received.slice() }));
    });
  }

  #agree(one: Float32Array, classOfOne: BackendClass, other: Float32Array, classOfOther: BackendClass): boolean {
    return doAgree(this.#rule, one, classOfOne, other, classOfOther);
  }

  /** Says who of a word and a new answer is off. */
  async unravel(
    effect: AuditEffect,
    words: readonly WordAgainst[],
  ): Promise<{ readonly found: WordFound[]; readonly ofSender: RowsLooked }> {
    if (words.length === 0) return { found: [], ofSender: NOTHING_LOOKED };
    const expected = await this.#own(words.map(({ query }) => query));
    let ofSender = NOTHING_LOOKED;
    const found = words.map(({ word, query, row, received }, w): WordFound => {
      const own = expected[w]!;
      const wordLook = lookAt(this.#rule, own, word.said, word.precision);
      const sender = lookAt(this.#rule, own, received, effect.precision);
      ofSender = addRows(ofSender, { ...NOTHING_LOOKED, [sender]: 1 });
      const { roundIndex, workerIndex, assignmentId } = effect;
      const ofWord = { volunteerId: word.volunteerId, roundIndex, workerIndex };
      if (isOffAs(wordLook, isFineClass(word.precision)))
        this.#suspectRow(effect.effectId, ofWord, word.precision, { row, query, said: word.said, expected: own });
      if (isOffAs(sender, effect.isFine)) {
        const ofSent = { volunteerId: effect.volunteerId, roundIndex, workerIndex, assignmentId };
        this.#suspectRow(effect.effectId, ofSent, effect.precision, { row, query, said: received, expected: own });
      }
      return { volunteerId: word.volunteerId, word: wordLook, sender };
    });
    return { found, ofSender };
  }

  /** @returns what the model gives here for these queries, a copy each */
  async #own(queries: readonly number[]): Promise<Float32Array[]> {
    const { data, executor } = this.#with;
    const rows = Uint32Array.from(queries);
    const { ownOutputs } = await executor.run("recompute", {
      ...{ model: data.model, rule: this.#rule, source: data.source, rows },
      ...{ outputs: new Float32Array(rows.length * data.job.outputSize), precisions: queries.map(() => "float32") },
      isAnswered: false,
    });
    return queries.map((_, r) => outputRow(data, ownOutputs, r).slice());
  }

  #suspectRow(
    effectId: number,
    sent: SentRows,
    precision: BackendClass,
    { row, query, said, expected }: { row: number; query: number; said: Float32Array; expected: Float32Array },
  ): void {
    this.#suspicions.hold(effectId, {
      ...{ sent, ...modelWithCost(this.#with.data, 0), precision, onCleared: () => {} },
      rows: [{ row, input: queryRow(this.#with.data, query), received: said, expected }],
    });
  }

  /**
   * What its author gave for the row of a duplicate. Of a durable round the answer is kept, and of a row that fills up a group none is: there
   * the answer to its query is another volunteer's.
   */
  #standing({ roundIndex, assignmentId, row, volunteerId }: DuplicateOf, query: number): Float32Array | null {
    const { data } = this.#with;
    const held = assignmentId === null ? null : this.#rounds.resultOf(roundIndex, assignmentId);
    if (held !== null) return outputRow(data, held.outputs, row);
    const { answers } = this.#answers;
    const mark = answers.marks[query];
    const isItsOwn = mark === MARK.audited && answers.sources.volunteerOf(query) === volunteerId;
    return isItsOwn || mark === MARK.exact ? outputRow(data, answers.outputs, query) : null;
  }

  /** [CC5] Where two differ the row is computed here, and says who is off. */
  async settle(
    effect: AuditEffect,
    compared: readonly (ComparedRow | null)[],
  ): Promise<{ readonly found: (DuplicateFound | null)[]; readonly ofSender: RowsLooked }> {
    const differing = compared.filter((pair): pair is ComparedRow => pair !== null && !pair.agrees);
    const found: (DuplicateFound | null)[] = compared.map((pair) => pair && "agrees");
    if (differing.length === 0) return { found, ofSender: NOTHING_LOOKED };
    const own = await this.#own(differing.map(({ query }) => query));
    let ofSender = NOTHING_LOOKED;
    differing.forEach((pair, r) => {
      const expected = own[r]!;
      const [author, sender] = [
        lookAt(this.#rule, expected, pair.standing, pair.of.precision),
        lookAt(this.#rule, expected, pair.received, effect.precision),
      ];
      found[pair.row] = { author, sender };
      ofSender = addRows(ofSender, { ...NOTHING_LOOKED, [sender]: 1 });
      this.#suspectDuplicate(effect, pair, expected, { author, sender });
    });
    return { found, ofSender };
  }

  #suspectDuplicate(
    effect: AuditEffect,
    { of, query, standing, received, row }: ComparedRow,
    expected: Float32Array,
    found: { readonly author: keyof RowsLooked; readonly sender: keyof RowsLooked },
  ): void {
    const hold = (sent: SentRows, precision: BackendClass, at: number, said: Float32Array) =>
      this.#suspectRow(effect.effectId, sent, precision, { row: at, query, said, expected });
    if (isOffAs(found.author, isFineClass(of.precision))) {
      const { volunteerId, roundIndex, workerIndex } = of;
      hold({ volunteerId, roundIndex, workerIndex }, of.precision, of.row, standing);
    }
    if (!isOffAs(found.sender, effect.isFine)) return;
    const { volunteerId, roundIndex, workerIndex, assignmentId, precision } = effect;
    // Duplicates are counted behind the rows of the batch.
    const plan = this.#rounds.planOf(roundIndex);
    const at = (plan === null ? 0 : batchRowsIn(plan, workerIndex)) + row;
    hold({ volunteerId, roundIndex, workerIndex, assignmentId }, precision, at, received);
  }
}

function isOffAs(look: keyof RowsLooked, isFine: boolean): boolean {
  return look === "wrong" || (look === "coarse" && isFine);
}
