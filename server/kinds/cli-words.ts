/** What the command line says of each kind of job: one line a kind. What it does stands in cli-kinds.ts. */
import type { JobKind, JobView } from "../../shared/kinds/kinds.ts";
import type { JobWords } from "../cli/job-words.ts";
import { inferenceWords } from "./inference/cli/inference-words.ts";
import { matmulWords } from "./matmul/cli/matmul-words.ts";
import { regressionWords } from "./regression/cli/regression-words.ts";

type Words = { readonly [Kind in JobKind]: JobWords<Extract<JobView, { kind: Kind }>> };

const WORDS: Words = { inference: inferenceWords, regression: regressionWords, matmul: matmulWords };

/** The words of a job's own kind. */
export function wordsOf<View extends JobView>({ kind }: View): JobWords<View> {
  return WORDS[kind] as unknown as JobWords<View>;
}
