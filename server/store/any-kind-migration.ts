/**
 * Jobs of every kind in one table, checkpoints as arrays by name. Before, inference jobs had a table of columns, and gradient
 * and matrix jobs shared two tables, in which a matrix job's A was `features`, its B `labels`, B's columns `classes`, the
 * product `weights`, and the slices that were in it the one entry of `lookahead`. What stood in these tables is described here
 * as it was then; records that change later leave this file as it is.
 */
import { type Kysely, type Migration, sql } from "kysely";

interface OldTables {
  old_jobs: OldJobRow;
  gradient_jobs: { job_id: string; submitted_ms: number; job_json: string };
  gradient_checkpoints: OldCheckpointRow;
  jobs: {
    job_id: string;
    kind: string;
    state: string;
    submitted_ms: number;
    finished_ms: number | null;
    facts_json: string;
    data_json: string;
  };
  checkpoints: { job_id: string; facts_json: string };
  checkpoint_arrays: { job_id: string; name: string; array_values: Uint8Array };
}

interface OldJobRow {
  job_id: string;
  submission_json: string;
  codes_json: string | null;
  model_sha256: string;
  queries_sha256: string;
  labels_sha256: string | null;
  query_count: number;
  is_open: number;
  input_size: number;
  output_size: number;
  macs_per_query: number;
  parity_json: string | null;
  output_scale: number | null;
  output_parts_json: string | null;
  input_scale: number;
  state: string;
  error: string | null;
  submitted_ms: number;
  finished_ms: number | null;
  order_sha256: string | null;
  audited_rows: number;
  failed_audits: number;
  held_out_agreed: number;
  held_out_total: number;
  liar_share: number | null;
}

interface OldCheckpointRow {
  job_id: string;
  iteration: number;
  weights: Uint8Array;
  lookahead: Uint8Array;
  best_iteration: number | null;
  best_weights: Uint8Array | null;
  best_lookahead: Uint8Array | null;
}

/** Of the JSON of a gradient or matrix job what changes; the rest stays as it is. */
interface OldRun {
  submission: {
    kind: string;
    iterations?: number;
    patience?: number | null;
    validationShare?: number;
    sliceColumns?: number;
  };
  jobId: string;
  state: string;
  submittedMs: number;
  finishedMs: number | null;
  featuresSha256: string;
  labelsSha256: string;
  inputScale: number;
  rows: number;
  columns: number;
  classes: number;
  labelOfClass: number[];
  splitSeed: number;
  invitations: unknown[];
}

export const ANY_KIND_MIGRATION: Migration = {
  async up(database: Kysely<OldTables>) {
    // SQLite runs a migration outside of a transaction, so that one which was cut short would begin again in the middle.
    const whole = (move: (transaction: Kysely<OldTables>) => Promise<void>) =>
      database.isTransaction ? move(database) : database.transaction().execute(move);
    await whole(async (transaction) => {
      const tables = await transaction.introspection.getTables();
      if (!tables.some(({ name }) => name === "gradient_jobs")) return;
      await transaction.schema.alterTable("jobs").renameTo("old_jobs").execute();
      for (const table of TABLES) await sql.raw(table).execute(transaction);
      for (const row of await transaction.selectFrom("old_jobs").selectAll().execute()) {
        await transaction.insertInto("jobs").values(inferenceRow(row)).execute();
      }
      for (const { job_id, job_json } of await transaction.selectFrom("gradient_jobs").selectAll().execute()) {
        const run = JSON.parse(job_json) as OldRun;
        await transaction.insertInto("jobs").values(runRow(run)).execute();
        await moveCheckpoint(transaction, job_id, run.submission.kind === "matmul");
      }
      for (const table of ["old_jobs", "gradient_jobs", "gradient_checkpoints"]) {
        await transaction.schema.dropTable(table).execute();
      }
    });
  },
};

const TABLES = [
  `CREATE TABLE jobs (
    job_id text NOT NULL PRIMARY KEY, kind text NOT NULL, state text NOT NULL,
    submitted_ms double precision NOT NULL, finished_ms double precision,
    facts_json text NOT NULL, data_json text NOT NULL
  )`,
  "CREATE TABLE checkpoints (job_id text NOT NULL PRIMARY KEY, facts_json text NOT NULL)",
  `CREATE TABLE checkpoint_arrays (
    job_id text NOT NULL, name text NOT NULL, array_values blob NOT NULL,
    CONSTRAINT checkpoint_arrays_primary_key PRIMARY KEY (job_id, name)
  )`,
];

