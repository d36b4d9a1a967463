/** [CE12] [CE13] A job in parts from the command line, on a real coordinator with tabs: one id, one file of answers, one receipt, which holds offline. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { loadMnist, MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { cli } from "./fake-terminal.ts";

const COUNT = 61;
const MODEL = dirname(MNIST_MODEL_FILES.modelJson);

let coordinator: CoordinatorInProcess;
let folder: string;
let jobId: string;
const path = (...names: string[]) => join(folder, ...names);
const paritab = (...argv: string[]) =>
  cli(argv, { environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder } });
/** Nobody is asked: there is nobody at this address. */
const offline = (...argv: string[]) =>
  cli(["verify", ...argv], { environment: { PARITAB_URL: "http://localhost:1", XDG_CONFIG_HOME: folder } });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "paritab-parts-"));
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(5);
  const digits = await loadMnist("test");
  const data = digits.images.slice(0, COUNT * 784);
  writeFileSync(path("X.npy"), encodeNpy({ dtype: "U8", shape: [COUNT, 28, 28], data }));
  const code = ["--queries-per-group", "2", "--stragglers", "1", "--parts", "3", "--nonce", "my-own"];
  const files = ["--model", MODEL, "--queries", path("X.npy"), "--input-scale", "1/255", "--out", path("first.csv")];
  const submitted = await paritab("submit", "inference", ...files, ...code);
  expect([submitted.code, submitted.said]).toEqual([EXIT.ok, expect.stringMatching(/^job [\w-]{24}\b/m)]);
  jobId = /^job ([\w-]+)/m.exec(submitted.said)![1]!;
});
afterAll(async () => {
  await coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

test("answers of all parts are one file, and the job is one line of the list", async () => {
  const lines = readFileSync(path("first.csv"), "utf8").trim().split(/\r?\n/);
  expect(lines.slice(1).map((line) => Number(line.split(",")[0]))).toEqual([...Array(COUNT).keys()]);
  const { out } = await paritab("jobs");
  expect(out.match(/\b[\w-]{24}\b/g)).toEqual([jobId]);
});

test("one receipt is kept, and holds offline with what was noted and with rows computed again", async () => {
  expect((await paritab("receipt", jobId, "--out", path("kept"))).code).toBe(EXIT.ok);
  const beside = [0, 1, 2].flatMap((part) =>
    ["batches.jsonl", "rows.bin", "signatures.jsonl"].map((name) => `${part}.${name}`),
  );
  expect(readdirSync(path("kept")).sort()).toEqual([...beside, "answers.npy", "receipt.json"].sort());
  const { code, out } = await offline(
    path("kept", "receipt.json"),
    "--model",
    MODEL,
    "--queries",
    path("X.npy"),
    "--sample",
    "50",
  );
  expect([code, out]).toEqual([EXIT.ok, expect.stringContaining("3 of them have 61 queries, each one once")]);
  expect(out).toContain("together they make");
  expect(out).toContain("You have computed 50 rows again");
  const newest = await paritab("verify", path("kept", "receipt.json"), "--url", coordinator.url);
  expect([newest.code, newest.out]).toEqual([EXIT.ok, expect.stringContaining("the coordinator has no more")]);
});

test("a part's records in the place of another's do not hold", async () => {
  writeFileSync(path("kept", "0.rows.bin"), readFileSync(path("kept", "1.rows.bin")));
  const { code, out } = await offline(path("kept", "receipt.json"));
  expect([code, out]).toEqual([EXIT.notSo, expect.stringContaining("Do not rely on this")]);
});
