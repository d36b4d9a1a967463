/** One scheme of the demo: a fresh crowd, a warm-up that does not count, the job that counts, and what came of it. */
import type { AnswerView } from "../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import { ANSWERS_PER_PAGE_MAX } from "../../shared/protocol/limits.ts";
import type { InferenceSubmissionInput, ParitabClient } from "../../shared/sdk/paritab-client.ts";
import type { PrecisionClass } from "../../shared/verify/compare-rows.ts";
import { printFaultProfile } from "../crowd/browser/fault-profile.ts";
import type { Crowd } from "../crowd/browser/open-crowd.ts";
import { crowdReady } from "./crowd-ready.ts";
import type { ProgressBar } from "./progress-bar.ts";
import type { JobRecord, JobSeen, QuarantinedTab } from "./scheme-figures.ts";
import { until } from "./until.ts";

export const DEMO = {
  queriesPerGroup: 4,
  stragglers: 2,
  liars: 1,
  /** Images 0 to 2,399 count; the warm-up uses the 200 after them. */
  countedQueries: 2_400,
  warmUpQueries: 200,
} as const;

const JOB_MS_MAX = 240_000;

export interface SchemeRun {
  readonly client: ParitabClient;
  readonly crowd: Crowd;
  readonly scheme: NonNullable<InferenceSubmissionInput["scheme"]>;
  readonly progress: ProgressBar;
  readonly signal: AbortSignal;
}

export async function runScheme(run: SchemeRun): Promise<JobRecord> {
  const { client, crowd, scheme, progress } = run;
  await crowdReady(client, crowd, run.signal);
  const { job: warmUp } = await runJob(run, "warm-up", DEMO.countedQueries, DEMO.warmUpQueries);
  const { job: counted, seen } = await runJob(run, "counted", 0, DEMO.countedQueries);
  const jobMs = counted.finishedMs! - counted.submittedMs;
  progress.end(`${scheme.padEnd(12)} ${counted.queryCount} images, ${(jobMs / 1000).toFixed(1)} s`);
  const precisions = new Map<string, PrecisionClass>();
  for (const { volunteerId, precision } of await client.sessions()) {
    if (precision !== null) precisions.set(volunteerId, precision);
  }
  return {
    name: scheme,
    workers: counted.workerCount,
    jobMs,
    answers: await everyAnswer(client, counted.jobId),
    seen,
    quarantined: await quarantinedTabs(run, warmUp.jobId, counted.jobId),
    precisionOf: (volunteerId) => (volunteerId === null ? undefined : precisions.get(volunteerId)) ?? "float32",
  };
}

async function runJob(
  run: SchemeRun,
  name: "warm-up" | "counted",
  queryStart: number,
  queryCount: number,
): Promise<{ readonly job: InferenceJobView; readonly seen: readonly JobSeen[] }> {
  const { client, scheme, progress, signal } = run;
  const { queriesPerGroup, stragglers, liars } = DEMO;
  const { jobId } = await client.submit({
    kind: "inference",
    name: `${scheme}, ${name}`,
    submitter: "demo",
    source: { kind: "sample", sample: "mnist", queryStart, queryCount },
    scheme,
    ...{ queriesPerGroup, stragglers, liars },
  });
  const seen: JobSeen[] = [];
  const job = await until(signal, JOB_MS_MAX, async () => {
    const job = await client.inferenceJob(jobId, signal);
    const answered = job.queryCount - job.answersByMark.missing;
    const afterMs = (job.finishedMs ?? Date.now()) - job.submittedMs;
    seen.push({ afterMs, answered, final: job.finalCount });
    progress.show(`${scheme}, ${name}`, answered, job.queryCount);
    if (job.state === "done") return job;
    if (job.state === "failed" || job.state === "cancelled") {
      throw new Error(`demo: expected the ${name} job of ${scheme} to end well, but it ${job.state}: ${job.error}`);
    }
    return `the ${name} job of ${scheme} is ${job.state}, ${answered} of ${job.queryCount} answered; ${job.waitingFor ?? "it moves"}`;
  });
  return { job, seen };
}

export async function everyAnswer(client: ParitabClient, jobId: string): Promise<AnswerView[]> {
  const all: AnswerView[] = [];
  for (;;) {
    const { answers, queryCount } = await client.answers(jobId, { offset: all.length, limit: ANSWERS_PER_PAGE_MAX });
    all.push(...answers);
    if (all.length >= queryCount || answers.length === 0) return all;
  }
}

async function quarantinedTabs(
  { client, crowd }: SchemeRun,
  warmUpId: string,
  countedId: string,
): Promise<QuarantinedTab[]> {
  const volunteers = await client.volunteers("quarantined");
  return volunteers.flatMap(({ nickname, quarantine }) => {
    const tab = crowd.tabs.find(({ name }) => name === nickname);
    if (tab === undefined || quarantine === null) return [];
    const { jobId, reason } = quarantine;
    if (jobId !== warmUpId && jobId !== countedId) return [];
    const faults = printFaultProfile(tab.faults.map((fault) => ({ fault, tabCount: 1 })));
    return [{ name: nickname, faults, job: jobId === warmUpId ? "warm-up" : "counted", reason }];
  });
}
