import type { ClientCommand } from "../../../cli/command.ts";
import { HOME_TRIAL_FLAGS } from "../../../cli/home/no-trial.ts";
import { askedOf, KEEP_NAMES_FLAG } from "../../../cli/keep-names-flag.ts";
import { sayCodedBesideHome } from "../../../coded/cli/beside-home.ts";
import { CODED_JOB_FLAGS, outFlag, runCodedJob } from "../../../coded/cli/coded-job.ts";
import { REGRESSION_FLAGS, regressionSubmission } from "./regression-input.ts";

export const submitRegression: ClientCommand = {
  name: "submit regression",
  summary: "train a regression on data that is coded over the tabs",
  usage: "--features FILE --labels FILE [...] | --sample NAME [...]",
  about:
    "Uploads X and y, submits the job and watches it; then `paritab results JOB` has the weights, `paritab predict JOB` " +
    "predictions for new rows, `paritab receipt JOB` who computed what. Ctrl-C cancels the job, unless --keep or --detach " +
    "says otherwise. A job with --colluders above 0 runs by invitation: the invitations are printed here once, and never " +
    "again.",
  flags: {
    ...REGRESSION_FLAGS,
    out: { value: "FILE", help: "write the weights there when the job is done: .npy or .json" },
    ...CODED_JOB_FLAGS,
    ...HOME_TRIAL_FLAGS,
    ...KEEP_NAMES_FLAG,
  },
  words: [0, 0],
  examples: [
    ["paritab submit regression --sample gisette-like --iterations 30", "a first job, with nothing of your own"],
    [
      "paritab submit regression --features X.npy --labels y.npy --model softmax --out weights.npy",
      "arrays in, an array out",
    ],
    ["paritab submit regression --features table.csv --label-column price --model linear", "one table"],
  ],
  async run(call) {
    const { client } = call;
    const out = outFlag(call, ["npy", "json"]);
    const submission = { ...(await regressionSubmission(call)), ...askedOf(call) };
    await sayCodedBesideHome(call, submission);
    const submit = (cut: AbortSignal, key: string) => client.submit(submission, cut, key);
    return runCodedJob(call, submit, out, (jobId, signal) => client.weightsFile(jobId, out!.format, signal));
  },
};
