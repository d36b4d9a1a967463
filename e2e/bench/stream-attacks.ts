/**
 * A coalition that knows the code against streams, through the real core: when it lies it goes by the ledgers and chains of each stream.
 *
 *     npm run bench -- attacks --part streams [--seed N] [--seeds N] [--only PART-OF-A-PLAN] [--json FILE]
 *
 * Its members see at which ledger a stream is, how full it is, whether its chain is spent, and who was named. They know rows again by their
 * bytes: who is asked for one that any of them was asked for says what was said of it, and of an older row, which is a duplicate, the truth.
 * Whoever is named comes back under a fresh key from another address. Suspicion is off.
 */

import { type CoordinatorSettings, SETTINGS_DEFAULT } from "../../server/coordinator/state.ts";
import { chainOf, ledgersOf } from "../../server/kinds/inference/core/cross-checks/stream-ledgers.ts";
import { type InferenceJob, inferenceJob } from "../../server/kinds/inference/core/job.ts";
import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../shared/kinds/inference/receipt.ts";
import { randomAt } from "../../shared/random/simulation-random.ts";
import { catchChance, STREAM_CHECK_SHARE } from "../../shared/verify/cross-checks/stream-ledgers.ts";
import { rowKey } from "../crowd/fnv.ts";
import { drawLiars } from "../crowd/liars.ts";
import { HONEST, type HonestBatch, type TabFaults } from "../crowd/tab-faults.ts";
import { SWIFT_TASK_MS } from "../proofs/simulator/modelled-executor.ts";
import { clusteredQueries, INPUT_SIZE, loadOnce } from "../proofs/simulator/simulated-inference.ts";
import { openWorld, type SimulatedWorld } from "../proofs/simulator/simulated-world.ts";
import { withoutSuspicion } from "./attack-crowd.ts";
import { addFinals, type IsWrong, NO_FINALS, wrongFinals } from "./final-answers.ts";
import { limitOverSeeds } from "./limit-over-seeds.ts";
import { liesIn, namedAmong, summed, wrongOfClassifier } from "./lying-fifth.ts";
import type { Column, Measurement, MeasureOptions } from "./measurement.ts";
import { answered, closed, openedStream, rowsDone } from "./open-streams.ts";

const VOLUNTEERS = 30;
/** As many as the rules reckon with before anything was seen: half of those who check collude. */
const LIARS = 15;
/** Answers that the service has given before, none of them wrong. */
const KNOWN = 100_000;
/** Of a window: one row of each goes to a tab. */
const BATCH_ROWS = 10;
const ARRIVAL_MS = 2_000;
/** A row that is so far behind the newest that anybody was asked for is a duplicate. */
const OLDER_ROWS = 250;
/** [PC3] A key is looked at closely until it is measured, and so are the first rows of a stream: it is honest in these. */
const HONEST_BATCHES = 4;
/** Ledgers of a chain that the coalition reckons with. */
const LEDGERS = 12;
/** Of so many rows of a stream the last two fifths come at night. */
const DAY_ROWS = 1_000;
const NIGHT_FROM = 0.6;
/** beta before anything was seen: what a chain begins with. */
const COLLUDERS_AT_FIRST = 0.527;
const ROLE_DRAW = 73;

/** What a member knows when it is asked for a fresh row. */
interface Sight {
  /** Ledgers of its chain before the one that takes rows now. */
  readonly ledger: number;
  readonly fullShare: number;
  /** Somebody was named in its chain, or its ledger is audited. */
  readonly isSpent: boolean;
  /** Lies that the coalition told in this ledger. */
  readonly told: number;
  readonly isNight: boolean;
  /** Is it this key's turn? */
  readonly hasTurn: boolean;
  /** Lies that it takes until somebody is named, on average. */
  readonly liesToNaming: number;
}

interface StreamPlan {
  lies(sight: Sight): boolean;
  /** One honest tab in so many is awake at night; absent: there are no nights. */
  readonly awakeAtNight?: number;
  /** Members of the coalition; LIARS by default. */
  readonly liars?: number;
  /** The coordinator restarts whenever a ledger has ended. */
  readonly restarts?: boolean;
  readonly streams?: number;
  /** Ledgers end by their time: posts come so far apart. */
  readonly postsEveryMs?: number;
  readonly settings?: Partial<CoordinatorSettings>;
}

