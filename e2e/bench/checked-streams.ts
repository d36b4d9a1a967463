/**
 * Streams of single rows through the real core: audited, cross-checked, and cross-checked as a coordinator chooses for each ledger, while a fifth
 * of the crowd lies.
 *
 *     npm run bench -- checked-streams [--seed N] [--seeds N] [--volunteers N] [--rows N] [--one-in N] [--known ROWS]
 *         [--before ROWS] [--only PART-OF-A-PLAN] [--rules audits|cross-checks|chosen] [--json FILE]
 *
 * --before: the same service answers so many queries in a stream of large windows first, which is not counted; --known is not needed then.
 *
 * Suspicion is off: what gets through is what coins and audits alone let through. Whoever relied on an answer while it was final relied on
 * it, though it was taken back later: those are counted too.
 */
import { inferenceJob } from "../../server/kinds/inference/core/job.ts";
import type { AllAnswers } from "../../server/kinds/inference/port.ts";
import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../shared/kinds/inference/receipt.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import type { HonestBatch, TabFaults } from "../crowd/tab-faults.ts";
import { SWIFT_TASK_MS } from "../proofs/simulator/modelled-executor.ts";
import { clusteredQueries, INPUT_SIZE, loadOnce } from "../proofs/simulator/simulated-inference.ts";
import { openWorld, type SimulatedWorld } from "../proofs/simulator/simulated-world.ts";
import { withoutSuspicion } from "./attack-crowd.ts";
import { addFinals, NO_FINALS, wrongFinals } from "./final-answers.ts";
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
  summed,
  WHO_LIES,
  wrongOfClassifier,
} from "./lying-fifth.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { answered, closed, openedStream } from "./open-streams.ts";
import { countingRows, type RowsByReason } from "./rows-by-reason.ts";

const ROLE_DRAW = 71;
const LIE_DRAW = 72;
const ARRIVAL_MS = 2_000;

interface StreamsOptions extends MeasureOptions {
  readonly volunteers: number;
  /** Of the stream. */
  readonly rows: number;
  readonly seeds: number;
  /** answerBound: one wrong answer in so many. */
  readonly bound: number;
  /** Answers that the service is told that it has given before, none of them wrong: they say how many are computed unasked. */
  readonly known: number;
  /** Answers that it gives before, in another stream: its volunteers have a record then. */
  readonly before?: number;
  readonly only: string;
  /** Absent: all. */
  readonly rules?: readonly Rules[];
}

/** Of the stream, and of the coordinator. chosen: a ledger is audited that begins where somebody was named lately. */
const RULES = {
  audits: { crossChecks: "no", setting: "where better" },
  "cross-checks": { crossChecks: "yes", setting: "all jobs" },
  chosen: { crossChecks: "yes", setting: "where better" },
} as const;
type Rules = keyof typeof RULES;

/** The chance that a row is a lie. @param row of the volunteer's own, from 0 on @param share of its rows that it has about done */
type Plan = (row: number, share: number) => number;

const BURST = { rows: 60, lies: 6 } as const;

const PLANS: Readonly<Record<string, Plan | null>> = {
  "nobody lies": null,
  "every row": () => 1,
  "one row in twenty": () => 0.05,
  "one row in a hundred": () => 0.01,
  "waits for half of the stream, then one row in twenty": (_, share) => (share < 0.5 ? 0 : 0.05),
  "bursts: six rows of sixty": (row) => (row % BURST.rows >= BURST.rows - BURST.lies ? 1 : 0),
  "the last twentieth, one row in five": (_, share) => (share < 0.95 ? 0 : 0.2),
};

interface StreamTally extends LyingFifthTally, RowsByReason {
  /** Of the trusted rows, what was computed before the stream was closed. */
  readonly trustedEarly: number;
  readonly duplicates: number;
  readonly ledgersBegun: number;
  readonly certified: number;
}

function rowsSince(now: RowsByReason, before: RowsByReason): RowsByReason {
  const { anchors, drawn, open, ledgers } = now;
  return {
    anchors: anchors - before.anchors,
    drawn: drawn - before.drawn,
    open: open - before.open,
    ledgers: ledgers - before.ledgers,
  };
}

