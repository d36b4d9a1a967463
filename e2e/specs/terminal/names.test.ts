/** Names of rows that stay with a job: for whoever may read it, on any machine, and for nobody else. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { encode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EXIT } from "../../../server/cli/exit-codes.ts";
import { readModel } from "../../../server/cli/inputs/model-folder.ts";
import { loadMnist, MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import { sentFiles } from "../../../shared/hub/hub-place.ts";
import { KEPT_NAMES_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { createParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { expectSameElsewhere, jobsIn } from "./elsewhere.ts";
import { cli } from "./fake-terminal.ts";

const MODEL = dirname(MNIST_MODEL_FILES.modelJson);
const COUNT = 12;
const CODE = ["--queries-per-group", "2", "--stragglers", "1"];
/** Nobody else's is called so. */
const SECRET = "my-diary-of-1987";

let coordinator: CoordinatorInProcess;
let folder: string;
let data: Uint8Array;
const path = (name: string) => join(folder, name);

beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(4);
  folder = mkdtempSync(join(tmpdir(), "paritab-names-"));
  data = (await loadMnist("test")).images.slice(0, COUNT * 784);
  writeFileSync(path("X.npy"), encodeNpy({ dtype: "U8", shape: [COUNT, 28, 28], data }));
  mkdirSync(path(SECRET));
  for (let i = 0; i < COUNT; i++) {
    const pixels = data.subarray(i * 784, (i + 1) * 784);
    writeFileSync(path(`${SECRET}/${SECRET}-${i}.png`), encode({ width: 28, height: 28, channels: 1, data: pixels }));
  }
});
afterAll(async () => {
  await coordinator.close();
  rmSync(folder, { recursive: true, force: true });
});

const paritab = (...argv: string[]) =>
  cli(argv, { environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder } });
const submit = (...argv: string[]) => paritab("submit", "inference", "--model", MODEL, ...argv, ...CODE);

test.each(["csv", "jsonl", "npy", "json"])(
  "of a folder of pictures another machine writes the same .%s",
  async (ending) => {
    const out = path(`pictures.${ending}`);
    const { code, said } = await submit("--queries", path(SECRET), "--out", out);
    expect(code, said).toBe(EXIT.ok);
    await expectSameElsewhere(coordinator.url, said, out);
    if (ending === "csv") expect(readFileSync(out, "utf8")).toMatch(new RegExp(`^0,${SECRET}-0.png,\\d,`, "m"));
  },
);

test.each(["csv", "npy", "json"])("of queries without names too: the same .%s", async (ending) => {
  const out = path(`plain.${ending}`);
  const { code, said } = await submit("--queries", path("X.npy"), "--input-scale", "1/255", "--out", out);
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, out);
});

test("of a job in parts the names are the whole's, and a part has numbers", async () => {
  const out = path("parts.csv");
  const { code, said } = await submit("--queries", path(SECRET), "--out", out, "--parts", "2");
  expect(code, said).toBe(EXIT.ok);
  await expectSameElsewhere(coordinator.url, said, out);
  expect(readFileSync(out, "utf8")).toMatch(new RegExp(`^11,${SECRET}-11.png,`, "m"));
  const part = await paritab("results", `${jobsIn(said)[0]}-1`);
  expect(part.out).toMatch(/^index,label,mark/);
});

test("with --keep-names no nothing of them reaches the coordinator: elsewhere answers are numbers, here they have names", async () => {
  const out = path("own.csv");
  const { code, said } = await submit("--queries", path(SECRET), "--out", out, "--keep-names", "no");
  expect(code, said).toBe(EXIT.ok);
  expect(readFileSync(out, "utf8")).toContain(SECRET);
  const [jobId] = jobsIn(said);
  const { client } = coordinator;
  expect(await client.inferenceJob(jobId!)).not.toHaveProperty("keepsNames");
  await expect(client.names(jobId!)).rejects.toMatchObject({ status: 404, code: "no-names" });
  expect(JSON.stringify(await client.submission(jobId!))).not.toMatch(new RegExp(`${SECRET}-|asked`));
  expect((await paritab("results", jobId!)).out).toMatch(/^index,label,mark/);
});

test("how it was asked is what was typed, without where and as whom", async () => {
  const typed = ["--queries", path("X.npy"), "--input-scale", "1/255", "--detach"];
  const { out } = await submit(...typed, "--url", coordinator.url);
  const { asked } = await coordinator.client.submission(out.trim());
  expect(asked).toEqual(["paritab", "submit", "inference", "--model", MODEL, ...typed, ...CODE]);
});

test("interrupted before the file is written, the job is cancelled, or kept with --keep", async () => {
  for (const [more, state] of [
    [[], "cancelled"],
    [["--keep"], "done"],
  ] as const) {
    const ended = new AbortController();
    const argv = ["submit", "inference", "--model", MODEL, "--queries", path(SECRET), "--out", path("never.csv")];
    const { code, said } = await cli([...argv, ...CODE, ...more], {
      ...{ environment: { PARITAB_URL: coordinator.url, XDG_CONFIG_HOME: folder }, signal: ended.signal },
      onSay: (line) => line.startsWith("job ") && ended.abort(),
    });
    expect(code, said).toBe(EXIT.interrupted);
    const [jobId] = jobsIn(said);
    let last = "";
    for await (const job of coordinator.client.watch(jobId!)) last = job.state;
    expect([more, last]).toEqual([more, state]);
  }
  expect(existsSync(path("never.csv"))).toBe(false);
});

test("--detach with --out says where the answers will be, and that is where they are", async () => {
  const out = path("later.csv");
  const { said, out: id } = await submit("--queries", path(SECRET), "--out", out, "--detach");
  const told = /: paritab (results .*)$/m.exec(said)![1]!.split(" ");
  for await (const _ of coordinator.client.watch(id.trim()));
  expect((await paritab(...told)).code).toBe(EXIT.ok);
  expect(readFileSync(out, "utf8")).toContain(`${SECRET}-3.png`);
});

