import type { AnswerMark } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { count } from "../../ui/units.ts";
import { inferenceTexts, marks } from "./inference-texts.ts";
import { eta } from "./results-texts.ts";

const texts = inferenceTexts.job;
/** The most trustworthy first. From the texts: the schema's own list would bring the whole schema library along. */
const SHOWN = Object.keys(marks) as AnswerMark[];

/** How many answers there are, and how far each can be trusted: a bar and its legend. */
export function MarksBar({ job }: { job: InferenceJobView }) {
  const { queryCount, answersByMark, finalCount, remainingMs } = job;
  // Nobody knows how much is still to come while a stream is open.
  const isMoving = job.waitingFor === null || remainingMs !== null;
  const isAtWork = job.finishedMs === null && isMoving && job.stream?.isOpen !== true;
  const present = SHOWN.filter((mark) => answersByMark[mark] > 0 && mark !== "missing");
  let left = 0;
  return (
    <div class="marks">
      <div
        role="progressbar"
        aria-label={texts.progressLabel(job.name)}
        aria-valuemin={0}
        aria-valuemax={queryCount}
        aria-valuenow={finalCount}
        aria-valuetext={texts.progress(finalCount, queryCount)}
      >
        <svg class="bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true" focusable="false">
          {present.map((mark) => {
            const width = (100 * answersByMark[mark]) / queryCount;
            const x = left;
            left += width;
            return <rect key={mark} class={`segment mark-${mark}`} x={x} y="0" width={width} height="1" />;
          })}
        </svg>
      </div>
      <p class="progress-text">
        {texts.progress(finalCount, queryCount)}
        {job.rows !== undefined && finalCount < queryCount && `, ${texts.answered(queryCount - answersByMark.missing)}`}
        {isAtWork && `, ${remainingMs === null ? eta.unknown : eta.left(remainingMs)}`}
      </p>
      <ul class="legend">
        {present.map((mark) => (
          <li key={mark} title={marks[mark].means}>
            <svg class="swatch" viewBox="0 0 1 1" aria-hidden="true" focusable="false">
              <rect class={`segment mark-${mark}`} width="1" height="1" />
            </svg>
            {count(answersByMark[mark])} {marks[mark].name}
          </li>
        ))}
      </ul>
    </div>
  );
}
