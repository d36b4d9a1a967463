/**
 * Rows in which somebody differs from what was recomputed, kept until they are computed once more as honest machines would differ from
 * each other: in a fresh process, on the second implementation, on inputs one unit in the last place apart, and as half precision rounds; where it
 * was computed on a card in other orders of sums too. SPEC.md VF15, PC11.
 */
import { hash32 } from "../../../../shared/compute/hash-noise.ts";
import { ORDERS } from "../../../../shared/compute/orders.ts";
import { JobOver } from "../../../../shared/control/job-over.ts";
import { joinFloats } from "../../../../shared/numbers/join-floats.ts";
import { CONFIRMED_ROWS_MAX, EXCUSED_ROWS_MAX, SENSITIVITY_ROW_MACS_MAX } from "../../../../shared/protocol/limits.ts";
import {
  type BackendClass,
  isSameRow,
  isWithinEach,
  rowDeviation,
  type ScaleFloor,
} from "../../../../shared/verify/compare-rows.ts";
import { DEVIATION_MAX, oneUnitApart, roundedApart } from "../../../../shared/verify/sensitivity.ts";
import type { ModelReference, RunManner } from "../../../numerics/numerics-references.ts";
import type { Judged, RowVerdict } from "../core/work.ts";
import { weightsApart } from "../weights-apart.ts";
import { keepingWhole } from "../whole-numbers.ts";
import { type AnswerRule, isNonFinite, SPREAD_MARGIN, scaleFloorOf } from "./answer-rule.ts";
import { evidenceOf, type OnDiffering, type RecomputedRow, type SentRows } from "./differing-rows.ts";
import type { Computing } from "./job-data.ts";

/**
 * Runs on inputs and weights as half precision may round them. A row near a tie comes out otherwise in some of them only: of a row that
 * one rounding in three changes, sixteen runs all miss it once in 650 times.
 */
const HALF_RUNS = 16;
/** Times that each order is run on inputs one unit in the last place apart too: near a jump only some of them fall on its other side. */
const APART_RUNS = 3;
/** [PC11] A card's row may lie so many times as far off as trusted runs in other orders do, and nobody is named for it. */
const ORDER_MARGIN = 4;

export interface SuspectedRow extends RecomputedRow {
  /** D */
  readonly input: Float32Array;
}

export interface Suspicion {
  readonly sent: SentRows;
  readonly precision: BackendClass;
  readonly model: ModelReference;
  readonly macsPerQuery: number;
  /** All of them; the worst are computed again. */
  readonly rows: readonly SuspectedRow[];
  /** It does not really differ: the rows count as recomputed and found right. */
  readonly onCleared: () => void;
}

export class Suspicions {
  readonly #with: Computing;
  readonly #rule: AnswerRule;
  readonly #onDiffering: OnDiffering;
  /** By the effect that found them, and the volunteer. */
  readonly #held = new Map<string, Suspicion[]>();
  /** Which weights are rounded up and which down: secret, and the same as long as the job runs, so that a model is loaded once for each draw. */
  readonly #halfSeed: number;
  /** Models as half precision rounds their weights, by model and draw, kept while somebody is judged by them. */
  readonly #halves = new Map<string, WeakRef<ModelReference>>();

  /** @param onDiffering somebody's rows differ from trusted runs that agree */
  constructor(computing: Computing, rule: AnswerRule, onDiffering: OnDiffering) {
    this.#with = computing;
    this.#rule = rule;
    this.#onDiffering = onDiffering;
    this.#halfSeed = computing.secretRandom.integer(2 ** 30);
  }

  hold(effectId: number, suspicion: Suspicion): void {
    const name = nameOf(effectId, suspicion.sent.volunteerId);
    this.#held.set(name, [...(this.#held.get(name) ?? []), suspicion]);
  }

