/**
 * Inference jobs, one after another, through the real coordinator on virtual time: what the benches of attacks, of waiting
 * and of false alarms drive. Shell, core, numerics, codes and audits are those of production; tabs and time are simulated.
 */
import type { AllAnswers } from "../../../server/kinds/inference/port.ts";
import type { CodeInForce } from "../../../server/kinds/inference/records.ts";
import { rowsJob } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import type { CoordinatorShell } from "../../../server/shell/coordinator-shell.ts";
import { isProblem } from "../../../server/web/coordinator-port.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { type InferenceSubmission, inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";
import type { SessionView, VolunteerView } from "../../../shared/protocol/crowd-api.ts";
import type { JobState } from "../../../shared/protocol/job-api.ts";
import { encodeNpy, type NpyArray } from "../../../shared/protocol/npy.ts";
import type { SimulatedTab } from "../../crowd/simulated-tab.ts";
import { violations } from "./invariants.ts";
import { openWorld, type WorldOptions } from "./simulated-world.ts";

/** A job that depends on what the coordinator says when its turn comes. */
export type NextJob = (
  shell: CoordinatorShell,
  source: InferenceSubmission["source"],
) => Promise<Partial<InferenceSubmission>>;

export interface JobsRun extends WorldOptions {
  readonly bundle: Uint8Array;
  /** n x input shape; 8-bit images are divided by 255. */
  readonly queries: NpyArray;
  /** Of each job, where they do not all ask the same. */
  readonly queriesOfJobs?: readonly NpyArray[];
  /** One begins when the one before it has ended; it is asked for only then. */
  readonly jobs: Iterable<Partial<InferenceSubmission> | NextJob>;
  /** Are the rules of SPEC.md looked at after every happening? They are, unless time matters more. */
  readonly checksRules?: boolean;
  /** Awaited after every happening, while a job runs. */
  readonly observe?: (shell: CoordinatorShell, jobId: string, nowMs: number) => Promise<void> | void;
  readonly onJobEnd?: (tabs: readonly SimulatedTab[]) => void;
}

export interface EndedJob {
  readonly view: InferenceJobView;
  readonly answers: AllAnswers;
  /** From submission to end, virtual. */
  readonly virtualMs: number;
  /** Rows that tabs computed meanwhile, whatever became of them. */
  readonly tabRows: number;
  /** Codes that were in force; empty: the submission's, all the time. */
  readonly codes: readonly CodeInForce[];
}

export interface JobsOutcome {
  readonly jobs: readonly EndedJob[];
  readonly volunteers: readonly VolunteerView[];
  /** Those that are still connected at the end. */
  readonly sessions: readonly SessionView[];
  readonly tabs: readonly SimulatedTab[];
}

/** Of one job: one that takes longer in virtual time, or more events, is stuck. */
const VIRTUAL_MS_MAX = 60 * 60_000;
const HAPPENINGS_MAX = 2_000_000;
/** A job that depends on what the coordinator says is asked for again where it is refused, for meanwhile things have changed. */
const REFUSALS_MAX = 20;
/** @throws Error where a rule of SPEC.md is broken, a job is refused, or one does not end */
export async function runJobs(options: JobsRun): Promise<JobsOutcome> {
  const { seed } = options;
  const { clock, shell, store, tabs, problems, inTime, advance } = await openWorld(options);
  const rowsComputed = () => tabs.reduce((sum, { rows }) => sum + rows, 0);

  async function runJob(
    asked: Partial<InferenceSubmission> | NextJob,
    source: InferenceSubmission["source"],
    refusals = 0,
  ): Promise<EndedJob> {
    const isAsked = typeof asked === "function";
    const job = isAsked ? await inTime(asked(shell, source)) : asked;
    const startMs = clock.nowMs();
    const startRows = rowsComputed();
    const submission = inferenceSubmissionSchema.parse({ kind: "inference", ...job, source });
    const reply = await inTime(shell.submit(submission));
    if (isProblem(reply) && isAsked && refusals < REFUSALS_MAX) return runJob(asked, source, refusals + 1);
    if (isProblem(reply)) throw new Error(`runJobs: expected the job to be accepted, got ${reply.message}`);
    const { jobId } = reply;
    const view = () => shell.jobView(jobId) as InferenceJobView;
    for (let happenings = 0; !hasEnded(shell.state.jobs.get(jobId)!.stored); happenings++) {
      const stuck = happenings > HAPPENINGS_MAX || clock.nowMs() - startMs > VIRTUAL_MS_MAX;
      if (stuck || !(await advance())) {
        throw new Error(`runJobs: seed ${seed}: the job is stuck: ${view().waitingFor}`);
      }
      const broken = [...(options.checksRules === false ? [] : violations(shell.state)), ...problems];
      if (broken.length > 0) throw new Error(`runJobs: seed ${seed}: ${broken.join("; ")}`);
      await options.observe?.(shell, jobId, clock.nowMs());
    }
    options.onJobEnd?.(tabs);
    const answers = (await inTime(shell.desks.inference.allAnswers(jobId)))!;
    const { codes } = rowsJob(shell.state, jobId)!.stored;
    const spent = { virtualMs: clock.nowMs() - startMs, tabRows: rowsComputed() - startRows };
    return { view: view(), answers, ...spent, codes };
  }

  const modelSha256 = await inTime(store.putBlob(options.bundle));
  const sourceOf = async (queries: NpyArray): Promise<InferenceSubmission["source"]> => {
    const queriesSha256 = await inTime(store.putBlob(encodeNpy(queries)));
    return { kind: "uploads", modelSha256, queriesSha256, inputScale: queries.dtype === "U8" ? 1 / 255 : 1 };
  };
  const { queriesOfJobs } = options;
  const common = queriesOfJobs === undefined ? await sourceOf(options.queries) : null;
  const jobs: EndedJob[] = [];
  for (const job of options.jobs) {
    jobs.push(await runJob(job, common ?? (await sourceOf(queriesOfJobs![jobs.length]!))));
  }
  const outcome = { jobs, volunteers: shell.volunteers(), sessions: shell.sessions(), tabs };
  shell.close();
  return outcome;
}

export function hasEnded({ state }: { state: JobState }): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
}
