/** What an inference job computes from: its record, its models, its queries. */
import type { RandomSource } from "../../../../shared/random/random.ts";
import type { ModelReference } from "../../../numerics/numerics-references.ts";
import type { InferencePlan } from "../core/inference-plan.ts";
import type { StoredJob } from "../records.ts";
import { gatherRows } from "./query-rows.ts";
import type { QuerySource } from "./query-source.ts";
import type { InferenceExecutor } from "./task-types.ts";

export interface JobData {
  readonly job: StoredJob;
  readonly plan: InferencePlan;
  readonly model: ModelReference;
  /** Of a job that is being submitted: its model's outputs as its files call them. */
  readonly sourceOutputs?: readonly string[];
  /** What the parity worker of `parm` runs. */
  readonly parityModel: ModelReference | null;
  readonly source: QuerySource;
  readonly labels: Int32Array | null;
}

/** What every part of a workspace computes with. */
export interface Computing {
  readonly data: JobData;
  readonly executor: InferenceExecutor;
  readonly secretRandom: RandomSource;
  /** What its audits are drawn from, 32 bytes; null: from secretRandom. */
  readonly jobSecret: Uint8Array | null;
}

/** The model that a worker index runs. */
export function modelFor({ plan, model, parityModel }: JobData, workerIndex: number): ModelReference {
  if ((plan.scheme.modelOf?.[workerIndex] ?? 0) === 0) return model;
  if (parityModel === null) throw new Error(`JobData: worker index ${workerIndex} needs a parity model`);
  return parityModel;
}

/** The same, with what a row of it costs. */
export function modelWithCost(data: JobData, workerIndex: number): { model: ModelReference; macsPerQuery: number } {
  const { parity, macsPerQuery } = data.job;
  const model = modelFor(data, workerIndex);
  return { model, macsPerQuery: model === data.model ? macsPerQuery : (parity?.macsPerQuery ?? macsPerQuery) };
}

/** A copy of one query's numbers. */
export function queryRow({ source }: JobData, query: number): Float32Array {
  return gatherRows(source, Uint32Array.of(query));
}

/** Row `row` of a matrix of outputs. */
export function outputRow({ job: { outputSize } }: JobData, values: Float32Array, row: number): Float32Array {
  return values.subarray(row * outputSize, (row + 1) * outputSize);
}
