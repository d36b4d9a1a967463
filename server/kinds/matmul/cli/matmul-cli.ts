/** Products of matrices on the command line. */
import type { CliKind } from "../../../cli/cli-kind.ts";
import { estimateMatmul } from "./estimate-matmul.ts";
import { submitMatmul } from "./submit-matmul.ts";

export const matmulCli: CliKind = {
  estimate: estimateMatmul,
  submit: submitMatmul,
  results: {
    about: "The product of a matrix job as npy (rows x columns float64).",
    formats: ["npy"],
    what: "the product of a matrix job",
    fallback: () => "npy",
    file: ({ client, terminal }, jobId) => client.productFile(jobId, terminal.signal),
  },
};
