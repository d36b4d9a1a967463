import { writeFile } from "node:fs/promises";
import { extname } from "node:path";
import type { JobView } from "../../../shared/kinds/kinds.ts";
import { answerLines } from "../../kinds/inference/cli/answer-lines.ts";
import type { Call, ClientCommand } from "../command.ts";
import { EXIT, type ExitCode, NotReadyError, UsageError } from "../exit-codes.ts";

const FORMATS = ["csv", "json", "npy", "marks", "label"] as const;
type Format = (typeof FORMATS)[number];

const FORMAT_OF_KIND = { inference: "csv", regression: "json", matmul: "npy" } as const;

export const results: ClientCommand = {
  name: "results",
  summary: "the answers of a job, the weights that it trained, or its product",
  usage: "JOB [--format FORMAT] [--out FILE]",
  about:
    "Answers of an inference job as csv (index, label, mark, final, bound, confidence, outputs), json (the same, one object " +
    "a line), npy (the outputs, n x C float32), marks (npy, n uint8) or label (one a line). Weights of a gradient job as " +
    "json or npy (columns x classes float64); the product of a matrix job as npy (rows x columns float64). A job that still runs gives what it has by now: what is missing is empty, or " +
    "NaN in npy.",
  flags: {
    format: {
      value: FORMATS.join("|"),
      help: "else what FILE ends with, else csv for answers, json for weights, npy for a product",
    },
    out: { value: "FILE", help: "write there instead of to standard output" },
    "require-final": {
      help: "exit with 8, and write nothing, unless every answer is final: it will not be taken back",
    },
  },
  words: [1, 1],
  examples: [
    ["paritab results JOB --out answers.npy", "for numpy"],
    ["paritab results JOB --format label | sort | uniq -c", "how often each label"],
    ["paritab results JOB --require-final --out answers.csv", "only what stands"],
  ],
  async run(call) {
    const { client, terminal, words, flags, json } = call;
    const jobId = words[0]!;
    const out = flags.text("out");
    const job = await client.job(jobId, terminal.signal);
    if (flags.has("require-final")) requireFinal(job);
    const named =
      flags.oneOf("format", FORMATS) ?? FORMATS.find((format) => out !== undefined && extname(out) === `.${format}`);
    const format = named ?? (json && job.kind !== "matmul" ? "json" : FORMAT_OF_KIND[job.kind]);
    if (job.kind === "regression") return weights(call, jobId, format, out);
    if (job.kind === "matmul") return product(call, jobId, format, out);
    if (out === undefined && (format === "json" || format === "label")) return lines(call, jobId, format);
    await write(call, await fileOf(call, jobId, format), out);
    return EXIT.ok;
  },
};

async function weights(call: Call, jobId: string, format: Format, out: string | undefined): Promise<ExitCode> {
  if (format !== "json" && format !== "npy") {
    throw new UsageError(`--format: expected json or npy for the weights of a gradient job, got "${format}"`);
  }
  const file = await call.client.weightsFile(jobId, format, call.terminal.signal);
  await write(call, file, out);
  if (out === undefined && format === "json") await call.terminal.out("\n");
  return EXIT.ok;
}

async function product(call: Call, jobId: string, format: Format, out: string | undefined): Promise<ExitCode> {
  if (format !== "npy") throw new UsageError(`--format: expected npy for the product of a matrix job, got "${format}"`);
  await write(call, await call.client.productFile(jobId, call.terminal.signal), out);
  return EXIT.ok;
}

async function lines({ client, terminal }: Call, jobId: string, format: "json" | "label"): Promise<ExitCode> {
  const writer = answerLines(format);
  for (let offset = 0, total = 1; offset < total; ) {
    const page = await client.answers(jobId, { offset, limit: 500 }, terminal.signal);
    if (page.answers.length === 0) break;
    await terminal.out(page.answers.map((answer) => writer.line(answer, null)).join(""));
    offset += page.answers.length;
    total = page.queryCount;
  }
  return EXIT.ok;
}

async function fileOf({ client, terminal }: Call, jobId: string, format: Format): Promise<Uint8Array> {
  if (format === "csv" || format === "npy" || format === "json") {
    return client.answersFile(jobId, format, terminal.signal);
  }
  if (format === "marks") return client.marksFile(jobId, terminal.signal);
  const page = JSON.parse(new TextDecoder().decode(await client.answersFile(jobId, "json", terminal.signal)));
  const writer = answerLines("label");
  return new TextEncoder().encode(page.answers.map((answer: never) => writer.line(answer, null)).join(""));
}

async function write({ terminal }: Call, bytes: Uint8Array, out: string | undefined): Promise<void> {
  if (out === undefined) await terminal.out(bytes);
  else await writeFile(out, bytes);
}

/** @throws NotReadyError that says how many are not */
export function requireFinal(job: JobView): void {
  if (job.kind === "inference") {
    if (job.finalCount === job.queryCount) return;
    throw new NotReadyError(`job ${job.jobId}: expected ${job.queryCount} final answers, got ${job.finalCount}`);
  }
  if (job.state !== "done")
    throw new NotReadyError(`job ${job.jobId}: expected a job that is done, got a ${job.state} one`);
}
