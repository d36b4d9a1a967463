/** Records of the store to rows of the tables, and back. */
import type { CheckpointRecord, JobRecord } from "./job-record.ts";
import type { StoredPiece, StoredRound, StoredVolunteer } from "./store.ts";
import type { CheckpointArrayRow, CheckpointRow, JobRow, PieceRow, RoundRow, VolunteerRow } from "./tables.ts";

/** A copy of the array's bytes: the caller may go on writing into the array. */
function blobOf(array: Uint8Array | Uint32Array | Int32Array | Float32Array | Float64Array): Uint8Array {
  return Buffer.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}

/** A copy in a buffer of its own, so that every typed array over it is aligned. */
function bufferOf(blob: Uint8Array): ArrayBuffer {
  return Uint8Array.from(blob).buffer;
}

export function jobToRow({ jobId, kind, state, submittedMs, finishedMs, facts, data }: JobRecord): JobRow {
  return {
    job_id: jobId,
    kind,
    state,
    submitted_ms: submittedMs,
    finished_ms: finishedMs,
    facts_json: JSON.stringify(facts),
    data_json: JSON.stringify(data),
  };
}

export function jobFromRow(row: JobRow): JobRecord {
  return {
    jobId: row.job_id,
    kind: row.kind,
    state: row.state as JobRecord["state"],
    submittedMs: row.submitted_ms,
    finishedMs: row.finished_ms,
    facts: JSON.parse(row.facts_json) as JobRecord["facts"],
    data: JSON.parse(row.data_json) as JobRecord["data"],
  };
}

export function arraysToRows({ jobId, arrays }: CheckpointRecord): CheckpointArrayRow[] {
  return Object.entries(arrays).map(([name, values]) => ({ job_id: jobId, name, array_values: blobOf(values) }));
}

export function checkpointFromRows(row: CheckpointRow, arrays: readonly CheckpointArrayRow[]): CheckpointRecord {
  return {
    jobId: row.job_id,
    facts: JSON.parse(row.facts_json) as CheckpointRecord["facts"],
    arrays: Object.fromEntries(
      arrays.map(({ name, array_values }) => [name, new Float64Array(bufferOf(array_values))]),
    ),
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
