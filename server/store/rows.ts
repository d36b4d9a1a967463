/** Records of the store to rows of the tables, and back. */
import { blobOf, bufferOf } from "./row-blobs.ts";
import type { StoredJob, StoredPiece, StoredRound, StoredVolunteer } from "./store.ts";
import type { JobRow, PieceRow, RoundRow, VolunteerRow } from "./tables.ts";

export function jobToRow(job: StoredJob): JobRow {
  return {
    job_id: job.jobId,
    submission_json: JSON.stringify(job.submission),
    codes_json: job.codes.length === 0 ? null : JSON.stringify(job.codes),
    model_sha256: job.modelSha256,
    queries_sha256: job.queriesSha256 ?? "",
    labels_sha256: job.labelsSha256,
    query_count: job.queryCount,
    is_open: job.isOpen ? 1 : 0,
    input_size: job.inputSize,
    output_size: job.outputSize,
    macs_per_query: job.macsPerQuery,
    parity_json: job.parity === null ? null : JSON.stringify(job.parity),
    output_scale: typeof job.outputScale === "number" ? job.outputScale : null,
    output_parts_json: Array.isArray(job.outputScale) ? JSON.stringify(job.outputScale) : null,
    input_scale: job.inputScale,
    state: job.state,
    error: job.error,
    submitted_ms: job.submittedMs,
    finished_ms: job.finishedMs,
    order_sha256: job.orderSha256,
    audited_rows: job.auditedRows,
    failed_audits: job.failedAudits,
    held_out_agreed: job.heldOutAgreed,
    held_out_total: job.heldOutTotal,
    liar_share: job.liarShare,
  };
}

export function jobFromRow(row: JobRow): StoredJob {
  return {
    jobId: row.job_id,
    submission: JSON.parse(row.submission_json) as StoredJob["submission"],
    codes: row.codes_json === null ? [] : (JSON.parse(row.codes_json) as StoredJob["codes"]),
    modelSha256: row.model_sha256,
    queriesSha256: row.queries_sha256 === "" ? null : row.queries_sha256,
    labelsSha256: row.labels_sha256,
    queryCount: row.query_count,
    isOpen: row.is_open === 1,
    inputSize: row.input_size,
    outputSize: row.output_size,
    macsPerQuery: row.macs_per_query,
    parity: row.parity_json === null ? null : (JSON.parse(row.parity_json) as StoredJob["parity"]),
    outputScale:
      row.output_parts_json === null
        ? row.output_scale
        : (JSON.parse(row.output_parts_json) as StoredJob["outputScale"]),
    inputScale: row.input_scale,
    state: row.state as StoredJob["state"],
    error: row.error,
    submittedMs: row.submitted_ms,
    finishedMs: row.finished_ms,
    orderSha256: row.order_sha256,
    auditedRows: row.audited_rows,
    failedAudits: row.failed_audits,
    heldOutAgreed: row.held_out_agreed,
    heldOutTotal: row.held_out_total,
    liarShare: row.liar_share,
  };
}

export function roundToRow(round: StoredRound): RoundRow {
  return {
    job_id: round.jobId,
    round_index: round.roundIndex,
    generation: round.generation,
    query_indices: blobOf(round.queryIndices),
    outputs: blobOf(round.outputs),
    marks: blobOf(round.marks),
    sources: blobOf(round.sources),
    volunteers_json: JSON.stringify(round.volunteers),
    first_labels: blobOf(round.firstLabels),
    first_marks: blobOf(round.firstMarks),
    plan: blobOf(round.plan),
    first_ms: round.firstMs,
    exact_ms: round.exactMs,
    estimated_at_first: round.estimatedAtFirst,
    redispatched: round.redispatched,
  };
}

export function roundFromRow(row: RoundRow): StoredRound {
  return {
    jobId: row.job_id,
    roundIndex: row.round_index,
    generation: row.generation,
    queryIndices: new Uint32Array(bufferOf(row.query_indices)),
    outputs: new Float32Array(bufferOf(row.outputs)),
    marks: new Uint8Array(bufferOf(row.marks)),
    sources: new Uint8Array(bufferOf(row.sources)),
    volunteers: JSON.parse(row.volunteers_json) as string[],
    firstLabels: new Int32Array(bufferOf(row.first_labels)),
    firstMarks: new Uint8Array(bufferOf(row.first_marks)),
    plan: new Uint8Array(bufferOf(row.plan)),
    firstMs: row.first_ms,
    exactMs: row.exact_ms,
    estimatedAtFirst: row.estimated_at_first,
    redispatched: row.redispatched,
  };
}

export function pieceToRow({ jobId, firstQuery, queryCount, values }: StoredPiece): PieceRow {
  return {
    job_id: jobId,
    first_query: firstQuery,
    query_count: queryCount,
    dtype: values instanceof Uint8Array ? "uint8" : "float32",
    query_values: blobOf(values),
  };
}

export function pieceFromRow(row: PieceRow): StoredPiece {
  const buffer = bufferOf(row.query_values);
  return {
    jobId: row.job_id,
    firstQuery: row.first_query,
    queryCount: row.query_count,
    values: row.dtype === "uint8" ? new Uint8Array(buffer) : new Float32Array(buffer),
  };
}

export function volunteerToRow(volunteer: StoredVolunteer): VolunteerRow {
  return {
    volunteer_id: volunteer.volunteerId,
    nickname: volunteer.nickname,
    credit_macs: volunteer.creditMacs,
    credit_assignments: volunteer.creditAssignments,
    audits_passed: volunteer.auditsPassed,
    audits_failed: volunteer.auditsFailed,
    quarantine_json: volunteer.quarantine === null ? null : JSON.stringify(volunteer.quarantine),
    team: volunteer.team,
    released_json: volunteer.released === null ? null : JSON.stringify(volunteer.released),
  };
}

export function volunteerFromRow(row: VolunteerRow): StoredVolunteer {
  return {
    volunteerId: row.volunteer_id,
    nickname: row.nickname,
    creditMacs: row.credit_macs,
    creditAssignments: row.credit_assignments,
    auditsPassed: row.audits_passed,
    auditsFailed: row.audits_failed,
    team: row.team,
    quarantine:
      row.quarantine_json === null ? null : (JSON.parse(row.quarantine_json) as StoredVolunteer["quarantine"]),
    released: row.released_json === null ? null : (JSON.parse(row.released_json) as StoredVolunteer["released"]),
  };
}