/** Lies of a ledger, with which a coalition has certified the most on average: docs/verification.md, "Chains of ledgers". */
function quota({ ledger, liesToNaming }: Sight): number {
  let most = 0;
  for (let later = Math.max(1, LEDGERS - ledger); later > 1; later--) most = Math.exp(most - 1);
  return (1 - most) * liesToNaming;
}

const byTheProof = (sight: Sight) => !sight.isSpent && sight.told < quota(sight);

/** Each through the real core. */
export const STREAM_PLANS: Readonly<Record<string, StreamPlan>> = {
  "all that it can in the first ledger of each chain": {
    lies: ({ ledger, isSpent, told, liesToNaming }) => !isSpent && ledger === 0 && told < liesToNaming,
  },
  "in each ledger what gains most": { lies: byTheProof },
  "from the fifth ledger of a chain on": { lies: (sight) => sight.ledger >= 4 && byTheProof(sight) },
  "at the seam of two ledgers": {
    lies: (sight) => (sight.fullShare < 0.2 || sight.fullShare > 0.8) && byTheProof(sight),
  },
  "right after a naming, and in the first ledger behind it": {
    lies: ({ isSpent, ledger, told, liesToNaming }) => isSpent || (ledger === 0 && told < liesToNaming),
  },
  "by turns: each key until it is named": { lies: ({ hasTurn }) => hasTurn },
  "just before the coordinator restarts, behind each ledger": {
    lies: (sight) => sight.fullShare > 0.5 && byTheProof(sight),
    restarts: true,
  },
  "in two streams at once": { lies: byTheProof, streams: 2 },
  "in ledgers that end by their time": { lies: byTheProof, postsEveryMs: 20_000 },
  "where the operator's cap spares anchors": { lies: byTheProof, settings: { auditShareMax: 0.02 } },
  "at night, while nine in ten honest sleep; a fifth of the crowd": {
    ...{ lies: (sight) => sight.isNight && byTheProof(sight), awakeAtNight: 10, liars: 6 },
  },
};

export interface StreamAttacksOptions extends Pick<MeasureOptions, "seed" | "progress"> {
  /** Of each stream. */
  readonly rows: number;
  /** answerBound */
  readonly bound: number;
  readonly seeds: number;
  /** Plans whose name holds this. */
  readonly only: string;
}

/** Two full chains, where nobody is named. */
export const STREAM_ATTACKS = { rows: 5_000, bound: 1 / 25, seeds: 10, only: "" } as const;

/** Of one world. */
interface StreamAttackTally {
  readonly answers: number;
  /** Wrong, and final at any time. */
  readonly everWrong: number;
  /** eps of all answers. */
  readonly promised: number;
  readonly final: number;
  readonly trusted: number;
  readonly duplicates: number;
  readonly certified: number;
  readonly ledgers: number;
  readonly chains: number;
  readonly lies: number;
  readonly named: number;
  readonly honestNamed: number;
}

export async function run(options: StreamAttacksOptions): Promise<Pick<Measurement, "columns" | "rows" | "notes">> {
  const plans = Object.entries(STREAM_PLANS).filter(([name]) => name.includes(options.only));
  if (plans.length === 0)
    throw new Error(`attacks: expected --only to be part of a plan's name, got "${options.only}"`);
  const rows: Measurement["rows"][number][] = [];
  for (const [name, plan] of plans) {
    const tallies: StreamAttackTally[] = [];
    for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
      tallies.push(await oneCrowd(options, plan, seed));
      options.progress(`${name}, seed ${seed}: ${JSON.stringify(tallies.at(-1))}`);
    }
    rows.push(rowOf(options, name, tallies, plans.length));
  }
  return { columns: COLUMNS, rows, notes: NOTES };
}

