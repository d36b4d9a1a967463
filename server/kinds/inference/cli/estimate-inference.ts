import type { CodeEstimate, InferenceEstimate, TimeSpread } from "../../../../shared/kinds/inference/estimate.ts";
import { sourceOfRun } from "../../../../shared/sdk/run-inference.ts";
import type { ClientCommand } from "../../../cli/command.ts";
import { EXIT, UsageError } from "../../../cli/exit-codes.ts";
import { outline } from "../../../cli/outputs/outline.ts";
import { INFERENCE_INPUT_FLAGS, readInferenceFlags } from "./inference-flags.ts";
import { inferenceInput } from "./inference-input.ts";

export const estimateInferenceCommand: ClientCommand = {
  name: "estimate inference",
  summary: "what an inference job would cost, and when it would end, before it starts",
  usage: "--model FOLDER --queries FILE [...] | --sample mnist [...]",
  about:
    "Takes the flags of `submit inference` and starts nothing. It says how long the job would take on the tabs that are connected now, what " +
    "it would cost tabs and coordinator, and how surely a named time or budget would be kept. Below stand the stops of the dial: " +
    "the codes that are worth a choice, the cheapest first. The model and the queries are uploaded, because their sizes decide; " +
    "uploads that no job uses are dropped after a while.",
  flags: INFERENCE_INPUT_FLAGS,
  words: [0, 0],
  examples: [
    ["paritab estimate inference --sample mnist", "the default code on the coordinator's digits"],
    [
      "paritab estimate inference --model m/ --queries X.npy --within 10m --confidence .9",
      "which code keeps ten minutes",
    ],
    ["paritab estimate inference --sample mnist --json | jq .choices", "the stops of the dial, for a script"],
  ],
  async run(call) {
    const { client, terminal, json } = call;
    const input = await inferenceInput(call, readInferenceFlags(call.flags));
    if (input.kind === "stream")
      throw new UsageError("--queries: expected a file, because a stream has no size; got -");
    const source = await sourceOfRun(client, input.source, terminal.signal);
    const estimate = await client.estimate({ ...input.settings, kind: "inference", source }, terminal.signal);
    await terminal.out(json ? `${JSON.stringify(estimate)}\n` : asText(estimate));
    return EXIT.ok;
  },
};

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