  /** @param of the effect that found them. @param onCards who may have computed them on a card. @throws Error where rows cannot be computed */
  async judge(of: number, volunteerIds: readonly string[], onCards: ReadonlySet<string>): Promise<Judged[]> {
    return Promise.all(
      volunteerIds.map(async (volunteerId) => {
        const name = nameOf(of, volunteerId);
        const suspicions = this.#held.get(name) ?? [];
        this.#held.delete(name);
        if (suspicions.length === 0) throw new Error(`Suspicions: none of ${volunteerId} is held`);
        const judged: Omit<Judged, "volunteerId">[] = [];
        const isCard = onCards.has(volunteerId);
        for (const suspicion of suspicions) judged.push(await this.#judge(suspicion, isCard));
        return { volunteerId, ...worstOf(judged) };
      }),
    );
  }

  async #judge(suspicion: Suspicion, isCard: boolean): Promise<Omit<Judged, "volunteerId">> {
    const scaleFloor = scaleFloorOf(this.#rule);
    const deviationOf = ({ expected, received }: SuspectedRow) => rowDeviation(expected, received, scaleFloor);
    const rows = [...suspicion.rows].sort((a, b) => deviationOf(b) - deviationOf(a));
    const isFixed = suspicion.precision === "fixed32" && this.#rule.fixed !== "close";
    const judged: Omit<Judged, "volunteerId">[] = isFixed
      ? await this.#judgedAsFixed(suspicion, rows.slice(0, CONFIRMED_ROWS_MAX))
      : [];
    // [PC11] A row that excuses its volunteer excuses it for itself: those that differ less are looked at too.
    while (!isFixed && judged.every(({ verdict }) => verdict === "excused") && judged.length < rows.length) {
      const some = rows.slice(judged.length, judged.length + CONFIRMED_ROWS_MAX);
      judged.push(...(await this.#judgeRows(suspicion, isCard, some)));
      if (judged.length >= EXCUSED_ROWS_MAX) break;
    }
    const worst = worstOf(judged);
    if (worst.verdict === "agrees") suspicion.onCleared();
    if (worst.verdict === "differs") {
      this.#onDiffering(suspicion.sent, evidenceOf(suspicion.rows));
    }
    return worst;
  }

  /** [PC10] On the WebAssembly that tabs have: in a fresh process, in company of another row and alone, for some kernels add otherwise then. */
  async #judgedAsFixed({ model }: Suspicion, rows: readonly SuspectedRow[]): Promise<Omit<Judged, "volunteerId">[]> {
    const inputs = rows.map(({ input }) => input);
    const company = joinFloats([...inputs, inputs[0]!]);
    const together = await this.#run(model, company, { implementation: "tab", inFreshProcess: true });
    const judged: Omit<Judged, "volunteerId">[] = [];
    for (const [r, { input, received }] of rows.entries()) {
      const [alone] = await this.#run(model, input, { implementation: "tab" });
      judged.push(judgedFixed(received, alone!, together[r]!));
    }
    return judged;
  }

  async #judgeRows(
    suspicion: Suspicion,
    isCard: boolean,
    rows: readonly SuspectedRow[],
  ): Promise<Omit<Judged, "volunteerId">[]> {
    const [runs, inOrders] = await Promise.all([
      this.#trustedRuns(suspicion, rows),
      isCard ? this.#runsInOrders(suspicion, rows) : null,
    ]);
    return rows.map(({ received }, r) => {
      const ofRow = runs.map((run) => run[r]!);
      const own = this.#judgeRow(suspicion.precision, received, ofRow);
      return isCard ? this.#judgeCard(suspicion, own, received, ofRow, inOrders?.map((run) => run[r]!) ?? null) : own;
    });
  }

  /**
   * [PC11] What nothing fixes the order of is judged by what other orders make of the row.
   * @param own what is said of it where its order is that of the trusted runs
   * @param inOrders null: the model does not run in other orders, so that nobody can say
   */
  #judgeCard(
    { precision }: Suspicion,
    own: Omit<Judged, "volunteerId">,
    received: Float32Array,
    runs: readonly TrustedRow[],
    inOrders: readonly Float32Array[] | null,
  ): Omit<Judged, "volunteerId"> {
    const scaleFloor = scaleFloorOf(this.#rule);
    const deviation = rowDeviation(runs[0]!.outputs, received, scaleFloor);
    const isRight = precision === "float16" || deviation <= this.#rule.tolerance[precision];
    if (own.verdict === "agrees" && (isRight || own.spread === 0)) return own;
    if (inOrders === null) return { verdict: "excused", spread: own.spread };
    // One that loses the row on the way, where no other does, says nothing of it.
    const outputs = [...runs.map((run) => run.outputs), ...inOrders].filter((row) => !isNonFinite(row));
    const moved = spread(outputs, scaleFloor);
    const isExcused = deviation <= ORDER_MARGIN * moved;
    if (own.verdict === "unstable in half precision" && isExcused) return own;
    return { verdict: isExcused ? "excused" : "differs", spread: Math.min(moved, DEVIATION_MAX) };
  }

  #judgeRow(
    precision: BackendClass,
    received: Float32Array,
    [fresh, ...others]: TrustedRow[],
  ): Omit<Judged, "volunteerId"> {
    const { tolerance } = this.#rule;
    // [VF16] Where one of them overflows the query is at fault; where a device alone does, its half precision may be.
    if ([fresh!, ...others].some(({ outputs }) => isNonFinite(outputs))) return { verdict: "agrees", spread: 0 };
    if (precision === "float16" && isNonFinite(received)) return { verdict: "unstable in half precision", spread: 0 };
    const scaleFloor = scaleFloorOf(this.#rule);
    const spreadOf = (rows: readonly TrustedRow[]) =>
      spread(
        [fresh!, ...rows].map(({ outputs }) => outputs),
        scaleFloor,
      );
    const ownSpread = spreadOf(others.filter(({ isHalf }) => !isHalf));
    const verdictOf = (verdict: RowVerdict, widest: number) => ({ verdict, spread: Math.min(widest, DEVIATION_MAX) });
    if (ownSpread > tolerance.float32) return verdictOf("unstable", ownSpread);
    const widest = spreadOf(others);
    if (widest > tolerance[precision]) return verdictOf("unstable in half precision", widest);
    const allowed = Math.max(tolerance[precision], SPREAD_MARGIN * widest);
    const isWithin = rowDeviation(fresh!.outputs, received, scaleFloor) <= allowed;
    return verdictOf(isWithin ? "agrees" : "differs", widest);
  }

  /** @returns each run's rows; the first is that of the rows as they are */
  async #trustedRuns(
    { model, precision, macsPerQuery }: Suspicion,
    rows: readonly SuspectedRow[],
  ): Promise<TrustedRow[][]> {
    const { secretRandom } = this.#with;
    const isUp = () => secretRandom.integer(2) === 1;
    const inputs = joinFloats(rows.map(({ input }) => input));
    const { inputs: whole } = this.#with.data.source;
    const apart = keepingWhole(oneUnitApart(inputs, isUp), inputs, whole);
    const fresh = this.#run(model, joinFloats([inputs, apart]), { inFreshProcess: true });
    const rounded = () => keepingWhole(roundedApart(inputs, "float16", isUp), inputs, whole);
    // One after another: each has a copy of the weights.
    const halves = async () => {
      const runs: Float32Array[][] = [];
      for (let draw = 0; draw < HALF_RUNS; draw++) runs.push(await this.#run(this.#halfOf(model, draw), rounded(), {}));
      return runs;
    };
    const second = macsPerQuery > SENSITIVITY_ROW_MACS_MAX ? null : this.#runOnSecond(model, inputs);
    const [both, ofHalves, ofSecond] = await Promise.all([fresh, precision === "float16" ? halves() : [], second]);
    const run = (outputs: Float32Array[] | null, isHalf = false) =>
      outputs === null ? [] : [outputs.map((row) => ({ outputs: row, isHalf }))];
    return [
      ...run(both.slice(0, rows.length)),
      ...run(both.slice(rows.length)),
      ...run(ofSecond),
      ...ofHalves.flatMap((ofHalf) => run(ofHalf, true)),
    ];
  }

  /** @returns each run's rows; null: the model does not run so */
  async #runsInOrders({ model }: Suspicion, rows: readonly SuspectedRow[]): Promise<Float32Array[][] | null> {
    const inputs = joinFloats(rows.map(({ input }) => input));
    const { secretRandom, data } = this.#with;
    const apart = () =>
      keepingWhole(
        oneUnitApart(inputs, () => secretRandom.integer(2) === 1),
        inputs,
        data.source.inputs,
      );
    const asked = joinFloats([inputs, ...Array.from({ length: APART_RUNS }, apart)]);
    const runs: Float32Array[][] = [];
    try {
      // One after another: each has a copy of the weights.
      for (const order of ORDERS) {
        const outputs = await this.#run(model, asked, { implementation: order });
        for (let first = 0; first < outputs.length; first += rows.length)
          runs.push(outputs.slice(first, first + rows.length));
      }
    } catch (error) {
      if (error instanceof JobOver) throw error;
      return null;
    }
    return runs;
  }

