import { InputError } from "../../../../shared/inputs/input-error.ts";
import { aloneAndTogether } from "../../../../shared/kinds/alone-and-together.ts";
import type { CodeEstimate, InferenceEstimate } from "../../../../shared/kinds/inference/estimate.ts";
import { inferenceKind } from "../../../../shared/kinds/inference/kind.ts";
import { plainAndCoded } from "../../../../shared/kinds/inference/plain-and-coded.ts";
import type { Alone, Comparison, TimeSpread } from "../../../../shared/protocol/estimate-api.ts";
import { STREAM_QUERIES_MAX } from "../../../../shared/protocol/limits.ts";
import { sourceOfRun } from "../../../../shared/sdk/run-inference.ts";
import type { Call, ClientCommand } from "../../../cli/command.ts";
import { EXIT, UsageError } from "../../../cli/exit-codes.ts";
import { LargeHereError } from "../../../cli/home/home-model.ts";
import { HOME_TRIAL_FLAGS } from "../../../cli/home/no-trial.ts";
import { hubPictures } from "../../../cli/inputs/hub-pictures.ts";
import { outline } from "../../../cli/outputs/outline.ts";
import { aloneOf, besideHome } from "./beside-home.ts";
import { HUB_INPUT_FLAGS, TEXT_FLAGS } from "./hub-options.ts";
import { INFERENCE_INPUT_FLAGS, readInferenceFlags } from "./inference-flags.ts";
import { inferenceInput, streamAhead } from "./inference-input.ts";
import { STREAM_CHECK_FLAGS, streamChecks } from "./stream-check-flags.ts";
import { pictureJob } from "./submit-pictures.ts";
import { bucketJobs, readCorpus } from "./text-corpus.ts";

export const estimateInferenceCommand: ClientCommand = {
  name: "estimate inference",
  summary: "what an inference job would cost, and when it would end, before it starts",
  usage: "--model FOLDER --queries FILE | --images PATH | --texts FILE | --stream NUMBER [...]",
  about:
    "Takes the flags of `submit inference`, and --images and --texts of `submit`, and starts nothing. It says how long the job would take " +
    "on this computer alone, whose model runs here for a second, and on the tabs that are connected now; what it would cost tabs and " +
    "coordinator, and how surely a named time or budget would be kept. Below stand the stops of the dial: the codes that are worth a " +
    "choice, the cheapest first. A model and its arrays are uploaded, because their sizes decide; " +
    "uploads that no job uses are dropped after a while. Pictures and texts are not.\n" +
    "Of a stream (--stream) it says how many rows tabs and coordinator would compute, whether all answers would become final, and what " +
    "would bring that.",
  flags: {
    ...INFERENCE_INPUT_FLAGS,
    ...HUB_INPUT_FLAGS,
    ...HOME_TRIAL_FLAGS,
    stream: { value: "NUMBER", help: "in place of --queries: a stream, to which about so many will be posted" },
    ...STREAM_CHECK_FLAGS,
    examples: { value: "FILE", help: "of a stream with --task regression: queries like those that will come" },
  },
  words: [0, 0],
  examples: [
    ["paritab estimate inference --sample mnist", "the default code on the coordinator's digits"],
    [
      "paritab estimate inference --model m/ --queries X.npy --within 10m --confidence .9",
      "which code keeps ten minutes",
    ],
    ["paritab estimate inference --model ./resnet-50/ --images photos/", "photographs, before one of them is read"],
    ["paritab estimate inference --model m/ --stream 50000", "what a stream of that many queries would cost"],
    ["paritab estimate inference --sample mnist --json | jq .choices", "the stops of the dial, for a script"],
  ],
  async run(call) {
    const { terminal, json } = call;
    const { estimates, comparison, titles } = await estimated(call, readInferenceFlags(call.flags));
    const compared = estimates.map((estimate) => ({ ...estimate, comparison }));
    if (json) {
      const jobs = { comparison, jobs: compared.map((estimate, i) => ({ name: titles[i], ...estimate })) };
      await terminal.out(`${JSON.stringify(titles.length === 0 ? compared[0] : jobs)}\n`);
    } else {
      const texts = estimates.map(
        (estimate, i) => `${titles[i] === undefined ? "" : `${titles[i]}: `}${asText(estimate)}`,
      );
      await terminal.out([...(comparison === null ? [] : [`${comparison.words}\n`]), ...texts].join("\n"));
    }
    return EXIT.ok;
  },
};

interface Estimated {
  readonly estimates: readonly InferenceEstimate[];
  /** null: of a stream, or of a model that is not here. */
  readonly comparison: Comparison | null;
  /** What each of several jobs holds; empty: there is one job. */
  readonly titles: readonly string[];
}

/** No picture is decoded for an estimate. */
const UNKNOWN_FRAME =
  "the pictures' own sizes decide what this model computes; `paritab submit` reads them, and says what they would take before it sends anything";

async function estimated(call: Call, given: Record<string, unknown>): Promise<Estimated> {
  const { client, terminal, flags } = call;
  const [images, texts] = [flags.text("images"), flags.text("texts")];
  if (texts === undefined) flags.refuseWithout("texts", TEXT_FLAGS);
  for (const [name, path] of Object.entries({ images, texts })) {
    const others = ["images", "texts", ...OTHER_INPUTS].filter((other) => other !== name);
    if (path !== undefined) flags.refuseBeside(name, others);
  }
  if (images !== undefined) {
    const { output, ...rest } = given as { output?: string | number };
    const wanted = await hubPictures(flags.required("model"), images, output === undefined ? null : [output]);
    const frame = wanted.plan.size;
    if (frame === null) throw new InputError(`${images}: ${UNKNOWN_FRAME}`);
    const job = await pictureJob(wanted, { frame, showsInside: false }, rest);
    return { ...(await besideHome(call, [job], rest)), titles: [] };
  }
  if (texts !== undefined) {
    const { corpus } = await readCorpus(call, flags.required("model"), texts);
    const titles = corpus.buckets.map(({ length, places }) => `${places.length} texts of up to ${length} tokens`);
    return { ...(await besideHome(call, await bucketJobs(corpus, given), given)), titles };
  }
  const ahead = await streamOf(call, given);
  if (ahead !== null) {
    const estimate = await client.estimate({ ...ahead, kind: "inference" }, terminal.signal);
    return { estimates: [estimate], comparison: null, titles: [] };
  }
  return ofInput(call, given);
}

