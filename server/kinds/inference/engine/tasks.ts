/**
 * What the numerics pool computes for inference jobs: arrays in, arrays out, nothing remembered but loaded models.
 *
 * G groups of K queries, D = inputSize, C = outputSize, N worker indices.
 */
import { matrixRow } from "../../../../shared/coding/arrivals.ts";
import { decodeGroups } from "../../../../shared/coding/decode-groups.ts";
import { encodeGroups } from "../../../../shared/coding/encode-groups.ts";
import { localityOrderOf } from "../../../../shared/coding/locality.ts";
import { makeScheme } from "../../../../shared/coding/make-scheme.ts";
import { principalAxes, projectOn } from "../../../../shared/coding/principal-components.ts";
import { DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import type { CommonTasks, TasksOf } from "../../../numerics/tasks.ts";
import { planJob } from "../planner/plan-job.ts";
import { isOff } from "./answer-rule.ts";
import { dealGroups } from "./deal-groups.ts";
import { NO_ESTIMATE } from "./estimate-codes.ts";
import { estimateRound, type RoundEstimates } from "./held-out-estimates.ts";
import { gatherRows, roundToHalf, storedRows } from "./query-rows.ts";
import type { QuerySource } from "./query-source.ts";
import { rowsWithin, runRows } from "./run-rows.ts";
import { inShared } from "./shared-floats.ts";
import { putNonFinite, withoutSpoilt } from "./spoilt-groups.ts";
import type { InferenceTasks } from "./task-types.ts";

export const INFERENCE_TASKS: TasksOf<Omit<InferenceTasks, keyof CommonTasks>> = {
  async sampledAxes({ source, queryCount, sampleCount }, { secretRandom }) {
    const drawn = Uint32Array.from(drawRows(secretRandom, queryCount, sampleCount)).sort();
    const axes = principalAxes(storedRows(source, drawn), drawn.length, source.inputSize, secretRandom);
    return { axes, width: axes.length / source.inputSize };
  },

  async orderOf({ source, queries, groupSize, axes, width }, { secretRandom }) {
    const projected = projectRows(axes, source, queries);
    const alike = localityOrderOf(projected, width, queries.length, groupSize, secretRandom);
    return dealGroups(alike, groupSize, secretRandom).map((place) => queries[place]!);
  },

  async project({ source, queries, axes }) {
    return inShared(projectRows(axes, source, queries));
  },

  async encode({ scheme, source, rows, placements, groupCount, toHalf }) {
    const groups = gatherRows(source, rows);
    const code = makeScheme(scheme.name, scheme.parameters);
    const batches = encodeGroups(code, groups, groupCount, source.inputSize, placements ?? undefined, true);
    if (toHalf) for (const batch of batches) roundToHalf(batch, source.scale);
    return batches;
  },

  async decode(input) {
    const { arrived, placements, groupCount, outputSize, rule, estimates } = input;
    const scheme = makeScheme(input.scheme.name, input.scheme.parameters);
    const batches = withoutSpoilt(scheme, input.batches, groupCount, outputSize);
    const decoded = decodeGroups(scheme, arrived, batches, groupCount, outputSize, placements ?? undefined);
    const { outputs, how, rejectedCounts } = decoded;
    const round = { scheme, arrived, batches, groupCount, outputSize, placements, rule, decoded };
    const measured = estimates === null ? null : estimateRound({ ...round, ...estimates });
    if (measured !== null) putEstimates(measured, outputs, how, outputSize);
    if (batches !== input.batches) putNonFinite({ ...round, batches: input.batches }, measured?.codes ?? null);
    return { outputs, how, measured, rejectedCounts };
  },

  async recompute({ model, rule, source, rows, outputs, precisions, isAnswered }, { model: load }) {
    const loaded = await load(model);
    const { outputSize } = loaded.facts;
    const tolerances = Float64Array.from(precisions, (precision) => rule.tolerance[precision]);
    const ownOutputs = await runRows(loaded, source, rows, isAnswered ? { outputs, tolerances } : undefined);
    const failedRows = new Uint8Array(rows.length);
    for (let r = 0; r < rows.length; r++) {
      const [expected, got] = [matrixRow(ownOutputs, r, outputSize), matrixRow(outputs, r, outputSize)];
      if (isOff(rule, expected, got, precisions[r]!)) failedRows[r] = 1;
    }
    return { failedRows, ownOutputs };
  },

  async plan(request) {
    return planJob(request);
  },
};

/** Where queries lie, n x width, some of them at a time. @param axes width x D */
function projectRows(axes: Float64Array, source: QuerySource, queries: Uint32Array): Float32Array {
  const { inputSize } = source;
  const width = axes.length / inputSize;
  const projected = new Float32Array(queries.length * width);
  const atOnce = rowsWithin(PROJECTED_BYTES_AT_ONCE_MAX, inputSize);
  for (let first = 0; first < queries.length; first += atOnce) {
    const some = queries.subarray(first, first + atOnce);
    projected.set(projectOn(axes, storedRows(source, some), some.length, inputSize), first * width);
  }
  return projected;
}
const PROJECTED_BYTES_AT_ONCE_MAX = 16 * 1024 * 1024;

/** Lost rows are answered by the estimator that does better in this job. */
function putEstimates(measured: RoundEstimates, outputs: Float32Array, how: Uint8Array, outputSize: number): void {
  measured.codes.forEach((code, row) => {
    if (code === NO_ESTIMATE) return;
    matrixRow(outputs, row, outputSize).set(matrixRow(measured.outputs, row, outputSize));
    how[row] = DECODED_HOW.estimated;
  });
}
