/** [CE10] Jobs that are cut into parts: each part is a job of its own, on its own range of what was uploaded. */
import { afterEach, expect, test, vi } from "vitest";
import { Broken, ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { partIdOf, rangesOf } from "../../../shared/kinds/inference/parts.ts";
import { inferenceSubmissionSchema } from "../../../shared/kinds/inference/submission.ts";
import { PART_ROWS_MIN, PARTS_UNASKED } from "../../../shared/protocol/limits.ts";
import { commitmentOfParts } from "../../../shared/receipts/job-draws.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";
import { StoreError } from "../../store/store.ts";
import { type ApiProblem, isProblem } from "../../web/coordinator-port.ts";
import { inferenceCodec } from "./records.ts";

const WHOLE = "W".repeat(24);
const TIMES = 5;
const ROWS = TIMES * QUERIES + 1;
const OUTPUT_SIZE = 3;
const rows = Float32Array.from({ length: ROWS * INPUT_SIZE }, (_, i) => queries[i % queries.length]! + i / 1_000);
const labels = Uint8Array.from({ length: ROWS }, (_, row) => row % OUTPUT_SIZE);
const CODE = { ...SYSTEMATIC, answerBound: 0.3 };

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

async function world(): Promise<ShellWithTabs> {
  opened = await ShellWithTabs.open(Array.from({ length: 4 }, () => ({})));
  return opened;
}

async function submit(desk: ShellWithTabs, settings: object) {
  const { store, shell } = desk;
  const [modelSha256, queriesSha256, labelsSha256] = await Promise.all([
    store.putBlob(model),
    desk.upload({ dtype: "F32", shape: [ROWS, INPUT_SIZE], data: rows }),
    desk.upload({ dtype: "U8", shape: [ROWS], data: labels }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256, labelsSha256 };
  return shell.submit(inferenceSubmissionSchema.parse({ kind: "inference", ...CODE, source, ...settings }), WHOLE);
}

async function expectRight({ shell }: ShellWithTabs, parts: number): Promise<void> {
  const truth = await createPlainRuntime().load(model);
  for (const [index, { firstQuery, queryCount }] of rangesOf(ROWS, parts).entries()) {
    const jobId = partIdOf(WHOLE, index);
    const own = rows.slice(firstQuery * INPUT_SIZE, (firstQuery + queryCount) * INPUT_SIZE);
    const answers = (await shell.desks.inference.allAnswers(jobId))!;
    const expected = await truth.run(own, queryCount);
    expect(answers.queryCount).toBe(queryCount);
    expect([...answers.outputs].map((value) => value.toFixed(4))).toEqual([...expected].map((v) => v.toFixed(4)));
    const right = [...answers.labels!].filter((label, row) => label === labels[firstQuery + row]).length;
    expect((shell.jobView(jobId) as InferenceJobView).accuracy).toBe(right / queryCount);
    expect(shell.jobView(jobId)).toMatchObject({ state: "done", partOf: { jobId: WHOLE, firstQuery } });
    const asked = (await shell.desks.inference.queries(jobId, [queryCount - 1, 0]))!;
    expect([...(asked.data as Float32Array)]).toEqual([...own.slice(-INPUT_SIZE), ...own.slice(0, INPUT_SIZE)]);
    expect(await shell.desks.inference.queries(jobId, [queryCount])).toBeNull();
  }
}

test("[CE10] [JB1] a job in parts is durable before anybody is told of it, and each part has the answers of its range", async () => {
  const desk = await world();
  const answer = await submit(desk, { parts: 3 });
  if (isProblem(answer)) throw new Error(answer.message);
  const whole = (await desk.store.whole(WHOLE))!;
  expect(whole.parts).toEqual(rangesOf(ROWS, 3).map((range, i) => ({ jobId: partIdOf(WHOLE, i), ...range })));
  expect(await desk.shell.submission(WHOLE)).toMatchObject({ kind: "inference", parts: 3 });
  const records = await Promise.all(whole.parts.map(({ jobId }) => desk.store.job(jobId)));
  const committed = records.map((record) => (record!.facts.commitment as { commitment: string }).commitment);
  expect(new Set(committed).size).toBe(3);
  expect(answer).toEqual({ jobId: WHOLE, commitment: commitmentOfParts(whole.parts, committed) });
  for (const { jobId } of whole.parts) await desk.ended(jobId);
  await expectRight(desk, 3);
});

test("[CE10] [RS1] a part goes on after a restart, with its own range", async () => {
  const desk = await world();
  await submit(desk, { parts: 2 });
  await desk.restart();
  for (const index of [0, 1]) await desk.ended(partIdOf(WHOLE, index));
  await expectRight(desk, 2);
});

test("[CE10] [VF10] the cap on the price of a job is shared out to its parts, and the job keeps the one that was asked for", async () => {
  const desk = await world();
  await submit(desk, { parts: 3, coordinatorRowsMax: 40 });
  const parts = await Promise.all([0, 1, 2].map((index) => desk.store.job(partIdOf(WHOLE, index))));
  const caps = parts.map((part) => inferenceCodec.fromRecord(part!).submission.coordinatorRowsMax);
  expect(caps).toEqual([13, 13, 13]);
  expect(await desk.shell.submission(WHOLE)).toMatchObject({ coordinatorRowsMax: 40 });
});

test("[CE10] of several coordinators each gets some parts of a large job, unless that would be few queries, or the submitter wants one piece", async () => {
  const desk = await world();
  desk.livingCells = 4;
  const queriesOf = (count: number) =>
    ({ dtype: "U8", shape: [count, INPUT_SIZE], data: new Uint8Array(count * INPUT_SIZE) }) as const;
  const modelSha256 = await desk.store.putBlob(model);
  const partsOf = async (wholeId: string, count: number, settings: object = {}) => {
    const source = { kind: "uploads", modelSha256, queriesSha256: await desk.upload(queriesOf(count)) };
    const submission = inferenceSubmissionSchema.parse({ kind: "inference", ...CODE, source, ...settings });
    const answer = await desk.shell.submit(submission, wholeId);
    if (isProblem(answer)) throw new Error(answer.message);
    await desk.shell.cancel(wholeId);
    const whole = await desk.store.whole(wholeId);
    for (const { jobId } of whole?.parts ?? []) await desk.shell.cancel(jobId);
    return whole?.parts.length ?? null;
  };
  expect(await partsOf("a".repeat(24), 2 * PART_ROWS_MIN - 1)).toBeNull();
  expect(await partsOf("b".repeat(24), 2 * PART_ROWS_MIN)).toBe(2);
  expect(await partsOf("c".repeat(24), 5 * PART_ROWS_MIN)).toBe(5);
  expect(await partsOf("e".repeat(24), (4 * PARTS_UNASKED + 1) * PART_ROWS_MIN)).toBe(4 * PARTS_UNASKED);
  expect(await partsOf("d".repeat(24), 5 * PART_ROWS_MIN, { parts: 1 })).toBeNull();
  // An id that no part could be told by.
  expect(await partsOf("too short", 5 * PART_ROWS_MIN)).toBeNull();
});

test("[CE10] a job that nobody asks to cut stays in one piece on one coordinator, and one that cannot be cut is refused", async () => {
  const desk = await world();
  await submit(desk, {});
  expect(await desk.store.whole(WHOLE)).toBeNull();
  expect(desk.shell.jobView(WHOLE)).toMatchObject({ queryCount: ROWS });
  const refused = async (settings: object) => ((await submit(desk, settings)) as ApiProblem).code;
  expect(await refused({ parts: 64 })).toBe("too-many-parts");
  expect((await submit(desk, { parts: 9 })) as ApiProblem).toMatchObject({
    code: "too-many-parts",
    message: "parts: expected at most 8 for each coordinator that lives (1), got 9",
  });
  expect(await refused({ parts: 2, aim: { finishWithinMs: 60_000 } })).toBe("no-meaning");
  expect(await desk.store.whole(WHOLE)).toBeNull();
});

test("[CE10] [CE11] a job in parts that is durable is accepted, though the store then keeps its parts from beginning; they begin once it does not", async () => {
  const desk = await world();
  const { store } = desk;
  const read = store.job.bind(store);
  let refusals = 0;
  store.job = async (jobId) => {
    if (refusals++ < 2) throw new Broken("the database is away");
    return read(jobId);
  };
  expect(await submit(desk, { parts: 2 })).toMatchObject({ jobId: WHOLE });
  expect(desk.shell.jobView(partIdOf(WHOLE, 0))).toBeNull();
  store.job = read;
  await vi.waitUntil(() => desk.shell.jobView(partIdOf(WHOLE, 1)) !== null, { timeout: 60_000 });
  for (const index of [0, 1]) await desk.ended(partIdOf(WHOLE, index));
  await expectRight(desk, 2);
});

test("[CE10] where the store says that it failed, what it has decides: all of the job is there, or nothing", async () => {
  const desk = await world();
  const { store } = desk;
  const write = store.addWhole.bind(store);
  store.addWhole = () => Promise.reject(new StoreError("refused"));
  await expect(submit(desk, { parts: 2 })).rejects.toThrow(StoreError);
  expect([await store.whole(WHOLE), await store.jobs()]).toEqual([null, []]);
  store.addWhole = async (whole, parts) => {
    await write(whole, parts);
    throw new StoreError("the connection was lost while it was written");
  };
  expect(await submit(desk, { parts: 2 })).toMatchObject({ jobId: WHOLE });
  // As a coordinator finds parts that another has dealt out to it.
  await desk.shell.takeJobs([0, 1].map((index) => partIdOf(WHOLE, index)));
  for (const index of [0, 1]) await desk.ended(partIdOf(WHOLE, index));
  await expectRight(desk, 2);
});

test("[CE11] a coordinator that is about to stop takes no part that waits", async () => {
  const { shell } = await world();
  expect(shell.partsSpent()).toEqual([]);
  void shell.drain(Date.now());
  expect(shell.partsSpent()).toBeNull();
});
