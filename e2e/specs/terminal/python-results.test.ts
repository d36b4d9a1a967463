/** What a regression has learned, in Python: predicted by names from any machine, exported, and as a scikit-learn pipeline. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as ort from "onnxruntime-web/wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GAP } from "../../../shared/protocol/gap.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { mixedTable, trainMixed } from "../mixed-table.ts";
import { findPython, pythonWith } from "./find-python.ts";
import { pythonScript } from "./python-script.ts";

const python = findPython();
const scientific = pythonWith("numpy", "sklearn");

describe.skipIf(python === null)(
  "Python (skipped where there is no python3 with numpy, and no apt-get as root)",
  () => {
    let coordinator: CoordinatorInProcess;
    let folder: string;

    beforeAll(async () => {
      coordinator = await coordinatorInProcess();
      await coordinator.openTabs(3);
      folder = mkdtempSync(join(tmpdir(), "paritab-python-"));
    });
    afterAll(async () => {
      await coordinator.close();
      rmSync(folder, { recursive: true, force: true });
    });

    function run(script: string, environment: Record<string, string>, program = python) {
      return pythonScript(script, { python: program!, url: coordinator.url, folder, environment }).ended;
    }

    test("a job's id is enough to predict by names: a dict, a CSV in another order, None for a gap, unknown words", async () => {
      const JOB = await trainMixed(coordinator, "yes or no");
      const { lines } = mixedTable();
      writeFileSync(
        join(folder, "new.csv"),
        `extra,${lines[0]}\n${lines
          .slice(1, 21)
          .map((line) => `7,${line}`)
          .join("\n")}\n`,
      );
      const { code, out, err } = await run(
        `
import csv, os, numpy as np, paritab
trained = paritab.Client().trained(os.environ["JOB"])
print(trained.model["labels"], [column["name"] for column in trained.model["columns"]])
of_file = trained.predict("new.csv")
shares = trained.predict_proba("new.csv")
rows = list(csv.DictReader(open("new.csv")))
columns = {name: [row[name] or None for row in rows] for name in ("age", "city", "height")}
assert (trained.predict(columns) == of_file).all() and np.allclose(trained.predict_proba(columns), shares)
assert (np.array(trained.model["labels"])[shares.argmax(axis=1)] == of_file).all() and np.allclose(shares.sum(axis=1), 1)
told = np.array([row["y"] for row in rows])
print((told == of_file).mean() > 0.8, shares.shape, of_file.dtype.kind)
odd = trained.predict({"age": [None, float("nan")], "city": ["Atlantis", None], "height": ["1.7", 1.7]})
print(odd[0] == odd[1])
for wrong in ({"age": [1], "city": ["Oslo"]}, {"age": ["old"], "city": ["Oslo"], "height": [1]}, np.zeros((2, 4))):
    try:
        trained.predict(wrong)
    except ValueError as error:
        print(error)
`,
        { JOB },
      );
      expect([code, out.split("\n")], err).toEqual([
        0,
        [
          "['no', 'yes'] ['age', 'city', 'height']",
          "True (20, 2) U",
          "True",
          "expected the columns of the training: lacking ['height']",
          'column "age", row 0: expected a number, got "old"',
          "expected 3 columns, as it was trained with, got 4",
          "",
        ],
      ]);
    });

    test("it is exported as ONNX, whose answers are the coordinator's, and as JSON", async () => {
      const JOB = await trainMixed(coordinator, "yes or no");
      const script = `
import os, json, numpy as np, paritab
trained = paritab.Client().trained(os.environ["JOB"])
print(trained.export("model.onnx"), json.load(open(trained.export("model.json")))["labels"])
try:
    trained.export("model.pkl")
except ValueError as error:
    print(error)
`;
      const { code, out, err } = await run(script, { JOB });
      expect([code, out], err).toEqual([
        0,
        "model.onnx ['no', 'yes']\nmodel.pkl: expected a name that ends in .onnx, .json or .npy\n",
      ]);
      ort.env.wasm.numThreads = 1;
      const session = await ort.InferenceSession.create(readFileSync(join(folder, "model.onnx")));
      expect(session.inputNames).toEqual(["age", "city", "height"]);
      const { rows, cities, lines } = mixedTable();
      const shape = [rows.length, 1];
      const numbers = (place: number) =>
        Float64Array.from(rows, ({ values }) => (values[place] === GAP ? Number.NaN : values[place]!));
      const results = await session.run({
        age: new ort.Tensor("float64", numbers(0), shape),
        city: new ort.Tensor(
          "string",
          rows.map(({ values }) => cities[values[1]!] ?? ""),
          shape,
        ),
        height: new ort.Tensor("float64", numbers(2), shape),
      });
      const told = await coordinator.client.predict(JOB, lines.join("\n"));
      expect(told.predictions).toHaveLength(rows.length);
      expect(Array.from(results.label!.data as unknown as string[])).toEqual(told.predictions);
      const shares = results.probabilities!.data as Float64Array;
      const furthest = Math.max(...told.probabilities!.flat().map((share, at) => Math.abs(share - shares[at]!)));
      expect(furthest).toBeLessThan(1e-12);
    });

    test.skipIf(scientific === null)("scikit-learn takes it over, and predicts the same", async () => {
      for (const sort of ["yes or no", "species", "price"] as const) {
        const JOB = await trainMixed(coordinator, sort);
        const { code, out, err } = await run(
          `
import os, csv, numpy as np, paritab
trained = paritab.Client().trained(os.environ["JOB"])
pipeline = trained.to_sklearn()
rows = list(csv.DictReader(open(os.environ["TABLE"])))
names = list(pipeline.feature_names_in_)
columns = {name: [row[name] or None for row in rows] for name in names}
table = np.array([[float(c) if n != "city" and c else c for n, c in zip(names, row)] for row in zip(*columns.values())], dtype=object)
own, theirs = trained.predict(columns), pipeline.predict(table)
if trained.model["labels"] is None:
    assert np.allclose(own, theirs, rtol=1e-9), (own[:5], theirs[:5])
else:
    assert (own == theirs).all(), (own[:5], theirs[:5])
    assert np.allclose(trained.predict_proba(columns), pipeline.predict_proba(table), atol=1e-9)
    assert list(pipeline.classes_) == trained.model["labels"]
print(type(pipeline[-1]).__name__, len(rows))
`,
          { JOB, TABLE: writtenTable(folder) },
          scientific,
        );
        const step = sort === "price" ? "Ridge" : "LogisticRegression";
        expect([code, out], err).toEqual([0, `${step} 240\n`]);
        expect(err).not.toContain("Warning");
      }
    });
  },
);

function writtenTable(folder: string): string {
  const path = join(folder, "table.csv");
  writeFileSync(path, `${mixedTable().lines.join("\n")}\n`);
  return path;
}
