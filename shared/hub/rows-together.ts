/** The rows of jobs that belong together, in one order: texts may be several jobs, one for each length. */
import { type KeptNames, type KeptTexts, keptTogether, rowCountOf } from "./kept-names.ts";
import { NOT_ANSWERED } from "./named-lines.ts";
import type { RowAnswer } from "./row-lines.ts";

/** A job with all of the rows, or some. */
export interface NamedJob {
  readonly jobId: string;
  /** Places of the job's rows among all; null: the job has all of them, in order. */
  readonly places: readonly number[] | null;
}

export interface RowsTogether {
  /** Names of all rows. */
  readonly kept: KeptNames;
  readonly jobs: readonly NamedJob[];
  /** Jobs that had rows of them, and are gone or tell nothing: these rows are missing. */
  readonly gone: readonly string[];
}

/**
 * @param kept what stays with the job
 * @param namesOf what stays with another job of the same texts; null: it is gone, or tells nothing
 */
export async function rowsTogether(
  jobId: string,
  kept: KeptNames,
  namesOf: (jobId: string) => Promise<KeptNames | null>,
): Promise<RowsTogether> {
  if (kept.kind !== "texts") return { kept, jobs: [{ jobId, places: null }], gone: [] };
  const parts: KeptTexts[] = [];
  const jobs: NamedJob[] = [];
  const gone: string[] = [];
  for (const id of kept.jobs) {
    const part = id === jobId ? kept : await namesOf(id);
    if (part?.kind === "texts" && part.total === kept.total && part.jobs.includes(jobId)) {
      parts.push(part);
      jobs.push({ jobId: id, places: part.places });
    } else gone.push(id);
  }
  return { kept: keptTogether(parts), jobs, gone };
}

/**
 * @param answersOf the answers of a job, in its order
 * @returns those of all rows in their order; what is not answered is marked `missing`
 */
export async function* answersInOrder(
  { kept, jobs }: Pick<RowsTogether, "kept" | "jobs">,
  answersOf: (jobId: string) => AsyncIterable<RowAnswer>,
): AsyncGenerator<RowAnswer, void, undefined> {
  const [only] = jobs;
  if (jobs.length === 1 && only!.places === null) {
    yield* answersOf(only!.jobId);
    return;
  }
  const answers = Array.from({ length: rowCountOf(kept) }, (_, index): RowAnswer => ({ ...NOT_ANSWERED, index }));
  for (const { jobId, places } of jobs) {
    for await (const answer of answersOf(jobId)) {
      const index = places === null ? answer.index : places[answer.index]!;
      answers[index] = { ...answer, index };
    }
  }
  yield* answers;
}
