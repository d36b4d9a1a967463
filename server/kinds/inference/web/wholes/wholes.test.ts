/** [CE12] [CE13] A job in parts over HTTP: what one asks of any job is asked of it by its one id, and is what one piece would say. */
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../../../e2e/crowd/shell-with-tabs.ts";
import { createPlainRuntime } from "../../../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { AnswerView } from "../../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../../../shared/kinds/inference/job-view.ts";
import { partIdOf, rangesOf, wholeIdOf } from "../../../../../shared/kinds/inference/parts.ts";
import type { InferenceReceipt } from "../../../../../shared/kinds/inference/receipt.ts";
import { WHOLE_LOOK_MS } from "../../../../../shared/protocol/limits.ts";
import { parseNpy } from "../../../../../shared/protocol/npy.ts";
import { checkReceipt } from "../../../../../shared/receipts/check-receipt.ts";
import { createParitabClient, type ParitabClient } from "../../../../../shared/sdk/paritab-client.ts";
import { serverEvents } from "../../../../../shared/sdk/server-events.ts";
import { sha256Hex } from "../../../../sha256-hex.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../../../shell/testing/small-job.ts";
import { createApi } from "../../../../web/api.ts";
import { BEAT } from "../../../../web/event-stream.ts";
import { createHostRules } from "../../../../web/host-rules.ts";
import type { OtherCells } from "../../../../web/other-cells.ts";

const PARTS = 3;
const ROWS = 2 * QUERIES + 1;
const OUTPUT_SIZE = 3;
const rows = Float32Array.from({ length: ROWS * INPUT_SIZE }, (_, i) => queries[i % queries.length]! + i / 1_000);
const RANGES = rangesOf(ROWS, PARTS);
const CODE = { ...SYSTEMATIC, answerBound: 0.4, parts: PARTS };
/** Checks would cost more than this: none of its answers becomes final. */
const NOTHING_FINAL = { answerBound: 1e-9, coordinatorRowsMax: 1 };

let desk: ShellWithTabs;
let app: FastifyInstance;
let client: ParitabClient;
let baseUrl: string;
/** Nobody answers before this. */
let held: Promise<void> | null = null;

beforeEach(async () => {
  held = null;
  const tab: TabBehaviour = {
    async answers({ outputs }) {
      await held;
      return outputs;
    },
  };
  desk = await ShellWithTabs.open([tab, tab, tab, tab]);
  const hostRules = createHostRules(null, "127.0.0.1");
  const directories = { client: null, swarm: null };
  app = await createApi({ port: desk.shell, store: desk.store, hostRules, directories, isHttps: false });
  await app.listen({ port: 0, host: "127.0.0.1" });
  baseUrl = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  client = createParitabClient({ baseUrl });
});
afterEach(async () => {
  app.server.closeAllConnections();
  await app.close();
  desk.close();
});

