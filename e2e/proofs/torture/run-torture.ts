/**
 * Kills the real coordinator (its process, its store, its sockets) again and again, at random instants, in the middle of
 * work; starts it again on what is left; and compares with what its clients were told. Choices come from the seed, instants
 * of the machine do not: a run is not repeated bit for bit, its mix is.
 */
import type { ChildProcess } from "node:child_process";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { RandomSource } from "../../../shared/random/random.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { CreditLedger } from "./credit-ledger.ts";
import { checkAuditLog, checkBlobs, checkStore } from "./disk-check.ts";
import { knownWork } from "./known-work.ts";
import { type Findings, Ledger } from "./ledger.ts";
import { PowerCut } from "./power-cut/power-cut.ts";
import { Submitters } from "./submitters.ts";
import { Volunteer } from "./volunteer.ts";

/** kill: SIGKILL, the disk keeps what was written. power: it keeps what was synced, and of the rest what is drawn. */
export type Fault = "kill" | "power";

export interface TortureOptions {
  readonly cycles: number;
  readonly seed: number;
  readonly fault: Fault;
  /** Where it takes longer than this it ends with fewer cycles. */
  readonly msMax?: number;
  readonly volunteers?: number;
  /** postgres://... of an empty database; absent: the embedded one. */
  readonly databaseUrl?: string;
  /** Heard once of each. */
  readonly onFinding?: (kind: keyof Findings, problem: string) => void;
  /** Heard after every cycle. */
  readonly onCycle?: (cycle: number, report: TortureReport) => void;
}

export interface TortureReport {
  readonly cycles: number;
  readonly lost: string[];
  readonly doubled: string[];
  /** Neither lost nor doubled, and yet no coordinator should do it. */
  readonly wrong: string[];
  /** From the start of the process to its /readyz. */
  readonly recoveriesMs: number[];
  readonly jobs: { submitted: number; ended: number };
  readonly finalAnswers: number;
  readonly uploads: number;
  readonly creditedResults: number;
  /** Power cuts: writes and names that were not synced when the power went, in all. */
  readonly writesAtRisk: number;
  /** Blobs that nothing referred to at the end, and that a collection took. */
  readonly blobsCollected: number;
}

const VOLUNTEERS = 6;
/** A life after its coordinator was ready, before it is killed: at least so long, and on a slow machine as long as its start took. */
const LIFE_MS_LEAST = 1_500;
const SOON_MS_MAX = 250;
const STARTUP_MS_MAX = 1_200;
const READY_LOOK_MS = 5;
/** Of the last word on credit, on a busy machine. */
const CREDIT_MS_MAX = 10_000;
const FINISH_MS_MAX = 120_000;
/** Every so many cycles the blobs are read and hashed. */
const BLOBS_LOOKED_AT_EVERY = 10;
const QUIET = { PARITAB_LOG_LEVEL: "error" };

