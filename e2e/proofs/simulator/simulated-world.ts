/** The real coordinator on virtual time, with a crowd of simulated tabs: where jobs are run that are measured. */
import type { CoordinatorSettings } from "../../../server/coordinator/state.ts";
import { CoordinatorShell } from "../../../server/shell/coordinator-shell.ts";
import { MemoryStore } from "../../../server/store/testing/memory-store.ts";
import type { LoadedModel } from "../../../shared/compute/model-runtime.ts";
import { RUNTIMES } from "../../../shared/compute/runtimes/runtimes.ts";
import { exponential, randomAt, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { SimulatedTab } from "../../crowd/simulated-tab.ts";
import type { TabFaults } from "../../crowd/tab-faults.ts";
import { VirtualClock } from "../../crowd/virtual-clock.ts";
import { modelledEngine } from "./modelled-engine.ts";
import { modelledExecutor, TASK_MS, type TaskTimes } from "./modelled-executor.ts";
import { SIMULATED_SETTINGS, shellSurroundings } from "./shell-surroundings.ts";

type Load = (bundle: Uint8Array) => Promise<LoadedModel>;

export interface WorldOptions {
  readonly seed: number;
  /** One tab, and one volunteer, each. */
  readonly tabs: readonly TabFaults[];
  /** Of the job's model and of the probe's. However long it really takes, no virtual time passes meanwhile. */
  readonly load: Load;
  /** The coordinator's second implementation; by default the first once more. */
  readonly loadSecond?: Load;
  /** On the WebAssembly that tabs have; by default as `load`. */
  readonly loadAsTabs?: Load;
  readonly taskMs?: TaskTimes;
  readonly settings?: Partial<CoordinatorSettings>;
}

export interface SimulatedWorld {
  readonly clock: VirtualClock;
  readonly shell: CoordinatorShell;
  readonly store: MemoryStore;
  readonly tabs: readonly SimulatedTab[];
  /** The coordinator stops, and another goes on with what is durable; `shell` is that one's then. Tabs come back. */
  restart(): Promise<void>;
  /** What the shell had to say, none of it expected. */
  readonly problems: readonly string[];
  /** Everything that waits for a model, or for nothing but its turn, has had it. */
  settled(): Promise<void>;
  /** Lets virtual time pass until it is done. */
  inTime<T>(work: Promise<T>): Promise<T>;
  /**
   * The next thing that is due happens, and all that it makes others do for real. Where nothing is due yet, real work is waited for, such as
   * a hash on another thread, which a busy machine is slow with. @returns false: nothing more was due within REAL_MS_MAX
   */
  advance(): Promise<boolean>;
}

/** Real milliseconds in which something has to become due. */
const REAL_MS_MAX = 10_000;
const STORE_MS_MEAN = 2;
const ARRIVAL_MS_MEAN = 50;

const STORE_DRAW = 2;
const ARRIVAL_DRAW = 3;

export async function openWorld(options: WorldOptions): Promise<SimulatedWorld> {
  // What comes from a file comes before: virtual time does not wait for it.
  await Promise.all(RUNTIMES.map(({ loadFormat }) => loadFormat()));
  const { seed } = options;
  const clock = new VirtualClock();
  let writes = 0;
  let tokens = 0;
  const problems: string[] = [];
  const underway = new Underway();
  const settled = () => underway.settled();
  const load = underway.counted(options.load);
  const { taskMs = TASK_MS } = options;
  const loadSecond = options.loadSecond && underway.counted(options.loadSecond);
  const loadAsTabs = options.loadAsTabs && underway.counted(options.loadAsTabs);
  const secretRandom = simulationRandom(seed * 1_000);
  const executor = modelledExecutor(clock, secretRandom, taskMs, load, loadSecond, undefined, loadAsTabs);
  const store = new MemoryStore({
    settle: () => clock.sleep(exponential(randomAt(seed, STORE_DRAW, writes++), STORE_MS_MEAN)),
  });
  const started = (run: number) =>
    new CoordinatorShell({
      clock,
      store,
      executor,
      secretRandom: simulationRandom(seed * 1_000 + 500 + run),
      ...shellSurroundings(() => tokens++),
      openEngine: (module) => modelledEngine(module, clock, simulationRandom(seed * 1_000 + 700 + run)),
      settings: { ...SIMULATED_SETTINGS, ...options.settings },
      onProblem: (message, error) => problems.push(`${message}: ${error}`),
    });
  let [shell, runs, isUp] = [started(0), 1, true];
  await shell.restore();
  const world = { clock, seed, coordinatorTabs: () => (isUp ? shell.tabs : null), load };
  const tabs = options.tabs.map((faults, tab) => {
    const own = faults.load === undefined ? {} : { load: underway.counted(faults.load) };
    return new SimulatedTab(world, tab, { ...faults, ...own });
  });
  for (const tab of tabs) {
    clock.after(exponential(randomAt(seed, ARRIVAL_DRAW, tab.tab), ARRIVAL_MS_MEAN), () => tab.connect());
  }

  async function inTime<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    await settled();
    while (!isDone && (await advance(() => isDone)));
    if (!isDone) throw new Error("simulated world: expected something to become due, nothing did");
    return done;
  }

  async function restart(): Promise<void> {
    shell.close();
    isUp = false;
    for (const tab of tabs) tab.coordinatorCrashed();
    shell = started(runs++);
    await inTime(shell.restore());
    isUp = true;
  }

  async function advance(isEnough: () => boolean = () => false): Promise<boolean> {
    const startMs = performance.now();
    while (!clock.next()) {
      if (performance.now() - startMs > REAL_MS_MAX) return isEnough();
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (isEnough()) return true;
    }
    await settled();
    return true;
  }

  return {
    ...{ clock, store, tabs, problems, settled, inTime, restart, advance: () => advance() },
    get shell() {
      return shell;
    },
  };
}

/** Models that are being loaded or run: the clock stands still for them. */
class Underway {
  #count = 0;

  /** Everything that waits for a model, or for nothing but its turn, has had it. */
  async settled(): Promise<void> {
    do await new Promise((resolve) => setImmediate(resolve));
    while (this.#count > 0);
  }

  counted(load: Load): Load {
    const count = <T>(work: Promise<T>): Promise<T> => {
      this.#count++;
      return work.finally(() => this.#count--);
    };
    return async (bundle) => {
      const model = await count(load(bundle));
      return { ...model, run: (rows, rowCount) => count(model.run(rows, rowCount)) };
    };
  }
}
