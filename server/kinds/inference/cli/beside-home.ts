/** What a job would take on this computer alone, beside what the coordinator predicts of the crowd: before anything of it is uploaded. */
import { ModelError } from "../../../../shared/compute/errors.ts";
import { allTogether, aloneAndTogether } from "../../../../shared/kinds/alone-and-together.ts";
import type { InferenceEstimate, InferenceEstimateInput } from "../../../../shared/kinds/inference/estimate.ts";
import { inferenceKind } from "../../../../shared/kinds/inference/kind.ts";
import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import type { Alone, Comparison } from "../../../../shared/protocol/estimate-api.ts";
import { ParitabApiError } from "../../../../shared/sdk/paritab-api-error.ts";
import type { ModelFile, SampleSource } from "../../../../shared/sdk/run-inference.ts";
import type { Call } from "../../../cli/command.ts";
import { aloneHere } from "../../../cli/home/alone-here.ts";
import { type HomeModel, homeModel, LargeHereError, ofBundle } from "../../../cli/home/home-model.ts";
import { whyNoTrial } from "../../../cli/home/no-trial.ts";

/** A job that is not sent yet. */
export interface HomeJob {
  readonly model: HomeModel;
  readonly queryCount: number;
  readonly source: InferenceEstimateInput["source"];
  /** Where it has settings of its own: of few rows a smaller group. */
  readonly settings?: object;
}

export interface BesideHome {
  /** One a job. */
  readonly estimates: readonly InferenceEstimate[];
  readonly comparison: Comparison;
}

/** @param isBytes its queries travel as they are, in 8 bits @throws ModelError */
export async function homeJob(
  files: readonly ModelFile[],
  output: unknown,
  queryCount: number,
  isBytes: boolean,
): Promise<HomeJob> {
  const model = await homeModel(files, output as string | number | undefined);
  const { macsPerQuery, inputSize, outputSize } = model.facts;
  const sizes = { queryCount, macsPerQuery, inputSize, outputSize, modelBytes: model.bundle.length };
  return { model, queryCount, source: { kind: "sizes", ...sizes, queryDtype: isBytes ? "U8" : "F32" } };
}

/** A job of a sample: the model is the coordinator's own, and small. */
export async function sampleJob({ client, terminal }: Call, sample: SampleSource["sample"]): Promise<HomeJob> {
  const source = sampleSource.parse({ kind: "sample", ...sample });
  const model = await ofBundle(await client.sampleModel(terminal.signal), undefined);
  return { model, queryCount: source.queryCount, source };
}

const [sampleSource] = inferenceSubmissionSchema.shape.source.options;

/**
 * @param jobs that are submitted together
 * @param settings of all of them, under the names of the API
 * @throws ParitabApiError where the coordinator gives no estimate
 */
export async function besideHome(
  call: Call,
  jobs: readonly HomeJob[],
  settings: Readonly<Record<string, unknown>>,
): Promise<BesideHome> {
  const { client, terminal } = call;
  const asked = jobs.map((job) =>
    client.estimate({ ...costing(settings), ...job.settings, kind: "inference", source: job.source }, terminal.signal),
  );
  const [alone, ...estimates] = await Promise.all([aloneOf(call, async () => jobs), ...asked]);
  const comparison = aloneAndTogether(alone, allTogether(estimates.map(inferenceKind.togetherOf)));
  return { estimates, comparison };
}

/** @returns a text: why it is not measured */
export async function aloneOf(
  { flags, terminal }: Call,
  jobsOf: () => Promise<readonly HomeJob[]>,
): Promise<Alone | string> {
  const why = whyNoTrial(flags);
  if (why !== null) return why;
  terminal.progress("running the model here for a second");
  return aloneHere(...together(await jobsOf()), terminal);
}

/** As besideHome, in a sentence for people. What is wrong with a job is not said here: its submission says it. */
export async function sayBesideHome(
  call: Call,
  jobsOf: () => Promise<readonly HomeJob[]>,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> {
  if (whyNoTrial(call.flags) !== null) return;
  try {
    call.terminal.say((await besideHome(call, await jobsOf(), settings)).comparison.words);
  } catch (error) {
    if (error instanceof LargeHereError) call.terminal.say(`Alone not measured: ${error.message}.`);
    if (!(error instanceof ModelError || error instanceof ParitabApiError)) throw error;
  }
}

/** What changes nothing of the cost is not said; of a model that is looked through here an output is chosen. */
function costing({
  name: _name,
  submitter: _submitter,
  purpose: _purpose,
  output: _output,
  ...rest
}: Readonly<Record<string, unknown>>) {
  return rest;
}

/** The model that most of the work is of, and all of the work in rows of it. */
function together(jobs: readonly HomeJob[]): [HomeModel, number] {
  const macsOf = ({ model, queryCount }: HomeJob) => model.facts.macsPerQuery * queryCount;
  const [largest] = [...jobs].sort((a, b) => macsOf(b) - macsOf(a)) as [HomeJob, ...HomeJob[]];
  const macs = jobs.reduce((sum, job) => sum + macsOf(job), 0);
  return [largest.model, Math.max(1, Math.round(macs / largest.model.facts.macsPerQuery))];
}
