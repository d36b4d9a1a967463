/**
 * A table that scikit-learn brings along, as a CSV, comes to scikit-learn's weights by the defaults alone: standardised columns, the same
 * penalty, a free intercept, a rate that is found, and fixed-point products as tabs compute them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { planRun } from "../../../server/coded/core/run-plan.ts";
import { numericsOf } from "../../../server/kinds/regression/engine/regression-engine.ts";
import { planRounding } from "../../../server/kinds/regression/engine/rounding.ts";
import { surveyFeatures } from "../../../server/kinds/regression/engine/survey.ts";
import { modelForLabels } from "../../../server/kinds/regression/engine/table/classes.ts";
import { prepareTable } from "../../../server/kinds/regression/engine/table/prepare-table.ts";
import { tableTraining } from "../../../server/kinds/regression/submission.ts";
import { tableWeights } from "../../../server/kinds/regression/table-weights.ts";
import { MODULUS } from "../../../shared/field/modulus.ts";
import { matrixProduct } from "../../../shared/field/products.ts";
import { tableOf } from "../../../shared/inputs/table.ts";
import { tableAnswers, tableProbabilities, tableScores } from "../../../shared/kinds/regression/apply-table-model.ts";
import { regressionSubmissionSchema } from "../../../shared/kinds/regression/submission.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";

const FOLDER = join(import.meta.dirname, "../../datasets/sklearn");
const NEAR = 1e-4;
const ITERATIONS_MAX = 300;

interface Expected {
  /** Of each output: one a standardised column. */
  readonly weights: number[][];
  readonly intercept: number[];
  /** Of the first rows. */
  readonly probabilities?: number[][];
  readonly answers?: number[];
  readonly labels: string[] | null;
}

/** Trains on all rows, as the coordinator does, with exact products in one place. */
function learned(text: string, name: string) {
  const table = tableOf(text, name, "target", { asFrame: { categoriesAdvice: "" } });
  const { features, labels, frame, columnNames } = table;
  const sha256 = "0".repeat(64);
  const submission = regressionSubmissionSchema.parse({
    kind: "regression",
    source: {
      ...{ kind: "uploads", featuresSha256: sha256, labelsSha256: sha256, columnNames },
      ...(frame!.labelNames !== null && { labelNames: frame!.labelNames }),
      ...(frame!.gap !== null && { gap: frame!.gap }),
      categories: frame!.categories,
    },
    validationShare: 0,
  });
  const kind = modelForLabels(labels!.data, frame!.labelNames !== null);
  const [rows, columns] = features.shape as [number, number];
  const l2 = 1 / rows;
  const files = {
    ...{ kind, inputScale: 1, splitSeed: 1, validationShare: 0, rounding: null },
    featuresNpy: encodeNpy(features),
    labelsNpy: encodeNpy(labels!),
    table: tableTraining(submission, l2),
  };
  const { trained, outputs } = prepareTable(files);
  const rounding = planRounding(surveyFeatures(trained.matrix), null);
  const plan = planRun({ scheme: "avcc", dataVolunteers: 2, stragglers: 1, liars: 1, colluders: 0 });
  const numerics = numericsOf({ ...files, rounding, plan } as never);
  const { matrices } = numerics.prepare();
  let iteration = 0;
  let standing = { distance: null, stop: null } as ReturnType<NonNullable<typeof numerics.standing>>;
  while (standing.stop === null && iteration < ITERATIONS_MAX) {
    for (const which of ["forward", "backward"] as const) {
      const matrix = matrices[which]!;
      const vector = numerics.vector(which);
      const { residues } = matrix;
      numerics.take(which, [
        matrixProduct(residues, matrix.rows, matrix.columns, vector.residues, vector.width, MODULUS),
      ]);
      if (which === "forward") numerics.link();
      else numerics.update();
    }
    iteration++;
    standing = numerics.standing!();
  }
  const labelOfClass = [...new Set(Array.from(labels!.data, Number))].sort((a, b) => a - b);
  const record = {
    ...{ submission, model: kind, preparation: { version: 1, l2 }, columns, classes: outputs, inputScale: 1 },
    ...{ shape: { rows }, labelOfClass, progress: { iteration, history: [] } },
  };
  const { table: model } = tableWeights(record as never, { iteration, arrays: numerics.checkpoint() });
  return { model, standing, iteration, values: features.data, rows };
}

describe.each(["mixed", "iris", "wine", "breast-cancer", "digits", "diabetes"])("%s", (name) => {
  const text = gunzipSync(readFileSync(join(FOLDER, `${name}.csv.gz`))).toString();
  const expected = JSON.parse(readFileSync(join(FOLDER, `${name}.json`), "utf8")) as Expected;

  test("the weights are within 1e-4 of the largest of scikit-learn's, and it is known that they are", () => {
    const { model, standing, iteration, values, rows } = learned(text, name);
    expect(standing.stop).toMatch(/^no weight is further from the optimum/);
    expect(standing.distance).toBeLessThanOrEqual(NEAR);
    expect(iteration).toBeLessThan(ITERATIONS_MAX);
    // Words stand in the order of the alphabet here, and in an order of their own there.
    const theirs =
      expected.labels === null ? [0] : expected.labels.map((word) => String(model.labels!.map(String).indexOf(word)));
    const isTurned = expected.weights.length === 1 && theirs[0] === "1";
    // One a term: of a column of categories each of its levels.
    const ours = model.columns.flatMap((column) =>
      column.kind === "number"
        ? [column.weights.map((weight) => weight * column.scale)]
        : column.weights.map((ofLevel, level) => ofLevel.map((weight) => weight * column.scales[level]!)),
    );
    const largest = Math.max(...expected.weights.flat().map(Math.abs));
    expected.weights.forEach((ofOutput, output) => {
      const place = expected.weights.length === 1 ? 0 : Number(theirs[output]);
      ofOutput.forEach((weight, column) => {
        const own = (isTurned ? -1 : 1) * ours[column]![place]!;
        expect(Math.abs(own - weight) / largest).toBeLessThanOrEqual(NEAR);
      });
    });
    const scores = tableScores(model, values, rows);
    const probabilities = tableProbabilities(model, scores);
    expected.probabilities?.forEach((row, r) => {
      row.forEach((probability, place) => {
        expect(Math.abs(probabilities![r * row.length + Number(theirs[place])]! - probability)).toBeLessThanOrEqual(
          NEAR,
        );
      });
    });
    const answers = tableAnswers(model, scores);
    expected.answers?.forEach((answer, r) => {
      expect(Math.abs(answers[r]! - answer) / Math.abs(answer)).toBeLessThanOrEqual(NEAR);
    });
  });
});
