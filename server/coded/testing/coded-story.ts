/** Coded runs in a story: what is submitted, and what is out at tabs. */
import { regressionSubmissionSchema } from "../../../shared/kinds/regression/submission.ts";
import { must } from "../../coordinator/assert.ts";
import type { Asked, AskedOf, Story } from "../../coordinator/testing/story.ts";
import type { RegressionRecord } from "../../kinds/regression/records.ts";
import { type CodedRunJob, codedRun, type Share } from "../core/run-job.ts";
import { noProgress } from "../records.ts";

export type Sent = AskedOf<"sendAssignment">;

export function storedRun(
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
    model: parsed.model ?? "logistic",
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

export function submitRun(story: Story, jobId: string, submission: Record<string, unknown> = {}): CodedRunJob {
  story.happen({ type: "jobSubmitted", job: storedRun(jobId, submission) });
  return runOf(story, jobId);
}

export function runOf(story: Story, jobId: string): CodedRunJob {
  return must(codedRun(story.state, jobId), `story: no coded run ${jobId}`);
}

/** Shards and products that are waited for. */
export function sharesOut(story: Story, share?: Share["share"]): Sent[] {
  return story.asked("sendAssignment").filter(({ assignmentId }) => {
    const assignment = story.state.assignments.get(assignmentId);
    if (assignment?.queueing !== "beside" || assignment.state !== "outstanding") return false;
    return share === undefined || (assignment.payload as Share).share === share;
  });
}

export function answerShare(story: Story, sent: Sent, afterMs = 10): Asked[] {
  return story.answer(sent, afterMs);
}

/** Every shard is fetched. */
export function fetchAll(story: Story): void {
  for (const shard of sharesOut(story, "shard")) answerShare(story, shard);
}

/** Everybody answers every product, until so many updates are done. */
export function iterate(story: Story, job: CodedRunJob, iterations: number): void {
  for (let n = 0; n < 1_000 && (job.run?.iteration ?? 0) < iterations; n++) {
    const next = sharesOut(story)[0];
    if (next === undefined) throw new Error("iterate: nothing is out");
    answerShare(story, next);
  }
}
