/** One coordinator of a simulated service: its lives one after the other, each with a shell, a lease and a watch, as start-coordinator makes them. */
import { CellWatch } from "../../../../server/cells/cell-watch.ts";
import { isActive } from "../../../../server/coordinator/jobs.ts";
import { CoordinatorShell } from "../../../../server/shell/coordinator-shell.ts";
import { StoreError } from "../../../../server/store/store.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import { exponential, randomAt, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { modelledExecutor } from "../modelled-executor.ts";
import { SIMULATED_SETTINGS, shellSurroundings } from "../shell-surroundings.ts";
import { loadOnce } from "../simulated-inference.ts";
import { CellClock } from "./cell-clock.ts";
import { MemoryCell } from "./memory-cell.ts";
import type { MemoryService } from "./memory-service.ts";

/** In place of half a second: jobs of the simulator take about one. */
const LOOK_MS = 10;
const DATABASE_MS_MEAN = 1;

const DATABASE_DRAW = 51;

export interface CellWorld {
  readonly service: MemoryService;
  readonly seed: number;
  /** Counts lives, draws and tokens of all cells. */
  next(): number;
  broken(problem: string): void;
  /** Its process has ended by itself: somebody has taken over from it. */
  onEnded(cell: SimulatedCell): void;
}

export class SimulatedCell {
  readonly name: string;
  readonly #world: CellWorld;
  #life: {
    readonly shell: CoordinatorShell;
    readonly store: MemoryCell;
    readonly clock: CellClock;
    watch: CellWatch | null;
  } | null = null;

  constructor(name: string, world: CellWorld) {
    this.name = name;
    this.#world = world;
  }

  /** null: its process does not run, or starts. */
  get shell(): CoordinatorShell | null {
    return this.#life?.watch == null ? null : this.#life.shell;
  }

  get isPaused(): boolean {
    return this.#life?.clock.isPaused === true;
  }

  get isUp(): boolean {
    return this.#life !== null;
  }

  /** Jobs that it is at, as far as it answers for them. */
  get jobsAnsweredFor(): readonly string[] {
    const { shell } = this;
    if (shell === null || this.isPaused || this.#life?.store.isHeld !== true) return [];
    return [...shell.state.jobsAtWork.values()].filter(isActive).map(({ stored }) => stored.jobId);
  }

  /**
   * [CE1] [VF9] What is wrong with what it answers whoever asks about the job now: answers of a job that is at work at another cell, and final
   * ones that are not durable. null: nothing, or it answers nobody.
   */
  wronglyTold(jobId: string): string | null {
    const { shell } = this;
    const { service } = this.#world;
    if (shell === null || this.isPaused || this.#life?.store.isHeld !== true) return null;
    const view = shell.jobView(jobId);
    if (view?.kind !== "inference") return null;
    const { answersByMark, queryCount, finalCount, finishedMs } = view as InferenceJobView;
    const durable = service.answeredOf(jobId);
    if (finalCount > durable)
      return `[VF9] cell ${this.name} calls ${finalCount} answers of ${jobId} final, of which ${durable} are durable`;
    if (queryCount > answersByMark.missing && finishedMs === null && !service.isOf(jobId, this.#life.store.epoch))
      return `[CE1] cell ${this.name} tells answers of ${jobId}, which is at work at another`;
    return null;
  }

  /** [CE1] Does it believe in a lease that it has no more? */
  get isDeceived(): boolean {
    const store = this.#life?.store;
    return store?.isHeld === true && !this.isPaused && !this.#world.service.isAlive(store.epoch);
  }

  /** @throws StoreError while the database is away */
  async start(): Promise<void> {
    const { service, seed, next, broken } = this.#world;
    const life = next();
    const clock = new CellClock(service.clock);
    const drawMs = () => exponential(randomAt(seed, DATABASE_DRAW, next()), DATABASE_MS_MEAN);
    const store = new MemoryCell({ service, clock, place: this.name, drawMs });
    const shell = new CoordinatorShell({
      clock,
      store,
      executor: modelledExecutor(clock, simulationRandom(seed * 1_000 + life), undefined, loadOnce),
      secretRandom: simulationRandom(seed * 1_000 + 500 + life),
      settings: SIMULATED_SETTINGS,
      ...shellSurroundings(next),
      tokenMark: String(store.epoch),
      placingKey: "of the service",
      onProblem: (message, error) => {
        if (!(error instanceof StoreError)) broken(`${message}: ${error}`);
      },
    });
    const own = { shell, store, clock, watch: null as CellWatch | null };
    this.#life = own;
    await shell.restore(new Set(await store.cell.takeOver()));
    if (this.#life !== own) return;
    own.watch = new CellWatch({
      cell: store.cell,
      load: () => shell.load(),
      partsSpent: () => shell.partsSpent(),
      hearOfCells: (named) => shell.hearOfCells(named),
      changesElsewhere: () => store.changesElsewhere(),
      volunteersElsewhere: () => store.volunteersElsewhere(),
      takeJobs: (jobIds) => shell.takeJobs(jobIds),
      hearOfVolunteers: (volunteers) => shell.hearOfVolunteers(volunteers),
      hearOfAccounts: (accounts) => shell.hearOfAccounts(accounts),
      listChanged: async () => {},
      onLost: () => {
        if (this.#life !== own) return;
        this.end();
        this.#world.onEnded(this);
      },
      onProblem: (message, error) => {
        if (!(error instanceof StoreError)) broken(`${message}: ${error}`);
      },
      lookMs: LOOK_MS,
      interval: (ms, run) => clock.every(ms, run),
    });
  }

  pause(): void {
    this.#life?.clock.pause();
  }

  wake(): void {
    this.#life?.clock.wake();
  }

  /** Does it now, or when it is awake; never where it dies before. */
  whenAwake(act: (shell: CoordinatorShell) => void): void {
    const life = this.#life;
    if (life === null) return;
    life.clock.whenAwake(() => {
      if (this.#life === life) act(life.shell);
    });
  }

  /** kill -9, or its own end. @param hasSurvived the write that was under way reached the database */
  end(hasSurvived = false): void {
    const life = this.#life;
    if (life === null) return;
    this.#life = null;
    life.store.die(hasSurvived);
    life.watch?.close();
    life.shell.close();
  }
}
