/** The weights of a regression against its receipt, and drawn rounds of it done again by whoever has the data. */
import { z } from "zod";
import { regressionRoundingSchema } from "../../../../shared/kinds/regression/rounding.ts";
import { REGRESSION_MODELS, regressionSubmissionSchema } from "../../../../shared/kinds/regression/submission.ts";
import { parseNpy } from "../../../../shared/protocol/npy.ts";
import { CHECKPOINTS_FILE, checkRounds, ROUNDS_FILE } from "../../../../shared/receipts/check-rounds.ts";
import { broken, holds, listed, open, type ReceiptFinding } from "../../../../shared/receipts/findings.ts";
import { npyBytes } from "../../../../shared/sdk/as-npy.ts";
import { drawRows } from "../../../../shared/verify/draw-rows.ts";
import type { KindRecheck, ToRecheck } from "../../../cli/cli-kind.ts";
import type { Call } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";
import { readLabels } from "../../../cli/inputs/read-labels.ts";
import { readRows } from "../../../cli/inputs/read-rows.ts";
import { runPlanOf } from "../../../coded/core/run-lifecycle.ts";
import { secretRandom } from "../../../numerics/secret-random.ts";
import { sha256Hex } from "../../../sha256-hex.ts";
import { heldOutCount } from "../engine/table/hold-out.ts";
import { trainingJob } from "../training-job.ts";
import { recomputeRounds } from "./recompute-rounds.ts";

const ROUNDS_DEFAULT = 3;
const ROUNDS_MAX = 100_000;

const trainedSchema = z.looseObject({
  submission: regressionSubmissionSchema,
  featuresSha256: z.string(),
  labelsSha256: z.string(),
  rounding: regressionRoundingSchema.nullable(),
  inputScale: z.number().optional(),
  splitSeed: z.number().optional(),
  model: z.enum(REGRESSION_MODELS).optional(),
  rows: z.number(),
  preparation: z.looseObject({ l2: z.number() }).optional(),
  weightsSha256: z.string().nullable(),
});
type Trained = z.infer<typeof trainedSchema>;

export const regressionRecheck: KindRecheck = {
  resultName: "weights.npy",
  flags: {
    features: { value: "FILE", help: "regression: X as it was submitted, to do rounds again here" },
    labels: { value: "FILE", help: "regression: y as it was submitted" },
    "label-column": { value: "COLUMN", help: "regression: y is this column of the table, as it was submitted" },
    categories: { value: "COLUMNS", help: "regression: as it was submitted" },
    rounds: { value: "N", help: `regression: so many rounds, drawn here and now (${ROUNDS_DEFAULT})` },
  },
  async recheck(call, given) {
    const parsed = trainedSchema.safeParse(given.ended.receipt);
    if (!parsed.success)
      return { findings: [broken("answers", "the receipt lacks what one of a regression has")], rows: 0 };
    const weights = weightsOf(parsed.data, given);
    if (weights.state === "broken") return { findings: [weights], rows: 0 };
    return { findings: [weights, await roundsOf(call, given, parsed.data)], rows: 0 };
  },
};

function weightsOf({ weightsSha256 }: Trained, { answers }: ToRecheck): ReceiptFinding {
  if (weightsSha256 === null) return open("answers", "the job came to no weights");
  if (answers === null) return open("answers", "weights.npy is not there: whatever you hold was not compared");
  const { dtype, data } = parseNpy(answers);
  const got = sha256Hex(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  return dtype === "F64" && got === weightsSha256
    ? holds("answers", "the weights are the signed ones")
    : broken("answers", `weights.npy: expected numbers with the sha-256 ${weightsSha256}, got ${got}`);
}

async function roundsOf(call: Call, given: ToRecheck, trained: Trained): Promise<ReceiptFinding> {
  const [featuresPath, labelsPath] = [call.flags.text("features"), call.flags.text("labels")];
  const labelColumn = call.flags.text("label-column");
  if (featuresPath === undefined && labelsPath === undefined) {
    return open("product", "name --features and --labels, and rounds are done again here");
  }
  if (featuresPath === undefined || (labelsPath === undefined) === (labelColumn === undefined))
    throw new UsageError("--features with --labels or --label-column: expected both, got others");
  const { inputScale, splitSeed, submission, rounding, featuresSha256, labelsSha256 } = trained;
  const [rounds, checkpoints] = [await given.file(ROUNDS_FILE), await given.file(CHECKPOINTS_FILE)];
  if (given.ended.rounds === undefined || rounds === null || checkpoints === null)
    return open("product", "no rounds of this job were kept, or their files are not there");
  if (inputScale === undefined || splitSeed === undefined)
    return open("product", "the receipt does not say which rows were held out");
  const { featuresNpy, labelsNpy } = await arraysAt(call, featuresPath, trained.preparation !== undefined);
  if (sha256Hex(featuresNpy) !== featuresSha256) return broken("product", `${featuresPath}: it is not X of this job`);
  if (sha256Hex(labelsNpy) !== labelsSha256)
    return broken("product", `${labelsPath ?? featuresPath}: it is not y of this job`);
  const files = new Map([
    [ROUNDS_FILE, rounds],
    [CHECKPOINTS_FILE, checkpoints],
  ]);
  const read = await checkRounds(given.ended, files);
  const count = Math.min(call.flags.whole("rounds", 1, ROUNDS_MAX) ?? ROUNDS_DEFAULT, read.rounds.length);
  const drawn = Array.from(drawRows(secretRandom, read.rounds.length, count), (place) => place + 1);
  const kind = trained.model ?? submission.model;
  if (kind === null) return broken("product", "the receipt does not say which model was trained");
  const trainedRows = trained.rows - heldOutCount(trained.rows, submission.validationShare, 0);
  const l2 = trained.preparation?.l2 ?? submission.l2 ?? 1 / trainedRows;
  const job = trainingJob(submission, { kind, l2 }, trained.preparation !== undefined, {
    ...{ featuresNpy, labelsNpy, inputScale, rounding, splitSeed, plan: runPlanOf({ submission }) },
  });
  const again = recomputeRounds(job, read.rounds, read.checkpoints, drawn);
  if (again.problem !== null) return broken("product", again.problem);
  const products = again.products === 0 ? "" : `, and ${again.products} products that volunteers sent`;
  const which = listed(
    drawn.sort((a, b) => a - b),
    5,
  );
  return holds("product", `${again.rounds} of ${read.rounds.length} rounds again, with iteration ${which}${products}`);
}

/** As they are sent: a .npy file byte by byte, whatever else as what it becomes. @param isTable a table is read as one of words and gaps */
async function arraysAt({ terminal, flags }: Call, featuresPath: string, isTable: boolean) {
  const { stdin } = terminal;
  const categories = flags
    .text("categories")
    ?.split(",")
    .map((name) => name.trim());
  const asFrame = { categoriesAdvice: "--categories COLUMNS", ...(categories !== undefined && { categories }) };
  const kind = isTable ? { asFrame } : { isWide: true };
  const { numbers, labels } = await readRows(featuresPath, { stdin, ...kind, labelColumn: flags.text("label-column") });
  const labelsPath = flags.text("labels");
  const own = labelsPath === undefined ? labels : (await readLabels(labelsPath, stdin, true)).numbers;
  if (own === null) throw new UsageError("--label-column: expected a table to take y from, got an array");
  return { featuresNpy: await npyBytes(numbers), labelsNpy: await npyBytes(own) };
}
