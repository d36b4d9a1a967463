/** Products of matrices on the command line. */
import type { CliKind } from "../../../cli/cli-kind.ts";
import type { ClientCommand } from "../../../cli/command.ts";
import { HOME_TRIAL_FLAGS } from "../../../cli/home/no-trial.ts";
import { askedOf, KEEP_NAMES_FLAG } from "../../../cli/keep-names-flag.ts";
import { estimateCoded, sayCodedBesideHome } from "../../../coded/cli/beside-home.ts";
import { CODED_JOB_FLAGS, outFlag, runCodedJob } from "../../../coded/cli/coded-job.ts";
import { MATMUL_FLAGS, matmulSubmission } from "./matmul-input.ts";
import { matmulRecheck } from "./verify-product.ts";

const submitMatmul: ClientCommand = {
  name: "submit matmul",
  summary: "A times B, exact, with A coded over the tabs",
  usage: "--left FILE --right FILE [...]",
  about:
    "Uploads A and B, submits the job and watches it; then `paritab results JOB` has the product. Entries are whole numbers, " +
    "or are rounded to multiples of 2^-bits (--left-fraction-bits, --right-fraction-bits); from there on everything is exact, " +
    "and every result is checked. Ctrl-C cancels the job, unless --keep or --detach says otherwise. A job with --colluders " +
    "above 0 runs by invitation: the invitations are printed here once, and never again.",
  flags: {
    ...MATMUL_FLAGS,
    out: { value: "FILE.npy", help: "write the product there when the job is done" },
    ...CODED_JOB_FLAGS,
    ...HOME_TRIAL_FLAGS,
    ...KEEP_NAMES_FLAG,
  },
  words: [0, 0],
  examples: [
    ["paritab submit matmul --left A.npy --right B.npy --out AB.npy", "whole numbers"],
    ["paritab submit matmul --left A.csv --right B.csv --left-fraction-bits 8 --out AB.npy", "A in steps of 1/256"],
  ],
  async run(call) {
    const { client } = call;
    const out = outFlag(call, ["npy"]);
    const submission = { ...(await matmulSubmission(call)), ...askedOf(call) };
    await sayCodedBesideHome(call, submission);
    const submit = (cut: AbortSignal, key: string) => client.submit(submission, cut, key);
    return runCodedJob(call, submit, out, (jobId, signal) => client.productFile(jobId, signal));
  },
};

const estimateMatmul: ClientCommand = {
  name: "estimate matmul",
  summary: "what a product of matrices would cost, before it starts",
  usage: "--left FILE --right FILE [...]",
  about:
    "Takes what `submit matmul` takes and begins nothing. It says what this computer alone would need: a product rarely pays. The matrices are uploaded, for their shapes decide; uploads that no " +
    "job uses are dropped after a while.",
  flags: { ...MATMUL_FLAGS, ...HOME_TRIAL_FLAGS },
  words: [0, 0],
  examples: [["paritab estimate matmul --left A.npy --right B.npy", "volunteers, bytes, rounds"]],
  run: estimateCoded(matmulSubmission),
};

export const matmulCli: CliKind = {
  estimate: estimateMatmul,
  submit: submitMatmul,
  recheck: matmulRecheck,
  results: {
    about: "The product of a matrix job as npy (rows x columns float64).",
    formats: ["npy"],
    what: "the product of a matrix job",
    fallback: () => "npy",
    file: ({ client, terminal }, jobId) => client.productFile(jobId, terminal.signal),
  },
};
