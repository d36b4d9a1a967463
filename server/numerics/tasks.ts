/**
 * What the numerics pool can be asked: tasks by name, arrays in and arrays out. Each kind of job has its own, in its
 * engine/tasks.ts; server/kinds/numerics-tasks.ts puts them together.
 */
import type { ModelReference, RunManner, TaskContext } from "./numerics-references.ts";

/** What goes to each task, and what comes back. */
export type TaskTypes<T> = { readonly [Name in keyof T]: { readonly input: unknown; readonly output: unknown } };

/** What does each of them. */
export type TasksOf<T extends TaskTypes<T>> = {
  readonly [Name in keyof T]: (input: T[Name]["input"], context: TaskContext) => Promise<T[Name]["output"]>;
};

/** What threads run: the module that puts the kinds' tasks together exports this as NUMERICS_TASKS. */
export type AnyTasks = Readonly<Record<string, (input: unknown, context: TaskContext) => Promise<unknown>>>;

/** Tasks of no kind. */
export interface CommonTasks {
  /** A probe's rows; the trial of a model at submission; rows that are computed again before somebody is named. */
  run: {
    /** manner: of a submitted model; that of a trial on its first implementation, unless told */
    input: { model: ModelReference; inputs: Float32Array; rowCount: number; manner?: Partial<RunManner> };
    /** rowCount x C */
    output: Float32Array;
  };
}

export const COMMON_TASKS: TasksOf<CommonTasks> = {
  async run({ model, inputs, rowCount, manner = {} }, { model: load }) {
    return (await load(model, manner.implementation)).run(inputs, rowCount);
  },
};