async function submit(settings: object = {}) {
  const [modelSha256, queriesSha256] = await Promise.all([
    desk.store.putBlob(model),
    desk.upload({ dtype: "F32", shape: [ROWS, INPUT_SIZE], data: rows }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256, inputScale: 1 } as const;
  return client.submit({ kind: "inference", name: "letters", ...CODE, source, ...settings } as never);
}

async function ended(jobId: string): Promise<InferenceJobView> {
  for (;;) {
    const view = (await client.job(jobId)) as InferenceJobView;
    if (view.finishedMs !== null) return view;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const truth = async () => {
  const outputs = await (await createPlainRuntime().load(model)).run(rows, ROWS);
  return Array.from({ length: ROWS }, (_, row) => [...outputs.subarray(row * OUTPUT_SIZE, (row + 1) * OUTPUT_SIZE)]);
};
const rounded = (row: ArrayLike<number>) => Array.from(row, (value) => value.toFixed(4));

async function bytesOf(path: string): Promise<Uint8Array> {
  const response = await fetch(`${baseUrl}${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return new Uint8Array(await response.arrayBuffer());
}

test("[CE12] its view, list, pages and files have every answer once, in the order of the queries", async () => {
  const { jobId } = await submit();
  const view = await ended(jobId);
  expect(view).toMatchObject({
    jobId,
    name: "letters",
    state: "done",
    queryCount: ROWS,
    answersByMark: { missing: 0 },
  });
  expect(view.parts).toEqual(RANGES.map((range, i) => ({ jobId: partIdOf(jobId, i), ...range, state: "done" })));
  expect([view.roundsDone, view.roundCount, view.rows?.waiting]).toEqual([ROWS, ROWS, null]);
  expect((await client.jobList({})).jobs.map((job) => [job.jobId, job.name, job.state])).toEqual([
    [jobId, "letters", "done"],
  ]);
  expect((await client.jobs()).map((job) => [job.jobId, job.state])).toEqual([[jobId, "done"]]);
  const expected = await truth();
  const seen: AnswerView[] = [];
  for (let offset = 0; offset < ROWS; ) {
    const page = await client.answers(jobId, { offset, limit: 10 });
    expect([page.queryCount, page.matching, page.offset]).toEqual([ROWS, ROWS, offset]);
    seen.push(...page.answers);
    offset += page.answers.length;
  }
  expect(seen.map(({ index }) => index)).toEqual([...Array(ROWS).keys()]);
  expect(seen.map(({ outputs }) => rounded(outputs))).toEqual(expected.map(rounded));
  const notFinal = seen.filter(({ final }) => !final).map(({ index }) => index);
  const filtered = await client.answers(jobId, { offset: 1, limit: 7, only: "not-final" });
  expect([filtered.matching, filtered.answers.map(({ index }) => index)]).toEqual([
    notFinal.length,
    notFinal.slice(1, 8),
  ]);
  const npy = parseNpy(await bytesOf(`/api/jobs/${jobId}/answers.npy`));
  expect(npy.shape).toEqual([ROWS, OUTPUT_SIZE]);
  expect(rounded(npy.data as Float32Array)).toEqual(expected.flatMap(rounded));
  expect(parseNpy(await bytesOf(`/api/jobs/${jobId}/marks.npy`)).shape).toEqual([ROWS]);
  const csv = new TextDecoder().decode(await bytesOf(`/api/jobs/${jobId}/answers.csv`)).split("\r\n");
  expect([csv.length, csv[0]!.slice(0, 17), csv.at(-1)]).toEqual([ROWS + 2, "index,label,mark,", ""]);
  expect(csv.slice(1, -1).map((line) => Number(line.split(",")[0]))).toEqual([...Array(ROWS).keys()]);
  expect(csv.slice(1, -1).map((line) => rounded(line.split(",").slice(-OUTPUT_SIZE).map(Number)))).toEqual(
    expected.map(rounded),
  );
  const asked = [ROWS - 1, 0, 40, 1];
  const found = parseNpy(await bytesOf(`/api/jobs/${jobId}/queries.npy?indices=${asked}`));
  expect([...(found.data as Float32Array)]).toEqual(
    asked.flatMap((query) => [...rows.subarray(query * INPUT_SIZE, (query + 1) * INPUT_SIZE)]),
  );
  await expect(bytesOf(`/api/jobs/${jobId}/queries.npy?indices=${ROWS}`)).rejects.toThrow(/404/);
  expect((await client.timeline(jobId)).spans.length).toBeGreaterThan(0);
  expect((await client.takenBack(jobId)).takings).toEqual([]);
  expect(await client.submission(jobId)).toMatchObject({ name: "letters", parts: PARTS });
});

test("[CE12] a list asks no part that is at hand", async () => {
  const { jobId } = await submit();
  await ended(jobId);
  const asked: (string | undefined)[] = [];
  app.server.on("request", ({ url }) => asked.push(url));
  expect((await client.jobs()).map((job) => [job.jobId, job.state])).toEqual([[jobId, "done"]]);
  expect(asked).toEqual(["/api/jobs"]);
});

/** Another coordinator of the same service. @param cells by default it has no part of anything. @returns its address, and closes it */
async function another(cells: Partial<OtherCells> = {}) {
  const directories = { client: null, swarm: null };
  const hostRules = createHostRules(null, "127.0.0.1");
  const otherCells: OtherCells = {
    isHeld: true,
    isOwn: () => false,
    ownerOf: async (jobId) => (wholeIdOf(jobId) === null ? null : { address: baseUrl, isAtWork: true }),
    ownersOf: async (jobIds) => new Map(jobIds.map((jobId) => [jobId, { address: baseUrl, isAtWork: true }])),
    addressOf: async () => null,
    takeParts: async () => {},
    takePart: async () => {},
    catchUp: async () => {},
    others: async () => [],
    tabs: async () => 0,
    addressOfEldest: async () => null,
    ...cells,
  };
  const other = await createApi({
    port: desk.shell,
    store: desk.store,
    hostRules,
    directories,
    isHttps: false,
    otherCells,
  });
  await other.listen({ port: 0, host: "127.0.0.1" });
  const { port } = other.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      other.server.closeAllConnections();
      await other.close();
    },
  };
}

test("[CE12] sixteen who watch it at another coordinator cost that one as many requests as one who does: one a second", async () => {
  held = new Promise(() => {});
  const { jobId } = await submit();
  const asked: string[] = [];
  app.server.on("request", ({ url }) => asked.push(url!));
  for (const watchers of [1, 16]) {
    const other = await another();
    const begunMs = performance.now();
    const watched = Array.from({ length: watchers }, async () => {
      const view = (await createParitabClient({ baseUrl: other.url }).job(jobId)) as InferenceJobView;
      expect([view.jobId, view.queryCount, view.parts?.length]).toEqual([jobId, ROWS, PARTS]);
      // Behind the last answer only its end is waited for.
      const response = await fetch(`${other.url}/api/jobs/${jobId}/answers.sse?from=${ROWS}`);
      const reader = response.body!.getReader();
      for (let beats = 0; beats < 2; ) {
        const { value } = await reader.read();
        beats += new TextDecoder().decode(value).split(BEAT).length - 1;
      }
      await reader.cancel();
    });
    await Promise.all(watched);
    const seconds = (performance.now() - begunMs) / WHOLE_LOOK_MS;
    expect(asked.filter((url) => !url.includes("/parts.json?what=standing&parts=0,1,2&"))).toEqual([]);
    expect(asked.length).toBeGreaterThan(1);
    expect(asked.length).toBeLessThanOrEqual(seconds + 1);
    await other.close();
    asked.length = 0;
  }
});

test("[CE12] what a dashboard shows of it, page after page, costs another coordinator a request for each and none for a part", async () => {
  const { jobId } = await submit(NOTHING_FINAL);
  await ended(jobId);
  const asked: string[] = [];
  const other = await another();
  const there = createParitabClient({ baseUrl: other.url });
  app.server.on("request", ({ url }) => asked.push(url!.replace(/&.*/, "").replace(/^.*\//, "")));
  const begunMs = performance.now();
  const view = (await there.job(jobId)) as InferenceJobView;
  expect((await there.timeline(jobId)).rounds).toEqual((await client.timeline(jobId)).rounds);
  const open = await there.answers(jobId, { offset: 0, limit: 5, only: "not-final" });
  expect([open.matching, open.answers.length]).toEqual([ROWS - view.finalCount, 5]);
  expect((await there.takenBack(jobId)).takings).toEqual([]);
  const [standing, ...others] = ["standing", "timeline", "matching"].map((what) => `parts.json?what=${what}`);
  const ofParts = asked.filter((what) => what.startsWith("parts.json"));
  expect(ofParts.filter((what) => what !== standing)).toEqual(others);
  // All of these need the standing: it is asked for once, and again each second, if they take so long.
  const seconds = (performance.now() - begunMs) / WHOLE_LOOK_MS;
  const standings = ofParts.length - others.length;
  expect(standings).toBeGreaterThanOrEqual(1);
  expect(standings).toBeLessThanOrEqual(seconds + 1);
  await other.close();
});

/** A coordinator on a database where parts wait: it takes the first of a job, and the others when it is told to. */
async function withWaitingParts() {
  const write = desk.store.addWhole.bind(desk.store);
  desk.store.addWhole = async (whole, parts) => (await write(whole, parts)).slice(0, 1);
  const { jobs, jobsAtWork } = desk.shell.state;
  const ownerOf = async (jobId: string) => {
    const isWaiting = wholeIdOf(jobId) !== null && !jobs.has(jobId);
    return { address: null, isAtWork: isWaiting || jobsAtWork.has(jobId), isWaiting };
  };
  const other = await another({
    isOwn: (jobId) => jobsAtWork.has(jobId),
    ownerOf,
    ownersOf: async (jobIds) => new Map(await Promise.all(jobIds.map(async (id) => [id, await ownerOf(id)] as const))),
    takePart: (jobId) => desk.shell.takeJobs([jobId]),
  });
  client = createParitabClient({ baseUrl: other.url });
  return other;
}

test("[CE11] [CE12] parts that wait for a coordinator are shown as what nobody has answered, and their answers are told once somebody has them", async () => {
  const other = await withWaitingParts();
  const { jobId } = await submit();
  const told: string[] = [];
  const reading = (async () => {
    const response = await fetch(`${other.url}/api/jobs/${jobId}/answers.sse`);
    for await (const { event, data } of serverEvents(response.body as never))
      told.push(event === "answer" ? `${JSON.parse(data).index}` : event!);
  })();
  const view = async () => (await client.job(jobId)) as InferenceJobView;
  while ((await view()).parts?.[0]?.state !== "done") await new Promise((resolve) => setTimeout(resolve, 10));
  const [first, second] = RANGES;
  const { state, queryCount, answersByMark, parts, finishedMs } = await view();
  expect([state, queryCount, answersByMark.missing, finishedMs]).toEqual([
    "running",
    ROWS,
    ROWS - first!.queryCount,
    null,
  ]);
  expect(parts?.map((part) => part.state)).toEqual(["done", "preparing", "preparing"]);
  const page = await client.answers(jobId, { offset: second!.firstQuery - 1, limit: 3 });
  expect(page.answers.map(({ index, mark }) => [index - second!.firstQuery, mark === "missing"])).toEqual([
    [-1, false],
    [0, true],
    [1, true],
  ]);
  expect((await client.answers(jobId, { offset: 0, limit: 1, only: "not-final" })).matching).toBe(
    ROWS - (await view()).finalCount,
  );
  expect((await client.timeline(jobId)).spans.length).toBeGreaterThan(0);
  await expect(client.signedReceipt(jobId)).rejects.toMatchObject({ code: "job-runs" });
  expect((await client.jobs()).map((job) => [job.jobId, job.state])).toEqual([[jobId, "running"]]);
  const asked = [ROWS - 1, 0];
  const found = parseNpy(
    new Uint8Array(await (await fetch(`${other.url}/api/jobs/${jobId}/queries.npy?indices=${asked}`)).arrayBuffer()),
  );
  expect([...(found.data as Float32Array)]).toEqual(
    asked.flatMap((query) => [...rows.subarray(query * INPUT_SIZE, (query + 1) * INPUT_SIZE)]),
  );
  await desk.shell.takeJobs([1, 2].map((index) => partIdOf(jobId, index)));
  await reading;
  expect(told).toEqual([...Array.from({ length: ROWS }, (_, query) => `${query}`), "end"]);
  expect(await ended(jobId)).toMatchObject({ state: "done", answersByMark: { missing: 0 } });
  expect((await client.checkReceipt(jobId)).holds).toBe(true);
  await other.close();
});

test("[CE11] [CE12] [CE13] a job that is cancelled ends with the parts that wait, and its one receipt holds", async () => {
  held = new Promise(() => {});
  const other = await withWaitingParts();
  const { jobId } = await submit();
  expect((await client.job(jobId)).finishedMs).toBeNull();
  await client.cancel(jobId);
  const view = await ended(jobId);
  expect(view.state).toBe("cancelled");
  // The coordinator may have computed rows of the first part by then.
  expect(view.answersByMark.missing).toBeGreaterThanOrEqual(ROWS - RANGES[0]!.queryCount);
  expect(view.parts?.map((part) => part.state)).toEqual(["cancelled", "cancelled", "cancelled"]);
  expect((await client.checkReceipt(jobId)).holds).toBe(true);
  await client.deleteJob(jobId);
  expect(await desk.store.jobs()).toEqual([]);
  await other.close();
});

test("[CE9] [CE12] what one coordinator has changed of it no other one shows as it was", async () => {
  held = new Promise(() => {});
  const { jobId } = await submit();
  const [changing, showing] = [await another(), await another()];
  const seen = createParitabClient({ baseUrl: showing.url });
  expect((await seen.job(jobId)).finishedMs).toBeNull();
  await createParitabClient({ baseUrl: changing.url }).cancel(jobId);
  expect((await seen.job(jobId)).state).toBe("cancelled");
  await changing.close();
  await showing.close();
});

test("[CE12] its answers are told as events, each once, and its end is told once, from wherever a reader goes on", async () => {
  let release: () => void = () => {};
  held = new Promise((resolve) => {
    release = resolve;
  });
  const { jobId } = await submit();
  const told = async (from: number, lastSeen?: number) => {
    const headers = lastSeen === undefined ? {} : { "last-event-id": String(lastSeen) };
    const response = await fetch(`${baseUrl}/api/jobs/${jobId}/answers.sse?from=${from}`, { headers });
    const events: string[] = [];
    for await (const { event, data } of serverEvents(response.body as never)) {
      const said = JSON.parse(data) as { index?: number; jobId?: string; state?: string };
      events.push(event === "answer" ? `${said.index}` : `${event} ${said.jobId} ${said.state}`);
    }
    return events;
  };
  const all = told(0);
  const later = told(0, RANGES[1]!.firstQuery + 2);
  release();
  const indices = (from: number) => Array.from({ length: ROWS - from }, (_, i) => `${from + i}`);
  expect(await all).toEqual([...indices(0), `end ${jobId} done`]);
  expect(await later).toEqual([...indices(RANGES[1]!.firstQuery + 3), `end ${jobId} done`]);
  expect(await told(ROWS)).toEqual([`end ${jobId} done`]);
  const bad = await fetch(`${baseUrl}/api/jobs/${jobId}/answers.sse`, { headers: { "last-event-id": "x" } });
  expect(bad.status).toBe(400);
});

test("[CE13] it has one receipt, which says which part has which queries, and holds; what was signed first stands", async () => {
  const { jobId, commitment } = await submit();
  await ended(jobId);
  const signed = await bytesOf(`/api/jobs/${jobId}/receipt/signed.json`);
  const answers = await bytesOf(`/api/jobs/${jobId}/answers.npy`);
  const check = (pinnedCommitment: string | null) =>
    checkReceipt({
      ...{ receipt: signed, answers, pinnedKey: null, pinnedCommitment },
      file: (name) => bytesOf(`/api/jobs/${jobId}/receipt/files/${name}`),
    });
  const { findings, counted, rows: records } = await check(commitment!);
  expect(findings.filter(({ state }) => state === "broken")).toEqual([]);
  const holding = findings.filter(({ state }) => state === "holds").map(({ check }) => check);
  for (const name of ["whole", "parts", "statements", "files", "rows", "answers", "counts", "commitment", "draws"]) {
    expect(holding).toContain(name);
  }
  expect([counted?.answers.queryCount, records?.length]).toEqual([ROWS, ROWS * 52]);
  expect((await check("0".repeat(64))).findings.find(({ check }) => check === "commitment")?.state).toBe("broken");
  expect((await client.checkReceipt(jobId)).holds).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 5));
  const whole = (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)).whole;
  expect(whole(await bytesOf(`/api/jobs/${jobId}/receipt/signed.json`))).toEqual(whole(signed));
  const receipt = (await client.receipt(jobId)) as InferenceReceipt;
  expect(receipt).toMatchObject({
    jobId,
    state: "done",
    answers: { queryCount: ROWS },
    hashes: { answers: sha256Hex(answers) },
  });
  const contributed = receipt.volunteers.reduce((sum, volunteer) => sum + volunteer.answers, 0);
  expect(contributed).toBeGreaterThan(0);
  expect(receipt.volunteers).toHaveLength(4);
});

test("[CE12] [TB4] what is not final is done again by a job for each part, and what both say together is numbered as the whole is", async () => {
  const { jobId } = await submit(NOTHING_FINAL);
  expect((await ended(jobId)).finalCount).toBeLessThan(ROWS);
  const begun = await client.redo(jobId);
  const all = [begun, ...(begun.others ?? [])];
  expect(all.map(({ isNew }) => isNew)).toEqual([true, true, true]);
  for (const again of all) await ended(again.jobId);
  expect((await ended(jobId)).redoneBy).toEqual(all.map((again) => again.jobId));
  const together = parseNpy(await client.redoneFile(jobId, "npy"));
  expect(rounded(together.data as Float32Array)).toEqual((await truth()).flatMap(rounded));
  const { jobId: final } = await submit({ answerBound: 0.5 });
  expect(await ended(final)).toMatchObject({ finalCount: ROWS });
  await expect(client.redo(final)).rejects.toMatchObject({ code: "nothing-to-redo" });
});

test("[CE12] it is cancelled and deleted with all of its parts, and no part is by itself", async () => {
  held = new Promise(() => {});
  const { jobId } = await submit();
  const part = partIdOf(jobId, 1);
  await expect(client.cancel(part)).rejects.toMatchObject({ code: "is-a-part" });
  // [AC14] Nobody is given a link that would open nothing, or more than was asked for.
  const linked = await fetch(`${baseUrl}/api/jobs/${part}/link`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ days: 1 }),
  });
  expect([linked.status, ((await linked.json()) as { error: object }).error]).toEqual([
    409,
    { code: "is-a-part", message: expect.stringContaining(`a part of job ${jobId}, whose link reads`) },
  ]);
  await expect(client.deleteJob(jobId)).rejects.toMatchObject({ code: "job-runs" });
  await expect(client.signedReceipt(jobId)).rejects.toMatchObject({ code: "job-runs" });
  await client.cancel(jobId);
  expect(await ended(jobId)).toMatchObject({ state: "cancelled" });
  await expect(client.cancel(jobId)).rejects.toMatchObject({ code: "job-ended" });
  await expect(client.deleteJob(part)).rejects.toMatchObject({ code: "is-a-part" });
  await expect(client.stop(jobId)).rejects.toMatchObject({ code: "in-parts", message: expect.stringContaining(part) });
  await client.deleteJob(jobId);
  await expect(client.job(jobId)).rejects.toMatchObject({ status: 404 });
  await expect(client.job(part)).rejects.toMatchObject({ status: 404 });
  expect((await client.jobList({})).jobs).toEqual([]);
  expect(await desk.store.jobs()).toEqual([]);
});
