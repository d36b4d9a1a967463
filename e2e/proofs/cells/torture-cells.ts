/**
 * Two coordinators behind one address, tortured: one is killed, or paused for longer than its lease and woken up, or the database is killed, or is
 * away for a while, again and again in the middle of work. What clients were told is held against what is there, as in the torture of one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { CELL_LEASE_MS } from "../../../shared/protocol/limits.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { createParitabClient, type ParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { submissionKey } from "../../../shared/sdk/submit-once.ts";
import { Front } from "../../demo/cells/front.ts";
import { CreditLedger } from "../torture/credit-ledger.ts";
import { knownWork } from "../torture/known-work.ts";
import { Ledger } from "../torture/ledger.ts";
import { DATABASE_PAUSES, type DatabasePause, pauseDatabase } from "./database-pauses.ts";
import { type CellName, TwoCells } from "./two-cells.ts";

export const CELL_FAULTS = ["kill", "pause", "database"] as const;
/** With pauses of the database, in which no coordinator is lost. */
export const ALL_CELL_FAULTS = [...CELL_FAULTS, ...DATABASE_PAUSES] as const;
export type CellFault = (typeof ALL_CELL_FAULTS)[number];

export interface CellsTortureReport {
  cycles: number;
  readonly faults: Partial<Record<CellFault, number>>;
  /** Paused ones that came back by themselves when they woke up. */
  cameBack: number;
  readonly problems: string[];
  jobs: number;
  finalAnswers: number;
  creditedResults: number;
}

const VOLUNTEERS = 10;
const AT_WORK = 2;
const LIFE_MS_MAX = 2_500;
const DATABASE_AWAY_MS_MAX = 1_500;
/** A pause of the database is so long. */
const PAUSE_MS_MIN = 5_000;
const PAUSE_MS_MAX = 60_000;
/** Beside the lease: until one that has lost it listens again. */
const COME_BACK_MS_MAX = 60_000;
const LOOK_MS = 50;
const FINISH_MS_MAX = 240_000;
const NAMES = ["a", "b"] as const;

/** @param faults one a cycle @throws Error where a coordinator does not start */
export async function tortureCells(
  faults: readonly CellFault[],
  seed: number,
  onCycle: (line: string) => void = () => {},
): Promise<CellsTortureReport> {
  const cells = await TwoCells.start({ PARITAB_TRUST_PROXY: "1" });
  const front = await Front.open(
    NAMES.map((name) => portOf(cells, name)),
    0,
  );
  try {
    return await new Torture(cells, front, seed).run(faults, onCycle);
  } finally {
    await front.close();
    await cells.end();
  }
}

const portOf = (cells: TwoCells, name: CellName) => Number(new URL(cells.cell(name).url).port);