export async function run(options: StreamsOptions): Promise<Measurement> {
  const rows = await rowsOfPlans(
    {
      bench: checkedStreams.name,
      // A whole name is that plan alone.
      plans: options.only in PLANS ? [options.only] : Object.keys(PLANS),
      rules: options.rules ?? (Object.keys(RULES) as Rules[]),
      oneCrowd: (rules, plan, seed) => oneStream(options, rules, plan, seed),
      rowOf: (rules, plan, tallies) => rowOf(options, rules, plan, tallies),
    },
    options,
  );
  return { name: checkedStreams.name, title: checkedStreams.title, columns: COLUMNS, rows, notes: NOTES };
}

async function oneStream(options: StreamsOptions, rules: Rules, plan: string, seed: number): Promise<StreamTally> {
  const { volunteers, rows, before: rowsBefore = 0 } = options;
  const lies = PLANS[plan] ?? null;
  const lieOf = lies === null ? null : (tab: number) => someRows(seed, tab, rows / volunteers, lies);
  const { tabs, liars } = lyingFifth(volunteers, randomAt(seed, ROLE_DRAW), lieOf);
  const allQueries = clusteredQueries(seed, rowsBefore + rows);
  const queries = allQueries.subarray(rowsBefore * INPUT_SIZE);
  const isWrong = await wrongOfClassifier(queries, rows);
  let counted: RowsByReason = { anchors: 0, drawn: 0, open: 0, ledgers: 0 };
  const world = await openWorld({
    seed,
    tabs,
    load: loadOnce,
    wrapExecutor: (executor) => {
      const counting = countingRows(withoutSuspicion(executor));
      counted = counting.counted;
      return counting.executor;
    },
    taskMs: SWIFT_TASK_MS,
    // What is compared are the rules of rounds. Streams on the ledger of rows: attacked-rows/open-job.ts.
    settings: { rowLedger: false, crossChecks: RULES[rules].setting },
  });
  world.shell.state.crowdLately.rowsSinceAlarm = options.known;
  await world.inTime(world.clock.sleep(ARRIVAL_MS));
  if (rowsBefore > 0) await servedBefore(world, options, allQueries);
  const rowsOfTabs = () => world.tabs.reduce((sum, tab) => sum + tab.rows, 0);
  const tabRowsBefore = rowsOfTabs();
  const countedBefore = { ...counted };
  const jobId = await opened(world, options, rules, SINGLE_ROWS);
  const early = { certified: 0, wrong: new Set<number>() };
  const allAnswers = () => world.shell.desks.inference.allAnswers(jobId);
  const look = async (read: Promise<AllAnswers | null>): Promise<AllAnswers> => {
    const answers = (await read)!;
    for (const query of wrongFinals(answers, isWrong)) early.wrong.add(query);
    return answers;
  };
  // While it is open its answers are at hand, and no time passes: else it would close itself meanwhile.
  const lookNow = () => look(allAnswers());
  await answered(world, [{ jobId, queries }], async () => {
    const certified = inferenceJob(world.shell.state, jobId)?.checks?.ledgersDurable ?? [];
    const count = certified.filter(({ bound }) => bound < 1).length;
    if (count > early.certified) await lookNow();
    early.certified = count;
  });
  const open = await lookNow();
  const finalEarly = open.final.reduce((sum, isFinal) => sum + isFinal, 0);
  const trustedEarly = (world.shell.jobView(jobId) as InferenceJobView).auditedRows;
  await closed(world, jobId);
  const answers = await look(world.inTime(allAnswers()));
  const { checks = null } = inferenceJob(world.shell.state, jobId)!;
  const receipt = (await world.inTime(world.shell.receipt(jobId))) as InferenceReceipt;
  const { begun = 0, certified = 0 } = receipt.ledgers ?? {};
  const finals = { ...NO_FINALS };
  addFinals(finals, answers, isWrong);
  const { auditedRows } = world.shell.jobView(jobId) as InferenceJobView;
  const tally = {
    ...{ answers: answers.queryCount, ...finals, finalEarly, everWrongFinal: early.wrong.size },
    ...{ trustedRows: auditedRows, trustedEarly, duplicates: checks?.duplicatesSent ?? 0 },
    ...{ tabRows: rowsOfTabs() - tabRowsBefore },
    ...{ ledgersBegun: begun, certified },
    ...rowsSince(counted, countedBefore),
    ...namedAmong(world.shell.volunteers(), liars),
  };
  world.shell.close();
  return tally;
}

/** Groups of a window: one row of each goes to a tab. */
const SINGLE_ROWS = 1;
const LARGE_WINDOWS = 40;

