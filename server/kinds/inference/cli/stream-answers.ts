/** One job from its input to its last answer, written as lines. */
import type { AnswerView, TakenBackNotice } from "../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import type { Acceptance } from "../../../../shared/sdk/paritab-client.ts";
import type { Call } from "../../../cli/command.ts";
import { endOf, ProgressMeter } from "../../../cli/outputs/job-progress.ts";
import { WaitsSaid, waitsInWords } from "../../../cli/outputs/waits-in-words.ts";
import type { InferenceInput } from "./inference-input.ts";
import { takenBackInWords } from "./taken-back-words.ts";

export interface AnswerStream {
  readonly accept: Acceptance | undefined;
  /** The job goes on when nobody waits for it any more. */
  readonly keep: boolean;
  /** Writes one answer. @param file of the picture that was asked about, where there is one */
  write(answer: AnswerView, file: string | null): Promise<void>;
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
      const answer = step.value;
      await stream.write(answer, input.files?.[answer.index] ?? null);
    }
  } finally {
    looked.abort();
    // Whatever interrupted us: the job is cancelled here, unless it is to be kept.
    await answers.return(undefined as never).catch(() => undefined);
  }
}

async function submitted(
  { client, terminal }: Call,
  input: InferenceInput,
  onJob: (jobId: string) => void,
): Promise<string> {
  const jobId = await client.submitRun({ ...input.settings, ...input.source, signal: terminal.signal });
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
