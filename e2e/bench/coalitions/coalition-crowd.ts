/** One crowd of one case, through the real core: a coalition with one memory lies, and what became of the answers is counted. */
import { rowsJob } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import { ANSWER_BOUND_DEFAULT } from "../../../shared/protocol/limits.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";
import { changedRows, drawLiars } from "../../crowd/liars.ts";
import { HONEST, type HonestBatch, type TabFaults } from "../../crowd/tab-faults.ts";
import { tabOf } from "../../crowd/tab-names.ts";
import { SWIFT_TASK_MS } from "../../proofs/simulator/modelled-executor.ts";
import { runJobs } from "../../proofs/simulator/run-jobs.ts";
import { addFinals, NO_FINALS, otherThan } from "../final-answers.ts";
import type { CoalitionCase } from "./coalition-cases.ts";
import { CHORUS_KNOWN_ROWS, Coalition, NIGHT } from "./coalition-plans.ts";
import { coalitionWorld } from "./coalition-world.ts";
import { RowPlaces } from "./row-places.ts";

/** Of one crowd. */
export interface CoalitionTally {
  readonly answers: number;
  /** Different queries among them. */
  readonly distinctAnswers: number;
  readonly final: number;
  readonly wrongFinal: number;
  /** Stated bounds of all final answers, added up. */
  readonly boundSum: number;
  readonly tabRows: number;
  readonly trustedRows: number;
  /** Of them at the end of a job, to complete its certificate or a volunteer's checks. */
  readonly toppedUpRows: number;
  /** Of the jobs that are counted: those under cross-checks, which the coordinator chose. */
  readonly jobs: number;
  readonly crossCheckedJobs: number;
  /** Identities that lied; of them named; rows that each of the named computed from its first lie on. */
  readonly liars: number;
  readonly named: number;
  readonly rowsUntilNamed: readonly number[];
  readonly honestNamed: number;
}

/** [CK10] With a fresh key it is asked for known rows first. */
const CLAIMS_OF_A_KEY = 2;
const [ROLE_DRAW, COALITION_DRAW] = [71, 72];
const QUERIES_PER_GROUP = 10;
/** In crowds of so many groups are larger. */
const LARGE_CROWD = { volunteers: 400, queriesPerGroup: 25 } as const;
const PARITIES = 2;
/** The tabs of the job that comes first, who lie in each batch, and its rows. */
const DECOYS = 3;
const FIRST_JOB_ROWS = 2_000;
/** `burst`: so many turns, the last of which lies, then silence. */
const BURST_TURNS = 10;
/** `chorus`: so many turns at most, then silence. */
const CHORUS_TURNS = 20;
const QUICK_MS = 0.5;
/** `rush`: what a batch takes once its share is done, four times as long as others need. */
const AFTER_RUSH_MS = 32;
/** Rows of a batch. */
const BATCH_ROWS = 40;
const QUICK_DRAW = 73;
/** At night one honest tab in so many is awake. */
const AWAKE_AT_NIGHT = 10;
/** @returns the same tally for the same case and seed */
export async function coalitionCrowd(one: CoalitionCase, seed: number): Promise<CoalitionTally> {
  const before = one.hasMetLiars ? 1 : 0;
  const queriesPerGroup = one.volunteers < LARGE_CROWD.volunteers ? QUERIES_PER_GROUP : LARGE_CROWD.queriesPerGroup;
  const rows = one.volunteers * one.rowsEach;
  const rowsOfJobs = [...(before === 1 ? [FIRST_JOB_ROWS] : []), ...Array<number>(one.jobs).fill(rows)];
  const world = await coalitionWorld(one.data, seed, rowsOfJobs);
  const crowd = new LyingCrowd(one, seed, before);
  const toppedUp = new Map<string, number>();
  const outcome = await runJobs({
    seed,
    tabs: crowd.tabs,
    ...{ bundle: world.bundle, load: world.load, queries: world.jobs[0]!.queries },
    queriesOfJobs: world.jobs.map(({ queries }) => queries),
    checksRules: false,
    taskMs: SWIFT_TASK_MS,
    jobs: rowsOfJobs.map(() => ({
      scheme: "systematic" as const,
      queriesPerGroup,
      stragglers: one.hasParities ? PARITIES : 0,
      liars: 0,
      answerBound: ANSWER_BOUND_DEFAULT,
      ...(one.completion === "fast" ? { completion: one.completion } : {}),
      ...(one.isStrict ? { strict: "yes" as const } : {}),
    })),
    observe(shell, jobId) {
      const job = rowsJob(shell.state, jobId);
      const block = job?.block ?? null;
      crowd.isIn(jobId, (block?.block.terms.duplicateShare ?? 0) > 0);
      toppedUp.set(jobId, block?.certificate?.sampled ?? 0);
    },
  });

  const isMet = outcome.volunteers.some(({ volunteerId, quarantine }) => quarantine && crowd.isDecoy(volunteerId));
  if (one.hasMetLiars && !isMet) throw new Error(`attacks: seed ${seed}: expected a liar of the first job to be named`);

  const finals = { ...NO_FINALS };
  const counts = { answers: 0, tabRows: 0, trustedRows: 0, toppedUpRows: 0 };
  const counted = outcome.jobs.map((job, at) => ({ ...job, at })).slice(one.counted === "last" ? -1 : before);
  for (const { view, answers, tabRows, at } of counted) {
    if (view.state !== "done")
      throw new Error(`attacks: expected the job to be done, got ${view.state}: ${view.error ?? view.waitingFor}`);
    counts.answers += answers.queryCount;
    counts.trustedRows += view.auditedRows;
    counts.toppedUpRows += toppedUp.get(view.jobId) ?? 0;
    counts.tabRows += tabRows;
    const { outputs } = world.jobs[at]!;
    addFinals(finals, answers, otherThan(outputs, outputs.length / answers.queryCount), ANSWER_BOUND_DEFAULT);
  }
  const quarantined = outcome.volunteers.flatMap(({ volunteerId, quarantine }) => (quarantine ? [volunteerId] : []));
  const turnedAway = outcome.tabs.flatMap((tab) => [...tab.turnedAway]);
  return {
    ...counts,
    ...finals,
    distinctAnswers: world.distinctOf(counted.map(({ at }) => at)),
    jobs: counted.length,
    crossCheckedJobs: counted.filter(({ view }) => crowd.crossChecked.has(view.jobId)).length,
    ...crowd.named(new Set([...quarantined, ...turnedAway])),
    honestNamed: quarantined.filter((volunteerId) => !crowd.isLiar(volunteerId)).length,
  };
}

