/** Numerics that run for real, in line, and take modelled time: what a pool of `threads` threads would take. */
import {
  type AllTasks,
  type KindsExecutor,
  NUMERICS_TASKS,
  type TaskName,
} from "../../../server/kinds/numerics-tasks.ts";
import type { TaskContext } from "../../../server/numerics/numerics-references.ts";
import type { Implementation, LoadedModel } from "../../../shared/compute/model-runtime.ts";
import { isOrder } from "../../../shared/compute/orders.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { RandomSource } from "../../../shared/random/random.ts";
import type { VirtualClock } from "../../crowd/virtual-clock.ts";

/** Modelled milliseconds of each task that takes long enough to matter. */
export type TaskTimes = Readonly<Partial<Record<TaskName, number>>>;

/** Of any other. */
const TASK_MS_ELSE = 0.3;

export const TASK_MS = {
  orderOf: 5,
  sampledAxes: 3,
  encode: 0.5,
  decode: 0.6,
  recompute: 1,
  run: 0.3,
  plan: 200,
} satisfies TaskTimes;

/** For crowds in which whoever is slow is a tab: the coordinator's own work on answers takes next to no time. */
export const SWIFT_TASK_MS: TaskTimes = {
  ...TASK_MS,
  ...{ decode: 0.01, recompute: 0.01, order: 0.1, features: 0.1, run: 0.01 },
};

export function modelledExecutor(
  clock: Pick<VirtualClock, "nowMs" | "sleep">,
  secretRandom: RandomSource,
  taskMs: TaskTimes = TASK_MS,
  load: (bundle: Uint8Array) => Promise<LoadedModel> = (bundle) => createPlainRuntime().load(bundle),
  /** The second implementation; by default the first once more. */
  loadSecond: (bundle: Uint8Array) => Promise<LoadedModel> = load,
  /** With its sums in another order; by default the first once more. */
  loadInOrder: (bundle: Uint8Array) => Promise<LoadedModel> = load,
  /** On the WebAssembly that tabs have; by default the first once more. */
  loadAsTabs: (bundle: Uint8Array) => Promise<LoadedModel> = load,
): KindsExecutor {
  const models = new Map<string, Promise<LoadedModel>>();
  const others = new Map<Implementation, typeof load>([
    ["second", loadSecond],
    ["tab", loadAsTabs],
  ]);
  const context: TaskContext = {
    secretRandom,
    model({ sha256, bundle, implementation: own = "first" }, implementation = own) {
      const name = `${implementation} ${sha256}`;
      const loadIt = isOrder(implementation) ? loadInOrder : (others.get(implementation) ?? load);
      const loaded = models.get(name) ?? loadIt(bundle);
      models.set(name, loaded);
      return loaded;
    },
  };
  let freeAtMs = 0;
  /** One thread: a task begins when the one before it has ended. */
  function queuedMs(task: TaskName): number {
    freeAtMs = Math.max(freeAtMs, clock.nowMs()) + (taskMs[task] ?? TASK_MS_ELSE);
    return freeAtMs - clock.nowMs();
  }
  const executor: KindsExecutor = {
    async run<T extends TaskName>(task: T, input: AllTasks[T]["input"]): Promise<AllTasks[T]["output"]> {
      const waitMs = isTrial(task, input) ? (taskMs[task] ?? TASK_MS_ELSE) : queuedMs(task);
      const output = await NUMERICS_TASKS[task](input, context);
      await clock.sleep(waitMs);
      return output;
    },
    async close() {},
  };
  return executor;
}

/** Trials have processes of their own: they wait for nothing else. */
function isTrial(task: TaskName, input: unknown): boolean {
  if (task !== "run") return false;
  const { model, manner } = input as AllTasks["run"]["input"];
  return model.jobId !== undefined && manner?.lane !== "check";
}
