/**
 * Liars through the real core, under audits and under cross-checks; those that wait are honest until their record is long, and lie then in
 * job after job, for what they did in jobs that have ended stands.
 *
 *     npm run bench -- waiting-liars [--seed N] [--seeds N] [--volunteers N] [--rows N] [--jobs N] [--one-in N] [--only PART-OF-A-PLAN]
 *         [--json FILE]
 *
 * Suspicion is off: what gets through is what coins and audits alone let through. Whoever relied on an answer while it was final relied on
 * it, though it was taken back later: those are counted too.
 */
import { type InferenceJob, inferenceJob } from "../../server/kinds/inference/core/job.ts";
import type { AllAnswers } from "../../server/kinds/inference/port.ts";
import { randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";
import { HONEST, type HonestBatch, type TabFaults } from "../crowd/tab-faults.ts";
import { tabOf } from "../crowd/tab-names.ts";
import { TASK_MS } from "../proofs/simulator/modelled-executor.ts";
import { runJobs } from "../proofs/simulator/run-jobs.ts";
import { clusteredQueries, denseClassifier, INPUT_SIZE, loadOnce } from "../proofs/simulator/simulated-inference.ts";
import { withoutSuspicion } from "./attack-crowd.ts";
import { countFlag, type Flags } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { poissonUpperLimit } from "./poisson-limit.ts";

const LIAR_SHARE = 0.2;
const GROUPS_PER_ROUND = 40;
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

/** chosen: as a coordinator chooses for each job by default. */
const RULES = { audits: "off", "cross-checks": "all jobs", chosen: "where better" } as const;
type Rules = keyof typeof RULES;

/** Of the rows of a batch, the share that is wrong. @param jobs that the volunteer has about done; 0.5: it is in the middle of its first */
type Plan = (jobs: number, rowCount: number) => number;

const PLANS: Readonly<Record<string, Plan | null>> = {
  "nobody lies": null,
  "waits, then one row a batch": (jobs, rowCount) => (jobs < 1 ? 0 : 1 / rowCount),
  "waits, then a fifth of the last batches": (jobs) => (jobs < 1 || jobs % 1 < 0.8 ? 0 : 0.2),
  "waits for the first certificate, then one row a batch": (jobs, rowCount) => (jobs % 1 < 0.4 ? 0 : 1 / rowCount),
  "one row in twenty": () => 0.05,
  "one row in a hundred": () => 0.01,
};

interface Tally {
  readonly answers: number;
  readonly final: number;
  readonly wrongFinal: number;
  /** Wrong, and final at the end or at any time before. */
  readonly everWrongFinal: number;
  /** Final before their job ended. */
  readonly finalEarly: number;
  readonly boundSum: number;
  readonly trustedRows: number;
  readonly tabRows: number;
  readonly liars: number;
  readonly named: number;
  readonly honestNamed: number;
}

export async function run(options: WaitingOptions): Promise<Measurement> {
  const rows: Measurement["rows"][number][] = [];
  for (const plan of Object.keys(PLANS).filter((name) => name.includes(options.only))) {
    for (const rules of Object.keys(RULES) as Rules[]) {
      const tallies: Tally[] = [];
      for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
        options.progress(`${rules}, ${plan}, seed ${seed}`);
        tallies.push(await oneCrowd(options, rules, plan, seed));
      }
      rows.push(rowOf(options, rules, plan, tallies));
    }
  }
  if (rows.length === 0)
    throw new Error(`waiting-liars: expected --only to be part of a plan's name, got "${options.only}"`);
  return { name: waitingLiars.name, title: waitingLiars.title, columns: COLUMNS, rows, notes: NOTES };
}

