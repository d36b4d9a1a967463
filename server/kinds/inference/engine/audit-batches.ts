/** Audits: secret rows of batches are computed again, and compared with what was said of them. SPEC.md VF rules. */

import { matrixRow } from "../../../../shared/coding/arrivals.ts";
import type { RandomSource } from "../../../../shared/random/random.ts";
import type { BackendClass } from "../../../../shared/verify/compare-rows.ts";
import { rowAgrees } from "../../../../shared/verify/compare-rows.ts";
import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import { labelTolerance } from "../../../../shared/verify/label-tolerance.ts";
import { addRows, CLASS_ROWS_TO_TELL, NOTHING_LOOKED, type RowsLooked } from "../../../../shared/verify/model-class.ts";
import { type SaidRows, saidWithin } from "../../../../shared/verify/said-rows.ts";
import type { TrustedModelRows } from "../../../numerics/numerics-references.ts";
import {
  type AnswerRule,
  agreeAsFixed,
  isNonFinite,
  isOff,
  leavesLabelOpen,
  saysTheSame,
  scaleFloorOf,
} from "./answer-rule.ts";
import { checkedToo } from "./checked-rows.ts";
import { gatherEntries, gatherRows } from "./query-rows.ts";
import type { QuerySource } from "./query-source.ts";

/** G rows, C = outputSize */
export interface AuditBatch {
  readonly rule: AnswerRule;
  /** What the rows are computed from: queries as they are, one a row, or mixtures, G x D. */
  readonly inputs: { readonly source: QuerySource; readonly queries: Uint32Array } | Float32Array;
  /** G x C */
  readonly outputs: Float32Array;
  /** What its tab is taken for: how near rows have to be to others for nobody to look closer. */
  readonly precision: BackendClass;
  /** [PC3] It was measured in float32: a row beyond the narrow tolerance is wrong, or says that the device has changed. */
  readonly isFine: boolean;
  readonly randomRows: number;
  /** Those rows, where the job's secret has drawn them; absent: they are drawn here. */
  readonly drawnRows?: readonly number[];
  /** [PC1] So many of the rows whose label its tolerance leaves open are recomputed too, those with the least margin first. */
  readonly ambiguousRows: number;
  /** Rows that are recomputed beside them. */
  readonly chosenRows: readonly number[];
  /** G x C and G flags: what was estimated for these rows, where they were estimated; such rows are suspects. */
  readonly estimates: { readonly outputs: Float32Array; readonly present: Uint8Array } | null;
  /**
   * What somebody else said of the same rows, G x C; rows in which the two differ are recomputed.
   * checked: G flags of rows of it that were recomputed before; null: none.
   */
  readonly against: {
    readonly outputs: Float32Array;
    readonly precision: BackendClass;
    readonly isFine: boolean;
    readonly checked: Uint8Array | null;
  } | null;
}

export interface BatchAudit {
  /** G flags, of which randomlyChecked were drawn. */
  readonly checkedRows: Uint8Array;
  readonly randomlyChecked: number;
  /** How far off the checked rows are, and how many differ beyond the tolerance of what their tab was measured to be. */
  readonly looked: RowsLooked;
  readonly failed: number;
  /** [PC5] A wrong one is the right answer of another row of the batch: no device does that by itself. */
  readonly isAnothers: boolean;
  /** checked rows x C */
  readonly ownOutputs: Float32Array;
  /** The same of what it was compared with; randomlyChecked: of rows that had not been recomputed before. */
  readonly against: { readonly randomlyChecked: number; readonly looked: RowsLooked; readonly failed: number } | null;
}

/** Rows beyond the tolerance of what their tab was measured to be. */
export function failedOf({ coarse, wrong }: RowsLooked, isFine: boolean): number {
  return wrong + (isFine ? coarse : 0);
}

/** How far off a row is. @param of what its tab is taken for: [PC10] of one whose arithmetic is fixed no device rounds otherwise */
export function lookAt(
  rule: AnswerRule,
  expected: Float32Array,
  got: Float32Array,
  of: BackendClass,
): keyof RowsLooked {
  const isFixed = of === "fixed32";
  if (!isOff(rule, expected, got, isFixed ? of : "float32")) return "fine";
  return (isFixed && rule.fixed !== "close") || isOff(rule, expected, got, "float16") ? "wrong" : "coarse";
}

/**
 * The checked rows of all batches go through the model together, for a few rows alone cost it up to twice as much each; but never more
 * at once than a tab computes, whose batch was made to fit.
 */
