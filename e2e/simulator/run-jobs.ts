/**
 * Inference jobs, one after another, through the real coordinator on virtual time: what the benches of attacks, of waiting
 * and of false alarms drive. Shell, core, numerics, codes and audits are those of production; tabs and time are simulated.
 */

import { type CoordinatorSettings, SETTINGS_DEFAULT } from "../../server/coordinator/state.ts";
import type { NumericsExecutor } from "../../server/numerics/numerics-executor.ts";
import type { TaskName } from "../../server/numerics/numerics-tasks.ts";
import { CoordinatorShell } from "../../server/shell/coordinator-shell.ts";
import { MemoryStore } from "../../server/store/memory-store.ts";
import type { CodeInForce } from "../../server/store/store.ts";
import { type AllAnswers, isProblem } from "../../server/web/coordinator-port.ts";
import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import {
  type InferenceJobView,
  type InferenceSubmission,
  inferenceSubmissionSchema,
  type JobState,
  type RoundView,
  type SessionView,
  type VolunteerView,
} from "../../shared/protocol/api.ts";
import { encodeNpy, type NpyArray } from "../../shared/protocol/npy.ts";
import { exponential, randomAt, simulationRandom } from "../../shared/random/simulation-random.ts";
import { violations } from "./invariants.ts";
import { modelledExecutor, TASK_MS, type TaskTimes } from "./modelled-executor.ts";
import { SimulatedTab, type TabFaults } from "./simulated-tab.ts";
import { VirtualClock } from "./virtual-clock.ts";

type Load = (bundle: Uint8Array) => Promise<LoadedModel>;

/** A job that depends on what the coordinator says when its turn comes. */
export type NextJob = (
  shell: CoordinatorShell,
  source: InferenceSubmission["source"],
) => Promise<Partial<InferenceSubmission>>;

export interface JobsRun {
  readonly seed: number;
  /** One tab, and one volunteer, each. */
  readonly tabs: readonly TabFaults[];
  readonly bundle: Uint8Array;
  /** Of the job's model and of the probe's. However long it really takes, no virtual time passes meanwhile. */
  readonly load: Load;
  /** n x input shape; 8-bit images are divided by 255. */
  readonly queries: NpyArray;
  /** One begins when the one before it has ended; all ask the same queries. */
  readonly jobs: readonly (Partial<InferenceSubmission> | NextJob)[];
  readonly taskMs?: TaskTimes;
  /** Are the rules of SPEC.md looked at after every happening? They are, unless time matters more. */
  readonly checksRules?: boolean;
  readonly settings?: Partial<CoordinatorSettings>;
  /** Sees each numerics task before it is done; in real time, for virtual time stands still meanwhile. */
  readonly aroundTask?: <T>(task: TaskName, work: () => Promise<T>) => Promise<T>;
  /** Puts something round the coordinator's numerics. */
  readonly wrapExecutor?: (executor: NumericsExecutor) => NumericsExecutor;
  /** Awaited after every happening, while a job runs. */
  readonly observe?: (shell: CoordinatorShell, jobId: string, nowMs: number) => Promise<void> | void;
  readonly onJobEnd?: () => void;
}

export interface EndedJob {
  readonly view: InferenceJobView;
  readonly answers: AllAnswers;
  readonly rounds: readonly RoundView[];
  /** From submission to end, virtual. */
  readonly virtualMs: number;
  /** Rows that tabs computed meanwhile, whatever became of them. */
  readonly tabRows: number;
  /** Codes that were in force; empty: the submission's, all the time. */
  readonly codes: readonly CodeInForce[];
}

export interface JobsOutcome {
  readonly jobs: readonly EndedJob[];
  readonly volunteers: readonly VolunteerView[];
  /** Those that are still connected at the end. */
  readonly sessions: readonly SessionView[];
  readonly tabs: readonly SimulatedTab[];
}

/** Of one job: one that takes longer in virtual time, or more events, is stuck. */
const VIRTUAL_MS_MAX = 60 * 60_000;
const HAPPENINGS_MAX = 2_000_000;
/** A job that depends on what the coordinator says is asked for again where it is refused, for meanwhile things have changed. */
const REFUSALS_MAX = 20;
const STORE_MS_MEAN = 2;
const ARRIVAL_MS_MEAN = 50;

const STORE_DRAW = 2;
const ARRIVAL_DRAW = 3;

