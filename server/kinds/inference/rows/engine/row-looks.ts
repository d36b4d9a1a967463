/** Rows computed again on trusted processes, and words held against each other: numbers in, findings out. SPEC.md VF, PC and CC rules. */
import { JobOver } from "../../../../../shared/control/job-over.ts";
import { joinFloats } from "../../../../../shared/numbers/join-floats.ts";
import type { BackendClass } from "../../../../../shared/verify/compare-rows.ts";
import { isMixture } from "../../../../rows/words.ts";
import { COORDINATOR } from "../../core/job.ts";
import { type Judged, NO_ROUND } from "../../core/work.ts";
import { type AnswerRule, doAgree, lookAt, saysTheSame } from "../../engine/answer-rule.ts";
import { computeRows } from "../../engine/compute-rows.ts";
import type { OnDiffering } from "../../engine/differing-rows.ts";
import { MARK } from "../../engine/job-answers.ts";
import { type Computing, modelWithCost, outputRow, queryRow } from "../../engine/job-data.ts";
import { type SuspectedRow, Suspicions } from "../../engine/suspicions.ts";
import type { ComparePair, RecomputeRow, RowAttempt, RowsOutcome, RowsWork, RowWord, WordOf } from "../work.ts";
import type { HeldClaims } from "./held-claims.ts";
import type { RowMixtures } from "./mixtures.ts";
import type { RowAnswers } from "./row-answers.ts";
import type { RowSaid } from "./row-words.ts";

type OutcomeOf<T extends RowsOutcome["type"]> = Extract<RowsOutcome, { type: T }>;
type WorkOf<T extends RowsWork["type"]> = Extract<RowsWork, { type: T }>;

/** Rows that a volunteer said otherwise than the coordinator, by place; the last word of each. */
type Differing = Map<number, { readonly row: SuspectedRow; readonly precision: BackendClass }>;

export class RowLooks {
  readonly #with: Computing;
  readonly #rule: AnswerRule;
  readonly #rows: RowAnswers;
  readonly #held: HeldClaims;
  readonly #mixtures: RowMixtures;
  readonly #suspicions: Suspicions;
  /** By volunteer, until somebody asks whether it differs. */
  readonly #differing = new Map<string, Differing>();

  constructor(
    computing: Computing,
    rule: AnswerRule,
    rows: RowAnswers,
    held: HeldClaims,
    mixtures: RowMixtures,
    onDiffering: OnDiffering,
  ) {
    this.#mixtures = mixtures;
    this.#with = computing;
    this.#rule = rule;
    this.#rows = rows;
    this.#held = held;
    this.#suspicions = new Suspicions(computing, rule, onDiffering);
  }

