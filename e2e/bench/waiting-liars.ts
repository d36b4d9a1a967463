/**
 * Liars through the real core; those that wait are honest until their record is long, and lie then in
 * job after job, for what they did in jobs that have ended stands.
 *
 *     npm run bench -- waiting-liars [--seed N] [--seeds N] [--volunteers N] [--rows N] [--jobs N] [--one-in N] [--only PART-OF-A-PLAN]
 *         [--json FILE]
 *
 * Whoever relied on an answer while it was final relied on
 * it, though it was taken back later: those are counted too.
 */
import { rowsJob } from "../../server/kinds/inference/rows/core/rows-job.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import type { HonestBatch, TabFaults } from "../crowd/tab-faults.ts";
import { SWIFT_TASK_MS } from "../proofs/simulator/modelled-executor.ts";
import { runJobs } from "../proofs/simulator/run-jobs.ts";
import { clusteredQueries, denseClassifier, INPUT_SIZE, loadOnce } from "../proofs/simulator/simulated-inference.ts";
import { addFinals, finalQueries, NO_FINALS, wrongFinals } from "./final-answers.ts";
import { countFlag, type Flags } from "./flags.ts";
import {
  commonFigures,
  FINAL_COLUMNS,
  type LyingFifthTally,
  liesIn,
  lyingFifth,
  NAMED_COLUMNS,
  namedAmong,
  OVERHEAD_COLUMN,
  rowsOfPlans,
  WHO_LIES,
  wrongOfClassifier,
} from "./lying-fifth.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { settingsUsed } from "./settings-used.ts";

const QUERIES_PER_GROUP = 10;
const ROLE_DRAW = 61;
const LIE_DRAW = 62;

interface WaitingOptions extends MeasureOptions {
  readonly volunteers: number;
  /** Of each job. */
  readonly rows: number;
  readonly jobs: number;
  readonly seeds: number;
  /** answerBound of the jobs: one wrong answer in so many. */
  readonly bound: number;
  /** Plans whose name holds this. */
  readonly only: string;
}

/** The share of a claim's rows that is wrong. @param jobs that the volunteer has about done; 0.5: it is in the middle of its first */
type Plan = (jobs: number, rowCount: number) => number;

const PLANS: Readonly<Record<string, Plan | null>> = {
  "nobody lies": null,
  "waits, then one row a claim": (jobs, rowCount) => (jobs < 1 ? 0 : 1 / rowCount),
  "waits, then a fifth of the last claims": (jobs) => (jobs < 1 || jobs % 1 < 0.8 ? 0 : 0.2),
  "waits for the first certificate, then one row a claim": (jobs, rowCount) => (jobs % 1 < 0.4 ? 0 : 1 / rowCount),
  "one row in twenty": () => 0.05,
  "one row in a hundred": () => 0.01,
};

export const WAITING_LIARS_SET = settingsUsed([{ queriesPerGroup: QUERIES_PER_GROUP }], { addresses: "one each" });

export async function run(options: WaitingOptions): Promise<Measurement> {
  const rows = await rowsOfPlans(
    {
      bench: waitingLiars.name,
      plans: Object.keys(PLANS),
      oneCrowd: (plan, seed) => oneCrowd(options, plan, seed),
      rowOf: (plan, tallies) => rowOf(options, plan, tallies),
    },
    options,
  );
  return {
    name: waitingLiars.name,
    title: waitingLiars.title,
    columns: COLUMNS,
    rows,
    notes: NOTES,
    set: WAITING_LIARS_SET,
  };
}

