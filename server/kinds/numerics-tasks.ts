/** The tasks of all kinds, as threads and simulations run them. */
import type { NumericsExecutor } from "../numerics/numerics-executor.ts";
import type { ModelReference } from "../numerics/numerics-references.ts";
import { COMMON_TASKS, type CommonTasks, type TasksOf } from "../numerics/tasks.ts";
import type { InferenceTasks } from "./inference/engine/task-types.ts";
import { INFERENCE_TASKS } from "./inference/engine/tasks.ts";
import { MATMUL_TASKS, type MatmulTasks } from "./matmul/engine/tasks.ts";
import { REGRESSION_TASKS, type RegressionTasks } from "./regression/engine/tasks.ts";

export interface AllTasks extends CommonTasks, InferenceTasks, RegressionTasks, MatmulTasks {}

export const NUMERICS_TASKS: TasksOf<AllTasks> = {
  ...COMMON_TASKS,
  ...INFERENCE_TASKS,
  ...REGRESSION_TASKS,
  ...MATMUL_TASKS,
};

/** What a thread of the pool loads. */
export const TASKS_MODULE = import.meta.url;

/** The one model of a submitter's that a task runs; null: none. */
export function modelOf(input: unknown): ModelReference | null {
  return (input as { readonly model?: ModelReference }).model ?? null;
}

/** All queries, of which rows are taken, and what models are made of. */
const NOT_GONE_THROUGH: ReadonlySet<string> = new Set(["source", "model"]);

/**
 * Numbers that a task goes through, as far as its input tells: arrays that it is handed, and the rows that it takes of queries, of which
 * it is handed all.
 */
export function numbersOf(input: unknown): number {
  if (ArrayBuffer.isView(input)) return "length" in input ? Number(input.length) : 0;
  if (typeof input !== "object" || input === null) return 0;
  const { source, queryCount, rows } = input as {
    readonly source?: { readonly inputSize: number };
    readonly queryCount?: number;
    readonly rows?: { readonly length: number };
  };
  const taken = source === undefined ? 0 : (queryCount ?? rows?.length ?? 0) * source.inputSize;
  const parts = Object.entries(input).map(([name, part]) => (NOT_GONE_THROUGH.has(name) ? 0 : numbersOf(part)));
  return parts.reduce((sum, size) => sum + size, taken);
}

export type TaskName = keyof AllTasks;
export type TaskInputs = { [Name in TaskName]: AllTasks[Name]["input"] };
export type KindsExecutor = NumericsExecutor<AllTasks>;
