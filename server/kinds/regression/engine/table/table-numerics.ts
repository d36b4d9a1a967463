/**
 * What a regression of a table adds to a coded run. Tabs multiply with the coded matrix of cell - centre; the coordinator divides by the
 * columns' scales, finds the intercept, and descends in the weights of the standardised columns:
 *
 *     F(U) = min over b of mean loss(V U + b) + l2/2 ||U||^2,   V = (cell - centre) / divisor
 *
 * F is strongly convex with l2, so no weight is further from the optimum than ||grad F|| / l2.
 */
import type { RegressionEvaluation } from "../../../../../shared/kinds/regression/evaluation.ts";
import type { RunProduct } from "../../../../coded/core/run-events.ts";
import type {
  DescentStanding,
  EngineJob,
  Evaluation,
  HeldArrays,
  KindNumerics,
  NamedArrays,
  PreparedData,
} from "../../../../coded/engine/kind-numerics.ts";
import { type Broadcast, joinBlocks, quantizeBroadcast } from "../broadcast.ts";
import { evaluationOf } from "../evaluation/evaluation-of.ts";
import { joinLimbs } from "../features.ts";
import { link } from "../link.ts";
import { penalty } from "../optimizer.ts";
import { accuracyOf, scoresOf } from "../predict.ts";
import { type CodedFeatures, codeFeatures } from "../prepare-training.ts";
import { bestIntercept, withIntercept } from "./best-intercept.ts";
import { type Descent, descentOf, descentSize, joined } from "./descent.ts";
import { scoresOfCells, type Term, weightsOfCells } from "./fit-table.ts";
import { type PreparedTable, prepareTable, type TableFiles, type TableTraining } from "./prepare-table.ts";

export interface TableJob extends TableFiles, EngineJob {}

/** Columns that are named in a note; more are counted. */
const COLUMNS_NAMED_MAX = 5;

export class TableNumerics implements KindNumerics {
  readonly #job: TableJob;
  #held: { readonly table: PreparedTable; readonly coded: CodedFeatures } | null = null;
  readonly #broadcasts: Partial<Record<RunProduct, Broadcast>> = {};
  #descent: Descent | null = null;
  /** Of the latest scores: the next ones begin from it. */
  #intercept: Float64Array = new Float64Array(0);
  /** The intercept of the weights that were reached. */
  #reachedIntercept: Float64Array = new Float64Array(0);
  #scores: Float64Array = new Float64Array(0);
  #residuals: Float64Array = new Float64Array(0);
  #gradientSum: Float64Array = new Float64Array(0);
  #loss = 0;
  /** How good the weights are that count. */
  #shown: Evaluation | null = null;

  constructor(job: TableJob) {
    this.#job = job;
  }

