/** Rows of a job computed again on this machine, by the model's own files as they came: docs/advisories.md says when that is worth it. */
import { z } from "zod";
import { type ByteSpace, inMemory } from "../../../../shared/compute/byte-space.ts";
import { ModelError } from "../../../../shared/compute/errors.ts";
import { unpackModel } from "../../../../shared/compute/model-bundle.ts";
import type { ModelRuntime } from "../../../../shared/compute/model-runtime.ts";
import { runtimeOfFormat } from "../../../../shared/compute/runtimes/runtimes.ts";
import { startTrustedRuntimes } from "../../../../shared/compute/runtimes/start-trusted.ts";
import { ALL_OUTPUTS, selectOutput } from "../../../../shared/compute/select-output.ts";
import { sourceBehind } from "../../../../shared/compute/source-files.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { ANSWER_MARKS } from "../../../../shared/kinds/inference/answers.ts";
import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import { QUERIES_PER_LOOK_MAX } from "../../../../shared/protocol/limits.ts";
import { parseNpy } from "../../../../shared/protocol/npy.ts";
import { listed } from "../../../../shared/receipts/findings.ts";
import { rowDeviation, UNMEASURED_TOLERANCES } from "../../../../shared/verify/compare-rows.ts";
import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import type { Call, ClientCommand } from "../../../cli/command.ts";
import { EXIT, NotReadyError } from "../../../cli/exit-codes.ts";
import { readModel } from "../../../cli/inputs/model-folder.ts";
import { prepareModel } from "../../../intake/prepare-model.ts";
import { assetsInNode } from "../../../numerics/runtime-assets.ts";
import { secretRandom } from "../../../numerics/secret-random.ts";
import { queryValues } from "../query-values.ts";
import { INFERENCE_INPUT_FLAGS } from "./inference-flags.ts";
import { saidFiles } from "./said-files.ts";
import { SAMPLE_SCALE } from "./verify-sample.ts";

const ROWS_DEFAULT = 200;
const ROWS_MAX = 10_000;
/** Answers that a model computed, here or in a tab, rather than guessed. */
const COMPUTED: ReadonlySet<string> = new Set(["audited", "exact", "unchecked"]);

const askedSchema = z.looseObject({
  kind: z.literal("inference", { error: "expected an inference job" }),
  // An earlier version may have had settings that are gone.
  submission: inferenceSubmissionSchema.strip(),
});

const { size, value, "up-to": upTo } = INFERENCE_INPUT_FLAGS as Record<"size" | "value" | "up-to", never>;

