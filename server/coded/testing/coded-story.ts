/** Gradient jobs in a story: what is submitted, and what is out at tabs. */
import { regressionSubmissionSchema } from "../../../shared/kinds/regression/submission.ts";
import type { Effect } from "../../coordinator/effects.ts";
import type { Story } from "../../coordinator/testing/story.ts";
import type { RegressionRecord } from "../../kinds/regression/records.ts";
import type { GradientJob } from "../core/run-job.ts";
import { noProgress } from "../records.ts";

export type Share = Extract<Effect, { type: "sendShare" }>;

export function storedGradientJob(
  jobId: string,
  submission: Record<string, unknown> = {},
  changes: Partial<RegressionRecord> = {},
): RegressionRecord {
  const hash = "0".repeat(64);
  const parsed = regressionSubmissionSchema.parse({
    kind: "regression",
    source: { kind: "uploads", featuresSha256: hash, labelsSha256: hash },
    dataVolunteers: 2,
    validationShare: 0,
    ...submission,
  });
  const { iterations, patience } = parsed;
  return {
    jobId,
    submission: parsed,
    shape: { rows: 40, columns: 10, width: 1 },
    settings: { iterations, patience, isForwardOnly: false },
    featuresSha256: hash,
    labelsSha256: hash,
    inputScale: 1,
    rows: 40,
    columns: 10,
    classes: 1,
    labelOfClass: [0, 1],
    splitSeed: 1,
    state: "accepting",
    error: null,
    endKind: null,
    endReason: null,
    submittedMs: 0,
    finishedMs: null,
    weightsOf: null,
    notes: [],
    progress: noProgress(),
    invitations: [],
    ...changes,
  };
}

export function submitGradient(story: Story, jobId: string, submission: Record<string, unknown> = {}): GradientJob {
  story.happen({ type: "gradientSubmitted", job: storedGradientJob(jobId, submission) });
  return story.state.gradientJobs.get(jobId)!;
}

/** Shards and products that are waited for. */
export function sharesOut(story: Story, kind?: Share["kind"]): Share[] {
  return story.asked("sendShare").filter((share) => {
    const task = story.state.gradientTasks.get(share.taskId);
    return task?.state === "out" && (kind === undefined || share.kind === kind);
  });
}

export function answerShare(story: Story, { taskId, sessionId }: Share, afterMs = 10): Effect[] {
  return story.answer({ assignmentId: taskId, sessionId }, afterMs);
}

/** Every shard is fetched. */
export function fetchAll(story: Story): void {
  for (const shard of sharesOut(story, "shard")) answerShare(story, shard);
}

/** Everybody answers every product, until so many updates are done. */
export function iterate(story: Story, job: GradientJob, iterations: number): void {
  for (let n = 0; n < 1_000 && job.training!.iteration < iterations; n++) {
    const next = sharesOut(story)[0];
    if (next === undefined) throw new Error("iterate: nothing is out");
    answerShare(story, next);
  }
}
