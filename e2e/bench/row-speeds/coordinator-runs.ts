/** What the whole coordinator does with a drawn crowd, on virtual time, beside the ledger alone on the same one. */
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import { medianOfSome } from "../../../shared/numbers/quantile.ts";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { runJobs } from "../../proofs/simulator/run-jobs.ts";
import { runStream } from "../../proofs/simulator/run-stream.ts";
import { AnswerTimes } from "../answer-times.ts";
import type { JobWorld } from "../job-world.ts";
import { type DrawnCrowd, type DrawnTab, rowsPossiblePerMs, streamCrowd } from "./drawn-crowds.ts";

type Submission = Partial<Omit<InferenceSubmission, "source">>;

export const COORDINATOR_SCHEMES = {
  uncoded: { scheme: "uncoded", stragglers: 0, liars: 0 },
  backups: { scheme: "systematic", queriesPerGroup: 8, stragglers: 2, liars: 0, spares: "backups" },
  parities: { scheme: "systematic", queriesPerGroup: 8, stragglers: 2, liars: 0, spares: "parities" },
} as const satisfies Readonly<Record<string, Submission>>;

const faultsOf = ({ time, isMute }: DrawnTab): TabFaults => ({ ...HONEST, computeTime: time, isMute });

export interface JobFigures {
  readonly seconds: number;
  /** Of what all tabs that answer could do in that time. */
  readonly share: number;
  readonly rowsAQuery: number;
}

/** Two jobs, one after the other: medians over seeds of the first and of the second. */
export async function coordinatorJobs(
  world: JobWorld,
  crowd: DrawnCrowd,
  submission: Submission,
  seeds: readonly number[],
): Promise<{ first: JobFigures; second: JobFigures }> {
  const found: JobFigures[][] = [];
  for (const seed of seeds) {
    const tabs = crowd.tabs(seed);
    const { jobs } = await runJobs({
      ...world.common,
      seed,
      checksRules: false,
      tabs: tabs.map(faultsOf),
      jobs: [submission, submission],
    });
    const perMs = rowsPossiblePerMs(tabs);
    found.push(
      jobs.map(({ view, virtualMs, tabRows }) => ({
        seconds: virtualMs / 1e3,
        share: view.queryCount / (perMs * virtualMs),
        rowsAQuery: tabRows / view.queryCount,
      })),
    );
  }
  const of = (job: number): JobFigures => {
    const over = (key: keyof JobFigures) => medianOfSome(found.map((jobs) => jobs[job]![key]));
    return { seconds: over("seconds"), share: over("share"), rowsAQuery: over("rowsAQuery") };
  };
  return { first: of(0), second: of(1) };
}

/** Seconds until a query has its first answer, in a job of eighty of them: the median over seeds of their mean. */
export async function coordinatorFirstAnswers(
  world: JobWorld,
  crowd: DrawnCrowd,
  submission: Submission,
  seeds: readonly number[],
): Promise<number> {
  const found: number[] = [];
  for (const seed of seeds) {
    const times = new AnswerTimes();
    await runJobs({
      ...world.common,
      seed,
      checksRules: false,
      tabs: crowd.tabs(seed).map(faultsOf),
      // So loose that the account of a new submitter carries it.
      jobs: [{ queriesPerGroup: 8, completion: "exact", answerBound: 0.5, ...submission }],
      observe: ({ state }, jobId, nowMs) => times.see(state, jobId, nowMs),
    });
    found.push(times.firstMs.reduce((sum, ms) => sum + ms, 0) / times.firstMs.length / 1e3);
  }
  return medianOfSome(found);
}

/** Of one uncoded stream: ms from the posting of each query to its answer, and rows that tabs computed a query. */
export async function coordinatorStream(
  world: JobWorld,
  slowShare: number,
  seed: number,
  postedMs: readonly number[],
): Promise<{ latencyMs: Float64Array; spanMs: number; rowsAQuery: number }> {
  const { bundle, load, queries } = world.common;
  const { latencyMs, spanMs, tabRows } = await runStream({
    ...{ seed, bundle, load, postedMs },
    tabs: streamCrowd(slowShare).tabs(seed).map(faultsOf),
    queries: queries.data as Float32Array,
    queryCount: queries.shape[0]!,
    submission: { queriesPerGroup: 4, ...COORDINATOR_SCHEMES.uncoded },
    accept: "first",
    closeAfterMs: 20,
    patienceMs: 30_000,
  });
  return { latencyMs, spanMs, rowsAQuery: tabRows / postedMs.length };
}