/** The service has answered so many queries when the stream begins that is looked at. */
async function servedBefore(world: SimulatedWorld, options: StreamsOptions, queries: Float32Array): Promise<void> {
  const jobId = await opened(world, options, "cross-checks", LARGE_WINDOWS);
  await answered(world, [{ jobId, queries: queries.subarray(0, (options.before ?? 0) * INPUT_SIZE) }]);
  await closed(world, jobId);
}

function opened(
  world: SimulatedWorld,
  { bound: answerBound }: StreamsOptions,
  rules: Rules,
  groupsPerRound: number,
): Promise<string> {
  return openedStream(world, { answerBound, groupsPerRound, crossChecks: RULES[rules].crossChecks });
}

/** @param ownRows that the volunteer will about do */
function someRows(seed: number, tab: number, ownRows: number, lies: Plan): NonNullable<TabFaults["lie"]> {
  return (batch: HonestBatch) => {
    const { count } = batch;
    const random = randomAt(seed, LIE_DRAW, tab, count);
    return liesIn(batch, () => random.uniform() < lies(count, count / ownRows));
  };
}

function rowOf(
  { volunteers, rows: rowsOfStream, bound, known, before = 0 }: StreamsOptions,
  rules: Rules,
  plan: string,
  tallies: readonly StreamTally[],
): Measurement["rows"][number] {
  const sum = summed(tallies);
  const answers = sum("answers");
  return {
    ...{ plan, rules, volunteers, rowsOfStream, answerBound: bound, known, before, seeds: tallies.length },
    ...commonFigures(tallies),
    trustedEarly: sum("trustedEarly") / answers,
    duplicateShare: sum("duplicates") / answers,
    ...{ anchorRows: sum("anchors"), drawnRows: sum("drawn"), openRows: sum("open"), ledgerRows: sum("ledgers") },
    ...{ ledgers: sum("ledgersBegun"), certified: sum("certified") },
  };
}

const COLUMNS: readonly Column[] = [
  ...WHO_LIES,
  ...FINAL_COLUMNS,
  { key: "trustedEarly", title: "before the end", digits: 4 },
  { key: "anchorRows", title: "anchors" },
  { key: "drawnRows", title: "drawn" },
  { key: "openRows", title: "open labels" },
  { key: "ledgerRows", title: "of ledgers" },
  { key: "duplicateShare", title: "duplicates", digits: 4 },
  OVERHEAD_COLUMN,
  { key: "certified", title: "ledgers certified" },
  { key: "ledgers", title: "of" },
  ...NAMED_COLUMNS,
];

const NOTES = [
  "systematic, windows of one query, no parities, suspicion off. trusted: rows that the coordinator computed, as a share of the answers; before the end: until the stream was closed.",
  "anchors, drawn (of the first rows, and of tabs that are not measured), open labels, of ledgers (samples, and coins that nobody answered): rows that the coordinator computed, by the reason.",
  "ever: wrong, and final at the end or when a ledger was certified. duplicates: that volunteers were sent to check each other. tabs' overhead: all rows that tabs computed beyond one an answer: golden rows (PC6) and rows done again too.",
  "allowed: the 95 % upper limit of a count whose mean is the sum of the bounds of final answers. Wrong answers come in clumps: seeds count, and not answers.",
];

export const checkedStreams: Measurer = {
  name: "checked-streams",
  title: "Streams of single rows, audited and cross-checked, while a fifth of the crowd lies",
  flags: ["seeds", "volunteers", "rows", "one-in", "known", "before", "only", "rules"],
  run: (options) => run({ ...options, ...optionsOf(options.flags ?? {}) }),
};

function optionsOf(flags: Flags): Omit<StreamsOptions, keyof MeasureOptions> {
  return {
    bound: 1 / (countFlag(flags, "one-in") ?? 100),
    only: flags.only ?? "",
    ...(flags.rules === undefined ? {} : { rules: [rulesNamed(flags.rules)] }),
    volunteers: countFlag(flags, "volunteers") ?? 40,
    rows: countFlag(flags, "rows") ?? 20_000,
    known: countFlag(flags, "known") ?? (flags.before === undefined ? 100_000 : 0),
    before: countFlag(flags, "before") ?? 0,
    seeds: countFlag(flags, "seeds") ?? 1,
  };
}

function rulesNamed(name: string): Rules {
  if (name in RULES) return name as Rules;
  throw new Error(`--rules: expected one of ${Object.keys(RULES).join(", ")}, got ${name}`);
}
