/**
 * The answers of an inference job in the order of its queries, each once, as they become ready. What was given out is
 * remembered by its index alone, so a lost connection or a restarted coordinator repeats nothing and skips nothing.
 */
import { type Acceptance, acceptanceOf, isReady } from "../kinds/inference/acceptance.ts";
import type { AnswerFilter, AnswersPage, AnswerView } from "../kinds/inference/answers.ts";
import type { InferenceJobView } from "../kinds/inference/job-view.ts";
import type { JobView } from "../kinds/kinds.ts";
import { SDK_POLL_MS_MAX, SDK_POLL_MS_MIN } from "../protocol/limits.ts";
import { largestLimit } from "./answers-of.ts";
import { JobEndedError } from "./job-ended-error.ts";
import { type Asker, patiently, waitMs } from "./patience.ts";
import { type TakenBackHearing, TakenBackLook, type TakenBackReader } from "./taken-back.ts";

export interface FollowOptions extends TakenBackHearing {
  /** The first query to answer; 0 by default. To go on where another program stopped. */
  readonly from?: number;
  /** By default `first` for jobs with completion `fast`, else `verified`. */
  readonly accept?: Acceptance | undefined;
  /** Gives up at once; the job goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** What following needs of a client. */
export interface AnswersReader extends Asker, Pick<TakenBackReader, "takenBack"> {
  job(jobId: string, signal?: AbortSignal): Promise<JobView>;
  answers(
    jobId: string,
    page?: { offset?: number; limit?: number; only?: AnswerFilter },
    signal?: AbortSignal,
  ): Promise<AnswersPage>;
}

const FIRST_LIMIT = 16;

/**
 * @returns at last, the job as it ended
 * @throws JobEndedError where the job fails or is cancelled, after the answers that were ready by then
 * @throws ParitabApiError where the coordinator refuses, or stays away for too long
 */
export async function* followAnswers(
  reader: AnswersReader,
  jobId: string,
  options: FollowOptions = {},
): AsyncGenerator<AnswerView, InferenceJobView, undefined> {
  const { signal } = options;
  let next = options.from ?? 0;
  let delayMs = SDK_POLL_MS_MIN;
  let limit = FIRST_LIMIT;
  const look = new TakenBackLook(reader, jobId);
  for (;;) {
    // The state first: what a job that was done by then has to say is all in the pages that follow.
    const job = inferenceJob(await patiently(reader, () => reader.job(jobId, signal), signal));
    const accept = options.accept ?? acceptanceOf(job);
    const before = next;
    const takenBack = options.onTakenBack && (await look.news(job.takenBackCount ?? 0, next, signal));
    for (const notice of takenBack ?? []) options.onTakenBack?.(notice);
    for (;;) {
      const offset = next;
      const page = await patiently(reader, () => reader.answers(jobId, { offset, limit }, signal), signal);
      const blocked = page.answers.findIndex((answer) => job.state !== "done" && !isReady(answer, accept));
      const ready = blocked < 0 ? page.answers : page.answers.slice(0, blocked);
      for (const answer of ready) {
        signal?.throwIfAborted();
        next++;
        yield answer;
      }
      // Full pages grow; one that a waiting query cuts short is asked for again small, for it comes again and again.
      limit = blocked < 0 ? Math.min(2 * limit, largestLimit(page)) : FIRST_LIMIT;
      if (blocked >= 0 || next >= page.queryCount || page.answers.length === 0) break;
    }
    if (job.finishedMs !== null) {
      if (job.state !== "done") throw new JobEndedError(job);
      if (next >= job.queryCount) return job;
    }
    delayMs = next > before ? SDK_POLL_MS_MIN : Math.min(2 * delayMs, SDK_POLL_MS_MAX);
    await waitMs(delayMs, signal);
  }
}

function inferenceJob(job: JobView): InferenceJobView {
  if (job.kind === "inference") return job;
  throw new TypeError(`job ${job.jobId}: expected an inference job, got a ${job.kind} job; follow it with watch()`);
}