/** @throws Error where a rule of SPEC.md is broken, a job is refused, or one does not end */
export async function runJobs(options: JobsRun): Promise<JobsOutcome> {
  const { seed } = options;
  const clock = new VirtualClock();
  let writes = 0;
  let tokens = 0;
  const problems: string[] = [];
  const underway = new Underway();
  const settled = () => underway.settled();
  const load = underway.counted(options.load);
  const { taskMs = TASK_MS, aroundTask } = options;
  const executor = modelledExecutor(clock, simulationRandom(seed * 1_000), taskMs, load, aroundTask);
  const store = new MemoryStore({
    settle: () => clock.sleep(exponential(randomAt(seed, STORE_DRAW, writes++), STORE_MS_MEAN)),
  });
  const shell = new CoordinatorShell({
    clock,
    store,
    executor: options.wrapExecutor?.(executor) ?? executor,
    secretRandom: simulationRandom(seed * 1_000 + 500),
    makeToken: () => `token-${String(tokens++).padStart(20, "0")}`,
    resolveSample: () => Promise.reject(new Error("the simulator has no samples")),
    gradientSample: () => Promise.reject(new Error("the simulator has no samples")),
    openMaster: () => {
      throw new Error("runJobs: expected inference jobs alone");
    },
    buildHash: "simulated",
    faultsAllowed: true,
    settings: { ...SETTINGS_DEFAULT, ...options.settings },
    onProblem: (message, error) => problems.push(`${message}: ${error}`),
  });
  await shell.restore();
  const world = { clock, seed, coordinator: () => shell, load };
  const tabs = options.tabs.map((faults, tab) => {
    const own = faults.load === undefined ? {} : { load: underway.counted(faults.load) };
    return new SimulatedTab(world, tab, { ...faults, ...own });
  });
  for (const tab of tabs) {
    clock.after(exponential(randomAt(seed, ARRIVAL_DRAW, tab.tab), ARRIVAL_MS_MEAN), () => tab.connect());
  }

  /** Lets virtual time pass until it is done. */
  async function inTime<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const done = work.finally(() => {
      isDone = true;
    });
    await settled();
    while (!isDone && clock.next()) await settled();
    return done;
  }

  const rowsComputed = () => tabs.reduce((sum, { rows }) => sum + rows, 0);

  async function runJob(
    asked: JobsRun["jobs"][number],
    source: InferenceSubmission["source"],
    refusals = 0,
  ): Promise<EndedJob> {
    const isAsked = typeof asked === "function";
    const job = isAsked ? await inTime(asked(shell, source)) : asked;
    const startMs = clock.nowMs();
    const startRows = rowsComputed();
    const submission = inferenceSubmissionSchema.parse({ kind: "inference", ...job, source });
    const reply = await inTime(shell.submit(submission));
    if (isProblem(reply) && isAsked && refusals < REFUSALS_MAX) return runJob(asked, source, refusals + 1);
    if (isProblem(reply)) throw new Error(`runJobs: expected the job to be accepted, got ${reply.message}`);
    const { jobId } = reply;
    const view = () => shell.jobView(jobId) as InferenceJobView;
    for (let happenings = 0; !hasEnded(shell.state.jobs.get(jobId)!.stored); happenings++) {
      const stuck = happenings > HAPPENINGS_MAX || clock.nowMs() - startMs > VIRTUAL_MS_MAX;
      if (stuck || !clock.next()) throw new Error(`runJobs: seed ${seed}: the job is stuck: ${view().waitingFor}`);
      await settled();
      const broken = [...(options.checksRules === false ? [] : violations(shell.state)), ...problems];
      if (broken.length > 0) throw new Error(`runJobs: seed ${seed}: ${broken.join("; ")}`);
      await options.observe?.(shell, jobId, clock.nowMs());
    }
    options.onJobEnd?.();
    const answers = (await inTime(shell.allAnswers(jobId)))!;
    const { codes } = shell.state.jobs.get(jobId)!.stored;
    const spent = { virtualMs: clock.nowMs() - startMs, tabRows: rowsComputed() - startRows };
    return { view: view(), answers, rounds: shell.rounds(jobId)!, ...spent, codes };
  }

  const [modelSha256, queriesSha256] = await inTime(
    Promise.all([store.putBlob(options.bundle), store.putBlob(encodeNpy(options.queries))]),
  );
  const inputScale = options.queries.dtype === "U8" ? 1 / 255 : 1;
  const jobs: EndedJob[] = [];
  for (const job of options.jobs) {
    jobs.push(await runJob(job, { kind: "uploads", modelSha256, queriesSha256, inputScale }));
  }
  const outcome = { jobs, volunteers: shell.volunteers(), sessions: shell.sessions(), tabs };
  shell.close();
  return outcome;
}

function hasEnded({ state }: { state: JobState }): boolean {
  return state === "done" || state === "failed" || state === "cancelled";
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