export const recheck: ClientCommand = {
  name: "recheck",
  summary: "compute drawn rows of an ended job again, here, by the model's own files",
  usage: "JOB --model FILE|FOLDER [--sample N]",
  about:
    "Fetches drawn answers of an ended inference job and their queries from the coordinator, and runs the model's files as they are on this machine: " +
    "not what the coordinator made of them. Names the rows that differ and by how much; the exit code is 9 then. docs/advisories.md says which " +
    "jobs of earlier versions this is for. Give the flags --size, --value and --up-to that the model was submitted with.",
  flags: {
    model: { value: "FILE|FOLDER", help: "the model as it was submitted" },
    sample: { value: "N", help: `so many rows, drawn here and now (${ROWS_DEFAULT}; at most ${ROWS_MAX})` },
    ...{ size, value, "up-to": upTo },
  },
  words: [1, 1],
  examples: [["paritab recheck JOB --model detector --sample 500", "is what this job answered what the file says?"]],
  async run(call) {
    const { client, terminal, words, flags, json } = call;
    const jobId = words[0]!;
    const count = flags.whole("sample", 1, ROWS_MAX) ?? ROWS_DEFAULT;
    const path = flags.required("model");
    const asked = askedSchema.safeParse(await client.receipt(jobId, terminal.signal));
    if (!asked.success) throw new InputError(`job ${jobId}: ${asked.error.issues[0]!.message}`);
    const { source, output } = asked.data.submission;
    const model = await ownFiles(call, path, output);
    const answers = parseNpy(await client.answersFile(jobId, "npy", terminal.signal));
    const marks = parseNpy(await client.marksFile(jobId, terminal.signal)).data as Uint8Array;
    const width = answers.shape[1]!;
    if (width !== model.facts.outputSize)
      throw new InputError(
        `${path}: expected the model of this job, with ${width} numbers of output, got ${model.facts.outputSize}`,
      );
    const computed = [...marks.keys()].filter((query) => COMPUTED.has(ANSWER_MARKS[marks[query]!]!));
    if (computed.length === 0) throw new NotReadyError(`job ${jobId}: no answer of it was computed by a model`);
    const drawn = drawRows(secretRandom, computed.length, Math.min(count, computed.length)).map((i) => computed[i]!);
    const scale = source.kind === "sample" ? SAMPLE_SCALE : source.inputScale;
    const differing: { row: number; share: number }[] = [];
    let largest = 0;
    for (let first = 0; first < drawn.length; first += QUERIES_PER_LOOK_MAX) {
      const rows = drawn.slice(first, first + QUERIES_PER_LOOK_MAX);
      const own = await model.run(await queriesOf(call, jobId, rows, scale), rows.length);
      rows.forEach((row, r) => {
        const given = (answers.data as Float32Array).subarray(row * width, (row + 1) * width);
        const share = rowDeviation(own.subarray(r * width, (r + 1) * width), given);
        largest = Math.max(largest, share);
        if (!(share <= UNMEASURED_TOLERANCES.float32)) differing.push({ row, share });
      });
    }
    model.dispose();
    if (json) await terminal.out(`${JSON.stringify({ jobId, rows: drawn.length, differing, largest })}\n`);
    else await terminal.out(`${inWords(drawn.length, differing, largest)}\n`);
    return differing.length === 0 ? EXIT.ok : EXIT.notSo;
  },
};

function inWords(rows: number, differing: readonly { row: number; share: number }[], largest: number): string {
  const most = Number(largest.toPrecision(2));
  if (differing.length === 0)
    return `${rows} rows agree with the model's own files: at most ${most} of a row's size apart`;
  const which = listed(differing.map(({ row, share }) => `row ${row} (${Number(share.toPrecision(2))} of its size)`));
  return `${differing.length} of ${rows} rows are not what the model's own files give: ${which}; submit the job again`;
}

/** @returns count x D */
async function queriesOf({ client, terminal }: Call, jobId: string, rows: readonly number[], scale: number) {
  const values = queryValues(await client.queries(jobId, rows, terminal.signal));
  if (typeof values === "string") throw new InputError(`job ${jobId}: its queries: ${values}`);
  return Float32Array.from(values as ArrayLike<number>, (number) => number * scale);
}

/** The files as they came, behind the interface of every model. @throws InputError where they are none */
async function ownFiles({ flags }: Call, path: string, output: string | number | undefined) {
  const said = saidFiles(flags.texts("size"), flags.texts("value"), flags.texts("up-to"));
  const files = [...(await readModel(path)), ...said].map(({ name, data }) => ({ name, bytes: data as ByteSpace }));
  const prepared = await prepareModel(files);
  if ("problem" in prepared) throw new InputError(`${path}: ${prepared.problem}`);
  if (prepared.source === null) throw new InputError(`${path}: it is too large to be run as it came`);
  try {
    const packed = inMemory(prepared.bundle);
    const unpacked = unpackModel(packed);
    const named = (await runtimeOfFormat(unpacked.format).loadFormat()).outputs(unpacked);
    const bundle = await selectOutput(packed, output);
    const chosen = named.filter(({ name }, place) => output === undefined || name === output || place === output);
    const outputs = (output === ALL_OUTPUTS && chosen.length === 0 ? named : chosen).map(({ tensor }) => tensor);
    const behind = sourceBehind({ bundle, source: inMemory(prepared.source), outputs });
    const joined = new Uint8Array(bundle.length + behind.length);
    joined.set(bundle);
    joined.set(behind, bundle.length);
    const runtime: ModelRuntime = startTrustedRuntimes(assetsInNode).file;
    return await runtime.load(joined);
  } catch (error) {
    if (error instanceof ModelError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}
