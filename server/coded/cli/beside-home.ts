/** What a run on coded data would take on this computer alone, beside what the coordinator predicts of the crowd. */
import { aloneAndTogether, codedTogether } from "../../../shared/kinds/alone-and-together.ts";
import { aloneOfProducts, productPace } from "../../../shared/kinds/home-products.ts";
import type { JobEstimate, SubmissionInput } from "../../../shared/kinds/kinds.ts";
import type { Comparison } from "../../../shared/protocol/estimate-api.ts";
import { HOME_PRODUCTS_MS } from "../../../shared/protocol/limits.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import type { Call, ClientCommand } from "../../cli/command.ts";
import { EXIT } from "../../cli/exit-codes.ts";
import { whyNoTrial } from "../../cli/home/no-trial.ts";
import { outline } from "../../cli/outputs/outline.ts";

type CodedEstimated = Extract<JobEstimate, { multiplicationsAlone: number }>;
type CodedSubmission = Extract<SubmissionInput, { kind: CodedEstimated["kind"] }>;

async function besideHome(
  { client, terminal, flags }: Call,
  submission: CodedSubmission,
): Promise<{ estimate: CodedEstimated; comparison: Comparison }> {
  const estimate = (await client.estimate(submission, terminal.signal)) as CodedEstimated;
  const pace = () => productPace(HOME_PRODUCTS_MS, () => terminal.nowMs());
  const alone = whyNoTrial(flags) ?? aloneOfProducts(estimate.multiplicationsAlone, pace());
  return { estimate, comparison: aloneAndTogether(alone, codedTogether(estimate)) };
}

/** Says the comparison in a sentence. A job's mistakes are told at its submission, not here. */
export async function sayCodedBesideHome(call: Call, submission: CodedSubmission): Promise<void> {
  if (whyNoTrial(call.flags) !== null) return;
  try {
    call.terminal.say((await besideHome(call, submission)).comparison.words);
  } catch (error) {
    if (!(error instanceof ParitabApiError)) throw error;
  }
}

/** @param submissionOf uploads the data */
export function estimateCoded(submissionOf: (call: Call) => Promise<CodedSubmission>): ClientCommand["run"] {
  return async (call) => {
    const { comparison, estimate } = await besideHome(call, await submissionOf(call));
    const { comparison: _none, ...rest } = estimate;
    const text = call.json
      ? `${JSON.stringify({ ...estimate, comparison })}\n`
      : `${comparison.words}\n\n${outline(rest)}`;
    await call.terminal.out(text);
    return EXIT.ok;
  };
}
