/** One job from its input to its last answer, written as lines. */
import type { AnswerView, TakenBackNotice } from "../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import { JobEndedError } from "../../../../shared/sdk/job-ended-error.ts";
import type { Acceptance } from "../../../../shared/sdk/paritab-client.ts";
import { cancelInPassing } from "../../../../shared/sdk/submit-once.ts";
import type { Call } from "../../../cli/command.ts";
import { endOf, ProgressMeter } from "../../../cli/outputs/job-progress.ts";
import { WaitsSaid, waitsInWords } from "../../../cli/outputs/waits-in-words.ts";
import type { InferenceInput } from "./inference-input.ts";
import { takenBackInWords } from "./taken-back-words.ts";

export interface AnswerStream {
  readonly accept: Acceptance | undefined;
  /** The job goes on when nobody waits for it any more. */
  readonly keep: boolean;
  /** Writes one answer. */
  write(answer: AnswerView): Promise<void>;
}

/** @returns the job as it ended @throws as runInference */
export async function streamAnswers(
  call: Call,
  input: InferenceInput,
  stream: AnswerStream,
): Promise<InferenceJobView> {
  const { client, terminal } = call;
  const looked = new AbortController();
  const onTakenBack = (notice: TakenBackNotice) => terminal.say(takenBackInWords(notice));
  const follow = { signal: terminal.signal, onTakenBack, accept: stream.accept };
  const onJob = (jobId: string) => {
    terminal.say(`job ${jobId}`);
    void showProgress(call, jobId, looked.signal);
  };
  const answers = stream.keep
    ? client.follow(await submitted(call, input, onJob), follow)
    : client.inference({ ...input.settings, ...input.source, ...follow, onJob });
  try {
    for (;;) {
      const step = await answers.next();
      if (step.done) {
        terminal.say(endOf(step.value));
        return step.value;
      }
      await stream.write(step.value);
    }
  } finally {
    looked.abort();
    // Whatever interrupted us: the job is cancelled here, unless it is to be kept.
    await answers.return(undefined as never).catch(() => undefined);
  }
}

/**
 * As streamAnswers, of answers that nobody reads before all are there.
 * @param keep the job goes on when nobody waits for it any more
 * @returns the job as it ended @throws JobEndedError where it fails or is cancelled
 */
export async function untilDone(call: Call, input: InferenceInput, keep: boolean): Promise<InferenceJobView> {
  const { client, terminal } = call;
  const looked = new AbortController();
  const jobId = await submitted(call, input, (id) => {
    terminal.say(`job ${id}`);
    void showProgress(call, id, looked.signal);
  });
  let isOver = false;
  try {
    for await (const job of client.watch(jobId, terminal.signal)) isOver = job.finishedMs !== null;
    const job = await client.inferenceJob(jobId, terminal.signal);
    if (job.state !== "done") throw new JobEndedError(job);
    terminal.say(endOf(job));
    return job;
  } finally {
    looked.abort();
    if (!isOver && !keep) await cancelInPassing(client, jobId);
  }
}

async function submitted(
  { client, terminal }: Call,
  input: InferenceInput,
  onJob: (jobId: string) => void,
): Promise<string> {
  const { settings, source, key } = input;
  const jobId = await client.submitRun({ ...settings, ...source, key, signal: terminal.signal });
  onJob(jobId);
  return jobId;
}

/**
 * Beside the answers: they come in order, so they say little of how far the job is. Where nobody looks at progress, such as in a log, it is said
 * alone what the job waits for; what somebody can do about it, everywhere.
 */
export async function showProgress({ client, terminal, url }: Call, jobId: string, signal: AbortSignal): Promise<void> {
  const meter = new ProgressMeter();
  const said = new WaitsSaid();
  try {
    for await (const job of client.watch(jobId, signal)) {
      terminal.progress(meter.line(job, terminal.nowMs()));
      // Of other reasons, which pass by themselves, a log needs no line.
      const lacks = job.lacksTabs === undefined ? null : waitsInWords(job, url);
      const isShown = terminal.showsProgress && job.lacksTabs !== "any";
      if (!isShown && lacks !== null && said.isNews(lacks, terminal.nowMs())) terminal.say(`job ${jobId}: ${lacks}`);
    }
  } catch {
    // The answers' own loop says what is wrong.
  }
}
