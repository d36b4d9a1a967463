/** Inference jobs on the command line. */
import { type NamedFormat, namedFallback, namedFormats } from "../../../../shared/hub/named-lines.ts";
import { rowLines } from "../../../../shared/hub/row-lines.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import type { CliKind, KindResults } from "../../../cli/cli-kind.ts";
import type { Call } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";
import { cellOf } from "../../../cli/raw-cells-flag.ts";
import { estimateInferenceCommand } from "./estimate-inference.ts";
import { inferenceWords } from "./inference-words.ts";
import { keptOf } from "./kept-names.ts";
import { modelAdd, modelList, modelRemove } from "./model-names.ts";
import { recheck } from "./recheck.ts";
import { redo } from "./redo.ts";
import { submitHub } from "./submit-hub.ts";
import { submitInference } from "./submit-inference.ts";
import { notAnyMore } from "./taken-back-words.ts";
import { unchecked } from "./unchecked.ts";
import { inferenceRecheck } from "./verify-sample.ts";
import { writeNamed } from "./write-answers.ts";

const TOP_MAX = 100;

const results: KindResults = {
  about:
    "Answers of an inference job as csv (index, label, mark, final, bound, confidence, outputs), json (the same, one object " +
    "a line), npy (the outputs, n x C float32), marks (npy, n uint8) or label (one a line). Where names of files, texts or labels stayed with the " +
    "job, what `paritab submit --out` writes (csv, jsonl, npy, npz, zip, parquet), of all jobs that its texts became.",
  formats: ["csv", "json", "npy", "marks", "label"],
  what: "the answers of an inference job",
  fallback: (json) => (json ? "json" : "csv"),
  namedFormats: ["csv", "jsonl", "npy", "npz", "parquet", "zip"],
  async named(call, job) {
    const top = call.flags.whole("top", 1, TOP_MAX);
    const found = await keptOf(call, job);
    if (found === null) return null;
    const { kept, jobs } = found;
    return {
      formats: namedFormats(kept),
      fallback: namedFallback(kept),
      write: (format, out) =>
        writeNamed(call, kept, jobs, { format: format as NamedFormat, out, top, cell: cellOf(call.flags) }),
    };
  },
  async writeLines(call, jobId, format) {
    if (call.flags.has("redone") || (format !== "json" && format !== "label")) return false;
    await lines(call, jobId, format);
    return true;
  },
  async notFinal(call, job) {
    const own = inferenceWords.notFinal(job as InferenceJobView);
    if (own === null || !call.flags.has("redone")) return own;
    const csv = new TextDecoder().decode(await redoneAsCsv(call, job.jobId));
    const [head = "", ...rows] = csv.trimEnd().split("\n");
    // No column before it holds a comma.
    const place = head.split(",").indexOf("final");
    const finalCount = rows.filter((row) => row.split(",", place + 1)[place] === "true").length;
    return inferenceWords.notFinal({ ...(job as InferenceJobView), finalCount });
  },
  async notes({ client, terminal }, job) {
    if (job.kind !== "inference" || job.takenBackCount === undefined) return [];
    return notAnyMore(await client.takenBack(job.jobId, terminal.signal));
  },
  async file(call, jobId, format) {
    const { client, terminal, flags } = call;
    if (flags.has("redone")) {
      if (format === "csv") return redoneAsCsv(call, jobId);
      if (format === "npy" || format === "marks") return client.redoneFile(jobId, format, terminal.signal);
      throw new UsageError(`--redone: expected csv, npy or marks, got "${format}"`);
    }
    if (format === "csv" || format === "npy" || format === "json") {
      return client.answersFile(jobId, format, terminal.signal);
    }
    if (format === "marks") return client.marksFile(jobId, terminal.signal);
    const page = JSON.parse(new TextDecoder().decode(await client.answersFile(jobId, "json", terminal.signal)));
    const line = rowLines("label");
    return new TextEncoder().encode(page.answers.map((answer: never) => line(answer, null)).join(""));
  },
};

const redone = new WeakMap<Call, Promise<Uint8Array>>();

/** Once for a command: what is written is what was looked at. */
function redoneAsCsv(call: Call, jobId: string): Promise<Uint8Array> {
  const asked = redone.get(call) ?? call.client.redoneFile(jobId, "csv", call.terminal.signal);
  redone.set(call, asked);
  return asked;
}

async function lines({ client, terminal }: Call, jobId: string, format: "json" | "label"): Promise<void> {
  const line = rowLines(format);
  for await (const answer of client.allAnswers(jobId, terminal.signal)) await terminal.out(line(answer, null));
}

export const inferenceCli: CliKind = {
  estimate: estimateInferenceCommand,
  submit: submitInference,
  results,
  recheck: inferenceRecheck,
  more: [submitHub, modelAdd, modelList, modelRemove, unchecked, redo, recheck],
};
