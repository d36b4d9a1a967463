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
import type { TaskContext } from "../../../numerics/numerics-references.ts";
import type { CommonTasks, TasksOf } from "../../../numerics/tasks.ts";
import { planJob } from "../planner/plan-job.ts";
import { isOff } from "./answer-rule.ts";
import { auditBatches } from "./audit-batches.ts";
import { dealGroups } from "./deal-groups.ts";
import { NO_ESTIMATE } from "./estimate-codes.ts";
import { estimateRound, type RoundEstimates } from "./held-out-estimates.ts";
import { locateSuspects } from "./locate-suspects.ts";
import { queryFeatures } from "./neighbourhood.ts";
import { gatherEntries, gatherRows, roundToHalf, storedRows, storedWindow } from "./query-rows.ts";
import type { QuerySource } from "./query-source.ts";
import { rowsWithin, runRows } from "./run-rows.ts";
import { inShared } from "./shared-floats.ts";
import { putNonFinite, withoutSpoilt } from "./spoilt-groups.ts";
import { spotCheck } from "./spot-checks.ts";
import type { InferenceInputs, InferenceOutputs, InferenceTasks } from "./task-types.ts";

export const INFERENCE_TASKS: TasksOf<Omit<InferenceTasks, keyof CommonTasks>> = {
  async features({ source, queryCount }, { secretRandom }) {
    return queryFeatures(storedWindow(source, 0, queryCount), queryCount, source.inputSize, secretRandom);
  },

  async order({ features, queryCount, groupSize }, { secretRandom }) {
    return localityOrderOf(features.values, features.width, queryCount, groupSize, secretRandom);
  },

  async axes({ source, queryCount, order }, { secretRandom }) {
    const axes = principalAxes(storedWindow(source, 0, queryCount), queryCount, source.inputSize, secretRandom);
    return { axes, width: axes.length / source.inputSize, features: inShared(projectRows(axes, source, order)) };
  },

  async sampledAxes({ source, queryCount, sampleCount }, { secretRandom }) {
    const drawn = Uint32Array.from(drawRows(secretRandom, queryCount, sampleCount)).sort();
    const axes = principalAxes(storedRows(source, drawn), drawn.length, source.inputSize, secretRandom);
    return { axes, width: axes.length / source.inputSize };
  },

  async orderOf({ source, queries, groupSize, axes, width, isDealt }, { secretRandom }) {
    const projected = projectRows(axes, source, queries);
    const alike = localityOrderOf(projected, width, queries.length, groupSize, secretRandom);
    const places = isDealt ? dealGroups(alike, groupSize, secretRandom) : alike;
    return places.map((place) => queries[place]!);
  },

  async project({ source, queries, axes }) {
    return inShared(projectRows(axes, source, queries));
  },

  async arrange({ source, window: { firstPlace, endPlace }, groupSize, axes, width }, { secretRandom }) {
    const queryCount = endPlace - firstPlace;
    const rows = storedWindow(source, firstPlace, endPlace);
    const projected = projectOn(axes, rows, queryCount, source.inputSize);
    const order = localityOrderOf(projected, width, queryCount, groupSize, secretRandom);
    const features = gatherEntries(projected, width, order);
    return { order: order.map((place) => firstPlace + place), features };
  },

  async encode({ scheme, source, rows, placements, groupCount, toHalf }) {
    const groups = gatherRows(source, rows);
    const code = makeScheme(scheme.name, scheme.parameters);
    const batches = encodeGroups(code, groups, groupCount, source.inputSize, placements ?? undefined, true);
    if (toHalf) for (const batch of batches) roundToHalf(batch, source.scale);
    return batches;
  },

  async audit({ model, batches }, { model: load, secretRandom }) {
    return auditBatches(await load(model), batches, secretRandom);
  },

  async decode(input, context) {
    const { arrived, placements, groupCount, outputSize, rule, suspects, estimates } = input;
    const scheme = makeScheme(input.scheme.name, input.scheme.parameters);
    const batches = withoutSpoilt(scheme, input.batches, groupCount, outputSize);
    const decoded = decodeGroups(scheme, arrived, batches, groupCount, outputSize, placements ?? undefined);
    const { outputs, how, rejectedCounts } = decoded;
    const round = { scheme, arrived, batches, groupCount, outputSize, placements, rule, decoded };
    const measured = estimates === null ? null : estimateRound({ ...round, ...estimates });
    if (measured !== null) putEstimates(measured, outputs, how, outputSize);
    if (batches !== input.batches) putNonFinite({ ...round, batches: input.batches }, measured?.codes ?? null);
    const checkedRows = new Uint8Array(how.length);
    const suspected = suspects === null ? [] : (measured?.suspects ?? []);
    const suspectAudits = await auditSuspects(suspected, outputs, checkedRows, input, context);
    const spots = await spotCheck(input, outputs, checkedRows, context);
    const located =
      suspects === null ? [] : locateSuspects(scheme, arrived, batches, groupCount, outputSize, placements);
    return { outputs, how, measured, spots, suspectAudits, located, checkedRows, rejectedCounts };
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

/**
 * Recomputes the rows whose answer disagreed with its estimate, and says whose they are; puts its own in their place.
 * @param outputs G x K x C, and checkedRows G x K flags: those that agreed are set
 */
async function auditSuspects(
  suspected: RoundEstimates["suspects"],
  outputs: Float32Array,
  checkedRows: Uint8Array,
  { outputSize, rule, suspects }: InferenceInputs["decode"],
  context: TaskContext,
): Promise<InferenceOutputs["decode"]["suspectAudits"]> {
  const bySlot = new Map<number, InferenceOutputs["decode"]["suspectAudits"][number]>();
  if (suspects === null || suspected.length === 0) return [];
  const loaded = await context.model(suspects.model);
  const queries = Uint32Array.from(suspected, ({ row }) => suspects.rows[row]!);
  /** The worker index that holds each suspected row. */
  const holders = suspected.map(({ workerIndex, row }) => (suspects.slots?.[row] || workerIndex + 1) - 1);
  const said = {
    outputs: gatherEntries(
      outputs,
      outputSize,
      Uint32Array.from(suspected, ({ row }) => row),
    ),
    tolerances: Float64Array.from(holders, (workerIndex) => rule.tolerance[suspects.precisions[workerIndex]!]),
  };
  const own = await runRows(loaded, suspects.source, queries, said);
  suspected.forEach(({ row }, r) => {
    const workerIndex = holders[r]!;
    const tally = bySlot.get(workerIndex) ?? { workerIndex, checked: 0, failed: 0, differing: [] };
    bySlot.set(workerIndex, tally);
    const [expected, got] = [matrixRow(own, r, outputSize), matrixRow(outputs, row, outputSize)];
    tally.checked++;
    if (!isOff(rule, expected, got, suspects.precisions[workerIndex]!)) {
      checkedRows[row] = 1;
      got.set(expected);
    } else {
      tally.failed++;
      tally.differing.push({ row, expected: expected.slice() });
    }
  });
  return [...bySlot.values()];
}
