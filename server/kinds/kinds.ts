/** The desks of all kinds of job: a new kind is a folder beside this file and a line here. */
import type { DeskHost } from "../shell/kind-desk.ts";
import { InferenceDesk, type InferenceDeskOptions } from "./inference/desk.ts";
import { MatmulDesk } from "./matmul/desk.ts";
import type { KindsExecutor } from "./numerics-tasks.ts";
import { RegressionDesk, type RegressionDeskOptions } from "./regression/desk.ts";

export type DeskOptions = Omit<InferenceDeskOptions & RegressionDeskOptions, "executor"> & {
  readonly executor: KindsExecutor;
};

export function openDesks(options: DeskOptions, host: DeskHost) {
  return {
    regression: new RegressionDesk(options, host),
    matmul: new MatmulDesk(options, host),
    inference: new InferenceDesk(options, host),
  };
}

export type Desks = ReturnType<typeof openDesks>;