  /** One and the same for all suspicions of a model, so that a hundred liars at once cost one copy of its weights a draw, and not a hundred. */
  #halfOf(model: ModelReference, draw: number): ModelReference {
    const name = `${model.sha256} ${draw}`;
    const known = this.#halves.get(name)?.deref();
    if (known !== undefined) return known;
    const half = weightsApart(model, hash32(this.#halfSeed, draw), "float16");
    this.#halves.set(name, new WeakRef(half));
    return half;
  }

  async #run(model: ModelReference, inputs: Float32Array, manner: Partial<RunManner>): Promise<Float32Array[]> {
    const { data, executor } = this.#with;
    const { inputSize, outputSize } = data.job;
    const rowCount = inputs.length / inputSize;
    const outputs = await executor.run("run", { model, inputs, rowCount, manner: { lane: "check", ...manner } });
    return Array.from({ length: rowCount }, (_, row) => outputs.subarray(row * outputSize, (row + 1) * outputSize));
  }

  /**
   * @returns null where the model does not run on it: the others have to do. Where its trial ran there it does, and nobody is named by fewer
   *   runs because the machine was busy. Of a job of an earlier version nobody knows
   */
  async #runOnSecond(model: ModelReference, inputs: Float32Array): Promise<Float32Array[] | null> {
    const { sensitivity } = this.#with.data.job;
    if (sensitivity?.rowsOnSecond === 0) return null;
    const ran = this.#run(model, inputs, { implementation: "second" });
    return sensitivity == null ? ran.catch(() => null) : ran;
  }
}