export async function auditBatches(
  model: TrustedModelRows,
  batches: readonly AuditBatch[],
  random: RandomSource,
): Promise<BatchAudit[]> {
  const { inputSize, outputSize } = model.facts;
  const checks = batches.map((batch) => rowsToCheck(batch, outputSize, random));
  const rowCount = checks.reduce((sum, { rows }) => sum + rows.length, 0);
  const inputs = new Float32Array(rowCount * inputSize);
  const said = { outputs: new Float32Array(rowCount * outputSize), tolerances: new Float64Array(rowCount) };
  let filled = 0;
  batches.forEach((batch, b) => {
    const { rows } = checks[b]!;
    inputs.set(inputsOf(batch, rows, inputSize), filled * inputSize);
    const ofBatch = saidOf(batch, rows, outputSize);
    said.outputs.set(ofBatch.outputs, filled * outputSize);
    said.tolerances.set(ofBatch.tolerances, filled);
    filled += rows.length;
  });
  const rowsAtOnce = Math.max(...batches.map((batch) => batch.outputs.length / outputSize));
  const outputs = await runInPieces(model, inputs, rowsAtOnce, said);
  let taken = 0;
  const audits = batches.map((batch, b) => {
    const own = outputs.slice(taken, taken + checks[b]!.rows.length * outputSize);
    taken += own.length;
    return compared(batch, checks[b]!, own, outputSize);
  });
  for (const [b, batch] of batches.entries()) audits[b] = await lookedCloser(model, batch, audits[b]!, random);
  return audits;
}

/** [PC5] Where a row is off, more rows say whether all are, which is the device's fault, or some, which is a lie. */
async function lookedCloser(
  model: TrustedModelRows,
  batch: AuditBatch,
  audit: BatchAudit,
  random: RandomSource,
): Promise<BatchAudit> {
  const { inputSize, outputSize } = model.facts;
  if (audit.failed === 0 && (audit.against?.failed ?? 0) === 0) return audit;
  const unseen = [...audit.checkedRows.keys()].filter((row) => audit.checkedRows[row] !== 1);
  const more = Math.min(unseen.length, CLASS_ROWS_TO_TELL - (audit.checkedRows.length - unseen.length));
  if (more <= 0) return audit;
  const rows = Uint32Array.from(drawRows(random, unseen.length, more), (i) => unseen[i]!).sort();
  const flags = new Uint8Array(audit.checkedRows.length);
  for (const row of rows) flags[row] = 1;
  const own = await runInPieces(model, inputsOf(batch, rows, inputSize), rows.length, saidOf(batch, rows, outputSize));
  const closer = compared(batch, { rows, flags, drawn: [] }, own, outputSize);
  const both = checkedToo({ flags: audit.checkedRows, ownOutputs: audit.ownOutputs }, { flags, ownOutputs: own });
  return {
    checkedRows: both.flags,
    ownOutputs: both.ownOutputs,
    randomlyChecked: audit.randomlyChecked,
    looked: addRows(audit.looked, closer.looked),
    failed: audit.failed + closer.failed,
    isAnothers: isAnothers(batch, both.flags, both.ownOutputs, outputSize),
    against: audit.against &&
      closer.against && {
        randomlyChecked: audit.against.randomlyChecked,
        looked: addRows(audit.against.looked, closer.against.looked),
        failed: audit.against.failed + closer.against.failed,
      },
  };
}

/** Is one of the checked rows wrong, and the right answer of another one? @param ownOutputs checked rows x C */
function isAnothers(
  { rule, outputs, precision }: AuditBatch,
  flags: Uint8Array,
  ownOutputs: Float32Array,
  outputSize: number,
): boolean {
  const rows = [...flags.keys()].filter((row) => flags[row] === 1);
  const own = (r: number) => matrixRow(ownOutputs, r, outputSize);
  return rows.some((row, r) => {
    const got = matrixRow(outputs, row, outputSize);
    const look = (other: number) => lookAt(rule, own(other), got, precision);
    return look(r) === "wrong" && rows.some((_, other) => look(other) === "fine");
  });
}

/** @returns |rows| rows */
function saidOf({ rule, outputs, precision }: AuditBatch, rows: Uint32Array, outputSize: number): SaidRows {
  const tolerances = new Float64Array(rows.length).fill(rule.tolerance[precision]);
  return { outputs: gatherEntries(outputs, outputSize, rows), tolerances };
}

/** @param inputs n x D, and said: n rows. @returns n x C */
async function runInPieces(
  model: TrustedModelRows,
  inputs: Float32Array,
  rowsAtOnce: number,
  said: SaidRows,
): Promise<Float32Array> {
  const { inputSize, outputSize } = model.facts;
  const rowCount = inputs.length / inputSize;
  const outputs = new Float32Array(rowCount * outputSize);
  for (let first = 0; first < rowCount; first += rowsAtOnce) {
    const end = Math.min(rowCount, first + rowsAtOnce);
    const rows = inputs.subarray(first * inputSize, end * inputSize);
    const saidOfRows = saidWithin(said, first, end - first);
    outputs.set(await model.run(rows, end - first, saidOfRows), first * outputSize);
  }
  return outputs;
}