test("receipts, lists for volunteers and estimates have none of them; deleted with the job they are gone", async () => {
  const { said } = await submit("--queries", path(SECRET), "--out", path("told.csv"), "--name", "a-job");
  const [jobId] = jobsIn(said);
  const { client, url } = coordinator;
  const text = async (what: string) => (await fetch(new URL(what, url))).text();
  expect(await text(`/api/jobs/${jobId}/names.json`)).toContain(SECRET);
  const { source } = (await client.submission(jobId!)) as unknown as { source: { namesSha256: string } };
  const open = [`/api/jobs/${jobId}/receipt.json`, `/api/jobs/${jobId}/receipt/signed.json`, `/api/work/${jobId}`];
  for (const what of [...open, "/api/work", "/api/status", "/api/sessions", "/api/volunteers", "/metrics"]) {
    const told = await text(what);
    expect(told.length, what).toBeGreaterThan(1);
    for (const secret of [SECRET, source.namesSha256, '"asked"']) expect(told, what).not.toContain(secret);
  }
  await client.deleteJob(jobId!);
  await expect(client.names(jobId!)).rejects.toMatchObject({ status: 404 });
});

test("what is no names, is too much, or names other rows is refused, or makes nothing of a job but its numbers", async () => {
  const { client, url } = coordinator;
  const post = (body: string) =>
    fetch(new URL("/api/names", url), { method: "POST", headers: { "content-type": "application/json" }, body });
  expect((await post("[1]")).status).toBe(400);
  expect((await post("")).status).toBe(400);
  const large = await fetch(new URL("/api/names", url), {
    ...{ method: "POST", headers: { "content-type": "application/json" } },
    body: new Uint8Array(KEPT_NAMES_BYTES_MAX + 1).fill(123),
  });
  expect([large.status, await large.text()]).toEqual([413, expect.stringMatching(/expected at most \d+ bytes/)]);
  const model = { modelSha256: (await client.uploadModel(await files())).modelSha256 };
  const queries = { dtype: "U8", shape: [COUNT, 784], data } as const;
  const run = { model, queries, inputScale: 1 / 255, queriesPerGroup: 2 };
  await expect(client.submitRun({ ...run, names: { namesSha256: "0".repeat(64) } })).rejects.toThrow(
    /no names with the hash 0+ were uploaded/,
  );
  // Two names of twelve rows; and something that is no names at all.
  for (const [names, told] of [
    [{ kind: "rows", seal: "", names: ["a", "b"] }, ""],
    [{ kind: "none" }, /names of job .*kind: expected/],
  ] as const) {
    const jobId = await client.submitRun({ ...run, names: await client.uploadNames(names) });
    const { code, out, said } = await paritab("results", jobId);
    if (told === "") expect([code, out]).toEqual([EXIT.ok, expect.stringMatching(/^index,label,mark/)]);
    else expect([code, said]).toEqual([EXIT.input, expect.stringMatching(told)]);
    expect((await paritab("results", jobId, "--numbers")).out).toMatch(/^index,label,mark/);
  }
});

test("a program gives its rows names, and reads them where it likes", async () => {
  const { client } = coordinator;
  const names = Array.from({ length: COUNT }, (_, i) => `row ${i}`);
  const queries = { dtype: "U8", shape: [COUNT, 784], data } as const;
  const run = { model: await files(), queries, inputScale: 1 / 255, queriesPerGroup: 2, names };
  const jobId = await client.submitRun(run);
  for await (const _ of client.watch(jobId));
  const { out } = await paritab("results", jobId, "--json");
  const rows = out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { file: string; index: number });
  expect(rows.map(({ file, index }) => [file, index])).toEqual(names.map((name, i) => [name, i]));
});

const files = async () => sentFiles(await readModel(MODEL));

describe("where submitters need tokens", () => {
  test("others read neither the names of a job nor use them for theirs; whoever has a link to it reads them", async () => {
    const guarded = await coordinatorInProcess({ PARITAB_AUTH: "on" });
    try {
      const admin = createParitabClient({ baseUrl: guarded.url, token: guarded.adminToken! });
      const as = async (submitter: string) => {
        const { token } = await admin.createToken({ submitter });
        return createParitabClient({ baseUrl: guarded.url, token });
      };
      const [mine, others] = [await as("me"), await as("others")];
      const queries = { dtype: "U8", shape: [COUNT, 784], data } as const;
      const run = { model: await files(), queries, queriesPerGroup: 2 };
      const names = await mine.uploadNames({ kind: "rows", seal: "", names: new Array(COUNT).fill(SECRET) });
      const jobId = await mine.submitRun({ ...run, names });
      const text = async (client: typeof mine) => new TextDecoder().decode(await client.names(jobId));
      expect(await text(mine)).toContain(SECRET);
      await expect(others.names(jobId)).rejects.toMatchObject({ status: 404 });
      await expect(others.submitRun({ ...run, names })).rejects.toMatchObject({ status: 404, code: "unknown-upload" });
      // Words are words, whatever they look like.
      const asked = ["paritab", "submit", "inference", "--model", "f".repeat(64)];
      expect(await mine.submission(await mine.submitRun({ ...run, names, asked }))).toMatchObject({ asked });
      const { token } = await mine.shareJob(jobId);
      expect(await text(createParitabClient({ baseUrl: guarded.url, token }))).toContain(SECRET);
      const nobody = await fetch(new URL(`/api/jobs/${jobId}/names.json`, guarded.url));
      expect(nobody.status).toBe(401);
    } finally {
      await guarded.close();
    }
  });
});
