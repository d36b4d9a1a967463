/** What each kind of job brings to the command line: one line a kind. */
import type { JobKind } from "../../shared/kinds/kinds.ts";
import type { CliKind } from "../cli/cli-kind.ts";
import { inferenceCli } from "./inference/cli/inference-cli.ts";
import { matmulCli } from "./matmul/cli/matmul-cli.ts";
import { regressionCli } from "./regression/cli/regression-cli.ts";

export const CLI_KINDS: Readonly<Record<JobKind, CliKind>> = {
  inference: inferenceCli,
  regression: regressionCli,
  matmul: matmulCli,
};
