/** Regressions on the command line. */
import type { WeightFormat } from "../../../../shared/sdk/paritab-client.ts";
import type { CliKind } from "../../../cli/cli-kind.ts";
import type { ClientCommand } from "../../../cli/command.ts";
import { HOME_TRIAL_FLAGS } from "../../../cli/home/no-trial.ts";
import { estimateCoded } from "../../../coded/cli/beside-home.ts";
import { exportModel } from "./export.ts";
import { predict } from "./predict.ts";
import { REGRESSION_FLAGS, regressionSubmission } from "./regression-input.ts";
import { submitRegression } from "./submit-regression.ts";
import { regressionRecheck } from "./verify-weights.ts";

const estimateRegression: ClientCommand = {
  name: "estimate regression",
  summary: "what a regression would cost, before it starts",
  usage: "--features FILE --labels FILE [...] | --sample NAME [...]",
  about:
    "Takes the flags of `submit regression` and starts nothing. It says what this computer alone would need and what the crowd would, how many volunteers are needed and ready, bytes to each and in all, " +
    "multiplications, redundancy, and the time of an iteration if speeds have been measured. The data is uploaded, because " +
    "its shape decides; uploads that no job uses are dropped after a while.",
  flags: { ...REGRESSION_FLAGS, ...HOME_TRIAL_FLAGS },
  words: [0, 0],
  examples: [["paritab estimate regression --sample mnist --model softmax --iterations 100", "digits, 100 iterations"]],
  run: estimateCoded(regressionSubmission),
};

export const regressionCli: CliKind = {
  estimate: estimateRegression,
  submit: submitRegression,
  more: [predict, exportModel],
  recheck: regressionRecheck,
  results: {
    about: "Weights of a regression as json or npy (columns x classes float64).",
    formats: ["json", "npy"],
    what: "the weights of a regression",
    fallback: () => "json",
    async writeLines({ client, terminal }, jobId, format) {
      if (format !== "json") return false;
      await terminal.out(await client.weightsFile(jobId, format, terminal.signal));
      await terminal.out("\n");
      return true;
    },
    file: ({ client, terminal }, jobId, format) => client.weightsFile(jobId, format as WeightFormat, terminal.signal),
  },
};