interface Check {
  /** Strictly increasing. */
  readonly rows: Uint32Array;
  readonly flags: Uint8Array;
  readonly drawn: readonly number[];
}

/** Is there a row that has to be computed? Without one the model need not be asked. */
export function asksForRows(batch: AuditBatch, outputSize: number): boolean {
  if (batch.randomRows > 0) return true;
  return rowsToCheck(batch, outputSize, NOTHING_DRAWN).rows.length > 0;
}

/** Of a batch of which no row is drawn. */
const NOTHING_DRAWN: RandomSource = {
  integer: () => 0,
  uniform: () => 0,
};

/** Those that are drawn or asked for, those without a certain label, and those that differ from an estimate or from what somebody else said. */
function rowsToCheck(batch: AuditBatch, outputSize: number, random: RandomSource): Check {
  const { rule, outputs, precision, randomRows, drawnRows, chosenRows, estimates, against } = batch;
  const rowCount = outputs.length / outputSize;
  const flags = new Uint8Array(rowCount);
  const drawn = drawnRows ?? drawRows(random, rowCount, randomRows);
  for (const row of [...drawn, ...chosenRows, ...ambiguousRowsOf(batch, outputSize)]) flags[row] = 1;
  for (let row = 0; row < rowCount; row++) {
    const output = matrixRow(outputs, row, outputSize);
    if (isNonFinite(output)) flags[row] = 1;
    if (estimates?.present[row] === 1 && !saysTheSame(rule, output, matrixRow(estimates.outputs, row, outputSize))) {
      flags[row] = 1;
    }
    if (against !== null) {
      const tolerance = rule.tolerance[precision] + rule.tolerance[against.precision];
      const other = matrixRow(against.outputs, row, outputSize);
      const agrees =
        agreeAsFixed(rule, precision, against.precision, other, output) ??
        rowAgrees(other, output, tolerance, scaleFloorOf(rule));
      if (!agrees || leavesLabelOpen(rule, output, precision, against.precision)) flags[row] = 1;
    }
  }
  const rows = Uint32Array.from(flags.keys()).filter((row) => flags[row] === 1);
  return { rows, flags, drawn };
}

/** [PC1] Answers of a classification alone have labels, and no mixture has one. */
function ambiguousRowsOf({ rule, outputs, precision, ambiguousRows }: AuditBatch, outputSize: number): number[] {
  if (rule.task !== "classification" || ambiguousRows === 0) return [];
  const open: { row: number; certainBelow: number }[] = [];
  for (let row = 0; row < outputs.length / outputSize; row++) {
    const certainBelow = labelTolerance(matrixRow(outputs, row, outputSize));
    if (certainBelow <= rule.tolerance[precision]) open.push({ row, certainBelow });
  }
  open.sort((a, b) => a.certainBelow - b.certainBelow || a.row - b.row);
  return open.slice(0, ambiguousRows).map(({ row }) => row);
}

/** |rows| x D */
function inputsOf({ inputs }: AuditBatch, rows: Uint32Array, inputSize: number): Float32Array {
  if (inputs instanceof Float32Array) return gatherEntries(inputs, inputSize, rows);
  const queries = rows.map((row) => inputs.queries[row]!);
  return gatherRows(inputs.source, queries);
}

/** @param ownOutputs |rows| x C */
function compared(
  batch: AuditBatch,
  { rows, flags, drawn }: Check,
  ownOutputs: Float32Array,
  outputSize: number,
): BatchAudit {
  const { rule, outputs, precision, against } = batch;
  const lookedAt = (said: Float32Array, of: BackendClass): RowsLooked => {
    const counts: Record<keyof RowsLooked, number> = { ...NOTHING_LOOKED };
    rows.forEach((row, r) => {
      counts[lookAt(rule, matrixRow(ownOutputs, r, outputSize), matrixRow(said, row, outputSize), of)]++;
    });
    return counts;
  };
  const looked = lookedAt(outputs, precision);
  const ofOther = against && lookedAt(against.outputs, against.precision);
  return {
    checkedRows: flags,
    randomlyChecked: drawn.length,
    looked,
    failed: failedOf(looked, batch.isFine),
    isAnothers: looked.wrong > 0 && isAnothers(batch, flags, ownOutputs, outputSize),
    ownOutputs,
    against: against &&
      ofOther && {
        randomlyChecked: drawn.filter((row) => against.checked?.[row] !== 1).length,
        looked: ofOther,
        failed: failedOf(ofOther, against.isFine),
      },
  };
}