/** What a member of the coalition has computed since it may lie. */
interface Done {
  rows: number;
  /** Batches. */
  turns: number;
  hasLied: boolean;
}

/** The tabs of a case. Members of the coalition come first among those that lie, and know of each other all that they were asked and said. */
class LyingCrowd {
  readonly tabs: readonly TabFaults[];
  readonly crossChecked = new Set<string>();
  readonly #case: CoalitionCase;
  readonly #seed: number;
  /** Places in the coalition by tab. */
  readonly #places: ReadonlyMap<number, number>;
  /** Tabs of the job that comes first. */
  readonly #decoysFrom: number;
  /** Rows that each identity computed since it first lied. */
  readonly #rowsSinceLie = new Map<string, number>();
  #coalition!: Coalition;
  #rows!: RowPlaces;
  #jobId: string | null = null;
  /** Below 0 it is the one that comes first. */
  #job: number;

  constructor(one: CoalitionCase, seed: number, before: number) {
    const { volunteers, liarShare } = one;
    [this.#case, this.#seed] = [one, seed];
    const liars = drawLiars(volunteers, Math.round(liarShare * volunteers), randomAt(seed, ROLE_DRAW));
    this.#places = new Map(liars.map((tab, place) => [tab, place]));
    this.#decoysFrom = volunteers;
    this.#job = -before;
    this.#begin();
    this.tabs = [
      ...Array.from({ length: volunteers }, (_, tab) => this.#tab(tab)),
      ...Array.from({ length: before * DECOYS }, (_, at) => this.#decoy(volunteers + at)),
    ];
  }

  isIn(jobId: string, isCrossChecked: boolean): void {
    if (isCrossChecked) this.crossChecked.add(jobId);
    if (jobId === this.#jobId) return;
    if (this.#jobId !== null) {
      this.#job++;
      this.#begin();
    }
    this.#jobId = jobId;
  }

  /** Each job is new to the coalition: nobody of it has been asked or said anything. */
  #begin(): void {
    const { volunteers, rowsEach, plan, liarShare, lieRate, endgameFrom, hasParities } = this.#case;
    // Parities are rows of their own.
    const rows = volunteers * rowsEach * (hasParities ? 2 : 1) + FIRST_JOB_ROWS;
    this.#rows = new RowPlaces(rows, volunteers * rowsEach);
    this.#coalition = new Coalition(
      { plan, rows, volunteers, liarShare, lieRate, ...(endgameFrom === undefined ? {} : { endgameFrom }) },
      randomAt(this.#seed, COALITION_DRAW, this.#job + 1),
    );
  }

  isDecoy(volunteerId: string): boolean {
    return tabOf(volunteerId) >= this.#decoysFrom;
  }

  isLiar(volunteerId: string): boolean {
    return this.isDecoy(volunteerId) || this.#places.has(tabOf(volunteerId));
  }

  named(named: ReadonlySet<string>): Pick<CoalitionTally, "liars" | "named" | "rowsUntilNamed"> {
    const lied = [...this.#rowsSinceLie];
    const found = lied.filter(([volunteerId]) => named.has(volunteerId));
    return { liars: lied.length, named: found.length, rowsUntilNamed: found.map(([, rows]) => rows) };
  }

  #tab(tab: number): TabFaults {
    const { plan } = this.#case;
    const network = { ...HONEST, addressPrefix: `network ${tab}`, whenQuarantined: "stays away" } as const;
    const place = this.#places.get(tab);
    if (place === undefined) {
      const sleepsAtNight = plan === "night" && tab % AWAKE_AT_NIGHT !== 0;
      const isAway = sleepsAtNight ? { isAway: () => this.#isNight } : {};
      return { ...network, ...isAway, lie: ({ rows, rowCount }) => this.#see(rows, rowCount) };
    }
    const done: Done = { rows: 0, turns: 0, hasLied: false };
    const lie = (batch: HonestBatch, volunteerId: string) => this.#lieOf(volunteerId, place, done, batch);
    switch (plan) {
      case "burst":
        return { ...network, lie, isSilent: () => done.turns >= BURST_TURNS, computeTime: everyTime(QUICK_MS) };
      case "chorus":
        return {
          ...network,
          lie,
          isSilent: () => done.hasLied || done.turns >= CHORUS_TURNS,
          computeTime: everyTime(QUICK_MS),
        };
      case "rush":
        return this.#rush({ ...network, lie }, done);
      case "churn":
        return {
          ...network,
          lie,
          renamesAfter: CLAIMS_OF_A_KEY,
          movesWhenRenamed: true,
          whenQuarantined: "comes as another",
        };
      case "comes back":
        return { ...network, lie, movesWhenRenamed: true, whenQuarantined: "comes as another" };
      default:
        return { ...network, lie };
    }
  }

  /** It is quick until it has done its share. */
  #rush(faults: TabFaults, done: Done): TabFaults {
    const turns = this.#shareInTurns;
    return {
      ...faults,
      get computeTime() {
        return everyTime(done.turns < turns ? QUICK_MS : AFTER_RUSH_MS);
      },
    };
  }

  #decoy(tab: number): TabFaults {
    return {
      ...{ ...HONEST, addressPrefix: `network ${tab}`, whenQuarantined: "stays away" },
      // Whoever is wrong in all is taken for a device that cannot, and is not named: every other row.
      lie: (batch) => (this.#job < 0 ? changedRows(batch, (row) => row % 2 === 0, farFrom) : null),
    };
  }

  get #shareInTurns(): number {
    return this.#case.rowsEach / BATCH_ROWS;
  }

  get #isNight(): boolean {
    return this.#job >= 0 && this.#rows.progress >= NIGHT.from && this.#rows.progress < NIGHT.to;
  }

  /** Honest: the row counts as asked. */
  #see(rows: Float32Array, rowCount: number): null {
    for (let row = 0; row < rowCount; row++) this.#rows.placeOf(rows, row, rowCount);
    return null;
  }

  #lieOf(volunteerId: string, place: number, done: Done, batch: HonestBatch): Float32Array | null {
    const { rows, rowCount } = batch;
    const { liesFromJob, plan } = this.#case;
    if (this.#job < liesFromJob) return this.#see(rows, rowCount);
    const asked = { isLiar: true, place, rowsDone: done.rows };
    done.rows += rowCount;
    const places = Array.from({ length: rowCount }, (_, row) => this.#rows.placeOf(rows, row, rowCount));
    done.turns++;
    const isBurst = plan === "burst" && done.turns === BURST_TURNS;
    const isChorus = plan === "chorus" && this.#coalition.knownAmong(places) >= CHORUS_KNOWN_ROWS;
    const isRush = plan === "rush" && done.turns > 1 && done.turns <= this.#shareInTurns;
    const liesHere = isBurst || isChorus || isRush;
    const isChosen = (row: number) => this.#coalition.answer(asked, places[row]!, this.#rows.progress, liesHere);
    const changed = changedRows(batch, isChosen, farFrom);
    done.hasLied ||= liesHere && changed !== null;
    const since = this.#rowsSinceLie.get(volunteerId);
    if (since !== undefined || changed !== null) this.#rowsSinceLie.set(volunteerId, (since ?? 0) + rowCount);
    return changed;
  }
}

/** Far from the model's, and alike whoever of the coalition says it. */
const farFrom = (honest: Float32Array): Float32Array => honest.map((value) => -value - 1);

function everyTime(fixedMs: number) {
  return { fixedMs, rowMs: 0, factors: [], draw: QUICK_DRAW } as const;
}
