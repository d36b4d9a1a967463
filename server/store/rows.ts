/** Records of the store to rows of the tables, and back. */
import { wholeIdOf } from "../../shared/kinds/inference/parts.ts";
import { jobEndOf } from "./job-ends-migration.ts";
import { namesOf } from "./job-names-migration.ts";
import type { CheckpointRecord, JobRecord } from "./job-record.ts";
import type { AppendRecord, BlockRecord, StoredPiece, StoredRound, StoredVolunteer, StoredWhole } from "./store.ts";
import type { RowOf, Tables, TypedArray } from "./tables.ts";

interface RowCodec<R> {
  toRow(record: R): RowOf<R>;
  fromRow(row: RowOf<R>): R;
}

/** A copy of the array's bytes: the caller may go on writing into the array. */
function blobOf(array: TypedArray): Uint8Array {
  return Buffer.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
}

/** A copy in a buffer of its own, so that every typed array over it is aligned. */
function bufferOf(blob: Uint8Array): ArrayBuffer {
  return Uint8Array.from(blob).buffer;
}

/** @param json fields that are objects, or null @param arrays what the bytes of a field are made into */
function rowCodec<R extends object>(
  json: readonly (keyof R & string)[],
  arrays: { readonly [Name in keyof R & string]?: new (buffer: ArrayBuffer) => R[Name] } = {},
): RowCodec<R> {
  const makers: Readonly<Record<string, (new (buffer: ArrayBuffer) => unknown) | undefined>> = arrays;
  const columns = new Map(json.map((name) => [name as string, `${name}Json`]));
  const toField = ([column, value]: [string, unknown]) => {
    const name = column.replace(/Json$/, "");
    if (columns.has(name)) return [name, value === null ? null : JSON.parse(value as string)];
    const Maker = makers[column];
    return [column, Maker === undefined ? value : new Maker(bufferOf(value as Uint8Array))];
  };
  return {
    toRow(record) {
      const row: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(record)) {
        const column = columns.get(name);
        if (column !== undefined) row[column] = value === null ? null : JSON.stringify(value);
        else row[name] = makers[name] === undefined ? value : blobOf(value as TypedArray);
      }
      return row as RowOf<R>;
    },
    fromRow: (row) => Object.fromEntries(Object.entries(row).map(toField)) as R,
  };
}

const jobRecords = rowCodec<JobRecord>(["facts", "data"]);
export const jobRows = {
  toRow: (job: JobRecord): Tables["jobs"] => ({
    wholeId: wholeIdOf(job.jobId) ?? "",
    ...jobRecords.toRow(job),
    ...namesOf(job.data),
    ...jobEndOf(job.facts),
  }),
  fromRow({
    name: _name,
    submitter: _submitter,
    wholeId: _wholeId,
    endKind: _kind,
    whyEnded: _why,
    ...row
  }: Tables["jobs"]): JobRecord {
    return jobRecords.fromRow(row);
  },
};
const wholeRecords = rowCodec<StoredWhole>(["submission", "parts"]);
export const wholeRows = {
  toRow: (whole: StoredWhole): Tables["wholes"] => ({ ...wholeRecords.toRow(whole), statementJson: null }),
  fromRow: ({ statementJson: _statement, ...row }: Tables["wholes"]): StoredWhole => wholeRecords.fromRow(row),
};
const volunteerRecords = rowCodec<Omit<StoredVolunteer, "elsewhere">>(["quarantine", "released"]);
export const volunteerRows = {
  toRow: ({ elsewhere: _elsewhere, ...volunteer }: StoredVolunteer): Tables["volunteers"] =>
    volunteerRecords.toRow(volunteer),
  fromRow: (row: Tables["volunteers"]): StoredVolunteer => volunteerRecords.fromRow(row),
};
export const roundRows = rowCodec<StoredRound>(["volunteers"], {
  queryIndices: Uint32Array,
  outputs: Float32Array,
  marks: Uint8Array,
  sources: Uint8Array,
  firstLabels: Int32Array,
  firstMarks: Uint8Array,
  plan: Uint8Array,
});

export const pieceRows = {
  toRow: ({ values, ...piece }: StoredPiece): Tables["pieces"] => ({
    ...piece,
    dtype: values instanceof Uint8Array ? "uint8" : "float32",
    queryValues: blobOf(values),
  }),
  fromRow({ dtype, queryValues, ...piece }: Tables["pieces"]): StoredPiece {
    const buffer = bufferOf(queryValues);
    return { ...piece, values: dtype === "uint8" ? new Uint8Array(buffer) : new Float32Array(buffer) };
  },
};

export const appendRows = rowCodec<AppendRecord>([], { body: Uint8Array });
export const blockRows = {
  toRow: ({ jobId, blockId, facts, places }: BlockRecord): Tables["rowBlocks"] => ({
    ...{ jobId, blockId, factsJson: JSON.stringify(facts) },
    places: places === null ? null : blobOf(places),
  }),
  fromRow: ({ jobId, blockId, factsJson, places }: Tables["rowBlocks"]): BlockRecord => ({
    ...{ jobId, blockId, facts: JSON.parse(factsJson) as BlockRecord["facts"] },
    places: places === null ? null : new Uint32Array(bufferOf(places)),
  }),
};

export function arraysToRows({ jobId, arrays }: CheckpointRecord): Tables["checkpointArrays"][] {
  return Object.entries(arrays).map(([name, values]) => ({ jobId, name, arrayValues: blobOf(values) }));
}

export function checkpointFromRows(
  { jobId, factsJson }: Tables["checkpoints"],
  rows: readonly Tables["checkpointArrays"][],
): CheckpointRecord {
  const arrays = rows.map(({ name, arrayValues }) => [name, new Float64Array(bufferOf(arrayValues))]);
  return { jobId, facts: JSON.parse(factsJson) as CheckpointRecord["facts"], arrays: Object.fromEntries(arrays) };
}