  prepare(): PreparedData {
    const { rounding } = this.#job;
    if (this.#held === null) {
      const table = prepareTable(this.#job);
      this.#held = { table, coded: codeFeatures(table.trained.matrix, rounding) };
    }
    const { table, coded } = this.#held;
    const { outputs, terms, trained } = table;
    const { rows } = trained.matrix;
    const { limbs, matrix } = coded.quantized;
    this.#descent = descentOf(terms.length * outputs, this.#job.table);
    this.#intercept = new Float64Array(outputs);
    if (this.#job.table.intercept) this.#intercept = this.#bestIntercept(new Float64Array(rows * outputs));
    this.#reachedIntercept = this.#intercept;
    return {
      matrices: {
        forward: { residues: matrix, rows: limbs * rows, columns: terms.length },
        backward: { residues: coded.transposed, rows: limbs * terms.length, columns: rows },
      },
      chunkCount: Math.max(coded.chunks.forward.norms.length, coded.chunks.backward.norms.length),
      notes: constantNotes(terms, this.#job.table.columnNames),
    };
  }

  vector(product: RunProduct): Broadcast {
    const { coded, table } = this.#data();
    const { rows } = table.trained.matrix;
    const limbs = this.#job.rounding?.[product].limbs ?? 1;
    const { forward, backward } = coded.chunks;
    const broadcast =
      product === "forward"
        ? quantizeBroadcast(this.#scaled(this.#at().point), table.terms.length, table.outputs, forward, limbs)
        : quantizeBroadcast(this.#residuals, rows, table.outputs, backward, limbs);
    this.#broadcasts[product] = broadcast;
    return broadcast;
  }

  take(product: RunProduct, blocks: readonly Uint32Array[]): void {
    const { coded, table } = this.#data();
    const broadcast = this.#broadcasts[product];
    if (broadcast === undefined) throw new Error(`TableNumerics: expected a ${product} vector to come first`);
    const { limbs, limbBits } = coded.quantized;
    const length = product === "forward" ? table.trained.matrix.rows : table.terms.length;
    const joined = joinLimbs(joinBlocks(blocks, limbs * length, broadcast), limbs, limbBits);
    if (product === "forward") this.#scores = joined;
    else this.#gradientSum = this.#scaled(joined);
  }

  link(): Evaluation {
    const { table } = this.#data();
    const { kind, table: settings } = this.#job;
    const { targets } = table.trained;
    if (settings.intercept) this.#intercept = this.#bestIntercept(this.#scores);
    const scores = withIntercept(this.#scores, this.#intercept);
    const { residuals, loss } = link(kind, scores, targets, table.outputs);
    this.#residuals = residuals;
    this.#loss = loss + penalty(this.#at().point, settings.l2);
    const isWorse = this.#shown !== null && !(this.#loss <= this.#shown.loss);
    if (this.#shown !== null && isWorse && this.#at().isTrying) return this.#shown;
    this.#shown = { loss: this.#loss, accuracy: accuracyOf(kind, scores, targets, table.outputs) };
    return this.#shown;
  }

  update(): Evaluation | null {
    const { table } = this.#data();
    const { rows } = table.trained.matrix;
    const { l2 } = this.#job.table;
    const descent = this.#at();
    const gradient = this.#gradientSum.map((sum, i) => sum / rows + l2 * descent.point[i]!);
    if (descent.take(this.#loss, gradient)) this.#reachedIntercept = this.#intercept;
    if (table.heldOut === null) return null;
    const { kind } = this.#job;
    const { matrix, targets } = table.heldOut;
    const scores = withIntercept(
      scoresOf(matrix, this.#perCell(descent.reached), table.outputs),
      this.#reachedIntercept,
    );
    const { loss } = link(kind, scores, targets, table.outputs);
    return { loss, accuracy: accuracyOf(kind, scores, targets, table.outputs) };
  }

  standing(): DescentStanding {
    const { tolerance, l2 } = this.#job.table;
    const descent = this.#at();
    const { gradientNorm } = descent;
    const largest = descent.reached.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
    const share = largest === 0 ? (gradientNorm === 0 ? 0 : null) : gradientNorm / (l2 * largest);
    const distance = l2 === 0 ? null : share;
    const words = `the gradient's norm is ${gradientNorm.toPrecision(2)}`;
    if (distance !== null && distance <= tolerance) {
      return { distance, stop: `no weight is further from the optimum than ${distance.toPrecision(2)} of the largest` };
    }
    // Without a penalty nothing says how far the optimum is; a gradient so small is as good as none.
    if (l2 === 0 && gradientNorm <= GRADIENT_SHARE * tolerance * descent.firstNorm) return { distance, stop: words };
    return { distance, stop: descent.isStuck ? `rounding allows no further progress, ${words}` : null };
  }

  checkpoint(): NamedArrays {
    const { table } = this.#data();
    const descent = this.#at();
    const intercept = this.#job.table.intercept ? this.#reachedIntercept : null;
    return {
      weights: weightsOfCells(descent.reached, intercept, table.terms),
      descent: joined(this.#intercept, this.#reachedIntercept, descent.written()),
      terms: Float64Array.from(table.terms.flatMap(({ mean, unit, divisor }) => [mean * unit, divisor * unit])),
    };
  }

  restore({ arrays }: HeldArrays): void {
    const { outputs } = this.#data().table;
    const written = arrays.descent!;
    this.#intercept = written.slice(0, outputs);
    this.#reachedIntercept = written.slice(outputs, 2 * outputs);
    this.#at().restore(written.slice(2 * outputs));
  }

  /** On the rows held out; without any, on those that it learned from. */
  evaluation({ iteration, arrays }: HeldArrays): RegressionEvaluation | null {
    const { terms, outputs, labels, trained, heldOut } = this.#data().table;
    const { matrix, targets } = heldOut ?? trained;
    const scores = scoresOfCells(matrix, arrays.weights!, terms, outputs);
    const told = { weightsOf: iteration, isHeldOut: heldOut !== null };
    return evaluationOf(this.#job.kind, scores, targets, { classes: outputs, labelOfClass: labels }, told);
  }

  #bestIntercept(scores: Float64Array): Float64Array {
    const { trained, outputs } = this.#data().table;
    return bestIntercept(this.#job.kind, scores, trained.targets, outputs, this.#intercept);
  }

  /** Rows of a terms x outputs matrix divided by the terms' divisors and steps: weights on their way out, gradients on their way in. */
  #scaled(values: Float64Array): Float64Array {
    const { coded, table } = this.#data();
    const { scales } = coded.quantized;
    return values.map((value, i) => {
      const term = Math.floor(i / table.outputs);
      return value / table.terms[term]!.divisor / scales[term]!;
    });
  }

  /** Weights of v as those of cell - centre. */
  #perCell(weights: Float64Array): Float64Array {
    const { terms, outputs } = this.#data().table;
    return weights.map((value, i) => value / terms[Math.floor(i / outputs)]!.divisor);
  }

  #at(): Descent {
    if (this.#descent === null) throw new Error("TableNumerics: expected prepare to come first");
    return this.#descent;
  }

  #data() {
    if (this.#held === null) throw new Error("TableNumerics: expected prepare to come first");
    return this.#held;
  }
}

/** How many numbers each array of a checkpoint has. */
export function tableArraySizes(
  terms: number,
  outputs: number,
  { intercept, rate }: Pick<TableTraining, "intercept" | "rate">,
): Record<"descent" | "terms" | "weights", number> {
  const size = terms * outputs;
  const descent = 2 * outputs + descentSize(size, rate);
  return { descent, terms: 2 * terms, weights: size + (intercept ? outputs : 0) };
}

/** The norm of the first gradient, times the tolerance. */
const GRADIENT_SHARE = 1e-3;

function constantNotes(terms: readonly Term[], names: readonly string[] | null): string[] {
  const constant = [...new Set(terms.filter((term) => term.isConstant && term.level === null).map((t) => t.column))];
  if (constant.length === 0) return [];
  const named = constant.slice(0, COLUMNS_NAMED_MAX).map((column) => names?.[column] ?? String(column));
  const rest = constant.length - COLUMNS_NAMED_MAX;
  const which = rest > 0 ? `${named.join(", ")} and ${rest} more` : named.join(", ");
  return [`The same number stands in every row of column ${which}: nothing can be learned from it.`];
}
