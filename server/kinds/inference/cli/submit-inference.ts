import { writeFile } from "node:fs/promises";
import type { KeptRows } from "../../../../shared/hub/kept-names.ts";
import { namedFormats } from "../../../../shared/hub/named-lines.ts";
import { LINE_FORMATS, rowLines } from "../../../../shared/hub/row-lines.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { npzEntries } from "../../../../shared/inputs/zip-writer.ts";
import { ACCEPTANCES } from "../../../../shared/kinds/inference/acceptance.ts";
import {
  STREAM_CLOSE_AFTER_MS_DEFAULT,
  STREAM_CLOSE_AFTER_MS_MAX,
  STREAM_FINAL_WITHIN_MS_MAX,
  STREAM_FINAL_WITHIN_MS_MIN,
  STREAM_IDLE_MS_MAX,
  STREAM_IDLE_MS_MIN,
} from "../../../../shared/protocol/limits.ts";
import { ANSWER_FORMATS, type AnswerFormat } from "../../../../shared/sdk/paritab-client.ts";
import type { OwnSource } from "../../../../shared/sdk/run-inference.ts";
import type { Call, ClientCommand } from "../../../cli/command.ts";
import { EXIT, type ExitCode, UsageError } from "../../../cli/exit-codes.ts";
import { HOME_TRIAL_FLAGS } from "../../../cli/home/no-trial.ts";
import { askedOf, KEEP_NAMES_FLAG } from "../../../cli/keep-names-flag.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";
import { cellOf, RAW_CELLS_FLAG } from "../../../cli/raw-cells-flag.ts";
import { requireFinal } from "../../../cli/require-final.ts";
import { durationFlag } from "./aim-flags.ts";
import { sayBesideHome } from "./beside-home.ts";
import { detach } from "./detach.ts";
import { INFERENCE_INPUT_FLAGS, readInferenceFlags } from "./inference-flags.ts";
import { inferenceInput, type StreamInput } from "./inference-input.ts";
import { leftWith, newSeal } from "./kept-names.ts";
import { type PipeOptions, pipeStream } from "./pipe-stream.ts";
import { type AnswerStream, streamAnswers, untilDone } from "./stream-answers.ts";
import { STREAM_CHECK_FLAGS, streamChecks } from "./stream-check-flags.ts";
import { writeNamed, zipped } from "./write-answers.ts";

/** Lines of JSON are of pictures, which have names. */
const OUT_FORMATS = [...ANSWER_FORMATS, "jsonl", "npz"] as const;
/** Whoever types, or a log that is followed, may be silent for a while. */
const PIPE_IDLE_MS = 3_600_000;

export const submitInference: ClientCommand = {
  name: "submit inference",
  summary: "a model over queries; answers in order, as they come",
  usage: "--model PATH --queries FILE [...] | --sample mnist [...]",
  about:
    "Uploads model and queries, submits the job, and writes the answers to standard output in the order of the queries, " +
    "each as soon as it is verified. Before, it runs the model here for a second and says what this computer alone would need. Every answer carries its mark and says how far to trust it. Ctrl-C, or a pipe whose reader " +
    "goes away, cancels the job, unless --keep or --detach says otherwise.\n" +
    "CSV on standard input is a stream: each line is a query, which is sent as soon as it is read, and its answer comes as soon " +
    "as it is verified, in order, before later lines have come. Invalid lines are reported by number on standard error and " +
    "skipped; the exit code is then 3.",
  flags: {
    ...INFERENCE_INPUT_FLAGS,
    format: { value: LINE_FORMATS.join("|"), help: "of the lines: csv (with a head), json, or the label alone (csv)" },
    accept: {
      value: ACCEPTANCES.join("|"),
      help: "when an answer may be written: first (estimates too), verified (checked ones alone) or final (ones within the job's bound) (default: verified)",
    },
    out: {
      value: "FILE",
      help: "write the answers to this file when the job is done, in the format of its ending: .npy, .npz (each output as an array, by its name), .csv or .json",
    },
    "require-final": { help: "exit with 8 if an answer is not final at the end" },
    "close-after": {
      value: "MS",
      help: `of a stream: milliseconds that a query waits for others to be computed with (${STREAM_CLOSE_AFTER_MS_DEFAULT})`,
    },
    idle: { value: "TIME", help: "of a stream: close it when no line has come for this long (1h)" },
    ...STREAM_CHECK_FLAGS,
    "final-within": { value: "TIME", help: "of a stream that is cross-checked: answers are final after so long (1h)" },
    examples: { value: "FILE", help: "of a stream with --task regression: queries like those that will come" },
    detach: { help: "print the job's id and leave it running" },
    keep: { help: "leave the job running when this command is interrupted" },
    ...HOME_TRIAL_FLAGS,
    ...KEEP_NAMES_FLAG,
    ...RAW_CELLS_FLAG,
  },
  words: [0, 0],
  examples: [
    ["paritab submit inference --sample mnist", "a first job, with nothing of your own"],
    ["paritab submit inference --model m/ --queries X.npy --labels y.npy --out answers.npy", "arrays in, an array out"],
    [
      "paritab submit inference --model model.onnx --queries X.npy --output logits",
      "an ONNX model with several outputs",
    ],
    ["paritab submit inference --model m/ --queries pictures/ --format label", "a folder of PNG pictures"],
    ["cat queries.csv | paritab submit inference --model m/ --queries - --json | jq .label", "in a pipe"],
    ["paritab submit inference --model m/ --queries X.npz:test --detach", "for `paritab watch`"],
    ["paritab submit inference --model m/ --queries X.npy --within 10m --confidence .9", "a time in place of a code"],
  ],
  run: submit,
};