/** Where the two runs differ themselves, which no model was seen to, a number may lie as far off as others' may. */
function judgedFixed(received: Float32Array, alone: Float32Array, together: Float32Array): Omit<Judged, "volunteerId"> {
  // [VF16] Where one of them overflows the query is at fault.
  if (isNonFinite(alone) || isNonFinite(together)) return { verdict: "agrees", spread: 0 };
  const spread = rowDeviation(alone, together);
  const allowed = alone.map((value, c) => SPREAD_MARGIN * Math.abs(value - together[c]!));
  const isOne = isSameRow(received, alone) || isWithinEach(received, together, allowed);
  return { verdict: isOne ? "agrees" : "differs", spread: Math.min(spread, DEVIATION_MAX) };
}

interface TrustedRow {
  readonly outputs: Float32Array;
  /** Of inputs and weights that were rounded as its device rounds. */
  readonly isHalf: boolean;
}

function nameOf(effectId: number, volunteerId: string): string {
  return `${effectId} ${volunteerId}`;
}

/** One row that differs for certain names its volunteer, whatever the others say. */
const WORST_FIRST: readonly RowVerdict[] = ["differs", "unstable", "excused", "unstable in half precision", "agrees"];

function worstOf<J extends Omit<Judged, "volunteerId">>(judged: readonly J[]): J {
  return [...judged].sort((a, b) => WORST_FIRST.indexOf(a.verdict) - WORST_FIRST.indexOf(b.verdict))[0]!;
}

/** The largest deviation of two of them. */
function spread(rows: readonly Float32Array[], scaleFloor: ScaleFloor): number {
  let largest = 0;
  rows.forEach((one, i) => {
    for (const other of rows.slice(i + 1)) largest = Math.max(largest, rowDeviation(one, other, scaleFloor));
  });
  return largest;
}
