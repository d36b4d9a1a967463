/** Rows of a job computed once more by whoever checks its receipt, on the runtime that the coordinator uses, in this process. */

import { z } from "zod";
import { inMemory } from "../../../../shared/compute/byte-space.ts";
import { ModelError } from "../../../../shared/compute/errors.ts";
import { packModelFiles } from "../../../../shared/compute/model-files.ts";
import { startRuntimes } from "../../../../shared/compute/runtimes/start-runtimes.ts";
import { selectOutput } from "../../../../shared/compute/select-output.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { pictureForm } from "../../../../shared/inputs/picture-form.ts";
import { ANSWER_MARKS } from "../../../../shared/kinds/inference/answers.ts";
import { partOfSchema } from "../../../../shared/kinds/inference/parts.ts";
import { inferenceSubmissionSchema } from "../../../../shared/kinds/inference/submission.ts";
import { parseNpy } from "../../../../shared/protocol/npy.ts";
import { recordsIn } from "../../../../shared/receipts/check-rows.ts";
import { broken, holds, listed, open, type ReceiptFinding } from "../../../../shared/receipts/findings.ts";
import { npyBytes } from "../../../../shared/sdk/as-npy.ts";
import { PRECISION_TOLERANCE, rowAgrees } from "../../../../shared/verify/compare-rows.ts";
import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import type { KindRecheck, ToRecheck } from "../../../cli/cli-kind.ts";
import type { Call } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";
import { readModel } from "../../../cli/inputs/model-folder.ts";
import { readRows } from "../../../cli/inputs/read-rows.ts";
import { prepareModel } from "../../../intake/prepare-model.ts";
import { assetsInNode } from "../../../numerics/runtime-assets.ts";
import { secretRandom } from "../../../numerics/secret-random.ts";
import { sha256Hex } from "../../../sha256-hex.ts";
import { argmax } from "../engine/argmax.ts";
import { runRows } from "../engine/run-rows.ts";
import { queryValues } from "../query-values.ts";

const ROWS_DEFAULT = 200;
const ROWS_MAX = 1_000_000;
/** What the sample's pixels are multiplied by. */
export const SAMPLE_SCALE = 1 / 255;

/** What of a receipt says how its rows are computed. */
const computedSchema = z.looseObject({
  // An earlier version may have had settings that are gone.
  submission: inferenceSubmissionSchema.strip(),
  hashes: z.looseObject({ model: z.string(), queries: z.string().nullable() }),
  partOf: partOfSchema.optional(),
  sensitivity: z.looseObject({ tolerance: z.looseObject({ float32: z.number() }).nullable() }).optional(),
});

export const inferenceRecheck: KindRecheck = {
  resultName: "answers.npy",
  flags: {
    model: { value: "FILE|FOLDER", help: "inference: the model, to compute rows again here" },
    queries: { value: "FILE", help: "inference: the queries as they were submitted" },
    sample: { value: "N", help: `inference: so many rows, drawn here and now (${ROWS_DEFAULT})` },
  },
  async recheck(call, given) {
    const [modelPath, queriesPath] = [call.flags.text("model"), call.flags.text("queries")];
    if (modelPath === undefined && queriesPath === undefined) {
      return { findings: [open("sample", "name --model and --queries, and rows are computed again here")], rows: 0 };
    }
    if (modelPath === undefined || queriesPath === undefined) {
      throw new UsageError("--model, --queries: expected both, got one");
    }
    return recomputed(call, given, modelPath, queriesPath);
  },
};