  /**
   * Each row is the coordinator's answer afterwards, unless it has no numbers for it.
   * @throws JobOver, or what the model says where none of the rows can be computed
   */
  async recompute(asked: readonly RecomputeRow[]): Promise<OutcomeOf<"recomputed">["rows"]> {
    const mixed = asked.filter(({ of }) => of !== undefined);
    if (mixed.length === 0) return this.#recomputeRows(asked);
    const rows = asked.filter(({ of }) => of === undefined);
    return [...(rows.length === 0 ? [] : await this.#recomputeRows(rows)), ...(await this.#recomputeMixtures(mixed))];
  }

  /** The model that computes rows, or mixtures of them, and what a row of it costs. */
  #modelOf(isMixed: boolean): ReturnType<typeof modelWithCost> {
    const { data } = this.#with;
    const { modelOf } = data.plan.scheme;
    const worker = modelOf?.findIndex((model) => model > 0) ?? 0;
    return modelWithCost(data, isMixed ? Math.max(0, worker) : 0);
  }

  /** Nothing of them becomes an answer. */
  async #recomputeMixtures(asked: readonly RecomputeRow[]): Promise<OutcomeOf<"recomputed">["rows"]> {
    const { data, executor } = this.#with;
    // What was said until now.
    const said = asked.map(({ of, attempt }) => this.#mixtures.saidOf(of!).filter((word) => word.attempt === attempt));
    const inputs = await this.#mixtures.inputsOf(asked.map(({ of }) => of!));
    const { inputSize } = data.source;
    const outputs = new Float32Array(asked.length * data.job.outputSize);
    said.forEach(([word], row) => {
      if (word !== undefined) outputs.set(word.said, row * data.job.outputSize);
    });
    const { ownOutputs } = await executor.run("recompute", {
      ...{
        model: this.#modelOf(true).model,
        rule: this.#rule,
        source: { values: joinFloats(inputs), inputSize, scale: 1 },
      },
      ...{ rows: Uint32Array.from(asked.keys()), outputs, isAnswered: said.every((words) => words.length > 0) },
      precisions: said.map(([word]) => word?.precision ?? "float32"),
    });
    return asked.map(({ place, attempt, words }, row) => {
      const expected = outputRow(data, ownOutputs, row).slice();
      const of = new Map(words.map((word) => [word.volunteerId, word] as const));
      const looked = said[row]!.flatMap((word): RowWord[] => {
        const device = of.get(word.volunteerId);
        if (device === undefined) return [];
        const precision = precisionOf(word, device);
        const look = lookAt(this.#rule, expected, word.said, precision);
        const isRight = look === "fine" || (look === "coarse" && !device.isFine);
        if (!isRight) this.#suspect(word.volunteerId, place, inputs[row]!, expected, word.said, precision);
        const isCoarse = look === "coarse" ? { isCoarse: true as const } : {};
        return [{ volunteerId: word.volunteerId, attempt, isRight, ...isCoarse }];
      });
      return { place, attempt, words: looked };
    });
  }

  async #recomputeRows(asked: readonly RecomputeRow[]): Promise<OutcomeOf<"recomputed">["rows"]> {
    const places = Uint32Array.from(new Set(asked.map(({ place }) => place)));
    // What was said until now: a row may be answered anew while it is computed.
    const said = new Map(Array.from(places, (place) => [place, this.#rows.saidAt(place).map(copied)] as const));
    const { own, notComputed } = await this.#own(places, said);
    // [JB7] Of none of those that it is to know: it is the model's fault, or the machine's, and devices would wait for them for ever.
    if (notComputed.size === places.length && asked.every(({ why }) => why === "known"))
      throw new Error(notComputed.get(places[0]!));
    const found = asked.map(({ place, attempt, words, why }) => {
      const expected = own.get(place)!;
      const of = new Map(words.map((word) => [word.volunteerId, word] as const));
      const looked = said.get(place)!.flatMap((word): RowWord[] => {
        const device = of.get(word.volunteerId);
        return device === undefined ? [] : [this.#look(place, expected, word, device, own)];
      });
      const reason = notComputed.get(place);
      const isMeasured = why === "estimate" && this.#rows.answers.marks[place] === MARK.estimated;
      return {
        ...{ place, attempt, words: looked },
        ...(reason === undefined ? {} : { notComputed: reason }),
        ...(isMeasured && { estimateAgreed: saysTheSame(this.#rule, expected, this.#rows.outputAt(place)) }),
      };
    });
    for (const { place, words } of found) this.#stand(place, own.get(place)!, words, notComputed.has(place));
    return found;
  }

  #stand(place: number, own: Float32Array, words: readonly RowWord[], hasNoNumbers: boolean): void {
    const { answers } = this.#rows;
    // [AS11] What cannot be computed is no answer of anybody's: it has the mark of rows that are not all numbers.
    if (hasNoNumbers && answers.marks[place] !== MARK.missing) return;
    const author = answers.sources.volunteerOf(place);
    const attempt = this.#rows.attemptOf(place);
    const isRight = words.some((word) => word.volunteerId === author && word.attempt === attempt && word.isRight);
    this.#rows.takeOwn(place, own, isRight);
  }

  #look(place: number, expected: Float32Array, word: RowSaid, device: WordOf, own: Own): RowWord {
    const { volunteerId, attempt, said } = word;
    const precision = precisionOf(word, device);
    const look = lookAt(this.#rule, expected, said, precision);
    const isRight = look === "fine" || (look === "coarse" && !device.isFine);
    if (!isRight) this.#suspect(volunteerId, place, queryRow(this.#with.data, place), expected, said, precision);
    return {
      ...{ volunteerId, attempt, isRight },
      ...(look === "coarse" ? { isCoarse: true as const } : {}),
      ...(look === "wrong" && this.#isAnothers(place, said, precision, own) ? { isAnothers: true as const } : {}),
    };
  }

  /** [PC5] Is it the right answer of another one of these rows? No device does that by itself. */
  #isAnothers(place: number, said: Float32Array, precision: BackendClass, own: Own): boolean {
    for (const [other, expected] of own)
      if (other !== place && lookAt(this.#rule, expected, said, precision) === "fine") return true;
    return false;
  }

  #suspect(
    volunteerId: string,
    place: number,
    input: Float32Array,
    expected: Float32Array,
    received: Float32Array,
    precision: BackendClass,
  ): void {
    const rows: Differing = this.#differing.get(volunteerId) ?? new Map();
    const row = { row: place, input, received, expected: expected.slice() };
    this.#differing.set(volunteerId, rows.set(place, { row, precision }));
  }

  /** @returns C numbers of each place, none of them finite where a row cannot be computed, and why not */
  async #own(
    places: Uint32Array,
    said: ReadonlyMap<number, readonly RowSaid[]>,
  ): Promise<{ readonly own: Own; readonly notComputed: ReadonlyMap<number, string> }> {
    const { data, executor } = this.#with;
    // A machine beside the coordinator may agree with what was answered, and only then.
    const [answered, others] = [places.filter((place) => said.get(place)!.length > 0), [] as number[]];
    const own: Own = new Map();
    const put = (queries: Uint32Array, outputs: Float32Array) => {
      queries.forEach((place, r) => {
        own.set(place, outputRow(data, outputs, r).slice());
      });
    };
    if (answered.length > 0) {
      const standing = Array.from(answered, (place) => said.get(place)![0]!);
      const outputs = new Float32Array(answered.length * data.job.outputSize);
      standing.forEach((word, r) => {
        outputs.set(word.said, r * data.job.outputSize);
      });
      const precisions = standing.map(({ precision }) => precision);
      const { model, source } = data;
      try {
        const asked = { model, rule: this.#rule, source, rows: answered, outputs, precisions, isAnswered: true };
        put(answered, (await executor.run("recompute", asked)).ownOutputs);
      } catch (error) {
        if (error instanceof JobOver) throw error;
        others.push(...answered);
      }
    }
    for (const place of places) if (said.get(place)!.length === 0) others.push(place);
    if (others.length === 0) return { own, notComputed: new Map() };
    const rest = Uint32Array.from(others);
    const { outputs, notComputed } = await computeRows(this.#with, rest);
    // Of none of them: it is the model's fault, or the machine's.
    if (notComputed.length === rest.length && answered.length > 0) throw new Error(notComputed[0]!.reason);
    put(rest, outputs);
    return { own, notComputed: new Map(notComputed.map(({ query, reason }) => [query, reason])) };
  }

  /** [CC5] The word of the second, held against the answer of the author; undecided: the coordinator computes the row. */
  compare(pairs: readonly ComparePair[]): OutcomeOf<"compared">["pairs"] {
    return pairs.map(({ place, attempt, author, second }) => {
      const other = this.#rows.saidBy(second.volunteerId, place).find((word) => word.attempt === attempt);
      const found = other === undefined ? ("undecided" as const) : this.#found(place, author, second, other);
      return { place, attempt, author: author.volunteerId, second: second.volunteerId, found };
    });
  }

  #found(place: number, author: WordOf, second: WordOf, other: RowSaid): "agree" | "differ" | "undecided" {
    if (author.volunteerId === COORDINATOR && this.#rows.answers.marks[place] === MARK.exact) {
      const look = lookAt(this.#rule, this.#rows.outputAt(place), other.said, second.precision);
      return look === "fine" || (look === "coarse" && !second.isFine) ? "agree" : "differ";
    }
    const one = this.#rows.saidBy(author.volunteerId, place).find(({ attempt }) => attempt === other.attempt);
    return one === undefined ? "undecided" : this.#compared(author, one, second, other);
  }

  #compared(author: WordOf, one: RowSaid, second: WordOf, other: RowSaid): "agree" | "differ" | "undecided" {
    if (doAgree(this.#rule, one.said, author.precision, other.said, second.precision)) return "agree";
    // Both as coarse as can be: what differs even so is no rounding.
    return doAgree(this.#rule, one.said, "float16", other.said, "float16") ? "undecided" : "differ";
  }

  /** [PC6] Rows whose answers the coordinator has, as a tab answered them. */
  lookKnown({ assignmentId, of, places }: WorkOf<"lookKnown">): OutcomeOf<"knownLooked">["rows"] {
    return places.flatMap((place) => {
      const said = this.#held.take(assignmentId, place);
      const { answers } = this.#rows;
      if (said === null || answers.marks[place] !== MARK.exact) return [];
      const expected = this.#rows.outputAt(place);
      const looked = lookAt(this.#rule, expected, said, of.precision);
      if (looked === "wrong" || (looked === "coarse" && of.isFine))
        this.#suspect(of.volunteerId, place, queryRow(this.#with.data, place), expected, said, of.precision);
      return [{ place, looked }];
    });
  }

  /** [PC5] More of what a device answered that had a known row wrong. */
  async lookCloser({ assignmentId, of, rows }: WorkOf<"lookCloser">): Promise<OutcomeOf<"lookedCloser">["rows"]> {
    const { answers } = this.#rows;
    // [PC5] It may have given the answer of a known row beside them.
    const beside = [...this.#held.placesOf(assignmentId)].filter((place) => answers.marks[place] === MARK.exact);
    // What is held of its claim is let go as soon as this is asked.
    const said = new Map(
      rows.flatMap(({ place }) => {
        const output = this.#held.take(assignmentId, place);
        return output === null ? [] : [[place, output.slice()] as const];
      }),
    );
    const places = Uint32Array.from(said.keys()).filter((place) => {
      return answers.marks[place] === MARK.missing || answers.marks[place] === MARK.estimated;
    });
    const { own, notComputed } = await this.#own(places, new Map(Array.from(places, (place) => [place, []])));
    const rightOf = new Map([...own, ...beside.map((place) => [place, this.#rows.outputAt(place)] as const)]);
    return rows.flatMap(({ place, attempt }) => {
      const [got, expected] = [said.get(place), own.get(place)];
      if (got === undefined || expected === undefined) return [];
      this.#stand(place, expected, [], notComputed.has(place));
      const looked = lookAt(this.#rule, expected, got, of.precision);
      if (looked === "wrong" || (looked === "coarse" && of.isFine))
        this.#suspect(of.volunteerId, place, queryRow(this.#with.data, place), expected, got, of.precision);
      const isAnothers = looked === "wrong" && this.#isAnothers(place, got, of.precision, rightOf);
      const reason = notComputed.get(place);
      return [
        {
          ...{ place, attempt, looked },
          ...(isAnothers && { isAnothers: true as const }),
          ...(reason !== undefined && { notComputed: reason }),
        },
      ];
    });
  }

  /** [VF15] Whether rows in which these volunteers differ from the coordinator do so for honest machines too. @param effectId that asks */
  async confirm(
    effectId: number,
    volunteerIds: readonly string[],
    onCards: readonly string[],
    rows: readonly RowAttempt[],
  ): Promise<Judged[]> {
    const held = new Set<string>();
    const ofCards = new Set(onCards);
    for (const volunteerId of volunteerIds) {
      const differing = this.#differing.get(volunteerId);
      const asked = new Set(rows.map(({ place }) => place));
      const found = [...(differing ?? [])].filter(([place]) => asked.has(place)).map(([, one]) => one);
      for (const place of asked) differing?.delete(place);
      if (differing?.size === 0) this.#differing.delete(volunteerId);
      for (const precision of new Set(found.map((one) => one.precision))) {
        held.add(volunteerId);
        // [PC11] Of fixed arithmetic it would be of that class. After a restart nothing else says so of one that is on WebAssembly by now.
        if (precision === "float32") ofCards.add(volunteerId);
        for (const isMixed of [false, true]) {
          const alike = found.filter((one) => one.precision === precision && isMixture(one.row.row) === isMixed);
          if (alike.length === 0) continue;
          this.#suspicions.hold(effectId, {
            // A row is named by its place.
            sent: { volunteerId, roundIndex: NO_ROUND, workerIndex: 0 },
            ...{ precision, ...this.#modelOf(isMixed) },
            rows: alike.map(({ row }) => row),
            onCleared: () => {},
          });
        }
      }
    }
    // Two findings at one place are judged by its last word, with the first of them: of the second one nothing is left to look at.
    const judged = await this.#suspicions.judge(effectId, [...held], ofCards);
    const others = volunteerIds.filter((volunteerId) => !held.has(volunteerId));
    return [...judged, ...others.map((volunteerId) => ({ volunteerId, verdict: "agrees" as const, spread: 0 }))];
  }
}

/** [PC11] What its card said while it was on that is held to no bit, though its volunteer has come back on WebAssembly since. */
function precisionOf(word: Pick<RowSaid, "precision">, device: WordOf): BackendClass {
  return device.precision === "fixed32" ? word.precision : device.precision;
}

/** By place. */
type Own = Map<number, Float32Array>;

function copied(word: RowSaid): RowSaid {
  return { ...word, said: word.said.slice() };
}
