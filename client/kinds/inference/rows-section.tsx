import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { RowsView } from "../../../shared/kinds/inference/rows-view.ts";
import { trustedInWords, waitingInWords } from "../../../shared/kinds/inference/rows-words.ts";
import { Terms } from "../../ui/terms.tsx";
import { inferenceTexts } from "./inference-texts.ts";

const texts = inferenceTexts.detail.rows;

type Of = Pick<InferenceJobView, "queryCount" | "finalCount" | "answersByMark">;

/** Of a job on the ledger of rows: how far its rows are, what its checks came to beside what was told, and what its bound says. */
export function RowsSection({ job, rows }: { job: Of; rows: RowsView }) {
  return (
    <section class="rows-told" aria-label={texts.title} data-testid="rows">
      <h2>{texts.title}</h2>
      <Terms class="facts" rows={rowsFacts(job, rows)} />
      {rows.promise !== null && (
        <p class="note">
          {rows.promise}
          {rows.isStrict && ` ${texts.strict}`}
        </p>
      )}
    </section>
  );
}

/** Terms and words; what there is nothing to say of is left out. */
export function rowsFacts(
  { queryCount, finalCount, answersByMark }: Of,
  { waiting, notFinalForMs, coordinatorRows, price, blocks }: RowsView,
): [string, string][] {
  const answered = queryCount - answersByMark.missing;
  const waits = waiting === null ? "" : waitingInWords(waiting);
  const facts: [string, string | null][] = [
    [texts.progress, texts.progressText(finalCount, answered, queryCount)],
    [texts.waiting, waits === "" ? null : waits],
    [texts.oldest, notFinalForMs === null ? null : texts.oldestText(notFinalForMs)],
    [texts.trusted, trustedInWords({ coordinatorRows, price }, queryCount)],
    [texts.blocks, blocks.opened === 0 ? null : texts.blocksText(blocks.certified, blocks.opened)],
  ];
  return facts.flatMap(([term, words]) => (words === null ? [] : [[term, words]]));
}
