/**
 * What the numerics pool computes: arrays in, arrays out, nothing remembered but loaded models. The same tasks run on
 * worker threads in production and in line in the simulator.
 *
 * G groups of K queries, D = inputSize, C = outputSize, N worker indices.
 */
import { decodeGroups } from "../../shared/coding/decode-groups.ts";
import { encodeGroups } from "../../shared/coding/encode-groups.ts";
import { localityOrder } from "../../shared/coding/locality.ts";
import { makeScheme } from "../../shared/coding/make-scheme.ts";
import type { SchemeName, SchemeParameters } from "../../shared/coding/scheme.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";
import { drawRows } from "../../shared/verify/draw-rows.ts";
import type { PrecisionClass } from "../coordinator/events.ts";
import { argmax } from "./argmax.ts";
import { compareWithEstimates } from "./held-out-estimates.ts";

/** What a task may use: models by hash, and randomness that nobody outside can foresee. */
export interface TaskContext {
  model(reference: ModelReference): Promise<LoadedModel>;
  readonly secretRandom: RandomSource;
}

/** The bytes are shared memory: passing them to a thread copies nothing. */
export interface ModelReference {
  readonly sha256: string;
  readonly bundle: Uint8Array;
}

/** The job's queries as uploaded, in shared memory: queryCount x D. */
export interface QuerySource {
  readonly values: Float32Array | Uint8Array;
  readonly inputSize: number;
  readonly scale: number;
}

export interface SchemeReference {
  readonly name: SchemeName;
  readonly parameters: SchemeParameters;
}

export interface TaskInputs {
  order: { source: QuerySource; queryCount: number; groupSize: number };
  encode: {
    scheme: SchemeReference;
    source: QuerySource;
    /** G x K query indices; padding repeats the last query. */
    rows: Uint32Array;
    placements: Uint32Array | null;
    groupCount: number;
  };
  audit: {
    model: ModelReference;
    /** G x D and G x C */
    inputs: Float32Array;
    outputs: Float32Array;
    precision: PrecisionClass;
    randomRows: number;
    /** G x C and G flags: what was estimated for these rows, where they were estimated; such rows are suspects. */
    estimates: { outputs: Float32Array; present: Uint8Array } | null;
  };
  decode: {
    scheme: SchemeReference;
    arrived: number[];
    /** |arrived| batches of G x C */
    batches: Float32Array[];
    placements: Uint32Array | null;
    groupCount: number;
    outputSize: number;
    /** Recompute rows that disagree with their estimate; rows are those of `encode`. */
    suspects: { model: ModelReference; source: QuerySource; rows: Uint32Array; precisions: PrecisionClass[] } | null;
  };
  recompute: {
    model: ModelReference;
    source: QuerySource;
    rows: Uint32Array;
    /** |rows| x C, as answered */
    outputs: Float32Array;
    precisions: PrecisionClass[];
  };
  run: { model: ModelReference; inputs: Float32Array; rowCount: number };
}

export interface TaskOutputs {
  order: Uint32Array;
  /** N batches of G x D */
  encode: Float32Array[];
  /** checkedRows: G flags, of which randomlyChecked were drawn. failed: how many of the checked rows differ. */
  audit: { checkedRows: Uint8Array; randomlyChecked: number; failed: number; ownOutputs: Float32Array };
  decode: {
    /** G x K x C and G x K, in the order of `rows` */
    outputs: Float32Array;
    how: Uint8Array;
    heldOutAgreed: number;
    heldOutTotal: number;
    suspectAudits: { workerIndex: number; checked: number; failed: number }[];
    /** G x K flags: rows that were recomputed here and agreed; `outputs` holds the coordinator's own for them. */
    checkedRows: Uint8Array;
  };
  /** failedRows: flags. ownOutputs: what the coordinator itself computed. */
  recompute: { failedRows: Uint8Array; ownOutputs: Float32Array };
  run: Float32Array;
}

export type TaskName = keyof TaskInputs;
export type Tasks = { [T in TaskName]: (input: TaskInputs[T], context: TaskContext) => Promise<TaskOutputs[T]> };

