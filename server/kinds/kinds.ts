/** The desks of all kinds of job: a new kind is a folder beside this file and a line here. */
import type { CodedDeskShell } from "../coded/desk.ts";
import { MatmulDesk } from "./matmul/desk.ts";
import { RegressionDesk, type RegressionDeskOptions } from "./regression/desk.ts";

export type DeskOptions = RegressionDeskOptions;

export function openDesks(options: DeskOptions, shell: CodedDeskShell) {
  return {
    regression: new RegressionDesk(options, shell),
    matmul: new MatmulDesk(options, shell),
  };
}

export type Desks = ReturnType<typeof openDesks>;