async function oneCrowd(
  { volunteers, rows, jobs, bound, progress }: WaitingOptions,
  plan: string,
  seed: number,
): Promise<LyingFifthTally> {
  const lies = PLANS[plan] ?? null;
  const rowsOfOne = rows / volunteers;
  const lieOf = lies === null ? null : (tab: number) => someRows(seed, tab, (n, of) => lies(n / rowsOfOne, of));
  const { tabs, liars } = lyingFifth(volunteers, randomAt(seed, ROLE_DRAW), lieOf);
  const queries = clusteredQueries(seed, rows);
  const isWrong = await wrongOfClassifier(queries, rows);
  const early = new Map<string, EarlyFinals>();
  const outcome = await runJobs({
    seed,
    tabs,
    bundle: denseClassifier(),
    load: loadOnce,
    queries: { dtype: "F32", shape: [rows, INPUT_SIZE], data: queries },
    checksRules: false,
    taskMs: SWIFT_TASK_MS,
    jobs: Array.from({ length: jobs }, () => ({
      scheme: "systematic" as const,
      queriesPerGroup: QUERIES_PER_GROUP,
      stragglers: 0,
      liars: 0,
      answerBound: bound,
    })),
    async observe(shell, jobId) {
      // Grows whenever more of the job is certified.
      const certified = rowsJob(shell.state, jobId)?.ledger?.counts.final ?? 0;
      const seen = early.get(jobId) ?? { certified: 0, final: new Set(), wrong: new Set() };
      early.set(jobId, seen);
      if (certified === seen.certified) return;
      seen.certified = certified;
      const answers = (await shell.desks.inference.allAnswers(jobId))!;
      for (const query of finalQueries(answers)) seen.final.add(query);
      for (const query of wrongFinals(answers, isWrong)) seen.wrong.add(query);
    },
    onJobEnd: () => progress("a job has ended"),
  });
  const finals = { ...NO_FINALS };
  const sums = { answers: 0, everWrongFinal: 0, finalEarly: 0, trustedRows: 0, tabRows: 0 };
  for (const { view, answers, tabRows } of outcome.jobs) {
    if (view.state !== "done")
      throw new Error(`waiting-liars: expected the job to be done, got ${view.state}: ${view.error}`);
    sums.answers += answers.queryCount;
    sums.trustedRows += view.auditedRows;
    sums.tabRows += tabRows;
    const { final: before, wrong } = early.get(view.jobId)!;
    sums.finalEarly += before.size;
    addFinals(finals, answers, isWrong, bound);
    for (const query of wrongFinals(answers, isWrong)) wrong.add(query);
    sums.everWrongFinal += wrong.size;
  }
  return { ...sums, ...finals, ...namedAmong(outcome.volunteers, liars) };
}

/** What was final while its job ran. */
interface EarlyFinals {
  certified: number;
  readonly final: Set<number>;
  readonly wrong: Set<number>;
}

/** @param share of the rows of a claim that are wrong, by how many rows the tab has computed before */
function someRows(
  seed: number,
  tab: number,
  share: (rowsBefore: number, rowCount: number) => number,
): NonNullable<TabFaults["lie"]> {
  let rowsBefore = 0;
  return (batch: HonestBatch) => {
    const { count, rowCount } = batch;
    const lies = share(rowsBefore, rowCount);
    rowsBefore += rowCount;
    if (lies === 0) return null;
    const random = randomAt(seed, LIE_DRAW, tab, count);
    const chosen = lies * rowCount === 1 ? random.integer(rowCount) : null;
    return liesIn(batch, (row) => (chosen === null ? random.uniform() < lies : row === chosen));
  };
}

function rowOf(
  { volunteers, rows: rowsOfJob, jobs }: WaitingOptions,
  plan: string,
  tallies: readonly LyingFifthTally[],
): Measurement["rows"][number] {
  return { ...{ plan, volunteers, jobs, rowsOfJob, seeds: tallies.length }, ...commonFigures(tallies) };
}

const COLUMNS: readonly Column[] = [
  ...WHO_LIES,
  { key: "volunteers", title: "volunteers" },
  { key: "jobs", title: "jobs" },
  { key: "rowsOfJob", title: "rows each" },
  ...FINAL_COLUMNS,
  OVERHEAD_COLUMN,
  ...NAMED_COLUMNS,
];

const NOTES = [
  "systematic without parities, exact, bound 1e-3 unless told. Who waits is honest for the first job, and lies in all that follow.",
  "ever: wrong, and final at the end or at any time before.",
  "promised: the bound times all answers. allowed: the 95 % upper limit of a count of that mean.",
];

export const waitingLiars: Measurer = {
  name: "waiting-liars",
  title: "Liars that wait for their record",
  flags: ["seeds", "volunteers", "rows", "jobs", "one-in", "only"],
  run: (options) => run({ ...options, ...optionsOf(options.flags ?? {}) }),
};

function optionsOf(flags: Flags): Pick<WaitingOptions, "volunteers" | "rows" | "jobs" | "bound" | "seeds" | "only"> {
  return {
    bound: 1 / (countFlag(flags, "one-in") ?? 1_000),
    only: flags.only ?? "",
    volunteers: countFlag(flags, "volunteers") ?? 30,
    rows: countFlag(flags, "rows") ?? 6_000,
    jobs: countFlag(flags, "jobs") ?? 6,
    seeds: countFlag(flags, "seeds") ?? 1,
  };
}