class Torture {
  readonly #cells: TwoCells;
  readonly #front: Front;
  readonly #client: ParitabClient;
  readonly #random: ReturnType<typeof simulationRandom>;
  readonly #report: CellsTortureReport = {
    ...{ cycles: 0, faults: {}, cameBack: 0 },
    ...{ problems: [], jobs: 0, finalAnswers: 0, creditedResults: 0 },
  };

  constructor(cells: TwoCells, front: Front, seed: number) {
    this.#cells = cells;
    this.#front = front;
    this.#client = createParitabClient({ baseUrl: front.url });
    this.#random = simulationRandom(seed);
  }

  async run(faults: readonly CellFault[], onCycle: (line: string) => void): Promise<CellsTortureReport> {
    const report = this.#report;
    const found = (problem: string) => {
      if (!report.problems.includes(problem)) report.problems.push(problem);
    };
    const ledger = new Ledger(await knownWork(), { lost: found, doubled: found, wrong: found });
    // [CE4] What one has counted the other one tells within a second: whoever comes to it sooner is told less. The sums are compared at the end.
    const credit = new CreditLedger(() => {}, found);
    await this.#cells.volunteersAt(this.#front.url, VOLUNTEERS, { ledger: credit });
    for (const fault of faults) {
      const working = this.#work(ledger);
      await sleep(this.#random.uniform() * LIFE_MS_MAX);
      report.faults[fault] = (report.faults[fault] ?? 0) + 1;
      await this.#happen(fault);
      await working;
      for (const job of ledger.jobs.values()) await this.#look(ledger, job.jobId);
      report.cycles++;
      onCycle(`cycle ${report.cycles}, ${fault}: ${ledger.jobs.size} jobs, ${report.problems.length} problems`);
    }
    const untilMs = performance.now() + FINISH_MS_MAX;
    while (ledger.atWork("inference").length > 0 && performance.now() < untilMs) {
      for (const { jobId } of ledger.atWork("inference")) await this.#look(ledger, jobId);
      await sleep(4 * LOOK_MS);
    }
    for (const { jobId } of ledger.atWork("inference")) found(`job ${jobId} does not come to its end`);
    await this.#compareCredit(ledger, found);
    report.problems.push(...this.#cells.problems);
    return Object.assign(report, { jobs: ledger.jobs.size, finalAnswers: ledger.finalAnswers });
  }

  /** There is always something at work, submitted at whichever takes the connection. */
  async #work(ledger: Ledger): Promise<void> {
    while (ledger.atWork("inference").length < AT_WORK) {
      const digits = { from: this.#random.integer(500), count: 40 + this.#random.integer(120) };
      const source = { kind: "sample", sample: "mnist", queryStart: digits.from, queryCount: digits.count } as const;
      const settings = { queriesPerGroup: 2, stragglers: 1, liars: 1 };
      // [CE10] Every second job is shared by both.
      const shared = ledger.jobs.size % 2 === 1 ? { parts: NAMES.length } : {};
      const key = submissionKey();
      const { jobId } = await this.#patiently(() =>
        this.#client.submit({ kind: "inference", source, ...settings, ...shared }, undefined, key),
      );
      ledger.submitted(jobId, "inference", digits);
    }
  }

  async #look(ledger: Ledger, jobId: string): Promise<void> {
    const job = ledger.jobs.get(jobId)!;
    await this.#patiently(async () => ledger.look(this.#client, job, await this.#client.job(jobId)));
  }

  async #happen(fault: CellFault): Promise<void> {
    const name = NAMES[this.#random.integer(NAMES.length)]!;
    if (fault === "database") {
      await this.#cells.database.kill();
      await sleep(this.#random.uniform() * DATABASE_AWAY_MS_MAX);
      await this.#cells.database.begin();
      return;
    }
    if (fault === "pause") return this.#pause(name);
    if (fault !== "kill") return this.#pauseDatabase(fault);
    await this.#cells.cell(name).end("SIGKILL");
    await this.#cells.startCell(name);
  }

  /** Longer than its lease; woken up, it finds that the other one has taken over, and comes back. */
  async #pause(name: CellName): Promise<void> {
    const { pid } = this.#cells.cell(name);
    const port = portOf(this.#cells, name);
    process.kill(pid, "SIGSTOP");
    this.#front.setAway(port, true);
    await this.#until("somebody has taken over", async () => !(name in (await this.#cells.epochs())));
    // What it had sent is through; what it writes from now on must not be.
    await sleep(this.#random.uniform() * LIFE_MS_MAX);
    process.kill(pid, "SIGCONT");
    await this.#until(`${name} is back by itself`, () => this.#areReady());
    this.#front.setAway(port, false);
    this.#report.cameBack++;
  }

  /** Whoever comes first afterwards, nobody is taken over from. */
  async #pauseDatabase(how: DatabasePause): Promise<void> {
    await this.#until("all are at work", () => this.#areReady());
    const before = await this.#cells.epochs();
    const ms = PAUSE_MS_MIN + this.#random.uniform() * (PAUSE_MS_MAX - PAUSE_MS_MIN);
    await pauseDatabase(this.#cells, how, ms);
    await this.#until("all are at work again", () => this.#areReady());
    // One that were to be buried would be by then.
    await sleep(CELL_LEASE_MS);
    const after = JSON.stringify(await this.#cells.epochs());
    if (after !== JSON.stringify(before))
      this.#report.problems.push(`${how} of ${Math.round(ms)} ms: ${JSON.stringify(before)} became ${after}`);
  }

  async #areReady(): Promise<boolean> {
    const looks = await Promise.all(NAMES.map((name) => this.#cells.readiness(name)));
    return looks.every((look) => look?.ok === true) && Object.keys(await this.#cells.epochs()).length === NAMES.length;
  }

  /** Every result that stands is somebody's credit, once. */
  async #compareCredit(ledger: Ledger, found: (problem: string) => void): Promise<void> {
    const earned = [...ledger.jobs.values()].reduce((sum, job) => sum + (job.earned ?? 0), 0);
    const [row] = await this.#cells.ask(`SELECT (SELECT coalesce(sum(credit_assignments), 0) FROM volunteers)::int
      + (SELECT coalesce(sum(credit_assignments), 0) FROM volunteer_shares)::int AS n`);
    this.#report.creditedResults = Number(row!.n);
    if (row!.n !== earned)
      found(`receipts have ${earned} verified results in them, and volunteers have credit for ${row!.n}`);
  }

  async #until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const untilMs = performance.now() + 3 * CELL_LEASE_MS + COME_BACK_MS_MAX;
    while (!(await holds())) {
      if (performance.now() > untilMs)
        throw new Error(`torture of cells: expected that ${what}\n${this.#cells.outputs()}`);
      await sleep(LOOK_MS);
    }
  }

  /** Cut off, or told to come again, for a coordinator has gone and the other one takes over. */
  async #patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof ParitabApiError) || ![0, 409, 503].includes(error.status))
          throw new Error(`torture of cells: ${String(error)}\n${this.#cells.outputs()}`, { cause: error });
        await sleep(LOOK_MS);
      }
    }
  }
}