/** @throws Error where the coordinator does not start, or ends by itself */
export async function runTorture(options: TortureOptions): Promise<TortureReport> {
  const { cycles, seed, fault, msMax = Number.POSITIVE_INFINITY, databaseUrl = null, onCycle } = options;
  const random = simulationRandom(seed);
  const directory = await realpath(await mkdtemp(join(tmpdir(), "paritab-torture-")));
  const dataDirectory = join(directory, "data");
  const report = emptyReport();
  const findings = findingsOf(report, options.onFinding);
  const work = await knownWork();
  const ledger = new Ledger(work, findings);
  const credit = new CreditLedger(findings.lost, findings.doubled);
  const machine = new Machine(directory, dataDirectory, databaseUrl, fault, random);
  let volunteers: Volunteer[] = [];
  try {
    await machine.start(report);
    const { url } = machine;
    const submitters = new Submitters(url, work, ledger, findings, random);
    const makeVolunteer = (n: number) =>
      Volunteer.open({ url, nickname: `volunteer ${n}`, ledger: credit, onProblem: findings.wrong });
    volunteers = await Promise.all(
      Array.from({ length: options.volunteers ?? VOLUNTEERS }, (_, n) => makeVolunteer(n)),
    );

    const untilMs = performance.now() + msMax;
    for (let cycle = 1; cycle <= cycles && performance.now() < untilMs; cycle++) {
      // A third of the kills come before anybody has looked; the others after everything was compared.
      const isSoon = random.integer(3) === 0;
      if (!isSoon) await submitters.check();
      if (cycle % BLOBS_LOOKED_AT_EVERY === 0) await checkBlobs(dataDirectory, ledger, findings);
      submitters.begin();
      const lifeMsMax = Math.max(LIFE_MS_LEAST, report.recoveriesMs.at(-1)!);
      await sleep(random.uniform() * (isSoon ? SOON_MS_MAX : lifeMsMax));
      await machine.kill(report);
      await submitters.end();
      // Now and then the next one does not even get to listen.
      if (random.integer(6) === 0) await machine.dieStarting(random.uniform() * STARTUP_MS_MAX, report);
      await machine.start(report);
      summed(report, ledger, credit, cycle);
      onCycle?.(cycle, report);
    }

    await submitters.check();
    for (const jobId of await submitters.finish(FINISH_MS_MAX)) findings.lost(`job ${jobId} does not come to its end`);
    const earned = earnedBy(ledger);
    await credit.isTold(earned, CREDIT_MS_MAX);
    for (const volunteer of volunteers.splice(0)) volunteer.stop();
    await machine.stop(findings);
    credit.balance(earned);
    checkAuditLog(dataDirectory, findings);
    const blobsCollected = await checkStore(dataDirectory, databaseUrl, ledger, findings);
    summed(report, ledger, credit, report.cycles);
    return Object.assign(report, { blobsCollected });
  } finally {
    for (const volunteer of volunteers) volunteer.stop();
    machine.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The coordinator's process and its disk. */
class Machine {
  readonly #dataDirectory: string;
  readonly #database: Readonly<Record<string, string>>;
  readonly #powerCut: PowerCut | null;
  readonly #random: RandomSource;
  #process: CoordinatorProcess | null = null;
  #child: ChildProcess | null = null;
  #port = 0;

  constructor(
    directory: string,
    dataDirectory: string,
    databaseUrl: string | null,
    fault: Fault,
    random: RandomSource,
  ) {
    this.#dataDirectory = dataDirectory;
    this.#database = databaseUrl === null ? {} : { PARITAB_DATABASE_URL: databaseUrl };
    this.#powerCut = fault === "power" ? new PowerCut(directory) : null;
    this.#random = random;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(report: TortureReport): Promise<void> {
    const startMs = performance.now();
    this.#process = await this.#spawn(() => {});
    this.#port = Number(new URL(this.#process.url).port);
    while (!(await isReady(this.url))) await sleep(READY_LOOK_MS);
    report.recoveriesMs.push(performance.now() - startMs);
  }

  #spawn(onSpawn: (child: ChildProcess) => void): Promise<CoordinatorProcess> {
    const environment = { ...QUIET, ...this.#database, ...(this.#powerCut?.environment() ?? {}) };
    return startProcess({
      dataDirectory: this.#dataDirectory,
      environment,
      port: this.#port,
      onSpawn: (child) => {
        this.#child = child;
        onSpawn(child);
      },
    });
  }

  /** Begins to start, and is killed after so long whether or not it listens by then. */
  async dieStarting(afterMs: number, report: TortureReport): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const starting = this.#spawn((child) => {
      timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
    });
    try {
      const started = await starting;
      this.#process = started;
      clearTimeout(timer);
      await started.end("SIGKILL");
    } catch {
      if (this.#child?.signalCode !== "SIGKILL") throw await starting.catch((error: unknown) => error);
    }
    this.#afterDeath(report);
  }

  async kill(report: TortureReport): Promise<void> {
    const running = this.#process!;
    const code = await running.end("SIGKILL");
    if (code !== null) throw new Error(`the coordinator ended by itself, with ${code}:\n${running.output()}`);
    this.#afterDeath(report);
  }

  #afterDeath(report: TortureReport): void {
    const atRisk = this.#powerCut?.pull(this.#random) ?? 0;
    Object.assign(report, { writesAtRisk: report.writesAtRisk + atRisk });
  }

  async stop(findings: Findings): Promise<void> {
    const code = await this.#process!.end("SIGTERM");
    if (code !== 0) findings.wrong(`the last stop: expected exit code 0, got ${code}\n${this.#process!.output()}`);
  }

  close(): void {
    this.#child?.kill("SIGKILL");
    this.#powerCut?.close();
  }
}

async function isReady(url: string): Promise<boolean> {
  return fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  );
}

function earnedBy(ledger: Ledger): number {
  return [...ledger.jobs.values()].reduce((sum, { earned }) => sum + (earned ?? 0), 0);
}

function emptyReport(): TortureReport {
  const counts = { cycles: 0, finalAnswers: 0, uploads: 0, creditedResults: 0, writesAtRisk: 0, blobsCollected: 0 };
  return { ...counts, lost: [], doubled: [], wrong: [], recoveriesMs: [], jobs: { submitted: 0, ended: 0 } };
}

/** Each finding once: a job that is lost is found lost at every start. */
function findingsOf(report: TortureReport, onFinding: TortureOptions["onFinding"]): Findings {
  const into = (kind: keyof Findings) => (problem: string) => {
    if (report[kind].includes(problem)) return;
    report[kind].push(problem);
    onFinding?.(kind, problem);
  };
  return { lost: into("lost"), doubled: into("doubled"), wrong: into("wrong") };
}

function summed(report: TortureReport, ledger: Ledger, credit: CreditLedger, cycles: number): void {
  const jobs = [...ledger.jobs.values()];
  Object.assign(report, {
    cycles,
    jobs: { submitted: jobs.length, ended: jobs.filter(({ ended }) => ended !== null).length },
    finalAnswers: ledger.finalAnswers,
    uploads: ledger.uploads.size,
    creditedResults: credit.total,
  });
}
