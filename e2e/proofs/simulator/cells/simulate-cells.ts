/**
 * A service of several coordinators on virtual time, all of it drawn from a seed: cells are killed, paused for longer than their lease, and the
 * database goes away, while jobs are submitted to any of them. What holds of one coordinator holds of each; and no job runs twice, nothing is
 * written by a cell whose lease somebody has taken, no cell tells answers of a job that it has no lease of, or calls one final that is not
 * durable, and what volunteers have is the same for all.
 */

import { StoreError } from "../../../../server/store/store.ts";
import type { TabsPort } from "../../../../server/web/coordinator-port.ts";
import { isProblem } from "../../../../server/web/coordinator-port.ts";
import { RUNTIMES } from "../../../../shared/compute/runtimes/runtimes.ts";
import { rangesOf, wholeIdOf } from "../../../../shared/kinds/inference/parts.ts";
import { type InferenceSubmission, inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import { exponential, randomAt } from "../../../../shared/random/simulation-random.ts";
import { SimulatedTab } from "../../../crowd/simulated-tab.ts";
import { VirtualClock } from "../../../crowd/virtual-clock.ts";
import { drawFaults } from "../draw-faults.ts";
import { violations } from "../invariants.ts";
import { settled } from "../settled.ts";
import {
  CLASSES,
  clusteredQueries,
  denseClassifier,
  INPUT_SIZE,
  type JobOutcome,
  jobOutcome,
  loadOnce,
} from "../simulated-inference.ts";
import { MemoryService } from "./memory-service.ts";
import { SimulatedCell } from "./simulated-cell.ts";

const LEASE_MS = 100;
const CELLS = ["a", "b", "c"] as const;
const JOBS = 3;
const TABS = 24;
const QUERIES = 40;
/** [CE10] The first job is shared out. */
const PARTS = 5;
const TROUBLE_MS_MEAN = 150;
/** From here on nothing fails any more, and everything must end. */
const CALM_FROM_MS = 1_200;
const VIRTUAL_MS_MAX = CALM_FROM_MS + 12 * 3_600_000;
const HAPPENINGS_MAX = 300_000;
/** Until all have heard of all. */
const HEARD_MS = 200;
const DOWN_MS_MEAN = 60;
/** Of a paused coordinator its tabs hear nothing: after that they take the connection for lost. */
const PONG_MS = 40;
const LOOK_EVERY = 7;
const ASK_AGAIN_MS = 40;
const GIVE_UP_MS = 2_000;

const TROUBLE_DRAW = 61;
const TAB_DRAW = 62;
const JOB_DRAW = 63;

export interface CellsReport {
  readonly seed: number;
  readonly happenings: number;
  readonly problems: readonly string[];
  readonly jobs: readonly JobOutcome[];
  readonly kills: number;
  readonly pauses: number;
  /** Of paused ones those that woke up to find that somebody had taken over. */
  readonly ended: number;
  readonly outages: number;
  /** Tabs that were pointed to another coordinator. */
  readonly pointed: number;
}

export function simulateCells(seed: number): Promise<CellsReport> {
  return new CellsSimulation(seed).toEnd();
}

class CellsSimulation {
  readonly #seed: number;
  readonly #clock = new VirtualClock();
  readonly #service = new MemoryService(this.#clock, LEASE_MS);
  readonly #cells: readonly SimulatedCell[];
  readonly #tabs: readonly SimulatedTab[];
  /** By tab: the cell that it is connected to, and where it was pointed. */
  readonly #cellOf = new Map<number, SimulatedCell>();
  readonly #model = denseClassifier();
  readonly #queries: Float32Array;
  readonly #problems: string[] = [];
  /** Of jobs in one piece, and of the parts of the others. */
  readonly #jobIds: string[] = [];
  #accepted = 0;
  readonly #counts = { kills: 0, pauses: 0, ended: 0, outages: 0, pointed: 0 };
  #happenings = 0;
  #draws = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#queries = clusteredQueries(seed, QUERIES);
    const world = {
      ...{ service: this.#service, seed },
      next: () => this.#draws++,
      broken: (problem: string) => void this.#problems.push(problem),
      onEnded: (cell: SimulatedCell) => {
        this.#counts.ended++;
        this.#hangUp(cell);
        this.#startLater(cell);
      },
    };
    this.#cells = CELLS.map((name) => new SimulatedCell(name, world));
    const isCalm = () => this.#isCalm;
    this.#tabs = Array.from({ length: TABS }, (_, tab) => {
      const tabWorld = { clock: this.#clock, seed, coordinatorTabs: () => this.#portOf(tab), load: loadOnce, isCalm };
      return new SimulatedTab(tabWorld, tab, drawFaults(seed, tab));
    });
  }

  get #isCalm(): boolean {
    return this.#clock.nowMs() >= CALM_FROM_MS;
  }

  async toEnd(): Promise<CellsReport> {
    await Promise.all(RUNTIMES.map(({ loadFormat }) => loadFormat()));
    for (const cell of this.#cells) this.#start(cell);
    for (const tab of this.#tabs)
      this.#clock.after(exponential(randomAt(this.#seed, TAB_DRAW, tab.tab), 50), () => tab.connect());
    for (let n = 0; n < JOBS; n++)
      this.#clock.after(randomAt(this.#seed, JOB_DRAW, n).uniform() * 400, () => void this.#submit(n));
    this.#scheduleTrouble(0);
    await this.#until(() => this.#isCalm && this.#accepted === JOBS && this.#service.allJobsEnded);
    const areAwake = () => this.#cells.every(({ shell, isPaused }) => shell !== null && !isPaused);
    await this.#until(areAwake);
    const endMs = this.#clock.nowMs() + HEARD_MS;
    await this.#until(() => this.#clock.nowMs() >= endMs && areAwake());
    const jobs = this.#problems.length > 0 ? [] : await this.#outcomes();
    if (this.#problems.length === 0) this.#compareCredit();
    const { happenings, problems } = { happenings: this.#happenings, problems: this.#problems };
    return { seed: this.#seed, happenings, problems, jobs, ...this.#counts };
  }

  async #until(isEnough: () => boolean): Promise<void> {
    while (!isEnough() && this.#problems.length === 0) {
      if (this.#clock.nowMs() > VIRTUAL_MS_MAX || this.#happenings > HAPPENINGS_MAX || !this.#clock.next()) {
        this.#problems.push(`[JB2] jobs are left: ${this.#left()}`);
        return;
      }
      this.#happenings++;
      await settled();
      this.#check();
    }
  }

  #left(): string {
    return this.#cells
      .flatMap(({ name, shell }) =>
        [...(shell?.state.jobsAtWork.keys() ?? [])].map(
          (jobId) =>
            `${name} is at ${jobId} (${shell?.jobView(jobId)?.state}), which waits for ${shell?.jobView(jobId)?.waitingFor}`,
        ),
      )
      .join("; ");
  }

  // --- what must hold -----------------------------------------------------------------------------------------------

  #check(): void {
    this.#problems.push(...this.#service.broken.splice(0));
    const answers = new Map<string, string>();
    for (const cell of this.#cells) {
      if (cell.isDeceived) this.#problems.push(`[CE1] cell ${cell.name} is sure of a lease that it has no more`);
      for (const jobId of cell.jobsAnsweredFor) {
        const other = answers.get(jobId);
        if (other !== undefined) this.#problems.push(`[CE3] ${jobId} runs twice, at ${other} and ${cell.name}`);
        answers.set(jobId, cell.name);
      }
      if (this.#happenings % LOOK_EVERY === 0) {
        for (const jobId of this.#jobIds) {
          const wrong = cell.wronglyTold(jobId);
          if (wrong !== null) this.#problems.push(wrong);
        }
      }
      if (this.#happenings % LOOK_EVERY === 0 && cell.shell !== null && !cell.isPaused)
        this.#problems.push(...violations(cell.shell.state).map((problem) => `${cell.name}: ${problem}`));
    }
    for (const jobId of this.#jobIds)
      if (!this.#service.hasJob(jobId)) this.#problems.push(`[JB1] acknowledged job ${jobId} is gone`);
  }

  /** [CE4] [CR1] What each knows of a volunteer is what all have counted, and no more than it did. */
  #compareCredit(): void {
    const [first, ...others] = this.#cells.map(({ shell }) => creditOf(shell!.volunteers()));
    for (const other of others)
      if (other !== first) this.#problems.push(`[CE4] two cells know other credit: ${first} and ${other}`);
    for (const { volunteerId, creditAssignments } of this.#cells[0]!.shell!.state.volunteers.values()) {
      const honest = this.#tabs
        .filter(({ names }) => names.includes(volunteerId))
        .reduce((sum, tab) => sum + tab.honestAssignments, 0);
      const isHonest = this.#tabs.every(({ names, faults }) => !names.includes(volunteerId) || !faults.isLiar);
      if (isHonest && creditAssignments > honest)
        this.#problems.push(`[CR1] ${volunteerId} has credit for ${creditAssignments} answers and gave ${honest}`);
    }
  }

  async #outcomes(): Promise<JobOutcome[]> {
    const loaded = await loadOnce(this.#model);
    const base = await loaded.run(this.#queries, QUERIES);
    const outcomes: JobOutcome[] = [];
    for (const jobId of this.#jobIds) {
      const part = wholeIdOf(jobId) === null ? 0 : Number(jobId.at(-1));
      const { firstQuery, queryCount } = rangesOf(QUERIES, wholeIdOf(jobId) === null ? 1 : PARTS)[part]!;
      const own = base.subarray(firstQuery * CLASSES, (firstQuery + queryCount) * CLASSES);
      const { shell } = this.#cells.find((cell) => cell.shell?.jobView(jobId) != null) ?? { shell: null };
      const all = (await shell?.desks.inference.allAnswers(jobId)) ?? null;
      const outcome = jobOutcome(jobId, shell?.jobView(jobId) ?? null, all, own);
      outcomes.push(outcome);
      const { state, missing, wrongExactOrAudited, exactOrAudited, answers } = outcome;
      if (state !== "done") this.#problems.push(`[JB2] ${jobId} ended as ${state}`);
      if (missing > 0) this.#problems.push(`[JB3] ${missing} answers of ${jobId} are missing`);
      if (wrongExactOrAudited > 0)
        this.#problems.push(`[VF1] ${wrongExactOrAudited} wrong answers of ${jobId} are marked audited`);
      if (exactOrAudited < answers)
        this.#problems.push(`[SC6] ${answers - exactOrAudited} answers of ${jobId} are not the model's own`);
    }
    const liars = new Set(this.#tabs.flatMap((tab) => (tab.faults.isLiar ? tab.names : [])));
    for (const { volunteerId, quarantine } of this.#cells[0]!.shell!.volunteers())
      if (quarantine !== null && !liars.has(volunteerId))
        this.#problems.push(`[VF3] ${volunteerId} never lied and is quarantined`);
    return outcomes;
  }

  // --- what happens -------------------------------------------------------------------------------------------------

  #start(cell: SimulatedCell): void {
    cell.start().catch((error: unknown) => {
      if (!(error instanceof StoreError)) this.#problems.push(`[RS1] cell ${cell.name} did not start: ${error}`);
      cell.end();
      this.#startLater(cell);
    });
  }

  #startLater(cell: SimulatedCell): void {
    this.#clock.after(20 + exponential(randomAt(this.#seed, TROUBLE_DRAW, this.#draws++), DOWN_MS_MEAN), () =>
      this.#start(cell),
    );
  }

  #scheduleTrouble(count: number): void {
    const random = randomAt(this.#seed, TROUBLE_DRAW, count);
    this.#clock.after(exponential(random, TROUBLE_MS_MEAN), () => {
      if (this.#isCalm) return;
      const cell = this.#cells[random.integer(this.#cells.length)]!;
      const forMs = 20 + exponential(random, 2 * LEASE_MS);
      const kind = random.uniform();
      if (kind < 0.4) this.#kill(cell, random.uniform() < 0.5);
      else if (kind < 0.8) this.#pause(cell, forMs);
      else this.#cutDatabase(forMs / 2);
      this.#scheduleTrouble(count + 1);
    });
  }

  #kill(cell: SimulatedCell, hasSurvived: boolean): void {
    if (!cell.isUp || cell.shell === null) return;
    this.#counts.kills++;
    cell.end(hasSurvived);
    this.#hangUp(cell);
    this.#startLater(cell);
  }

  #pause(cell: SimulatedCell, forMs: number): void {
    if (cell.shell === null || cell.isPaused) return;
    const { shell } = cell;
    this.#counts.pauses++;
    cell.pause();
    this.#clock.after(PONG_MS, () => {
      if (cell.isPaused && forMs > PONG_MS) for (const tab of this.#tabsAt(cell)) tab.connectionLost();
    });
    this.#clock.after(forMs, () => {
      if (cell.shell === shell) cell.wake();
    });
  }

  #cutDatabase(forMs: number): void {
    if (this.#service.isAway) return;
    this.#counts.outages++;
    this.#service.isAway = true;
    this.#clock.after(forMs, () => {
      this.#service.isAway = false;
    });
  }

  // --- tabs and submitters ------------------------------------------------------------------------------------------

  #tabsAt(cell: SimulatedCell): SimulatedTab[] {
    return this.#tabs.filter(({ tab }) => this.#cellOf.get(tab) === cell);
  }

  #hangUp(cell: SimulatedCell): void {
    for (const tab of this.#tabsAt(cell)) {
      this.#cellOf.delete(tab.tab);
      tab.coordinatorCrashed();
    }
  }

  /** Where a tab speaks to: its cell, or any that takes connections. null: none does. */
  #portOf(tab: number): TabsPort | null {
    const up = this.#cells.filter(({ shell, isPaused }) => shell !== null && !isPaused);
    const cell =
      this.#cellOf.get(tab) ?? up[randomAt(this.#seed, TAB_DRAW, this.#draws++).integer(Math.max(1, up.length))];
    if (cell === undefined) return null;
    return this.#port(cell, tab);
  }

  /** What is said to a paused one it hears when it wakes up; nobody waits for its answer. */
  #port(cell: SimulatedCell, tab: number): TabsPort {
    const later = (act: (tabs: TabsPort) => void) => cell.whenAwake((shell) => act(shell.tabs));
    const now = () => (cell.isPaused ? null : (cell.shell?.tabs ?? null));
    return {
      blobForToken: (token, sha256) => now()?.blobForToken(token, sha256) ?? null,
      resultBytesMax: (token) => now()?.resultBytesMax(token) ?? null,
      resultUploaded: (token, frame) => now()?.resultUploaded(token, frame) ?? "stale",
      sessionOpened: (session, link) => {
        this.#cellOf.set(tab, cell);
        const refused: typeof link.refused = (reason) => {
          if (reason.code === "elsewhere") this.#point(tab, reason.cell);
          link.refused(reason);
        };
        const isPointedHere = this.#asking.delete(tab);
        later((tabs) => tabs.sessionOpened({ ...session, isPointedHere }, { ...link, refused }));
      },
      sessionClosed: (sessionId) => {
        const next = this.#pointed.get(tab);
        this.#pointed.delete(tab);
        if (next?.shell != null) {
          this.#cellOf.set(tab, next);
          this.#asking.add(tab);
        } else this.#cellOf.delete(tab);
        later((tabs) => tabs.sessionClosed(sessionId));
      },
      availability: (sessionId, available) => later((tabs) => tabs.availability(sessionId, available)),
      choice: (sessionId, choice) => later((tabs) => tabs.choice(sessionId, choice)),
      modelOnBackend: (sessionId, told) => later((tabs) => tabs.modelOnBackend(sessionId, told)),
      slice: (sessionId, slice) => later((tabs) => tabs.slice(sessionId, slice)),
      failed: (sessionId, failed) => later((tabs) => tabs.failed(sessionId, failed)),
      returned: (sessionId, returned) => later((tabs) => tabs.returned(sessionId, returned)),
      result: (sessionId, result) => {
        const tabs = now();
        if (tabs !== null) return tabs.result(sessionId, result);
        later((awake) => void awake.result(sessionId, result));
        return { verdict: "stale" };
      },
    };
  }

  readonly #pointed = new Map<number, SimulatedCell>();
  /** Tabs that ask for the coordinator by name to which they connect next. */
  readonly #asking = new Set<number>();

  #point(tab: number, name: string | undefined): void {
    const cell = this.#cells.find((one) => one.name === name);
    if (cell === undefined)
      return void this.#problems.push(`[CE8] tab ${tab} was pointed to ${name}, which there is not`);
    this.#counts.pointed++;
    this.#pointed.set(tab, cell);
  }

  /** Asks any cell until one has said that the job is accepted. */
  async #submit(n: number): Promise<void> {
    const shape = [QUERIES, INPUT_SIZE];
    const queriesNpy = encodeNpy({ dtype: "F32", shape, data: this.#queries });
    for (let attempt = 0; ; attempt++) {
      const random = randomAt(this.#seed, JOB_DRAW, JOBS + n, attempt);
      const cell = this.#cells[random.integer(this.#cells.length)]!;
      const jobId = cell.shell === null || cell.isPaused ? null : await this.#submitAt(cell, n, queriesNpy);
      if (jobId !== null) {
        this.#accepted++;
        const whole = await this.#service.disk.whole(jobId);
        return void this.#jobIds.push(...(whole?.parts.map((part) => part.jobId) ?? [jobId]));
      }
      await this.#clock.sleep(ASK_AGAIN_MS);
    }
  }

  async #submitAt(cell: SimulatedCell, n: number, queriesNpy: Uint8Array): Promise<string | null> {
    const { disk } = this.#service;
    const shell = cell.shell!;
    const work = async () => {
      const [modelSha256, queriesSha256] = [await disk.putBlob(this.#model), await disk.putBlob(queriesNpy)];
      const job: Partial<InferenceSubmission> = { name: `job ${n}`, scheme: "systematic", completion: "exact" };
      const submission = inferenceSubmissionSchema.parse({
        ...{ kind: "inference", queriesPerGroup: 3, stragglers: 1, liars: 1, ...job },
        ...(n === 0 ? { parts: PARTS } : {}),
        source: { kind: "uploads", modelSha256, queriesSha256 },
      });
      const reply = await shell.submit(submission, n === 0 ? String(this.#draws++).padStart(24, "w") : undefined);
      return isProblem(reply) ? null : reply.jobId;
    };
    const gaveUp = this.#clock.sleep(GIVE_UP_MS).then(() => null);
    return Promise.race([work().catch(() => null), gaveUp]);
  }
}

function creditOf(volunteers: readonly { volunteerId: string; creditMacs: number }[]): string {
  const counted = volunteers
    .filter(({ creditMacs }) => creditMacs > 0)
    .map(({ volunteerId, creditMacs }) => `${volunteerId} ${creditMacs}`);
  return counted.sort().join(", ");
}
