/** The details of an inference job: one page of its answers beside their queries. */
import { type ReadonlySignal, signal } from "@preact/signals";
import type { AnswerFilter, AnswersPage } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { NpyArray } from "../../../shared/protocol/npy.ts";
import type { ParitabClient } from "../../../shared/sdk/paritab-client.ts";

/** The queries of the answers that are shown; gone: they are not kept any more. */
export type ShownQueries = { readonly indices: readonly number[]; readonly array: NpyArray } | "gone" | null;

export interface AnswerSelection {
  readonly offset: number;
  readonly only: AnswerFilter;
}

export interface InferenceDetail {
  readonly answers: AnswersPage | null;
  readonly queries: ShownQueries;
  /** Which answers are shown. */
  readonly selection: ReadonlySignal<AnswerSelection>;
  show(selection: AnswerSelection): void;
}

const ANSWERS_SHOWN = 10;
/** Numbers of the answers that are shown at once: a mask has millions. */
const NUMBERS_SHOWN_MAX = 1_000_000;

/** Answers of a page, by how many numbers those of this one have. */
export function shownAtOnce({ answers }: Pick<AnswersPage, "answers">): number {
  const size = Math.max(1, ...answers.map(({ outputs }) => outputs.length));
  return Math.min(ANSWERS_SHOWN, Math.max(1, Math.floor(NUMBERS_SHOWN_MAX / size)));
}

export function openInferenceDetail(client: ParitabClient, askAgain: () => void) {
  const selection = signal<AnswerSelection>({ offset: 0, only: "all" });
  let queries: ShownQueries = null;
  /** null: no answer has been seen yet. */
  let limit: number | null = null;

  function show({ offset, only }: AnswerSelection): void {
    selection.value = { offset: Math.max(0, offset), only };
    askAgain();
  }

  async function askQueries(jobId: string, page: AnswersPage): Promise<ShownQueries> {
    const indices = page.answers.map(({ index }) => index);
    if (queries === "gone" || (queries !== null && queries.indices.join() === indices.join())) return queries;
    if (indices.length === 0) return null;
    return client.queries(jobId, indices).then(
      (array) => ({ indices, array }),
      () => "gone" as const,
    );
  }

  return async ({ jobId }: InferenceJobView): Promise<InferenceDetail> => {
    const { offset, only } = selection.value;
    try {
      if (limit === null) {
        const [first] = (await client.answers(jobId, { offset, limit: 1, only })).answers;
        if (first !== undefined && first.outputs.length > 0) limit = shownAtOnce({ answers: [first] });
      }
      const answers = await client.answers(jobId, { offset, limit: limit ?? ANSWERS_SHOWN, only });
      queries = await askQueries(jobId, answers);
      return { answers, queries, selection, show };
    } catch {
      return { answers: null, queries: null, selection, show };
    }
  };
}