/** A stream that the coalition is at. */
interface Attacked {
  readonly jobId: string;
  readonly queries: Float32Array;
  readonly isWrong: IsWrong;
  readonly wrong: Set<number>;
  certified: number;
}

async function oneCrowd(
  { rows, bound }: StreamAttacksOptions,
  plan: StreamPlan,
  seed: number,
): Promise<StreamAttackTally> {
  const coalition = new StreamCoalition(plan, seed);
  const world = await openWorld({
    seed,
    tabs: coalition.tabs,
    load: loadOnce,
    wrapExecutor: withoutSuspicion,
    taskMs: SWIFT_TASK_MS,
    // Ledgers and chains of streams are those of rounds. Coalitions against streams on the ledger of rows: attacked-rows/open-job.ts.
    settings: { rowLedger: false, crossChecks: "all jobs", ...plan.settings },
  });
  world.shell.state.crowdLately.rowsSinceAlarm = KNOWN;
  await world.inTime(world.clock.sleep(ARRIVAL_MS));
  const streams: Attacked[] = [];
  for (let at = 0; at < (plan.streams ?? 1); at++) {
    const queries = clusteredQueries(seed + 10_000 * at, rows);
    const isWrong = await wrongOfClassifier(queries, rows);
    const times = plan.postsEveryMs === undefined ? {} : { finalWithinMs: 60_000 };
    const terms = { answerBound: bound, groupsPerRound: BATCH_ROWS, crossChecks: "yes", ...times } as const;
    streams.push({ jobId: await openedStream(world, terms), queries, isWrong, wrong: new Set(), certified: 0 });
  }
  coalition.isAt(world, streams);
  await answered(world, streams, async () => {
    for (const stream of streams) await look(world, stream);
    if (plan.restarts && coalition.hasLedgerEnded()) await world.restart();
    if (plan.postsEveryMs !== undefined) await world.inTime(world.clock.sleep(plan.postsEveryMs));
  });
  const finals = { ...NO_FINALS };
  const sums = { trusted: 0, duplicates: 0, certified: 0, ledgers: 0, chains: 0 };
  for (const stream of streams) {
    await look(world, stream, true);
    await closed(world, stream.jobId);
    const { shell, inTime } = world;
    const answers = (await inTime(shell.desks.inference.allAnswers(stream.jobId)))!;
    for (const query of wrongFinals(answers, stream.isWrong)) stream.wrong.add(query);
    addFinals(finals, answers, stream.isWrong);
    const job = inferenceJob(shell.state, stream.jobId)!;
    const receipt = (await inTime(shell.receipt(stream.jobId))) as InferenceReceipt;
    sums.trusted += (shell.jobView(stream.jobId) as InferenceJobView).auditedRows;
    sums.duplicates += job.checks?.duplicatesSent ?? 0;
    sums.certified += receipt.ledgers?.certified ?? 0;
    sums.ledgers += receipt.ledgers?.begun ?? 0;
    sums.chains += ledgersOf(job).filter(({ chain }) => chain === undefined).length;
  }
  const answers = rows * streams.length;
  const tally = {
    ...{ answers, everWrong: streams.reduce((sum, { wrong }) => sum + wrong.size, 0), promised: bound * answers },
    ...{ final: finals.final, ...sums, lies: coalition.lies },
    ...namedAmong(world.shell.volunteers(), coalition.liars),
  };
  world.shell.close();
  return tally;
}

/** Whoever relied on an answer while it was final relied on it, though it was taken back later. */
async function look({ shell }: SimulatedWorld, stream: Attacked, isDue = false): Promise<void> {
  const durable = inferenceJob(shell.state, stream.jobId)?.checks?.ledgersDurable ?? [];
  const certified = durable.filter(({ bound }) => bound < 1).length;
  if (certified === stream.certified && !isDue) return;
  stream.certified = certified;
  // While it is open its answers are at hand, and no time passes.
  const answers = (await shell.desks.inference.allAnswers(stream.jobId))!;
  for (const query of wrongFinals(answers, stream.isWrong)) stream.wrong.add(query);
}