async function submit(call: Call): Promise<ExitCode> {
  const { terminal, flags, json } = call;
  const given = { ...readInferenceFlags(flags), ...askedOf(call) };
  const accept = flags.oneOf("accept", ACCEPTANCES);
  const format = json ? "json" : (flags.oneOf("format", LINE_FORMATS) ?? "csv");
  const out = flags.text("out");
  const outFormat = out === undefined ? null : formatOfEnding("--out", out, OUT_FORMATS);
  const cell = cellOf(flags);
  const line = rowLines(format, cell);
  const keep = flags.has("keep");
  const closeAfterMs = flags.whole("close-after", 0, STREAM_CLOSE_AFTER_MS_MAX);
  const idleMs = durationFlag(flags, "idle", STREAM_IDLE_MS_MIN, STREAM_IDLE_MS_MAX);

  const finalWithinMs = durationFlag(flags, "final-within", STREAM_FINAL_WITHIN_MS_MIN, STREAM_FINAL_WITHIN_MS_MAX);
  const isAudited = flags.has("audits") || (accept === "final" && !flags.has("cross-checks"));
  if (finalWithinMs !== undefined && isAudited)
    throw new UsageError("--final-within: expected a stream that is cross-checked, got --audits or --accept final");

  const input = await inferenceInput(call, given, (jobsOf) => sayBesideHome(call, jobsOf, given));
  if (input.kind === "stream") {
    const checks = { ...streamChecks(flags), finalWithinMs };
    return pipe(call, input, { format, accept, keep, closeAfterMs, idleMs: idleMs ?? PIPE_IDLE_MS, ...checks });
  }
  for (const flag of ["close-after", "idle", "examples", "final-within", ...Object.keys(STREAM_CHECK_FLAGS)]) {
    if (flag in STREAM_CHECK_FLAGS ? flags.has(flag) : flags.text(flag) !== undefined) {
      throw new UsageError(`--${flag}: expected CSV on standard input, and no --labels, --out or --detach`);
    }
  }
  if (outFormat === "npz" && input.outputs === undefined) {
    throw new UsageError(
      "--out: expected --model with the model's files, for an .npz of its outputs by name; or write .npy",
    );
  }
  const { files } = input;
  if (files === null && outFormat === "jsonl") formatOfEnding("--out", out!, [...ANSWER_FORMATS, "npz"]);
  const kept: KeptRows | null = files === null ? null : { kind: "rows", seal: newSeal(), names: [...files] };
  const named =
    kept === null ? input : { ...input, source: { ...(input.source as OwnSource), names: await leftWith(call, kept) } };
  if (flags.has("detach")) return detach(call, [named], out);
  if (out === undefined) {
    const write: AnswerStream["write"] = (answer) => terminal.out(line(answer, files?.[answer.index] ?? null));
    const job = await streamAnswers(call, named, { accept, keep, write });
    if (flags.has("require-final")) requireFinal(job);
    return EXIT.ok;
  }
  const job = await untilDone(call, named, keep);
  const asNamed = namedFormats({ kind: "rows" }).find((one) => one === outFormat);
  if (kept !== null && asNamed !== undefined) {
    await writeNamed(call, kept, [{ jobId: job.jobId, places: null }], { format: asNamed, out, cell });
  } else if (outFormat === "npz") {
    const npy = await call.client.answersFile(job.jobId, "npy", terminal.signal);
    await writeFile(out, await zipped(npzEntries(npy, input.outputs!)));
  } else await writeFile(out, await call.client.answersFile(job.jobId, outFormat as AnswerFormat, terminal.signal));
  if (flags.has("require-final")) requireFinal(job);
  return EXIT.ok;
}

async function pipe(call: Call, input: StreamInput, options: PipeOptions): Promise<ExitCode> {
  const { jobIds, refusedLines } = await pipeStream(call, input, options);
  if (call.flags.has("require-final")) for (const jobId of jobIds) requireFinal(await call.client.job(jobId));
  if (refusedLines > 0) {
    throw new InputError(`standard input: lines that were refused: ${refusedLines}; the others have their answers`);
  }
  return EXIT.ok;
}