async function recomputed(call: Call, given: ToRecheck, modelPath: string, queriesPath: string) {
  const fail = (text: string) => ({ findings: [broken("sample", text)], rows: 0 });
  const parsed = computedSchema.safeParse(given.ended.receipt);
  if (!parsed.success) return fail(`the receipt lacks what says how its rows are computed: ${parsed.error.message}`);
  if (given.rows === null || given.answers === null)
    return { findings: [open("sample", "rows.bin or answers.npy is not there")], rows: 0 };
  const { submission, hashes, partOf, sensitivity } = parsed.data;
  const bundles = await bundlesOf(modelPath, submission.output);
  const bundle = bundles.find((one) => sha256Hex(one) === hashes.model);
  if (bundle === undefined)
    return fail(`${modelPath}: it is not the model of this job, whose sha-256 is ${hashes.model}`);
  const model = await startRuntimes("wasm", assetsInNode).load(bundle);
  const bytes = await queriesOf(call, queriesPath, model.facts.inputShape);
  if (sha256Hex(bytes) !== hashes.queries)
    return fail(`${queriesPath}: they are not the queries of this job, whose sha-256 is ${hashes.queries}`);
  const values = queryValues(parseNpy(bytes));
  if (typeof values === "string") throw new InputError(`${queriesPath}: ${values}`);
  const candidates = [...recordsIn(given.rows)].flatMap((record, query) =>
    record !== null && COMPUTED.has(ANSWER_MARKS[record.mark]!) ? [query] : [],
  );
  const count = Math.min(call.flags.whole("sample", 1, ROWS_MAX) ?? ROWS_DEFAULT, candidates.length);
  const drawn = Uint32Array.from(drawRows(secretRandom, candidates.length, count), (i) => candidates[i]!);
  const scale = submission.source.kind === "sample" ? SAMPLE_SCALE : submission.source.inputScale;
  // [CE13] A part has rows of its own of the queries that were submitted.
  const submitted = drawn.map((query) => (partOf?.firstQuery ?? 0) + query);
  const own = await runRows(model, { values, inputSize: model.facts.inputSize, scale }, submitted);
  model.dispose();
  const tolerance = sensitivity?.tolerance?.float32 ?? PRECISION_TOLERANCE.float32;
  return { findings: [compared(given, drawn, own, model.facts.outputSize, tolerance, submission.task)], rows: count };
}

/** Answers that somebody computed, rather than guessed. */
const COMPUTED: ReadonlySet<string> = new Set(["audited", "exact", "unchecked"]);

/** A device that stores 16-bit numbers may be further off, as long as the label is the same. */
function compared(
  given: ToRecheck,
  drawn: Uint32Array,
  own: Float32Array,
  width: number,
  tolerance: number,
  task: "classification" | "regression",
): ReceiptFinding {
  const answers = parseNpy(given.answers!).data as Float32Array;
  const differing: number[] = [];
  let coarse = 0;
  drawn.forEach((query, r) => {
    const [expected, got] = [
      own.subarray(r * width, (r + 1) * width),
      answers.subarray(query * width, (query + 1) * width),
    ];
    if (rowAgrees(expected, got, tolerance)) return;
    const isCoarse = rowAgrees(expected, got, PRECISION_TOLERANCE.float16);
    const isSameLabel = task === "regression" || argmax(expected, 0, width) === argmax(got, 0, width);
    if (isCoarse && isSameLabel) coarse++;
    else differing.push(query);
  });
  if (differing.length > 0) {
    return broken(
      "sample",
      `${differing.length} of ${drawn.length} rows that were computed again differ: answers ${listed(differing)}`,
    );
  }
  const finely = coarse === 0 ? "" : `, ${coarse} of them as far as 16-bit numbers go`;
  return holds("sample", `${drawn.length} rows${finely}`);
}

/** As it is packed now, and as earlier versions packed it, which did not name the files that it came from. */
async function bundlesOf(path: string, output: string | number | undefined): Promise<Uint8Array[]> {
  const files = (await readModel(path)).map(({ name, data }) => ({ name, bytes: data }));
  const prepared = await prepareModel(files);
  if ("problem" in prepared) throw new InputError(`${path}: ${prepared.problem}`);
  try {
    const packed = [prepared.bundle, await packModelFiles(files)];
    return await Promise.all(packed.map((bundle) => selectOutput(inMemory(bundle), output)));
  } catch (error) {
    if (error instanceof ModelError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}

/** As they are sent: a .npy file byte by byte, whatever else as what it becomes. */
async function queriesOf({ terminal }: Call, path: string, inputShape: readonly number[]): Promise<Uint8Array> {
  const { numbers } = await readRows(path, { stdin: terminal.stdin, ...pictureForm(inputShape) });
  return npyBytes(numbers);
}