/** What it said of a row, by the row's place in its stream. */
interface Seen {
  readonly said: Map<number, "lie" | "truth">;
  newest: number;
  /** Ledger in which it told lies last, and how many. */
  ledger: number;
  told: number;
}

class StreamCoalition {
  readonly tabs: readonly TabFaults[];
  readonly liars: ReadonlySet<number>;
  lies = 0;
  readonly #plan: StreamPlan;
  #world: SimulatedWorld | null = null;
  #streams: readonly Attacked[] = [];
  #seen: Seen[] = [];
  /** Which stream a row is of, and its place there. */
  readonly #places = new Map<number, readonly [stream: number, place: number]>();
  /** Batches of each key. */
  readonly #batches = new Map<string, number>();
  #turnOf: string | null = null;
  #ledgersEnded = 0;

  constructor(plan: StreamPlan, seed: number) {
    this.#plan = plan;
    this.liars = new Set(drawLiars(VOLUNTEERS, plan.liars ?? LIARS, randomAt(seed, ROLE_DRAW)));
    this.tabs = Array.from({ length: VOLUNTEERS }, (_, tab) => this.#tab(tab));
  }

  isAt(world: SimulatedWorld, streams: readonly Attacked[]): void {
    this.#world = world;
    this.#streams = streams;
    this.#seen = streams.map(() => ({ said: new Map(), newest: 0, ledger: 0, told: 0 }));
    streams.forEach(({ queries }, stream) => {
      for (let place = 0; place < queries.length / INPUT_SIZE; place++)
        this.#places.set(rowKey(queries.subarray(place * INPUT_SIZE, (place + 1) * INPUT_SIZE)), [stream, place]);
    });
  }

  /** Since it was asked last. */
  hasLedgerEnded(): boolean {
    const ended = this.#streams.reduce((sum, stream) => sum + (this.#jobOf(stream)?.checks?.stream?.current ?? 0), 0);
    const hasEnded = ended > this.#ledgersEnded;
    this.#ledgersEnded = ended;
    return hasEnded;
  }

  #tab(tab: number): TabFaults {
    const network = { ...HONEST, addressPrefix: `network ${tab}` };
    if (this.liars.has(tab)) {
      const lie = (batch: HonestBatch, volunteerId: string) => this.#answer(batch, volunteerId);
      return { ...network, lie, whenQuarantined: "comes as another", movesWhenRenamed: true };
    }
    const { awakeAtNight } = this.#plan;
    const sleeps = awakeAtNight !== undefined && (tab + 1) % awakeAtNight !== 0;
    return { ...network, whenQuarantined: "stays away", ...(sleeps ? { isAway: () => this.#isNight } : {}) };
  }

  get #isNight(): boolean {
    if (this.#plan.awakeAtNight === undefined) return false;
    const rows = this.#streams.reduce((sum, stream) => sum + rowsDone(this.#jobOf(stream)), 0);
    return (rows % DAY_ROWS) / DAY_ROWS >= NIGHT_FROM;
  }

  #jobOf({ jobId }: Attacked): InferenceJob | undefined {
    return this.#world === null ? undefined : inferenceJob(this.#world.shell.state, jobId);
  }

  #answer(batch: HonestBatch, volunteerId: string): Float32Array | null {
    const { rows, rowCount } = batch;
    this.#batches.set(volunteerId, (this.#batches.get(volunteerId) ?? 0) + 1);
    const places = Array.from({ length: rowCount }, (_, row) =>
      this.#places.get(rowKey(rows.subarray(row * INPUT_SIZE, (row + 1) * INPUT_SIZE))),
    );
    return liesIn(batch, (row) => {
      const place = places[row];
      return place !== undefined && this.#isLie(place, volunteerId, places);
    });
  }

  #isLie(
    [stream, place]: readonly [number, number],
    volunteerId: string,
    batch: readonly (readonly [number, number] | undefined)[],
  ): boolean {
    const seen = this.#seen[stream]!;
    const before = seen.said.get(place);
    if (before !== undefined) return before === "lie";
    const newestHere = Math.max(...batch.flatMap((of) => (of?.[0] === stream ? [of[1]] : [])));
    const isOlder = place < newestHere - BATCH_ROWS || place < seen.newest - OLDER_ROWS;
    seen.newest = Math.max(seen.newest, place);
    const sight = this.#sightOf(stream, volunteerId);
    const isWatched = this.#batches.get(volunteerId)! <= HONEST_BATCHES || place < SETTINGS_DEFAULT.firstAuditedRows;
    const isLie = !isOlder && !isWatched && sight !== null && this.#plan.lies(sight);
    seen.said.set(place, isLie ? "lie" : "truth");
    if (!isLie) return false;
    seen.told++;
    this.lies++;
    return true;
  }

