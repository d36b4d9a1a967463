/** Regressions on the command line. */
import type { WeightFormat } from "../../../../shared/sdk/paritab-client.ts";
import type { CliKind } from "../../../cli/cli-kind.ts";
import { estimateRegression } from "./estimate-regression.ts";
import { predict } from "./predict.ts";
import { submitRegression } from "./submit-regression.ts";

export const regressionCli: CliKind = {
  estimate: estimateRegression,
  submit: submitRegression,
  more: [predict],
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
