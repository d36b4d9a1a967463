/** The tasks of all kinds, as threads and simulations run them. */
import type { NumericsExecutor } from "../numerics/numerics-executor.ts";
import type { ModelReference } from "../numerics/numerics-references.ts";
import { COMMON_TASKS, type CommonTasks, type TasksOf } from "../numerics/tasks.ts";
import type { InferenceInputs, InferenceTasks } from "./inference/engine/task-types.ts";
import { INFERENCE_TASKS } from "./inference/engine/tasks.ts";
import { REGRESSION_TASKS, type RegressionTasks } from "./regression/engine/tasks.ts";

export interface AllTasks extends CommonTasks, InferenceTasks, RegressionTasks {}

export const NUMERICS_TASKS: TasksOf<AllTasks> = { ...COMMON_TASKS, ...INFERENCE_TASKS, ...REGRESSION_TASKS };

/** What a thread of the pool loads. */
export const TASKS_MODULE = import.meta.url;

/** The one model of a submitter's that a task runs; null: none. */
export function modelOf(task: string, input: unknown): ModelReference | null {
  const { model, suspects } = input as {
    readonly model?: ModelReference;
    readonly suspects?: InferenceInputs["decode"]["suspects"];
  };
  return task === "decode" ? (suspects?.model ?? null) : (model ?? null);
}

export type TaskName = keyof AllTasks;
export type TaskInputs = { [Name in TaskName]: AllTasks[Name]["input"] };
export type TaskOutputs = { [Name in TaskName]: AllTasks[Name]["output"] };
export type KindsExecutor = NumericsExecutor<AllTasks>;