  #sightOf(stream: number, volunteerId: string): Sight | null {
    const job = this.#jobOf(this.#streams[stream]!);
    const ledgers = job?.checks?.stream;
    if (job === undefined || ledgers == null) return null;
    const seen = this.#seen[stream]!;
    const { current, rows, fullRows, isAudited, wasNamed } = ledgers;
    if (seen.ledger !== current) Object.assign(seen, { ledger: current, told: 0 });
    this.#turnOf = this.#isOut(this.#turnOf) ? volunteerId : this.#turnOf;
    const anchors = ledgersOf(job)[current]?.anchorShare ?? 0;
    return {
      ledger: current - chainOf(job, current),
      fullShare: rows / fullRows,
      isSpent: isAudited || wasNamed,
      told: seen.told,
      isNight: this.#isNight,
      hasTurn: volunteerId === this.#turnOf,
      liesToNaming: 1 / catchChance(anchors, STREAM_CHECK_SHARE, COLLUDERS_AT_FIRST),
    };
  }

  /** null, or a key that is named. */
  #isOut(key: string | null): boolean {
    return key === null || this.#world?.shell.state.crowd.named.has(key) === true;
  }
}

function rowOf(
  { bound, rows }: StreamAttacksOptions,
  plan: string,
  tallies: readonly StreamAttackTally[],
  rowCount: number,
): Measurement["rows"][number] {
  const sum = summed(tallies);
  const answers = sum("answers");
  const counted = tallies.map(({ everWrong, promised }) => ({ wrongFinal: everWrong, boundSum: promised }));
  const limit = limitOverSeeds(counted, rowCount);
  return {
    ...{ plan, volunteers: VOLUNTEERS, rowsOfStream: rows, answerBound: bound, seeds: tallies.length, answers },
    ...{ everWrong: sum("everWrong"), promised: sum("promised") },
    limit95: limit === null ? null : limit * tallies.length,
    ...{ lies: sum("lies"), finalShare: sum("final") / answers },
    ...{ trustedShare: sum("trusted") / answers, duplicateShare: sum("duplicates") / answers },
    ...{ certified: sum("certified"), ledgers: sum("ledgers"), chains: sum("chains") },
    ...{ named: sum("named"), honestNamed: sum("honestNamed") },
  };
}

const COLUMNS: readonly Column[] = [
  { key: "plan", title: "the coalition lies" },
  { key: "answers", title: "answers" },
  { key: "lies", title: "lies" },
  { key: "everWrong", title: "ever wrong and final" },
  { key: "promised", title: "promised", digits: 1 },
  { key: "limit95", title: "95 % limit", digits: 1 },
  { key: "finalShare", title: "final", digits: 3 },
  { key: "trustedShare", title: "trusted", digits: 4 },
  { key: "duplicateShare", title: "duplicates", digits: 4 },
  { key: "certified", title: "ledgers certified" },
  { key: "ledgers", title: "of" },
  { key: "chains", title: "chains" },
  { key: "named", title: "named" },
  { key: "honestNamed", title: "honest named" },
];

const NOTES = [
  `${LIARS} of ${VOLUNTEERS} volunteers are one coalition, unless the row says another share; systematic, windows of ${BATCH_ROWS} queries, no parities, every ledger cross-checked, suspicion off. named: keys; a member that is named has another.`,
  "promised: the stream's bound times all its answers, which is what ever was wrong and final on average at most. 95 % limit: it counts seeds, and holds for the whole table.",
];
