import type { CodeEstimate, InferenceEstimate, TimeSpread } from "../../../../shared/kinds/inference/estimate.ts";
import { STREAM_QUERIES_MAX } from "../../../../shared/protocol/limits.ts";
import { sourceOfRun } from "../../../../shared/sdk/run-inference.ts";
import type { Call, ClientCommand } from "../../../cli/command.ts";
import { EXIT, UsageError } from "../../../cli/exit-codes.ts";
import { outline } from "../../../cli/outputs/outline.ts";
import { INFERENCE_INPUT_FLAGS, readInferenceFlags } from "./inference-flags.ts";
import { inferenceInput, streamAhead } from "./inference-input.ts";
import { STREAM_CHECK_FLAGS, streamChecks } from "./stream-check-flags.ts";

export const estimateInferenceCommand: ClientCommand = {
  name: "estimate inference",
  summary: "what an inference job would cost, and when it would end, before it starts",
  usage: "--model FOLDER (--queries FILE | --stream NUMBER) [...] | --sample mnist [...]",
  about:
    "Takes the flags of `submit inference` and starts nothing. It says how long the job would take on the tabs that are connected now, what " +
    "it would cost tabs and coordinator, and how surely a named time or budget would be kept. Below stand the stops of the dial: " +
    "the codes that are worth a choice, the cheapest first. The model and the queries are uploaded, because their sizes decide; " +
    "uploads that no job uses are dropped after a while.\n" +
    "Of a stream (--stream) it says how many rows tabs and coordinator would compute, whether all answers would become final, and what " +
    "would bring that.",
  flags: {
    ...INFERENCE_INPUT_FLAGS,
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
    ["paritab estimate inference --model m/ --stream 50000", "what a stream of that many queries would cost"],
    ["paritab estimate inference --sample mnist --json | jq .choices", "the stops of the dial, for a script"],
  ],
  async run(call) {
    const { client, terminal, json } = call;
    const asked = await askedFor(call, readInferenceFlags(call.flags));
    const estimate = await client.estimate({ ...asked, kind: "inference" }, terminal.signal);
    await terminal.out(json ? `${JSON.stringify(estimate)}\n` : asText(estimate));
    return EXIT.ok;
  },
};

async function askedFor(call: Call, given: Record<string, unknown>) {
  const { client, terminal, flags } = call;
  const queryCount = flags.whole("stream", 1, STREAM_QUERIES_MAX);
  if (queryCount !== undefined) {
    return { ...given, source: { ...(await streamAhead(call)), queryCount, ...streamChecks(flags) } };
  }
  for (const flag of ["audits", "cross-checks", "examples"]) {
    if (flags.text(flag) !== undefined || (flag !== "examples" && flags.has(flag)))
      throw new UsageError(`--${flag}: expected --stream beside it`);
  }
  const input = await inferenceInput(call, given);
  if (input.kind === "stream")
    throw new UsageError("--queries: expected a file, or --stream NUMBER in its place: a stream has no size; got -");
  return { ...input.settings, source: await sourceOfRun(client, input.source, terminal.signal) };
}

function asText({ summary, refusal, chosen, choices, basis }: InferenceEstimate): string {
  const said = refusal === null ? summary : `${summary}\nNot possible: ${refusal}.`;
  const stops = choices.length === 0 ? {} : { choices: choices.map(rowOf) };
  return `${said}\n\n${outline({ chosen: rowOf(chosen), ...stops })}\n${basisOf(basis)}\n`;
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

function rowOf({ inWords, finishMs, chanceOfAim, tabMacs, auditMacs, bytesDown, bytesUp, wrongBound }: CodeEstimate) {
  return {
    code: inWords,
    seconds: secondsOf(finishMs, "p50"),
    secondsOfNineInTen: secondsOf(finishMs, "p90"),
    chanceOfAim: chanceOfAim === null ? null : chanceOfAim.toFixed(2),
    tabMultiplyAdds: compact(tabMacs.p50),
    auditMultiplyAdds: compact(auditMacs.p50),
    down: compact(bytesDown.p50, "B"),
    up: compact(bytesUp.p50, "B"),
    wrongAtMost: wrongBound === null ? null : wrongBound.toPrecision(2),
  };
}

function secondsOf(spread: TimeSpread | null, point: keyof TimeSpread): string | null {
  const ms = spread?.[point] ?? null;
  return ms === null ? null : (ms / 1e3).toFixed(1);
}