async function oneCrowd(
  { volunteers, rows, jobs, bound, progress }: WaitingOptions,
  rules: Rules,
  plan: string,
  seed: number,
): Promise<Tally> {
  const lies = PLANS[plan] ?? null;
  const liarCount = lies === null ? 0 : Math.round(LIAR_SHARE * volunteers);
  const liars = new Set(shuffle([...Array(volunteers).keys()], randomAt(seed, ROLE_DRAW)).slice(0, liarCount));
  const batchesOfJob = Math.ceil(rows / volunteers / GROUPS_PER_ROUND);
  const tabs = Array.from({ length: volunteers }, (_, tab): TabFaults => {
    const honest = { ...HONEST, addressPrefix: `network ${tab}`, whenQuarantined: "stays away" } as const;
    if (lies === null || !liars.has(tab)) return honest;
    return { ...honest, lie: someRows(seed, tab, (count, rowCount) => lies(count / batchesOfJob, rowCount)) };
  });
  const bundle = denseClassifier();
  const queries = clusteredQueries(seed, rows);
  const model = await loadOnce(bundle);
  const base = await model.run(queries, rows);
  const width = base.length / rows;
  const isWrong = ({ outputs }: AllAnswers, query: number) => {
    const of = (values: Float32Array) => values.subarray(query * width, (query + 1) * width);
    return !rowAgrees(of(base), of(outputs), PRECISION_TOLERANCE.float32);
  };
  const early = new Map<string, EarlyFinals>();
  const outcome = await runJobs({
    seed,
    tabs,
    bundle,
    load: loadOnce,
    queries: { dtype: "F32", shape: [rows, INPUT_SIZE], data: queries },
    checksRules: false,
    wrapExecutor: withoutSuspicion,
    taskMs: { ...TASK_MS, audit: 0.01, decode: 0.01, recompute: 0.01, order: 0.1, features: 0.1, run: 0.01 },
    settings: { crossChecks: RULES[rules] },
    jobs: Array.from({ length: jobs }, () => ({
      scheme: "systematic" as const,
      queriesPerGroup: QUERIES_PER_GROUP,
      stragglers: 0,
      liars: 0,
      groupsPerRound: GROUPS_PER_ROUND,
      answerBound: bound,
      roundsInFlight: Math.max(1, Math.ceil((1.5 * volunteers) / QUERIES_PER_GROUP)),
    })),
    async observe(shell, jobId) {
      const certified = certifiedOf(inferenceJob(shell.state, jobId));
      const seen = early.get(jobId) ?? { certified: 0, final: new Set(), wrong: new Set() };
      early.set(jobId, seen);
      if (certified === seen.certified) return;
      seen.certified = certified;
      const answers = (await shell.desks.inference.allAnswers(jobId))!;
      answers.final.forEach((isFinal, query) => {
        if (isFinal !== 1) return;
        seen.final.add(query);
        if (isWrong(answers, query)) seen.wrong.add(query);
      });
    },
    onJobEnd: () => progress("a job has ended"),
  });
  const sums = { answers: 0, final: 0, wrongFinal: 0, everWrongFinal: 0, finalEarly: 0 };
  const costs = { boundSum: 0, trustedRows: 0, tabRows: 0 };
  for (const { view, answers, tabRows } of outcome.jobs) {
    if (view.state !== "done")
      throw new Error(`waiting-liars: expected the job to be done, got ${view.state}: ${view.error}`);
    sums.answers += answers.queryCount;
    costs.trustedRows += view.auditedRows;
    costs.tabRows += tabRows;
    const { final: before, wrong } = early.get(view.jobId)!;
    sums.finalEarly += before.size;
    answers.final.forEach((isFinal, query) => {
      if (isFinal !== 1) return;
      sums.final++;
      costs.boundSum += answers.bounds[query]!;
      if (!isWrong(answers, query)) return;
      sums.wrongFinal++;
      wrong.add(query);
    });
    sums.everWrongFinal += wrong.size;
  }
  const quarantined = outcome.volunteers.filter(({ quarantine }) => quarantine !== null);
  const isLiar = ({ volunteerId }: { readonly volunteerId: string }) => liars.has(tabOf(volunteerId));
  return {
    ...sums,
    ...costs,
    liars: liars.size,
    named: quarantined.filter(isLiar).length,
    honestNamed: quarantined.filter((volunteer) => !isLiar(volunteer)).length,
  };
}

