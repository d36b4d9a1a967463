/**
 * Streams of single rows through the real core: audited, cross-checked, and cross-checked as a coordinator chooses for each ledger, while a fifth
 * of the crowd lies.
 *
 *     npm run bench -- checked-streams [--seed N] [--seeds N] [--volunteers N] [--rows N] [--one-in N] [--known ROWS]
 *         [--only PART-OF-A-PLAN] [--json FILE]
 *
 * Suspicion is off: what gets through is what coins and audits alone let through. Whoever relied on an answer while it was final relied on
 * it, though it was taken back later: those are counted too.
 */
import { inferenceJob } from "../../server/kinds/inference/core/job.ts";
import type { AllAnswers } from "../../server/kinds/inference/port.ts";
import { isProblem } from "../../server/web/coordinator-port.ts";
import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../shared/kinds/inference/receipt.ts";
import { inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import { randomAt, shuffle } from "../../shared/random/simulation-random.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../shared/verify/compare-rows.ts";
import { HONEST, type HonestBatch, type TabFaults } from "../crowd/tab-faults.ts";
import { tabOf } from "../crowd/tab-names.ts";
import { TASK_MS } from "../proofs/simulator/modelled-executor.ts";
import { clusteredQueries, denseClassifier, INPUT_SIZE, loadOnce } from "../proofs/simulator/simulated-inference.ts";
import { openWorld, type SimulatedWorld } from "../proofs/simulator/simulated-world.ts";
import { withoutSuspicion } from "./attack-crowd.ts";
import { countFlag, type Flags } from "./flags.ts";
import type { Column, Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { poissonUpperLimit } from "./poisson-limit.ts";

const LIAR_SHARE = 0.2;
const ROLE_DRAW = 71;
const LIE_DRAW = 72;
/** Queries that are posted together, and that may be on their way. */
const POST_ROWS = 200;
const UNANSWERED_MAX = 400;
const ARRIVAL_MS = 2_000;

interface StreamsOptions extends MeasureOptions {
  readonly volunteers: number;
  /** Of the stream. */
  readonly rows: number;
  readonly seeds: number;
  /** answerBound: one wrong answer in so many. */
  readonly bound: number;
  /** Answers that the service has given before, none of them wrong: they say how many are computed unasked. */
  readonly known: number;
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

interface Tally {
  readonly answers: number;
  readonly final: number;
  readonly finalEarly: number;
  readonly wrongFinal: number;
  readonly everWrongFinal: number;
  readonly boundSum: number;
  readonly trustedRows: number;
  /** Of these, what was computed before the stream was closed. */
  readonly trustedEarly: number;
  readonly duplicates: number;
  readonly tabRows: number;
  readonly ledgers: number;
  readonly certified: number;
  readonly liars: number;
  readonly named: number;
  readonly honestNamed: number;
}

export async function run(options: StreamsOptions): Promise<Measurement> {
  const rows: Measurement["rows"][number][] = [];
  for (const plan of Object.keys(PLANS).filter((name) => name.includes(options.only))) {
    for (const rules of options.rules ?? (Object.keys(RULES) as Rules[])) {
      const tallies: Tally[] = [];
      for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
        options.progress(`${rules}, ${plan}, seed ${seed}`);
        tallies.push(await oneStream(options, rules, plan, seed));
      }
      rows.push(rowOf(options, rules, plan, tallies));
    }
  }
  if (rows.length === 0)
    throw new Error(`checked-streams: expected --only to be part of a plan's name, got "${options.only}"`);
  return { name: checkedStreams.name, title: checkedStreams.title, columns: COLUMNS, rows, notes: NOTES };
}

async function oneStream(options: StreamsOptions, rules: Rules, plan: string, seed: number): Promise<Tally> {
  const { volunteers, rows } = options;
  const lies = PLANS[plan] ?? null;
  const liarCount = lies === null ? 0 : Math.round(LIAR_SHARE * volunteers);
  const liars = new Set(shuffle([...Array(volunteers).keys()], randomAt(seed, ROLE_DRAW)).slice(0, liarCount));
  const queries = clusteredQueries(seed, rows);
  const isWrong = await wrongness(queries, rows);
  const world = await openWorld({
    seed,
    tabs: Array.from({ length: volunteers }, (_, tab): TabFaults => {
      const honest = { ...HONEST, addressPrefix: `network ${tab}`, whenQuarantined: "stays away" } as const;
      if (lies === null || !liars.has(tab)) return honest;
      return { ...honest, lie: someRows(seed, tab, rows / volunteers, lies) };
    }),
    load: loadOnce,
    wrapExecutor: withoutSuspicion,
    taskMs: { ...TASK_MS, audit: 0.01, decode: 0.01, recompute: 0.01, order: 0.1, features: 0.1, run: 0.01 },
    settings: { crossChecks: RULES[rules].setting },
  });
  world.shell.state.crowdLately.rowsSinceAlarm = options.known;
  const jobId = await opened(world, options, rules);
  const early = { certified: 0, final: new Set<number>(), wrong: new Set<number>() };
  const look = async (): Promise<AllAnswers> => {
    const answers = (await world.inTime(world.shell.desks.inference.allAnswers(jobId)))!;
    answers.final.forEach((isFinal, query) => {
      if (isFinal === 1 && isWrong(answers, query)) early.wrong.add(query);
    });
    return answers;
  };
  await answered(world, options, jobId, queries, async () => {
    const certified = inferenceJob(world.shell.state, jobId)?.checks?.ledgersDurable ?? [];
    const count = certified.filter(({ bound }) => bound < 1).length;
    if (count > early.certified) await look();
    early.certified = count;
  });
  const before = await look();
  const finalEarly = before.final.reduce((sum, isFinal) => sum + isFinal, 0);
  const trustedEarly = (world.shell.jobView(jobId) as InferenceJobView).auditedRows;
  await world.inTime(world.shell.stop(jobId));
  await until(world, () => inferenceJob(world.shell.state, jobId)?.stored.state === "done");
  const answers = await look();
  const { checks = null } = inferenceJob(world.shell.state, jobId)!;
  const receipt = (await world.inTime(world.shell.receipt(jobId))) as InferenceReceipt;
  const { begun = 0, certified = 0 } = receipt.ledgers ?? {};
  let [final, wrongFinal, boundSum] = [0, 0, 0];
  answers.final.forEach((isFinal, query) => {
    if (isFinal !== 1) return;
    final++;
    boundSum += answers.bounds[query]!;
    if (isWrong(answers, query)) wrongFinal++;
  });
  const quarantined = world.shell.volunteers().filter(({ quarantine }) => quarantine !== null);
  const isLiar = ({ volunteerId }: { readonly volunteerId: string }) => liars.has(tabOf(volunteerId));
  const { auditedRows } = world.shell.jobView(jobId) as InferenceJobView;
  const tally = {
    ...{ answers: answers.queryCount, final, finalEarly, wrongFinal, everWrongFinal: early.wrong.size, boundSum },
    ...{ trustedRows: auditedRows, trustedEarly, duplicates: checks?.duplicatesSent ?? 0 },
    ...{ tabRows: world.tabs.reduce((sum, tab) => sum + tab.rows, 0) },
    ...{ ledgers: begun, certified },
    ...{ liars: liars.size, named: quarantined.filter(isLiar).length },
    honestNamed: quarantined.filter((volunteer) => !isLiar(volunteer)).length,
  };
  world.shell.close();
  return tally;
}

async function wrongness(
  queries: Float32Array,
  rows: number,
): Promise<(answers: AllAnswers, query: number) => boolean> {
  const model = await loadOnce(denseClassifier());
  const base = await model.run(queries, rows);
  const width = base.length / rows;
  const rowOf = (values: Float32Array, query: number) => values.subarray(query * width, (query + 1) * width);
  return ({ outputs }, query) => !rowAgrees(rowOf(base, query), rowOf(outputs, query), PRECISION_TOLERANCE.float32);
}

async function opened({ shell, store, clock, inTime }: SimulatedWorld, options: StreamsOptions, rules: Rules) {
  await inTime(clock.sleep(ARRIVAL_MS));
  const modelSha256 = await inTime(store.putBlob(denseClassifier()));
  const { crossChecks } = RULES[rules];
  const submission = inferenceSubmissionSchema.parse({
    kind: "inference",
    source: { kind: "stream", modelSha256, closeAfterMs: 0, crossChecks },
    ...{ scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, groupsPerRound: 1 },
    answerBound: options.bound,
  });
  const reply = await inTime(shell.submit(submission));
  if (isProblem(reply)) throw new Error(`checked-streams: expected the stream to be accepted, got ${reply.message}`);
  return reply.jobId;
}

/** All queries are posted, as fast as they are answered. */
async function answered(
  world: SimulatedWorld,
  { rows }: StreamsOptions,
  jobId: string,
  queries: Float32Array,
  observe: () => Promise<void>,
): Promise<void> {
  const { shell } = world;
  const done = () => inferenceJob(shell.state, jobId)?.finishedRounds.size ?? 0;
  for (let posted = 0; posted < rows; ) {
    await until(world, () => posted - done() <= UNANSWERED_MAX - POST_ROWS);
    const end = Math.min(rows, posted + POST_ROWS);
    const values = Array.from({ length: end - posted }, (_, n) => ({
      values: queries.subarray((posted + n) * INPUT_SIZE, (posted + n + 1) * INPUT_SIZE),
    }));
    const reply = await world.inTime(shell.desks.inference.postQueries(jobId, values, posted));
    if (isProblem(reply)) throw new Error(`checked-streams: ${reply.message}`);
    posted = end;
    await observe();
  }
  const isAnswered = () => {
    const job = inferenceJob(shell.state, jobId)!;
    return job.finishedRounds.size === rows && job.openRounds.size === 0 && job.toRedo.size === 0;
  };
  await until(world, isAnswered);
  await observe();
}

async function until({ advance, problems }: SimulatedWorld, isThere: () => boolean): Promise<void> {
  while (!isThere()) {
    if (problems.length > 0) throw new Error(`checked-streams: ${problems.join("; ")}`);
    if (!(await advance())) throw new Error("checked-streams: the stream is stuck");
  }
}

/** @param ownRows that the volunteer will about do */
function someRows(seed: number, tab: number, ownRows: number, lies: Plan): NonNullable<TabFaults["lie"]> {
  return ({ count, outputs, rowCount, outputSize }: HonestBatch) => {
    const random = randomAt(seed, LIE_DRAW, tab, count);
    const changed = outputs.slice();
    let isAny = false;
    for (let row = 0; row < rowCount; row++) {
      if (random.uniform() >= lies(count, count / ownRows)) continue;
      isAny = true;
      for (let c = 0; c < outputSize; c++) changed[row * outputSize + c] = 1 - outputs[row * outputSize + c]!;
    }
    return isAny ? changed : null;
  };
}

function rowOf(
  { volunteers, rows: rowsOfStream, bound, known }: StreamsOptions,
  rules: Rules,
  plan: string,
  tallies: readonly Tally[],
): Measurement["rows"][number] {
  const sum = (key: keyof Tally) => tallies.reduce((total, tally) => total + tally[key], 0);
  const [answers, boundSum] = [sum("answers"), sum("boundSum")];
  return {
    ...{ plan, rules, volunteers, rowsOfStream, answerBound: bound, known, seeds: tallies.length },
    ...{ answers, wrongFinal: sum("wrongFinal"), everWrongFinal: sum("everWrongFinal") },
    ...{ boundSum, limit95: poissonUpperLimit(boundSum) },
    finalShare: sum("final") / answers,
    finalEarly: sum("finalEarly") / answers,
    trustedShare: sum("trustedRows") / answers,
    trustedEarly: sum("trustedEarly") / answers,
    duplicateShare: sum("duplicates") / answers,
    tabOverhead: sum("tabRows") / answers - 1,
    ...{ ledgers: sum("ledgers"), certified: sum("certified") },
    ...{ named: sum("named"), liars: sum("liars"), honestNamed: sum("honestNamed") },
  };
}

const COLUMNS: readonly Column[] = [
  { key: "plan", title: "a fifth of the crowd" },
  { key: "rules", title: "rules" },
  { key: "answers", title: "answers" },
  { key: "wrongFinal", title: "wrong final" },
  { key: "everWrongFinal", title: "ever" },
  { key: "boundSum", title: "bounds add up to", digits: 1 },
  { key: "limit95", title: "allowed" },
  { key: "finalShare", title: "final", digits: 3 },
  { key: "finalEarly", title: "before the end", digits: 3 },
  { key: "trustedShare", title: "trusted", digits: 4 },
  { key: "trustedEarly", title: "before the end", digits: 4 },
  { key: "duplicateShare", title: "duplicates", digits: 4 },
  { key: "tabOverhead", title: "tabs' overhead", digits: 3 },
  { key: "certified", title: "ledgers certified" },
  { key: "ledgers", title: "of" },
  { key: "named", title: "named" },
  { key: "liars", title: "of" },
  { key: "honestNamed", title: "honest named" },
];

const NOTES = [
  "systematic, windows of one query, no parities, suspicion off. trusted: rows that the coordinator computed, as a share of the answers; before the end: until the stream was closed.",
  "ever: wrong, and final at the end or when a ledger was certified. duplicates: that volunteers were sent to check each other. tabs' overhead: all rows that tabs computed beyond one an answer: golden rows (PC6) and rows done again too.",
  "allowed: the 95 % upper limit of a count whose mean is the sum of the bounds of final answers. Wrong answers come in clumps: seeds count, and not answers.",
];

export const checkedStreams: Measurer = {
  name: "checked-streams",
  title: "Streams of single rows, audited and cross-checked, while a fifth of the crowd lies",
  flags: ["seeds", "volunteers", "rows", "one-in", "known", "only"],
  run: (options) => run({ ...options, ...optionsOf(options.flags ?? {}) }),
};

function optionsOf(flags: Flags): Omit<StreamsOptions, keyof MeasureOptions> {
  return {
    bound: 1 / (countFlag(flags, "one-in") ?? 100),
    only: flags.only ?? "",
    volunteers: countFlag(flags, "volunteers") ?? 40,
    rows: countFlag(flags, "rows") ?? 20_000,
    known: countFlag(flags, "known") ?? 100_000,
    seeds: countFlag(flags, "seeds") ?? 1,
  };
}
