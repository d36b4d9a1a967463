/**
 * Rows of a job that has ended, done again as a job of their own: which they are, what is submitted for them, and what both jobs together
 * answer. What the first job has answered, and what was signed of it, stays as it is. SPEC.md TB rules.
 */
import { DEFAULT_SCHEME } from "../../../shared/coding/schemes/schemes.ts";
import type { RedoWhich } from "../../../shared/kinds/inference/redo.ts";
import { type InferenceSubmission, inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";
import { NAME_LENGTH_MAX, TENSOR_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { encodeNpy, type NpyArray, parseNpy } from "../../../shared/protocol/npy.ts";
import type { Store } from "../../store/store.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";
import { planInference } from "./core/inference-plan.ts";
import { MARK } from "./engine/job-answers.ts";
import type { AllAnswers } from "./port.ts";
import { inferenceCodec, type RedoOf, type StoredJob } from "./records.ts";
import type { ResolvedSource } from "./resolved-source.ts";

/** What is uploaded for it, and all of its submission but where that lies. */
export interface PreparedRedo {
  readonly rows: readonly number[];
  readonly queries: Uint8Array;
  readonly labels: Uint8Array | null;
  /** `.npy` of whole numbers: which queries of the first job its queries are. */
  readonly places: Uint8Array;
  submission(uploads: { readonly queriesSha256: string; readonly labelsSha256: string | null }): InferenceSubmission;
}

export interface RedoTools {
  readonly store: Pick<Store, "getBlob" | "hasBlob">;
  resolve(source: InferenceSubmission["source"]): Promise<ResolvedSource>;
  queries(jobId: string, indices: readonly number[]): Promise<NpyArray | null>;
}

const refused = (code: string, message: string, status = 409): ApiProblem => ({ status, code, message });

/**
 * [TB4] What is to be done again, and how.
 * @param job that has ended
 * @param merged its answers, with those of the jobs that did rows of it again
 * @param isTakenBack of a query: was its `final` taken back?
 */
export async function prepareRedo(
  tools: RedoTools,
  job: StoredJob,
  merged: AllAnswers,
  isTakenBack: (query: number) => boolean,
  which: RedoWhich,
): Promise<PreparedRedo | ApiProblem> {
  const { jobId, submission } = job;
  if (job.redoOf !== undefined) {
    return refused(
      "is-a-redo",
      `job ${jobId} redoes rows of job ${job.redoOf.jobId}: redo the answers of that job instead`,
    );
  }
  if (planInference(job).verification !== "audits" || job.unchecked !== null) {
    return refused("not-checked", `job ${jobId}: nobody checks its answers, so none of them could become final`);
  }
  const rows: number[] = [];
  for (let query = 0; query < job.queryCount; query++) {
    if (merged.final[query] !== 1 && (which === "not-final" || isTakenBack(query))) rows.push(query);
  }
  if (rows.length === 0) {
    const what =
      which === "not-final" ? "all of its answers are final" : "none of its final answers was taken back for good";
    return refused("nothing-to-redo", `job ${jobId}: expected answers to be done again; ${what}`);
  }
  const bytes = rows.length * job.inputSize * Float32Array.BYTES_PER_ELEMENT;
  if (bytes > TENSOR_BYTES_MAX) {
    const message = `job ${jobId}: expected at most ${TENSOR_BYTES_MAX} bytes of queries to be done again, got ${bytes}; submit those as a job`;
    return refused("too-many-rows", message, 422);
  }
  const queries = await tools.queries(jobId, rows);
  const source = await tools.resolve(submission.source).catch(() => null);
  if (queries === null || source === null || !(await tools.store.hasBlob(source.modelSha256))) {
    return refused("data-gone", `job ${jobId}: its queries or its model are not kept any more; submit a new job`, 410);
  }
  const labels = await labelsOf(tools.store, job, rows);
  return {
    rows,
    queries: encodeNpy(queries),
    labels,
    places: encodeNpy({ dtype: "U32", shape: [rows.length], data: Uint32Array.from(rows) }),
    submission: (uploads) => redoSubmission(job, source, uploads),
  };
}

async function labelsOf(store: Pick<Store, "getBlob">, { labelsSha256, part }: StoredJob, rows: readonly number[]) {
  const bytes = labelsSha256 === null ? null : await store.getBlob(labelsSha256);
  if (bytes === null) return null;
  const { data } = parseNpy(bytes);
  const first = part?.firstQuery ?? 0;
  return encodeNpy({
    dtype: "I32",
    shape: [rows.length],
    data: Int32Array.from(rows, (row) => Number(data[first + row])),
  });
}

/** Exact and checked, whatever the first was: its answers are the model's own. */
function redoSubmission(
  { submission, inputScale }: StoredJob,
  { modelSha256 }: ResolvedSource,
  { queriesSha256, labelsSha256 }: { readonly queriesSha256: string; readonly labelsSha256: string | null },
): InferenceSubmission {
  const { submitter, purpose, output, task, tolerance, answerBound, ifUnstable, strict } = submission;
  const isSameScheme = submission.scheme === DEFAULT_SCHEME;
  const { stragglers, liars } = submission;
  const given = { purpose, output, tolerance, ifUnstable, strict };
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return inferenceSubmissionSchema.parse({
    kind: "inference",
    name: `${submission.name} (again)`.slice(-NAME_LENGTH_MAX),
    submitter,
    ...known,
    task,
    answerBound,
    scheme: DEFAULT_SCHEME,
    completion: "exact",
    queriesPerGroup: isSameScheme ? submission.queriesPerGroup : 4,
    ...(isSameScheme ? { stragglers, liars } : {}),
    source: {
      kind: "uploads",
      modelSha256,
      queriesSha256,
      ...(labelsSha256 === null ? {} : { labelsSha256 }),
      inputScale,
    },
  });
}

/** A job that has done rows of another again. */
export interface Redone {
  /** Of each of its queries the query of the first job. */
  readonly places: ArrayLike<number>;
  readonly answers: AllAnswers;
}

/** [TB4] Does an answer of a later job take the place of the first one's? */
function takesPlace(first: AllAnswers, query: number, isTakenBack: boolean, again: AllAnswers, row: number): boolean {
  if (first.final[query] === 1) return false;
  if (again.final[row] === 1) return true;
  // What a volunteer said that was named is good for nothing; another's word, checked, is something.
  const mark = again.marks[row];
  return isTakenBack && (mark === MARK.audited || mark === MARK.exact);
}

/**
 * [TB4] Which answers of later jobs take the place of those of the first.
 * @returns by query of the first job: which of the later ones, and the place in it
 */
export function placesTaken(
  first: AllAnswers,
  isTakenBack: (query: number) => boolean,
  later: readonly Redone[],
): Map<number, { readonly redone: Redone; readonly row: number }> {
  const taken = new Map<number, { readonly redone: Redone; readonly row: number }>();
  for (const redone of later) {
    for (let row = 0; row < redone.places.length; row++) {
      const query = redone.places[row]!;
      const before = taken.get(query);
      if (before?.redone.answers.final[before.row] === 1) continue;
      if (takesPlace(first, query, isTakenBack(query), redone.answers, row)) taken.set(query, { redone, row });
    }
  }
  return taken;
}

/** The answers of both; those of the first are not touched. */
export function mergedAnswers(
  first: AllAnswers,
  taken: ReadonlyMap<number, { readonly redone: Redone; readonly row: number }>,
): AllAnswers {
  if (taken.size === 0) return first;
  const { outputSize } = first;
  const merged = {
    ...first,
    outputs: first.outputs.slice(),
    labels: first.labels?.slice() ?? null,
    marks: first.marks.slice(),
    final: first.final.slice(),
    labelAmbiguous: first.labelAmbiguous.slice(),
    bounds: first.bounds.slice(),
    confidences: first.confidences.slice(),
  };
  for (const [query, { redone, row }] of taken) {
    const { answers } = redone;
    merged.outputs.set(answers.outputs.subarray(row * outputSize, (row + 1) * outputSize), query * outputSize);
    if (merged.labels !== null) merged.labels[query] = answers.labels?.[row] ?? -1;
    for (const column of ["marks", "final", "labelAmbiguous", "bounds", "confidences"] as const) {
      merged[column][query] = answers[column][row]!;
    }
  }
  return merged;
}

/** [TB4] The first job knows of it before it is there. @returns false: the first was deleted meanwhile, and stays so */
export function noteRedo(store: Pick<Store, "changeJob">, firstId: string, jobId: string): Promise<boolean> {
  return changeRedos(store, firstId, (redoneBy) => [...redoneBy, jobId]);
}

/** [TB4] It was refused: jobs whose redos are refused again and again do not grow. */
export function forgetRedo(store: Pick<Store, "changeJob">, firstId: string, jobId: string): Promise<boolean> {
  return changeRedos(store, firstId, (redoneBy) => redoneBy.filter((id) => id !== jobId));
}

function changeRedos(
  store: Pick<Store, "changeJob">,
  firstId: string,
  change: (redoneBy: readonly string[]) => readonly string[],
): Promise<boolean> {
  return store.changeJob(firstId, (record) => {
    const { redoneBy: before = [], ...job } = inferenceCodec.fromRecord(record);
    const redoneBy = change(before);
    return inferenceCodec.toRecord(redoneBy.length === 0 ? job : { ...job, redoneBy });
  });
}

/** @throws StoreError where it is not there */
export async function placesOf(store: Pick<Store, "getBlob">, { rowsSha256 }: RedoOf): Promise<ArrayLike<number>> {
  const bytes = await store.getBlob(rowsSha256);
  if (bytes === null) throw new Error(`redo: expected the blob ${rowsSha256} of places, got none`);
  return parseNpy(bytes).data as Uint32Array;
}