/** What `estimate inference` takes in place of pictures and texts. */
const OTHER_INPUTS = [
  "queries",
  "labels",
  "label-column",
  "sample",
  "stream",
  "examples",
  "input-scale",
  "size",
  "value",
  "up-to",
];

async function streamOf(call: Call, given: Record<string, unknown>) {
  const { flags } = call;
  const queryCount = flags.whole("stream", 1, STREAM_QUERIES_MAX);
  if (queryCount !== undefined) {
    return { ...given, source: { ...(await streamAhead(call)), queryCount, ...streamChecks(flags) } };
  }
  for (const flag of ["audits", "cross-checks", "examples"]) {
    if (flags.text(flag) !== undefined || (flag !== "examples" && flags.has(flag)))
      throw new UsageError(`--${flag}: expected --stream beside it`);
  }
  return null;
}

/** Arrays and samples are looked at by the coordinator, which knows best how it would cut them into batches. */
async function ofInput(call: Call, given: Record<string, unknown>): Promise<Estimated> {
  const { client, terminal } = call;
  let alone: Promise<Alone | string> = Promise.resolve("only the hash of the model is known here");
  const input = await inferenceInput(call, given, async (jobsOf) => {
    alone = aloneOf(call, jobsOf);
    // What else is wrong is said by whoever waits for it below.
    alone = alone.catch((error: unknown) => {
      if (error instanceof LargeHereError) return error.message;
      throw error;
    });
    alone.catch(() => undefined);
  });
  if (input.kind === "stream")
    throw new UsageError("--queries: expected a file, or --stream NUMBER in its place: a stream has no size; got -");
  const source = await sourceOfRun(client, input.source, terminal.signal);
  const estimate = await client.estimate({ ...input.settings, kind: "inference", source }, terminal.signal);
  const comparison = aloneAndTogether(await alone, inferenceKind.togetherOf(estimate));
  return { estimates: [estimate], comparison, titles: [] };
}

function asText(estimate: InferenceEstimate): string {
  const { summary, refusal, chosen, choices, basis, rows } = estimate;
  const promise = rows?.promise == null ? summary : `${summary}\n${rows.promise}`;
  const said = refusal === null ? promise : `${promise}\nNot possible: ${refusal}.`;
  const stops = choices.length === 0 ? {} : { ...beside(estimate), choices: choices.map(rowOf) };
  return `${said}\n\n${outline({ chosen: rowOf(chosen), ...stops })}\n${basisOf(basis)}\n`;
}

/** Plain and coded, where the dial knows both. */
function beside(estimate: InferenceEstimate) {
  const { plain, coded } = plainAndCoded(estimate);
  if (plain === null || coded === null) return {};
  const figuresOf = (kind: string, { inWords, firstAnswerMs, finishMs, tabMacs }: CodeEstimate) => ({
    kind,
    code: inWords,
    firstAnswersSeconds: secondsOf(firstAnswerMs, "p50"),
    seconds: secondsOf(finishMs, "p50"),
    tabMultiplyAdds: compact(tabMacs.p50),
  });
  return { plainAndCoded: [figuresOf("plain", plain), figuresOf("coded", coded)] };
}

/** What the prediction rests on; --json has all of it. */
function basisOf({ tabsReady, tabsMeasured, otherJobs, slow, lying }: InferenceEstimate["basis"]): string {
  const percent = (rate: number) => `${(100 * rate).toFixed(rate < 0.1 ? 1 : 0)} %`;
  const beside = otherJobs === 0 ? "" : ` Jobs that share them: ${otherJobs}.`;
  return (
    `From ${tabsReady} tabs that are ready, ${tabsMeasured} of them measured. The estimate allows for ${percent(slow.rate)} of answers ` +
    `to be slow and ${percent(lying.rate)} of volunteers to lie: an assumption, corrected by what this crowd has done so far.${beside}`
  );
}

const compact = (value: number, unit = "") =>
  value.toLocaleString("en", { notation: "compact", maximumSignificantDigits: 3 }) + unit;

function rowOf(estimate: CodeEstimate) {
  const { inWords, finishMs, chanceOfAim, tabMacs, coordinatorRows, bytesDown, bytesUp, wrongBound } = estimate;
  return {
    code: inWords,
    seconds: secondsOf(finishMs, "p50"),
    secondsOfNineInTen: secondsOf(finishMs, "p90"),
    chanceOfAim: chanceOfAim === null ? null : chanceOfAim.toFixed(2),
    tabMultiplyAdds: compact(tabMacs.p50),
    coordinatorRows: coordinatorRows && Math.round(coordinatorRows.p50),
    down: compact(bytesDown.p50, "B"),
    up: compact(bytesUp.p50, "B"),
    wrongAtMost: wrongBound === null ? null : wrongBound.toPrecision(2),
  };
}

function secondsOf(spread: TimeSpread | null, point: keyof TimeSpread): string | null {
  const ms = spread?.[point] ?? null;
  return ms === null ? null : (ms / 1e3).toFixed(1);
}
