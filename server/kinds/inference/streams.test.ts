/** [SM] Streams from the port's side: queries in, answers out, on tabs that compute for real. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { QueriesPosted } from "../../../shared/kinds/inference/stream.ts";
import { STREAM_UNANSWERED_MAX } from "../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { sha256Hex } from "../../sha256-hex.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";
import type { ApiProblem } from "../../web/coordinator-port.ts";

let desk: ShellWithTabs;
afterEach(() => desk?.close());

const query = (n: number) => ({
  values: queries.subarray((n % QUERIES) * INPUT_SIZE, ((n % QUERIES) + 1) * INPUT_SIZE),
});
const many = (from: number, count: number) => Array.from({ length: count }, (_, n) => query(from + n));

async function openStream(
  settings: Record<string, unknown> = {},
  source: Record<string, unknown> = {},
  tabs = 8,
): Promise<string> {
  desk = await ShellWithTabs.open(Array.from({ length: tabs }, () => ({})));
  const modelSha256 = await desk.store.putBlob(model);
  const reply = await desk.submit({
    ...SYSTEMATIC,
    ...settings,
    source: { kind: "stream", modelSha256, closeAfterMs: 5, ...source },
  });
  if (!("jobId" in reply)) throw new Error(reply.message);
  return reply.jobId;
}

async function answered(jobId: string, count: number): Promise<void> {
  const isThere = () => (desk.shell.jobView(jobId) as { answersByMark: Record<string, number> }).answersByMark;
  while (isThere().exact! + isThere().audited! < count) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function expectModelsOwn(jobId: string, count: number): Promise<void> {
  const { outputs, queryCount } = (await desk.shell.desks.inference.allAnswers(jobId))!;
  expect(queryCount).toBe(count);
  const loaded = await createPlainRuntime().load(model);
  const rows = Float32Array.from(many(0, count).flatMap(({ values }) => [...values]));
  const own = await loaded.run(rows, count);
  for (const [i, value] of own.entries()) expect(outputs[i]).toBeCloseTo(value, 4);
}

test("[SM2] [SM3] queries posted one by one, in bursts and again are each answered once, in their order", async () => {
  const jobId = await openStream();
  expect(desk.shell.jobView(jobId)).toMatchObject({
    queryCount: 0,
    stream: { isOpen: true, closeAfterMs: 5 },
  });
  for (let n = 0; n < 3; n++)
    expect(await desk.shell.desks.inference.postQueries(jobId, [query(n)], null)).toMatchObject({
      firstIndex: n,
      taken: 1,
    });
  // The acknowledgement got lost: the same two again, with one more behind them.
  expect(await desk.shell.desks.inference.postQueries(jobId, many(1, 3), 1)).toMatchObject({
    firstIndex: 1,
    taken: 3,
    queryCount: 4,
  });
  expect(await desk.shell.desks.inference.postQueries(jobId, many(4, 30), 4)).toMatchObject({
    taken: 30,
    queryCount: 34,
    refusedCount: 0,
  });
  await answered(jobId, 34);
  expect(desk.shell.jobView(jobId)).toMatchObject({
    state: "running",
    waitingFor: "it is open, and waits for queries",
  });
  expect(await desk.shell.stop(jobId)).toBe(true);
  await desk.ended(jobId);
  await expectModelsOwn(jobId, 34);
  const receipt = await desk.shell.receipt(jobId);
  const data = Float32Array.from(many(0, 34).flatMap(({ values }) => [...(values as Float32Array)]));
  const queries = sha256Hex(encodeNpy({ dtype: "F32", shape: [34, data.length / 34], data }));
  expect(receipt).toMatchObject({ state: "done", hashes: { queries }, answers: { queryCount: 34 } });
  expect(await desk.shell.stop(jobId)).toBe(false);
});

test("a query of another shape in the middle is refused with its index, and the job goes on", async () => {
  const jobId = await openStream();
  const bad = { values: Float32Array.of(1, 2, 3) };
  const posted = (await desk.shell.desks.inference.postQueries(
    jobId,
    [query(0), bad, query(1), { problem: "no numbers" }, { values: [1, 2, 3, 4, 5, Number.NaN] }],
    null,
  )) as QueriesPosted;
  expect(posted).toMatchObject({ firstIndex: 0, taken: 2, queryCount: 2, refusedCount: 3 });
  expect(posted.refused.map(({ place }) => place)).toEqual([1, 3, 4]);
  expect(posted.refused[0]!.message).toBe("query 1 of the body (index 1 had it been taken): expected 6 numbers, got 3");
  expect(posted.refused[2]!.message).toContain("expected finite numbers, got NaN at place 5");
  await answered(jobId, 2);
  await desk.shell.stop(jobId);
  await desk.ended(jobId);
  await expectModelsOwn(jobId, 2);
});

test("[SM6] after a restart the stream goes on with what was acknowledged, and takes more", async () => {
  const jobId = await openStream();
  await desk.shell.desks.inference.postQueries(jobId, many(0, 21), null);
  await answered(jobId, 10);
  await desk.restart();
  expect(desk.shell.jobView(jobId)).toMatchObject({ queryCount: 21, stream: { isOpen: true } });
  expect(await desk.shell.desks.inference.postQueries(jobId, many(20, 4), 20)).toMatchObject({
    firstIndex: 20,
    taken: 4,
    queryCount: 24,
  });
  await answered(jobId, 24);
  await desk.restart();
  expect(await desk.shell.stop(jobId)).toBe(true);
  await desk.ended(jobId);
  await expectModelsOwn(jobId, 24);
  // As somebody finds it later.
  await desk.restart();
  expect(desk.shell.jobView(jobId)).toMatchObject({ state: "done", queryCount: 24, stream: { isOpen: false } });
  await expectModelsOwn(jobId, 24);
  const rows = await desk.shell.desks.inference.queries(jobId, [23, 0]);
  expect(rows).toMatchObject({ dtype: "F32", shape: [2, INPUT_SIZE] });
  expect([...rows!.data].slice(0, INPUT_SIZE)).toEqual([...query(23).values]);
});

test("[PR53] gaps, other queries at a place that is taken, a stream that is closed, and a job that is none are refused in words", async () => {
  const jobId = await openStream();
  await desk.shell.desks.inference.postQueries(jobId, many(0, 3), null);
  const problem = async (posting: Promise<unknown>) => (await posting) as ApiProblem;
  expect(await problem(desk.shell.desks.inference.postQueries(jobId, [query(5)], 5))).toMatchObject({
    status: 409,
    code: "gap",
  });
  const different = await problem(desk.shell.desks.inference.postQueries(jobId, [query(0), query(0)], 0));
  expect(different).toMatchObject({
    status: 409,
    code: "different-query",
    message: "at: query 1 was posted before, and was another one",
  });
  await desk.shell.stop(jobId);
  expect(await problem(desk.shell.desks.inference.postQueries(jobId, [query(3)], null))).toMatchObject({
    status: 409,
    code: "stream-closed",
  });
  await desk.ended(jobId);
  expect(await problem(desk.shell.desks.inference.postQueries("nothing", [query(3)], null))).toMatchObject({
    status: 409,
    code: "job-ended",
  });
});

test("[PR54] back-pressure: more queries without an answer than there may be are refused, and none of them is taken", async () => {
  const jobId = await openStream({}, {}, 0);
  const row = query(0);
  const posted = Array.from({ length: STREAM_UNANSWERED_MAX }, () => row);
  expect(await desk.shell.desks.inference.postQueries(jobId, posted, null)).toMatchObject({
    taken: STREAM_UNANSWERED_MAX,
  });
  expect(await desk.shell.desks.inference.postQueries(jobId, [row], null)).toMatchObject({
    status: 429,
    code: "stream-busy",
  });
  expect(desk.shell.jobView(jobId)).toMatchObject({ queryCount: STREAM_UNANSWERED_MAX });
});

test("a regression has to say what its queries are like, and an aim is for jobs that are all there", async () => {
  await expect(openStream({ task: "regression", tolerance: {} })).rejects.toThrow(
    "source.examplesSha256: expected some queries",
  );
  await expect(openStream({ aim: { finishWithinMs: 5_000, confidence: 0.9 } })).rejects.toThrow("got a stream");
});

test("whoever watches a job's answers hears of each change, until it leaves", async () => {
  const jobId = await openStream();
  let heard = 0;
  const leave = desk.shell.desks.inference.watchAnswers(jobId, () => heard++);
  await desk.shell.desks.inference.postQueries(jobId, many(0, 8), null);
  await answered(jobId, 8);
  expect(heard).toBeGreaterThan(0);
  leave();
  const before = heard;
  await desk.shell.desks.inference.postQueries(jobId, many(8, 8), null);
  await answered(jobId, 16);
  expect(heard).toBe(before);
});

for (const scheme of ["uncoded", "replication", "approxifer", "spline"] as const) {
  test(`[SM4] ${scheme} answers a stream too, groups that are not full among them`, async () => {
    const jobId = await openStream({ scheme, liars: scheme === "replication" ? 1 : 0 }, {}, 12);
    await desk.shell.desks.inference.postQueries(jobId, many(0, 11), null);
    await desk.shell.stop(jobId);
    await desk.ended(jobId);
    expect(desk.shell.jobView(jobId)).toMatchObject({ state: "done", queryCount: 11, answersByMark: { missing: 0 } });
  });
}

test("bytes stay bytes: a stream of uint8 keeps them as such, and its tabs get them as such", async () => {
  desk = await ShellWithTabs.open(Array.from({ length: 8 }, () => ({})));
  const modelSha256 = await desk.store.putBlob(model);
  const source = { kind: "stream", modelSha256, closeAfterMs: 5, dtype: "uint8", inputScale: 1 / 255 };
  const reply = (await desk.submit({ ...SYSTEMATIC, source, spares: "backups" })) as { jobId: string };
  const bytes = Array.from({ length: 8 }, (_, n) => ({
    values: Uint8Array.from({ length: INPUT_SIZE }, (_, i) => n * 30 + i),
  }));
  const posted = await desk.shell.desks.inference.postQueries(
    reply.jobId,
    [...bytes, { values: [1, 2, 3, 4, 5, 256] }],
    null,
  );
  expect(posted).toMatchObject({ taken: 8, refusedCount: 1 });
  await answered(reply.jobId, 8);
  expect(new Set(desk.batches.map(({ tensors }) => tensors.rows!.dtype))).toEqual(new Set(["U8"]));
  const [piece] = await desk.store.pieces(reply.jobId);
  expect(piece!.values).toBeInstanceOf(Uint8Array);
});
