/** Records of gradient jobs to rows of their tables, and back. */
import type { Kysely, Migration } from "kysely";
import type { StoredGradientCheckpoint, StoredGradientJob, StoredWeights } from "../coded/records.ts";
import { blobOf, bufferOf } from "./row-blobs.ts";

export interface GradientTables {
  gradient_jobs: GradientJobRow;
  gradient_checkpoints: GradientCheckpointRow;
}

/** The job as JSON: nothing of it is looked for but by its id. */
export interface GradientJobRow {
  job_id: string;
  submitted_ms: number;
  job_json: string;
}

/** Float64 arrays are BLOBs in little-endian order. */
export interface GradientCheckpointRow {
  job_id: string;
  iteration: number;
  weights: Uint8Array;
  lookahead: Uint8Array;
  best_iteration: number | null;
  best_weights: Uint8Array | null;
  best_lookahead: Uint8Array | null;
}

export const GRADIENT_MIGRATION: Migration = {
  async up(database: Kysely<GradientTables>) {
    await database.schema
      .createTable("gradient_jobs")
      .addColumn("job_id", "text", (column) => column.primaryKey().notNull())
      .addColumn("submitted_ms", "double precision", (column) => column.notNull())
      .addColumn("job_json", "text", (column) => column.notNull())
      .execute();
    await database.schema
      .createTable("gradient_checkpoints")
      .addColumn("job_id", "text", (column) => column.primaryKey().notNull())
      .addColumn("iteration", "integer", (column) => column.notNull())
      .addColumn("weights", "blob", (column) => column.notNull())
      .addColumn("lookahead", "blob", (column) => column.notNull())
      .addColumn("best_iteration", "integer")
      .addColumn("best_weights", "blob")
      .addColumn("best_lookahead", "blob")
      .execute();
  },
};

export function gradientJobToRow(job: StoredGradientJob): GradientJobRow {
  return { job_id: job.jobId, submitted_ms: job.submittedMs, job_json: JSON.stringify(job) };
}

export function gradientJobFromRow(row: GradientJobRow): StoredGradientJob {
  return JSON.parse(row.job_json) as StoredGradientJob;
}

export function checkpointToRow({ jobId, current, best }: StoredGradientCheckpoint): GradientCheckpointRow {
  return {
    job_id: jobId,
    iteration: current.iteration,
    weights: blobOf(current.weights),
    lookahead: blobOf(current.lookahead),
    best_iteration: best?.iteration ?? null,
    best_weights: best === null ? null : blobOf(best.weights),
    best_lookahead: best === null ? null : blobOf(best.lookahead),
  };
}

export function checkpointFromRow(row: GradientCheckpointRow): StoredGradientCheckpoint {
  const { best_iteration, best_weights, best_lookahead } = row;
  const hasBest = best_iteration !== null && best_weights !== null && best_lookahead !== null;
  return {
    jobId: row.job_id,
    current: weightsOf(row.iteration, row.weights, row.lookahead),
    best: hasBest ? weightsOf(best_iteration, best_weights, best_lookahead) : null,
  };
}

function weightsOf(iteration: number, weights: Uint8Array, lookahead: Uint8Array): StoredWeights {
  return { iteration, weights: new Float64Array(bufferOf(weights)), lookahead: new Float64Array(bufferOf(lookahead)) };
}
