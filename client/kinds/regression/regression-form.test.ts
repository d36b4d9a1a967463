import { describe, expect, test } from "vitest";
import { regressionSubmissionSchema } from "../../../shared/kinds/regression/submission.ts";
import { slackFieldsOf } from "../../coded/code-fields.ts";
import { problemsByField as byPlace } from "../../ui/form/problems-by-field.ts";
import { REGRESSION_FORM, type RegressionFields } from "./regression-form.ts";

const { atFirst, specs, hints } = REGRESSION_FORM;

const read = (changes: Partial<RegressionFields>) => REGRESSION_FORM.read({ ...atFirst, ...changes });
const problemsOf = (changes: Partial<RegressionFields>) => (read(changes) as { problems: object }).problems;
const problemsByField = (message: string) => byPlace(message, specs, hints);
const there = (sha: string) => ({ kind: "there", sha256: sha.repeat(64), shape: [6, 2], dtype: "F32" }) as const;

describe("REGRESSION_FORM.read", () => {
  test("the form as it opens is a job, just as the schema wants it", () => {
    const { submission } = read({}) as { submission: object };
    expect(regressionSubmissionSchema.parse(submission)).toMatchObject({
      source: { kind: "sample", sample: "gisette-like" },
      // The coordinator finds both.
      model: null,
      learningRate: null,
      standardise: true,
      intercept: true,
      scheme: "avcc",
      dataVolunteers: 4,
      stragglers: 1,
      liars: 1,
      colluders: 0,
      patience: null,
      name: "fours and nines",
      submitter: "anonymous",
    });
    expect(submission).not.toHaveProperty("volunteers");
    expect(submission).not.toHaveProperty("source.rows");
  });

  test("what may be left out counts where it is given", () => {
    expect(read({ rows: "200", volunteers: " 9 ", patience: "5" })).toMatchObject({
      submission: { source: { rows: 200 }, volunteers: 9, patience: 5 },
    });
  });

  test("files of one's own are named by their hashes, and missing ones are said", () => {
    expect(problemsOf({ source: "uploads", inputScale: "0" })).toEqual({
      features: "Choose a file with X.",
      labels: "Choose a file with y, or a column of X’s table.",
      inputScale: "Expected a positive number, such as 1 or 1/255.",
    });
    const refused = { kind: "refused", message: "npy: expected finite numbers" } as const;
    expect(problemsOf({ source: "uploads", features: refused, labels: { kind: "uploading", fileName: "y" } })).toEqual({
      features: "npy: expected finite numbers",
      labels: "Wait until the files are uploaded.",
    });
    expect(read({ source: "uploads", features: there("a"), labels: there("b"), inputScale: "1/255" })).toMatchObject({
      submission: {
        name: "untitled",
        source: { featuresSha256: "a".repeat(64), labelsSha256: "b".repeat(64), inputScale: 1 / 255 },
      },
    });
  });

  test("names of columns go with X", () => {
    const features = { ...there("a"), columnNames: ["size", "age"] };
    expect(read({ source: "uploads", features, labels: there("b") })).toMatchObject({
      submission: { source: { kind: "uploads", columnNames: ["size", "age"] } },
    });
    const plain = read({ source: "uploads", features: there("a"), labels: there("b") }) as { submission: object };
    expect(plain.submission).not.toHaveProperty("source.columnNames");
  });

  test("what is no number is said beside its field; how large it may be is the coordinator's to say", () => {
    expect(problemsOf({ stragglers: "one", tolerance: "", iterations: "1.5" })).toEqual({
      stragglers: "Expected a number, got “one”.",
      tolerance: "Expected a number, got nothing.",
      iterations: "Expected a whole number, got “1.5”.",
    });
    expect(read({ stragglers: "-1", momentum: "7" })).toHaveProperty("submission");
  });

  test("what is chosen against the defaults goes along, and an empty rate is left to the coordinator", () => {
    const chosen = { model: "softmax", standardise: "no", intercept: "no", learningRate: "0.1", l2: "0" } as const;
    expect(read(chosen)).toMatchObject({
      submission: { model: "softmax", standardise: false, intercept: false, learningRate: 0.1, l2: 0 },
    });
    const { submission } = read({}) as { submission: object };
    for (const name of ["model", "learningRate", "l2"]) expect(submission).not.toHaveProperty(name);
  });

  test("what a table's words and gaps stand for goes with X", () => {
    const frame = { categories: [{ column: 1, levels: ["Oslo", "Rome"] }], gap: -999, labelNames: ["no", "yes"] };
    expect(read({ source: "uploads", features: { ...there("a"), frame }, labels: there("b") })).toMatchObject({
      submission: { source: frame },
    });
  });

  test("a scheme without slack has none to set", () => {
    expect(slackFieldsOf("uncoded")).toEqual({ stragglers: "0", liars: "0", colluders: "0", volunteers: "" });
    expect(slackFieldsOf("replication")).toEqual({ colluders: "0" });
    expect(slackFieldsOf("lcc")).toEqual({});
  });
});

describe("problemsByField", () => {
  test("each finding of a submission goes beside its field", () => {
    expect(
      problemsByField(
        "job: learningRate: expected number to be >0, got 0; source.rows: expected number to be >=20, got 3",
      ),
    ).toEqual({
      fields: { learningRate: "Expected number to be >0, got 0.", rows: "Expected number to be >=20, got 3." },
      rest: [],
    });
  });

  test.each([
    ["avcc: expected at least 6 volunteers for K = 4, S = 1, M = 1, T = 0, got 5", "volunteers"],
    ["uncoded: expected S = 0 and M = 0, got S = 1, M = 0: it waits for all tabs and believes all of them", "scheme"],
    [
      "avcc: expected one shard a volunteer where T > 0, got 2: each shard would reveal a further share of X",
      "shardsPerVolunteer",
    ],
    ["replication: expected T = 0, got 1: its volunteers hold the data itself", "colluders"],
    ["logistic regression: expected exactly two different labels, got 10", "model"],
    ["X: expected shape (rows, columns), got (7)", "features"],
    ["y: expected 6 numbers, one for each row of X, got 5", "labels"],
    ["source.rows: expected at most 6000 of gisette-like, got 7000", "rows"],
    ["expected at least 40 rows to train on and as many columns, one a block, got 18 x 784", "dataVolunteers"],
  ])("%j stands beside %s", (message, field) => {
    const { fields, rest } = problemsByField(message);
    expect(Object.keys(fields)).toEqual([field]);
    expect(rest).toEqual([]);
  });

  test("what belongs to no field is kept whole", () => {
    expect(problemsByField("expected fewer than 4 gradient jobs at work, got 4; wait for one to end")).toEqual({
      fields: {},
      rest: ["Expected fewer than 4 gradient jobs at work, got 4; wait for one to end."],
    });
  });
});