function inferenceRow(row: OldJobRow): OldTables["jobs"] {
  const parsed = (json: string | null) => (json === null ? null : (JSON.parse(json) as unknown));
  const facts = {
    codes: parsed(row.codes_json) ?? [],
    labelsSha256: row.labels_sha256,
    queryCount: row.query_count,
    isOpen: row.is_open === 1,
    inputSize: row.input_size,
    outputSize: row.output_size,
    macsPerQuery: row.macs_per_query,
    outputScale: parsed(row.output_parts_json) ?? row.output_scale,
    inputScale: row.input_scale,
    error: row.error,
    auditedRows: row.audited_rows,
    failedAudits: row.failed_audits,
    heldOutAgreed: row.held_out_agreed,
    heldOutTotal: row.held_out_total,
    liarShare: row.liar_share,
  };
  const data = {
    submission: parsed(row.submission_json),
    modelSha256: row.model_sha256,
    parity: parsed(row.parity_json),
    queriesSha256: row.queries_sha256 === "" ? null : row.queries_sha256,
    orderSha256: row.order_sha256,
  };
  const { job_id, state, submitted_ms, finished_ms } = row;
  return { job_id, kind: "inference", state, submitted_ms, finished_ms, ...jsonOf(facts, data) };
}

function runRow(run: OldRun): OldTables["jobs"] {
  const { jobId, state, submittedMs, finishedMs, submission, featuresSha256, labelsSha256, invitations, ...rest } = run;
  const { rows, columns, classes, labelOfClass, inputScale, splitSeed, ...common } = rest;
  const listed = { job_id: jobId, state, submitted_ms: submittedMs, finished_ms: finishedMs };
  if (submission.kind === "matmul") {
    const sliceColumns = submission.sliceColumns!;
    const facts = {
      ...common,
      shape: { rows, columns, width: Math.min(sliceColumns, classes) },
      settings: { iterations: Math.ceil(classes / sliceColumns), patience: null, isForwardOnly: true },
      ...{ rows, inner: columns, columns: classes },
    };
    const data = { submission, leftSha256: featuresSha256, rightSha256: labelsSha256, invitations };
    return { ...listed, kind: "matmul", ...jsonOf(facts, data) };
  }
  const { iterations = 0, patience = null, validationShare = 0 } = submission;
  const facts = {
    ...common,
    shape: { rows: rows - Math.floor(rows * validationShare), columns, width: classes },
    settings: { iterations, patience, isForwardOnly: false },
    ...{ rows, columns, classes, labelOfClass, inputScale, splitSeed },
  };
  const data = { submission: { ...submission, kind: "regression" }, featuresSha256, labelsSha256, invitations };
  return { ...listed, kind: "regression", ...jsonOf(facts, data) };
}

function jsonOf(facts: object, data: object): { facts_json: string; data_json: string } {
  return { facts_json: JSON.stringify(facts), data_json: JSON.stringify(data) };
}

async function moveCheckpoint(database: Kysely<OldTables>, jobId: string, isMatmul: boolean): Promise<void> {
  const old = await database
    .selectFrom("gradient_checkpoints")
    .selectAll()
    .where("job_id", "=", jobId)
    .executeTakeFirst();
  if (old === undefined) return;
  const arrays: Record<string, Uint8Array> = isMatmul
    ? { product: old.weights }
    : { weights: old.weights, lookahead: old.lookahead };
  if (old.best_weights !== null && old.best_lookahead !== null) {
    if (isMatmul) arrays["best.product"] = old.best_weights;
    else Object.assign(arrays, { "best.weights": old.best_weights, "best.lookahead": old.best_lookahead });
  }
  const facts_json = JSON.stringify({ iteration: old.iteration, bestIteration: old.best_iteration });
  await database.insertInto("checkpoints").values({ job_id: jobId, facts_json }).execute();
  for (const [name, array_values] of Object.entries(arrays)) {
    await database.insertInto("checkpoint_arrays").values({ job_id: jobId, name, array_values }).execute();
  }
}
