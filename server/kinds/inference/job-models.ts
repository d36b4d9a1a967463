/** The models of a job: the one that was submitted, with the output it asks for, and its parity model where the scheme has one. */

import { SCHEMES, schemesThat } from "../../../shared/coding/schemes/schemes.ts";
import { ModelError } from "../../../shared/compute/errors.ts";
import { inspectModel } from "../../../shared/compute/inspect-model.ts";
import { BUNDLE_BYTES_MAX, unpackModel } from "../../../shared/compute/model-bundle.ts";
import type { ModelFacts } from "../../../shared/compute/model-runtime.ts";
import { runtimeOfFormat } from "../../../shared/compute/runtimes/runtimes.ts";
import { ALL_OUTPUTS, outputNames, selectOutput } from "../../../shared/compute/select-output.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";
import { SubmissionError, storedBlob } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import type { ResolvedSource } from "./resolved-source.ts";

export interface JobModel {
  readonly sha256: string;
  readonly bundle: Uint8Array;
  readonly facts: ModelFacts;
  /** Where a row holds all outputs of the submitted model: how many numbers each gives, in order. */
  readonly outputSizes: readonly number[] | null;
  /** The outputs that a row holds, as the model's files call them. */
  readonly sourceOutputs: readonly string[];
}

/**
 * @returns the model that tabs run: where one of several outputs is asked for, a smaller one than was submitted, which is
 *   stored beside it
 * @throws SubmissionError or ModelError that says what was expected and what came
 */
export async function submittedModel(
  store: Store,
  submission: InferenceSubmission,
  { modelSha256 }: ResolvedSource,
): Promise<JobModel> {
  const submitted = await storedBlob(store, modelSha256, "model", BUNDLE_BYTES_MAX);
  const bundle = await selectOutput(submitted, submission.output);
  const facts = await inspectModel(bundle);
  const outputSizes = await sizesOfAll(submitted, submission.output);
  if (outputSizes !== null && submission.task !== "regression") {
    const message = `output "${ALL_OUTPUTS}": expected it with "task": "regression", because a label is the largest of one output's numbers; got a classification`;
    throw new SubmissionError(422, "no-classes", message);
  }
  if (submission.task !== "regression" && facts.outputSize === 1) {
    throw new SubmissionError(
      422,
      "no-classes",
      'task classification: expected a model with at least 2 outputs a query, got 1; say "task": "regression"',
    );
  }
  const sha256 = bundle === submitted ? modelSha256 : await store.putBlob(bundle);
  const sourceOutputs = await tensorsOf(outputSizes === null ? bundle : submitted);
  return { sha256, bundle, facts, outputSizes, sourceOutputs };
}

async function tensorsOf(bundle: Uint8Array): Promise<string[]> {
  const model = unpackModel(bundle);
  const format = await runtimeOfFormat(model.format).loadFormat();
  return format.outputs(model).map(({ tensor }) => tensor);
}

/** @returns null unless all of several outputs are asked for */
async function sizesOfAll(submitted: Uint8Array, output: InferenceSubmission["output"]): Promise<number[] | null> {
  const names = await outputNames(submitted);
  // An output that is called so is that one.
  if (output !== ALL_OUTPUTS || names.length === 1 || names.includes(ALL_OUTPUTS)) return null;
  const facts = names.map(async (_, place) => inspectModel(await selectOutput(submitted, place)));
  return (await Promise.all(facts)).map(({ outputSize }) => outputSize);
}

/** @returns null where the scheme has no parity worker */
export async function parityModel(
  store: Store,
  submission: InferenceSubmission,
  source: ResolvedSource,
  { facts: ofModel }: JobModel,
): Promise<JobModel | null> {
  if (!SCHEMES[submission.scheme].takes.parityModel) {
    if (submission.source.kind === "uploads" && submission.source.parityModelSha256 !== undefined) {
      const message = `source.parityModelSha256: expected it with scheme ${schemesThat(({ takes }) => takes.parityModel)} alone, got scheme ${submission.scheme}`;
      throw new SubmissionError(422, "parity-without-parm", message);
    }
    return null;
  }
  if (submission.stragglers === 0) return null;
  const sha256 = await source.parityModelSha256(submission.queriesPerGroup);
  const bundle = await storedBlob(store, sha256, "parity model", BUNDLE_BYTES_MAX);
  const facts = await parityFacts(bundle);
  const shapes = ({ inputShape, outputSize }: ModelFacts) => `input (${inputShape.join(", ")}), ${outputSize} outputs`;
  if (shapes(facts) !== shapes(ofModel)) {
    throw new SubmissionError(
      422,
      "parity-does-not-fit",
      `source.parityModelSha256: expected the shapes of the model, ${shapes(ofModel)}; got ${shapes(facts)}`,
    );
  }
  return { sha256, bundle, facts, outputSizes: null, sourceOutputs: [] };
}

async function parityFacts(bundle: Uint8Array): Promise<ModelFacts> {
  try {
    return await inspectModel(await selectOutput(bundle, undefined));
  } catch (error) {
    if (error instanceof ModelError) throw new SubmissionError(422, "bad-model", `parity ${error.message}`);
    throw error;
  }
}
