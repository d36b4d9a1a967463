/** A job on the ledger of rows at work, as people are shown it: each of its rows is a round of one row to whoever asks for rounds. */
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import type { Waits } from "../../../../shared/protocol/job-api.ts";
import { must } from "../../../coordinator/assert.ts";
import { pausedBecause } from "../../../coordinator/dispatch.ts";
import { partyOf } from "../../../coordinator/parties.ts";
import type { CoordinatorState } from "../../../coordinator/state.ts";
import type { JobGlance } from "../../../shell/kind-desk.ts";
import { finalityOf } from "../finality.ts";
import { type AnswersOfJob, countedView, takingsIn } from "../views.ts";
import { remainingOfRows } from "./core/answered-lately.ts";
import { blocksOpened } from "./core/job-blocks.ts";
import { rowsJob } from "./core/rows-job.ts";
import { rowsWaits } from "./core/waits.ts";
import { movingRows, rowsTold } from "./told/rows-told.ts";

/** @param found of a job at work */
export function rowsJobView(state: CoordinatorState, found: AnswersOfJob): InferenceJobView {
  const { job, answers, durableRecords } = found;
  const isFinal = finalityOf(state, job, answers, durableRecords);
  const takenBackCount = takingsIn(state, found).reduce((sum, { count }) => sum + count, 0);
  const view = countedView(job, answers, isFinal, job.queryCount);
  const { queryCount, finalCount, answersByMark } = view;
  const onRows = must(rowsJob(state, job.jobId), "JB2: a job at work is known to the core");
  const waits = waitsOf(state, job.jobId);
  // Nobody knows how much will be posted to a stream.
  const isMoving = waits.waitingFor === null && !job.isOpen && job.state === "running";
  const counted = { queryCount, finalCount, exactCount: answersByMark.exact };
  return {
    ...view,
    ...(takenBackCount === 0 ? {} : { takenBackCount }),
    ...waits,
    remainingMs: isMoving ? remainingOfRows(onRows.answeredLately, queryCount, state.nowMs) : null,
    roundsDone: queryCount - answersByMark.missing,
    rows: rowsTold(job, counted, blocksOpened(onRows), movingRows(onRows, state.nowMs)),
  };
}

/** @param found of a job at work */
export function rowsGlance(state: CoordinatorState, { job, answers }: AnswersOfJob): JobGlance {
  const { waitingFor } = waitsOf(state, job.jobId);
  // Nobody knows how much will be posted.
  const progress = job.isOpen ? null : 1 - answers.countByMark().missing / (job.queryCount || 1);
  return { state: job.state, progress, waitingFor };
}

/** What it waits for, in a sentence. */
function waitsOf(state: CoordinatorState, jobId: string): Waits {
  const job = must(rowsJob(state, jobId), "JB2: a job at work is known to the core");
  const { state: at, suspended } = job.stored;
  if (at === "preparing") return { waitingFor: "its queries are being loaded" };
  if (suspended !== null) return { waitingFor: `${suspended.reason}; cancel the job, or let it go on unchecked` };
  const paused = at === "running" ? pausedBecause(state, partyOf(job)) : null;
  return paused === null ? rowsWaits(state, job) : { waitingFor: paused };
}
