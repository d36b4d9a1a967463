import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { ACCEPTANCES } from "../../../shared/protocol/acceptance.ts";
import type { JobView } from "../../../shared/protocol/api.ts";
import { ANSWER_FORMATS, type AnswerFormat } from "../../../shared/sdk/paritab-client.ts";
import type { Call, ClientCommand } from "../command.ts";
import { EXIT, type ExitCode, UsageError } from "../exit-codes.ts";
import { CHUNK_ROWS, CHUNK_ROWS_MAX, chunksOf } from "../inputs/chunks.ts";
import { type InferenceInput, inferenceInput } from "../inputs/inference-input.ts";
import { LINE_FORMATS } from "../outputs/answer-lines.ts";
import { detach } from "./detach.ts";
import { INFERENCE_INPUT_FLAGS, readSettings } from "./inference-flags.ts";
import { requireFinal } from "./results.ts";
import { type AnswerStream, streamAnswers } from "./stream-answers.ts";

export const submitInference: ClientCommand = {
  name: "submit inference",
  summary: "a model over queries; answers in order, as they come",
  usage: "--model PATH --queries FILE [...] | --sample mnist [...]",
  about:
    "Uploads model and queries, submits the job, and writes the answers to standard output in the order of the queries, " +
    "each as soon as it is verified. Every answer carries its mark and how far to trust it. Ctrl-C, or a pipe whose reader " +
    "goes away, cancels the job, unless --keep or --detach says otherwise.\n" +
    "Queries on standard input as CSV are sent in jobs of --chunk rows each, one after the other, so that a pipe of any " +
    "length has its answers in order and early.",
  flags: {
    ...INFERENCE_INPUT_FLAGS,
    format: { value: LINE_FORMATS.join("|"), help: "of the lines: csv (with a head), json, or the label alone (csv)" },
    accept: {
      value: ACCEPTANCES.join("|"),
      help: "when an answer may be written. first: estimates too; verified: checked ones; final: what is not taken back (verified)",
    },
    out: { value: "FILE", help: "write the answers there when the job is done, by its ending: .npy, .csv or .json" },
    "require-final": { help: "exit with 8 if at the end some answer is not final" },
    chunk: { value: "ROWS", help: `rows of stdin that make one job (${CHUNK_ROWS})` },
    detach: { help: "print the job's id and leave it running" },
    keep: { help: "leave the job running when this command is interrupted" },
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
  const given = readSettings(flags);
  const accept = flags.oneOf("accept", ACCEPTANCES);
  const format = json ? "json" : (flags.oneOf("format", LINE_FORMATS) ?? "csv");
  const out = flags.text("out");
  const outFormat = out === undefined ? null : outFormatOf(out);
  const chunkRows = flags.whole("chunk", 1, CHUNK_ROWS_MAX);
  const stream: AnswerStream = { format, accept, keep: flags.has("keep"), isQuiet: out !== undefined };

  const input = await inferenceInput(call, given);
  if (flags.has("detach")) return detach(call, input);
  const isWhole = input.textOnStdin === null || out !== undefined;
  if (!isWhole) return submitChunks(call, input, stream, chunkRows ?? CHUNK_ROWS);
  if (chunkRows !== undefined) throw new UsageError("--chunk: expected CSV on standard input and no --out");

  const job = await streamAnswers(call, input, stream);
  if (out !== undefined) await writeFile(out, await call.client.answersFile(job.jobId, outFormat!, terminal.signal));
  return finish(call, [job]);
}

async function submitChunks(call: Call, input: InferenceInput, stream: AnswerStream, rows: number): Promise<ExitCode> {
  const done: JobView[] = [];
  for await (const chunk of chunksOf(input, rows)) done.push(await streamAnswers(call, chunk, stream));
  return finish(call, done);
}

function finish({ flags }: Call, jobs: readonly JobView[]): ExitCode {
  if (flags.has("require-final")) for (const job of jobs) requireFinal(job);
  return EXIT.ok;
}

function outFormatOf(out: string): AnswerFormat {
  const format = ANSWER_FORMATS.find((one) => extname(out) === `.${one}`);
  if (format === undefined) throw new UsageError(`--out: expected a file ending in .npy, .csv or .json, got "${out}"`);
  return format;
}