export const NUMERICS_TASKS: Tasks = {
  async order({ source, queryCount, groupSize }, { secretRandom }) {
    return localityOrder(source.values, queryCount, source.inputSize, groupSize, secretRandom);
  },

  async encode({ scheme, source, rows, placements, groupCount }) {
    const groups = gatherRows(source, rows);
    const code = makeScheme(scheme.name, scheme.parameters);
    return encodeGroups(code, groups, groupCount, source.inputSize, placements ?? undefined);
  },

  async audit({ model, inputs, outputs, precision, randomRows, estimates }, { model: load, secretRandom }) {
    const loaded = await load(model);
    const { inputSize, outputSize } = loaded.facts;
    const rowCount = outputs.length / outputSize;
    const checkedRows = new Uint8Array(rowCount);
    const drawn = drawRows(secretRandom, rowCount, randomRows);
    for (const row of drawn) checkedRows[row] = 1;
    if (estimates !== null) {
      for (let row = 0; row < rowCount; row++) {
        if (
          estimates.present[row] === 1 &&
          argmax(estimates.outputs, row, outputSize) !== argmax(outputs, row, outputSize)
        ) {
          checkedRows[row] = 1;
        }
      }
    }
    const rows = flagged(checkedRows);
    const ownOutputs = await loaded.run(pickRows(inputs, rows, inputSize), rows.length);
    let failed = 0;
    rows.forEach((row, r) => {
      const got = outputs.subarray(row * outputSize, (row + 1) * outputSize);
      const expected = ownOutputs.subarray(r * outputSize, (r + 1) * outputSize);
      if (!rowAgrees(expected, got, PRECISION_TOLERANCE[precision])) failed++;
    });
    return { checkedRows, randomlyChecked: drawn.length, failed, ownOutputs };
  },

  async decode(input, context) {
    const { arrived, batches, placements, groupCount, outputSize, suspects } = input;
    const code = makeScheme(input.scheme.name, input.scheme.parameters);
    const decoded = decodeGroups(code, arrived, batches, groupCount, outputSize, placements ?? undefined);
    const nothing = {
      heldOutAgreed: 0,
      heldOutTotal: 0,
      suspectAudits: [],
      checkedRows: new Uint8Array(decoded.how.length),
    };
    if (suspects === null) return { outputs: decoded.outputs, how: decoded.how, ...nothing };
    const compared = compareWithEstimates(code, arrived, batches, groupCount, outputSize, placements);
    const { checkedRows, suspectAudits } = await auditSuspects(
      compared.disagreeing,
      decoded.outputs,
      outputSize,
      suspects,
      context,
    );
    return {
      outputs: decoded.outputs,
      how: decoded.how,
      heldOutAgreed: compared.agreed,
      heldOutTotal: compared.total,
      suspectAudits,
      checkedRows,
    };
  },

  async recompute({ model, source, rows, outputs, precisions }, { model: load }) {
    const loaded = await load(model);
    const { outputSize } = loaded.facts;
    const ownOutputs = await loaded.run(gatherRows(source, rows), rows.length);
    const failedRows = new Uint8Array(rows.length);
    for (let r = 0; r < rows.length; r++) {
      const expected = ownOutputs.subarray(r * outputSize, (r + 1) * outputSize);
      const got = outputs.subarray(r * outputSize, (r + 1) * outputSize);
      if (!rowAgrees(expected, got, PRECISION_TOLERANCE[precisions[r]!])) failedRows[r] = 1;
    }
    return { failedRows, ownOutputs };
  },

  async run({ model, inputs, rowCount }, { model: load }) {
    return (await load(model)).run(inputs, rowCount);
  },
};

/** Recomputes the rows whose answer disagreed with its estimate, and says whose they are; puts its own in their place. */
async function auditSuspects(
  disagreeing: readonly { workerIndex: number; row: number }[],
  outputs: Float32Array,
  outputSize: number,
  suspects: NonNullable<TaskInputs["decode"]["suspects"]>,
  context: TaskContext,
): Promise<Pick<TaskOutputs["decode"], "checkedRows" | "suspectAudits">> {
  const checkedRows = new Uint8Array(suspects.rows.length);
  const byWorker = new Map<number, { workerIndex: number; checked: number; failed: number }>();
  if (disagreeing.length > 0) {
    const loaded = await context.model(suspects.model);
    const queries = Uint32Array.from(disagreeing, ({ row }) => suspects.rows[row]!);
    const own = await loaded.run(gatherRows(suspects.source, queries), queries.length);
    disagreeing.forEach(({ workerIndex, row }, r) => {
      const tally = byWorker.get(workerIndex) ?? { workerIndex, checked: 0, failed: 0 };
      byWorker.set(workerIndex, tally);
      const expected = own.subarray(r * outputSize, (r + 1) * outputSize);
      const got = outputs.subarray(row * outputSize, (row + 1) * outputSize);
      tally.checked++;
      if (rowAgrees(expected, got, PRECISION_TOLERANCE[suspects.precisions[workerIndex]!])) {
        checkedRows[row] = 1;
        got.set(expected);
      } else tally.failed++;
    });
  }
  return { checkedRows, suspectAudits: [...byWorker.values()] };
}

/** Rows of the job's queries as float32, scaled: |rows| x D. */
export function gatherRows({ values, inputSize, scale }: QuerySource, rows: Uint32Array): Float32Array {
  const gathered = new Float32Array(rows.length * inputSize);
  rows.forEach((row, r) => {
    const at = row * inputSize;
    for (let d = 0; d < inputSize; d++) gathered[r * inputSize + d] = values[at + d]! * scale;
  });
  return gathered;
}

function pickRows(rows: Float32Array, picked: readonly number[], width: number): Float32Array {
  const out = new Float32Array(picked.length * width);
  picked.forEach((row, r) => {
    out.set(rows.subarray(row * width, (row + 1) * width), r * width);
  });
  return out;
}

function flagged(flags: Uint8Array): number[] {
  const rows: number[] = [];
  flags.forEach((flag, row) => {
    if (flag === 1) rows.push(row);
  });
  return rows;
}
