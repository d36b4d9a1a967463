/** The Python client, run by a real Python against a real coordinator with tabs. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as ort from "onnxruntime-web/wasm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { walkClock } from "../walk-clock.ts";
import { findPython } from "./find-python.ts";
import { pythonScript } from "./python-script.ts";

const PACKAGE = fileURLToPath(new URL("../../../docs/python", import.meta.url));
const python = findPython();
const INSTALL_MS_MAX = 300_000;
/** What pip needs to install a folder without asking a registry: newer setuptools make wheels themselves. */
const WHEELS = `
import setuptools, pip
try:
    import wheel
except ImportError:
    import setuptools.command.bdist_wheel
`;

describe.skipIf(python === null)(
  "Python (skipped where there is no python3 with numpy, and no apt-get as root)",
  () => {
    let coordinator: CoordinatorInProcess;
    let folder: string;

    beforeAll(async () => {
      coordinator = await coordinatorInProcess();
      await coordinator.openTabs(6);
      folder = mkdtempSync(join(tmpdir(), "paritab-python-"));
      const rows = Array.from({ length: 120 }, (_, i) => {
        const [a, b] = [Math.sin(i), Math.cos(3 * i)];
        return `${a},${b},1,${0.5 + a > b ? 1 : 0}`;
      });
      writeFileSync(join(folder, "table.csv"), `a,b,one,label\n${rows.join("\n")}\n`);
    });
    afterAll(async () => {
      await coordinator.close();
      rmSync(folder, { recursive: true, force: true });
    });

    function run(script: string, environment: Record<string, string> = {}, onOut?: (out: string) => void) {
      const given = { MODEL: dirname(MNIST_MODEL_FILES.modelJson), ...environment };
      return pythonScript(script, {
        ...{ python: python!, url: coordinator.url, folder, environment: given },
        ...(onOut && { onOut }),
      });
    }

    test("walk: a CSV becomes weights in six lines at most", async () => {
      const lines = [
        "import paritab",
        'X, y = paritab.read_csv("table.csv", label="label")',
        "trained = paritab.Client().train(X, y, iterations=40, data_volunteers=3)",
        "print(trained.weights.shape, trained.weights.dtype, (trained.predict(X) == y).mean() > 0.95)",
        'print(trained.job["endReason"], trained.client.receipt(trained.job["jobId"])["rounding"]["featureBits"] >= 22)',
      ];
      expect(lines.length).toBeLessThanOrEqual(6);
      const toWeights = walkClock("a CSV to weights in Python");
      const { code, out, err } = await run(lines.join("\n")).ended;
      toWeights();
      expect([code, out], err).toEqual([
        0,
        expect.stringMatching(
          /^\(4, 1\) float64 True\n\d+ iterations: no weight is further from the optimum than \S+ of the largest True\n$/,
        ),
      ]);
      expect(err).toMatch(
        /^paritab: The labels are 2 different values, so the model is logistic\.\nparitab: Each column of features is rounded to steps of 2\^-\d+/m,
      );
    });

    test("empty cells are NaN, labels may be words, and columns of words are categories", async () => {
      const { code, out, err } = await run(`
import numpy as np, paritab
client = paritab.Client()
rng = np.random.default_rng(3)
X = rng.normal(size=(80, 2)) * [1, 1000]
words = np.where(X[:, 0] > 0, "yes", "no")
X[::9, 1] = np.nan
trained = client.train(X, words, data_volunteers=2, stragglers=1)
print(trained.weights.shape, trained.job["labelNames"], trained.job["distance"] <= 1e-4)
class Column(list):
    def __init__(self, cells, kind): super().__init__(cells); self.dtype = np.dtype(kind)
class Frame:  # what a pandas.DataFrame is to the client
    columns, dtypes = ["size", "city"], True
    def __getitem__(self, name): return {"size": Column(X[:, 0], "f8"), "city": Column(cities, "O")}[name]
cities = [[None, "Oslo", "Rome", " NA", "Oslo", "Rome"][i % 6] for i in range(80)]
trained = client.train(Frame(), words, data_volunteers=2, stragglers=1)
columns = client._json("GET", f"/api/jobs/{trained.job['jobId']}/weights.json")
print(columns["columnNames"], trained.weights.shape)`).ended;
      const named = "['size', 'city=Oslo', 'city=Rome'] (4, 1)";
      expect([code, out], err).toEqual([0, `(3, 1) ['no', 'yes'] True\n${named}\n`]);
    });

    test("names of queries stay with the job", async () => {
      const script = `
import os, numpy as np, paritab
client = paritab.Client()
queries = np.random.default_rng(1).random((6, 784))
names = [f"row {i}" for i in range(6)]
print(sum(1 for _ in client.infer(os.environ["MODEL"], queries, names=names)))
job = next(one for one in client.jobs() if one["kind"] == "inference")
print(job["keepsNames"], client.names(job["jobId"])["names"] == names)`;
      const { code, out, err } = await run(script).ended;
      expect([code, out], err).toEqual([0, "6\nTrue True\n"]);
    });

    test("a table with names is predicted in the order of the training, or refused by name", async () => {
      const script = `
import paritab
class Frame:  # what a pandas.DataFrame is to the client
    def __init__(self, array, columns): self.array, self.columns = array, columns
    def __array__(self, *args, **kwargs): return self.array
X, y = paritab.read_csv("table.csv", label="label")
trained = paritab.Client().train(Frame(X, ["a", "b", "one"]), y, iterations=40, data_volunteers=3)
print((trained.predict(Frame(X[:, [2, 0, 1]], ["one", "a", "b"])) == trained.predict(X)).all())
try:
    trained.predict(Frame(X, ["a", "b", "two"]))
except ValueError as error:
    print(error)`;
      const { code, out, err } = await run(script).ended;
      const refused = "expected the columns of the training: lacking ['one']";
      expect([code, out], err).toEqual([0, `True\n${refused}\n`]);
    });

    test("answers come in order, each with its mark, whatever array the queries are", async () => {
      const { code, out, err } = await run(`
import os, numpy as np, paritab
client = paritab.Client()
rng = np.random.default_rng(1)
X = rng.integers(0, 256, (24, 784))
settings = dict(queries_per_group=2, stragglers=1, liars=1, input_scale=1/255)
wanted = [a.label for a in client.infer(os.environ["MODEL"], X.astype(np.uint8), **settings)]
for queries in (X.astype(">i4"), np.asfortranarray(X), X.astype(np.int64)):
    answers = list(client.infer(os.environ["MODEL"], queries, **settings))
    assert [a.index for a in answers] == list(range(24))
    assert [a.label for a in answers] == wanted
    assert all(a.mark in ("audited", "exact") and a.outputs.shape == (10,) for a in answers)
job = client.jobs()[0]["jobId"]
assert [a.index for a in client.follow(job, start=20)] == [20, 21, 22, 23]
print(client.receipt(job)["answers"]["queryCount"])
`).ended;
      expect([code, out], err).toEqual([0, "24\n"]);
    });

    test("an estimate says what this computer alone would need beside the crowd; a job says it once, before it begins", async () => {
      const { code, out, err } = await run(`
import os, sys, types, numpy as np, paritab
X = np.random.default_rng(1).random((24, 784)).astype(np.float32)
settings = dict(queries_per_group=2, stragglers=1)
client = paritab.Client()
before = len(client.jobs())
estimate = client.estimate(os.environ["MODEL"], X, **settings)
print(estimate["queryCount"], estimate["comparison"]["words"].split(" (")[0], len(client.jobs()) - before)
client.matmul(X[:4, :4].round(), X[:4, :4].round(), data_volunteers=2)

# As onnxruntime has it: a session is asked for its inputs, and runs them.
class Session:
    def __init__(self, data, providers): assert len(data) == 3
    def get_inputs(self): return [types.SimpleNamespace(name="x", type="tensor(int64)")]
    def run(self, names, rows): assert rows["x"].shape == (8, 5) and rows["x"].dtype == np.int64
sys.modules["onnxruntime"] = types.SimpleNamespace(InferenceSession=Session)
quick, slow = paritab._row_seconds({"m.onnx": b"abc"}, {"inputs": [{"name": "x", "shape": [5]}]})
print(0 < quick <= slow < 1)
for one in (client, paritab.Client(), paritab.Client(trial=False)):
    list(one.infer(os.environ["MODEL"], X, **settings))
`).ended;
      expect([code, out], err).toEqual([0, "24 Alone not measured 0\nTrue\n"]);
      const said = err.match(/^paritab: Alone .*$/gm)!;
      expect(said).toEqual([
        expect.stringMatching(/^paritab: Alone .* \(this computer, numpy .*\), with the crowd .*not worth it\.$/),
        expect.stringMatching(/^paritab: Alone not measured \(no \.onnx file alone\), with the crowd about /),
      ]);
    });

    test("a model with several inputs takes an array for each, at sizes that are said", async () => {
      const { code, out, err } = await run(
        `
import os, numpy as np, paritab
client = paritab.Client(progress=False)
X = np.random.default_rng(1).integers(0, 256, (12, 784)).astype(np.uint8)
settings = dict(queries_per_group=2, stragglers=1, liars=0, input_scale=1/255)
model = os.environ["MODEL"]
one, named = [[a.label for a in client.infer(model, queries, **settings)] for queries in (X, {"input": X})]
assert one == named
ids = np.arange(24).reshape(3, 8)
texts = {"input_ids": ids, "attention_mask": ids > -1, "token_type_ids": np.zeros((3, 8), dtype=np.int32)}
for sizes, scheme in ((None, "uncoded"), ({"sequence_length": 8}, "approxifer")):
    try:
        list(client.infer(os.environ["ENCODER"], texts, sizes=sizes, output="logits", scheme=scheme, queries_per_group=2))
    except paritab.ParitabError as error:
        print("a size for 'sequence_length'" in str(error), "whole numbers cannot be mixed" in str(error))
`,
        { ENCODER: fileURLToPath(new URL("../../models/small-encoder/onnx/model.onnx", import.meta.url)) },
      ).ended;
      expect([code, out], err).toEqual([0, "True False\nFalse True\n"]);
    });

    test("a product is exact, and one that cannot be is refused in the coordinator's words", async () => {
      const { code, out, err } = await run(`
import numpy as np, paritab
client = paritab.Client(progress=False)
A = np.array([[1, -2], [3, 4], [50_000, 6]]); B = np.array([[7, 8, 9], [-10, 11, 12]])
assert (client.matmul(A, B, stragglers=0, liars=0) == A @ B).all()
try:
    client.matmul(A * 1000, B * 1000)
except paritab.ParitabError as error:
    print(error.status, error.code, "products of two entries" in str(error))
`).ended;
      expect([code, out], err).toEqual([0, "422 bad-data True\n"]);
      expect(err).toMatch(/K is 3 in place of 4/);
    });

    test("leaving the loop cancels the job; keep=True leaves it", async () => {
      const { code, out, err } = await run(`
import os, numpy as np, paritab
client = paritab.Client()
X = np.zeros((3000, 784), dtype=np.uint8)
for keep in (False, True):
    for answer in client.infer(os.environ["MODEL"], X, keep=keep, scheme="uncoded"):
        break
    answers = None
    import gc; gc.collect()
    print(client.jobs()[0]["jobId"])
`).ended;
      expect(code, err).toBe(0);
      const [left, kept] = out.trim().split("\n");
      expect(await stateOf(left!)).toBe("cancelled");
      expect(["running", "done"]).toContain((await coordinator.client.job(kept!)).state);
      await coordinator.client.cancel(kept!).catch(() => undefined);
    });

    test("Ctrl-C in a training cancels its job", async () => {
      const script = `
import paritab
X, y = paritab.read_csv("table.csv", label=3)
print("ready")
paritab.Client().train(X, y, iterations=10000, data_volunteers=2)
`;
      const { child, ended } = run(script);
      child.stderr.on("data", (text) => {
        if (String(text).includes("rounded")) child.kill("SIGINT");
      });
      const { code, err } = await ended;
      expect(code, err).not.toBe(0);
      expect(err).toMatch(/KeyboardInterrupt/);
      const [latest] = (await coordinator.client.jobs()).toSorted((a, b) => b.submittedMs - a.submittedMs);
      expect(await stateOf(latest!.jobId)).toBe("cancelled");
    });

    test("words become classes, and empty cells their column's mean where that is asked for", async () => {
      const { code, out, err } = await run(`
import paritab
open("words.csv", "w").write('a,"b, too",smokes\\n1,2,Yes\\n,4,no\\n3,?,yes\\n')
try:
    paritab.read_csv("words.csv", "smokes")
except ValueError as error:
    print(error)
X, y = paritab.read_csv("words.csv", "smokes", fill="mean")
print(X.tolist(), y.tolist())
`).ended;
      const refused = 'words.csv: 2 empty cells, the first in row 3, column 0; fill them in, or say fill="mean"';
      expect([code, out], err).toEqual([0, `${refused}\n[[1.0, 2.0], [2.0, 4.0], [3.0, 3.0]] [1, 0, 1]\n`]);
      expect(err).toContain("paritab: labels: no is 0, yes is 1");
      expect(err).toContain("paritab: 2 empty cells are filled with the mean of their column");
    });

    test("a dead address is waited for, and told; a broken table is told by its place", async () => {
      const { code, out, err } = await run(`
import paritab
def told(reason, left_s):
    print("cannot be reached" in reason, left_s == paritab.LOST_S_MAX)
    raise SystemExit(7)
try:
    open("broken.csv", "w").write("a,label\\n1,0\\nx,1\\n"); paritab.read_csv("broken.csv", "label")
except ValueError as error:
    print(error)
paritab.Client("http://127.0.0.1:1", on_waiting=told).jobs()
`).ended;
      expect([code, out], err).toEqual([7, 'broken.csv: expected a number in row 3, column 0, got "x"\nTrue True\n']);
    });

    test("texts become vectors by a folder of the Hub, the same at a second time, which sends nothing", async () => {
      const model = { MODEL: fileURLToPath(new URL("../../models/small-encoder", import.meta.url)) };
      // Tabs in this process would look for it where the test's own server has it.
      ort.env.wasm.numThreads = 1;
      await ort.InferenceSession.create(readFileSync(join(model.MODEL, "onnx/model.onnx")));
      const { code, out, err } = await run(
        `
import os, numpy as np, paritab
client = paritab.Client(progress=False)
texts = ["a cat on the sea", "the king and queen", "a cat on the sea"]
vectors = client.embed(os.environ["MODEL"], texts)
names = [one["id"] for one in client._json("GET", "/v1/models")["data"]]
again = client.embed(names[0], texts[:2])
print(vectors.shape, vectors.dtype, len(names), np.allclose(vectors[:2], again, atol=1e-5), np.allclose(vectors[0], vectors[2], atol=1e-5))
client.embed(os.environ["MODEL"], texts[:1])
print(len(client._json("GET", "/v1/models")["data"]), client.embed(names[0], []).shape)
try:
    client.embed("nobody", texts)
except paritab.ParitabError as error:
    print(error.status, error.code)
`,
        model,
      ).ended;
      expect([code, out], err).toEqual([0, "(3, 32) float32 1 True True\n1 (0, 0)\n404 model_not_found\n"]);
    });

    test("a job's receipt is verified by the paritab command; one that was changed is not", async () => {
      const bin = join(folder, "bin");
      mkdirSync(bin);
      const program = fileURLToPath(new URL("../../../server/cli/paritab.mjs", import.meta.url));
      writeFileSync(join(bin, "paritab"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
      const { code, out, err } = await run(
        `
import os, json, subprocess, numpy as np, paritab
client = paritab.Client(progress=False)
X = np.random.default_rng(2).integers(0, 256, (12, 784)).astype(np.uint8)
list(client.infer(os.environ["MODEL"], X, queries_per_group=2, stragglers=1, liars=0, input_scale=1/255))
job = client.jobs()[0]["jobId"]
told = client.verify(job)
print(told.holds, len(told.findings) > 3, job in told.paragraph or len(told.paragraph) > 80)
try:
    import cryptography
except ImportError:
    cryptography = None
if cryptography:
    here = client.verify(job, command="no-such-command")
    assert here.holds and {one["state"] for one in here.findings} == {"holds", "open"}, here
subprocess.run(["paritab", "receipt", job, "--out", "kept"], check=True, stderr=subprocess.DEVNULL)
text = open("kept/answers.npy", "rb").read()
open("kept/answers.npy", "wb").write(text[:-1] + bytes([text[-1] ^ 1]))
print(paritab.verify("kept/receipt.json").holds)
try:
    here = paritab.verify("kept/receipt.json", command="no-such-command")
    assert not here.holds and "answers.npy is another file" in here.paragraph
    signed = open("kept/receipt.json").read()
    open("kept/receipt.json", "w").write(signed.replace(job, job[::-1]))
    here = paritab.verify("kept/receipt.json", command="no-such-command")
    assert [one["state"] for one in here.findings if one["check"] == "signatures"] == ["broken"]
except FileNotFoundError as error:
    assert cryptography is None and "npm link" in str(error)
print("so")
`,
        { PATH: `${bin}:${process.env.PATH}`, XDG_CONFIG_HOME: folder },
      ).ended;
      expect([code, out], err).toEqual([0, "True True True\nFalse\nso\n"]);
    });

    const canInstall = () => python !== null && spawnSync(python, ["-c", WHEELS]).status === 0;
    test.skipIf(!canInstall())("pip installs it from its folder", { timeout: INSTALL_MS_MAX }, async () => {
      const target = join(folder, "installed");
      const install = ["-m", "pip", "install", "--no-build-isolation", "--no-deps", "--quiet", "--target", target];
      const source = join(folder, "source");
      spawnSync("cp", ["-r", PACKAGE, source]);
      const { status, stderr } = spawnSync(python!, [...install, source], {
        encoding: "utf8",
        // Into a folder of its own, whoever manages this Python's packages.
        env: { ...process.env, PIP_BREAK_SYSTEM_PACKAGES: "1" },
      });
      expect(status, stderr).toBe(0);
      expect(existsSync(join(target, "paritab.py"))).toBe(true);
    });

    async function stateOf(jobId: string): Promise<string> {
      let state = "";
      for await (const job of coordinator.client.watch(jobId)) state = job.state;
      return state;
    }
  },
);

test.skipIf(python !== null)("without Python its client is not tried: install python3 and numpy", () => {
  expect(python).toBe(null);
});