/** What was final while its job ran. */
interface EarlyFinals {
  certified: number;
  readonly final: Set<number>;
  readonly wrong: Set<number>;
}

/** Grows whenever more of the job is certified. */
function certifiedOf(job: InferenceJob | undefined): number {
  return (job?.checks?.ledgersDurable ?? []).reduce((sum, { below }) => sum + below, 0);
}

/** @param share of the rows of a batch that are wrong, by its number */
function someRows(
  seed: number,
  tab: number,
  share: (count: number, rowCount: number) => number,
): NonNullable<TabFaults["lie"]> {
  return ({ count, outputs, rowCount, outputSize }: HonestBatch) => {
    const lies = share(count, rowCount);
    if (lies === 0) return null;
    const random = randomAt(seed, LIE_DRAW, tab, count);
    const changed = outputs.slice();
    const chosen = lies * rowCount === 1 ? [random.integer(rowCount)] : null;
    for (let row = 0; row < rowCount; row++) {
      if (chosen === null ? random.uniform() >= lies : !chosen.includes(row)) continue;
      for (let c = 0; c < outputSize; c++) changed[row * outputSize + c] = 1 - outputs[row * outputSize + c]!;
    }
    return changed;
  };
}

function rowOf(
  { volunteers, rows: rowsOfJob, jobs }: WaitingOptions,
  rules: Rules,
  plan: string,
  tallies: readonly Tally[],
): Measurement["rows"][number] {
  const sum = (key: keyof Tally) => tallies.reduce((total, tally) => total + tally[key], 0);
  const [answers, boundSum] = [sum("answers"), sum("boundSum")];
  return {
    ...{ plan, rules, volunteers, jobs, rowsOfJob, seeds: tallies.length },
    answers,
    wrongFinal: sum("wrongFinal"),
    everWrongFinal: sum("everWrongFinal"),
    finalEarly: sum("finalEarly") / answers,
    boundSum,
    limit95: poissonUpperLimit(boundSum),
    finalShare: sum("final") / answers,
    trustedShare: sum("trustedRows") / answers,
    tabOverhead: sum("tabRows") / answers - 1,
    liars: sum("liars"),
    named: sum("named"),
    honestNamed: sum("honestNamed"),
  };
}

const COLUMNS: readonly Column[] = [
  { key: "plan", title: "a fifth of the crowd" },
  { key: "rules", title: "rules" },
  { key: "volunteers", title: "volunteers" },
  { key: "jobs", title: "jobs" },
  { key: "rowsOfJob", title: "rows each" },
  { key: "answers", title: "answers" },
  { key: "wrongFinal", title: "wrong final" },
  { key: "everWrongFinal", title: "ever" },
  { key: "boundSum", title: "bounds add up to", digits: 1 },
  { key: "limit95", title: "allowed" },
  { key: "finalShare", title: "final", digits: 3 },
  { key: "finalEarly", title: "before the end", digits: 3 },
  { key: "trustedShare", title: "trusted", digits: 4 },
  { key: "tabOverhead", title: "tabs' overhead", digits: 3 },
  { key: "named", title: "named" },
  { key: "liars", title: "of" },
  { key: "honestNamed", title: "honest named" },
];

const NOTES = [
  "systematic without parities, exact, bound 1e-3 unless told, suspicion off. Who waits is honest for the first job, and lies in all that follow.",
  "ever: wrong, and final at the end or at any time before, under cross-checks.",
  "allowed: the 95 % upper limit of a count whose mean is the sum of the bounds of final answers.",
];

export const waitingLiars: Measurer = {
  name: "waiting-liars",
  title: "Liars that wait for their record, under audits, under cross-checks, and as the coordinator chooses",
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
