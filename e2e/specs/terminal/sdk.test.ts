/** The library for submitters against a real coordinator with tabs: a few lines do a job. */
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadMnist, MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import type { AnswerView } from "../../../shared/kinds/inference/answers.ts";
import { createParitabClient } from "../../../shared/sdk/paritab-client.ts";
import type { StreamRun } from "../../../shared/sdk/query-stream.ts";
import type { ModelFile, OwnSource } from "../../../shared/sdk/run-inference.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";

const QUERIES = 60;
let coordinator: CoordinatorInProcess;
let model: ModelFile[];
let queries: OwnSource["queries"];
let labels: number[];

beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(4);
  const { modelJson, weights } = MNIST_MODEL_FILES;
  model = [
    { name: "model.json", data: new Uint8Array(await readFile(modelJson)) },
    ...(await Promise.all(
      weights.map(async ({ name, path }) => ({ name, data: new Uint8Array(await readFile(path)) })),
    )),
  ];
  const digits = await loadMnist("test");
  queries = { dtype: "U8", shape: [QUERIES, 28, 28], data: digits.images.slice(0, QUERIES * 784) };
  labels = [...digits.labels.slice(0, QUERIES)];
});
afterAll(() => coordinator.close());

const settings = { queriesPerGroup: 2, stragglers: 1, liars: 1, inputScale: 1 / 255 };

test("model and queries in, answers out in order", async () => {
  const paritab = coordinator.client;
  const answers: AnswerView[] = [];
  for await (const answer of paritab.inference({ model, queries, ...settings })) answers.push(answer);
  expect(answers.map(({ index }) => index)).toEqual(Array.from({ length: QUERIES }, (_, i) => i));
  const right = answers.filter(({ label }, i) => label === labels[i]).length;
  expect(right / QUERIES).toBeGreaterThan(0.9);
  for (const { mark } of answers) expect(["audited", "exact"]).toContain(mark);
});

test("a parity model goes up beside the model, and the receipt names both", async () => {
  const paritab = coordinator.client;
  const folder = dirname(
    fileURLToPath(new URL("../../../server/samples/mnist-mlp-parity-8/model.json", import.meta.url)),
  );
  const parityModel = await Promise.all(
    ["model.json", "weights.bin"].map(async (name) => ({
      name,
      data: new Uint8Array(await readFile(join(folder, name))),
    })),
  );
  const parm = { scheme: "parm", queriesPerGroup: 8, stragglers: 1, inputScale: 1 / 255 } as const;
  let jobId = "";
  const onJob = (id: string) => {
    jobId = id;
  };
  const run = paritab.inference({ model, parityModel, queries, ...parm, onJob });
  let step = await run.next();
  while (!step.done) step = await run.next();
  expect(step.value).toMatchObject({ state: "done", workerCount: 9 });
  const receipt = await paritab.receipt(jobId);
  const [{ modelSha256 }, uploaded] = [await paritab.uploadModel(model), await paritab.uploadModel(parityModel)];
  expect(receipt).toMatchObject({ hashes: { model: modelSha256, parityModel: uploaded.modelSha256 } });
});

test("what was uploaded is named by its hash, and labels give the accuracy", async () => {
  const paritab = coordinator.client;
  const { modelSha256 } = await paritab.uploadModel(model);
  const run = paritab.inference({ model: { modelSha256 }, queries, labels, ...settings });
  let step = await run.next();
  while (!step.done) step = await run.next();
  expect(step.value).toMatchObject({ state: "done", queryCount: QUERIES });
  expect(step.value.accuracy).toBeGreaterThan(0.9);
});

describe("a run that is left early", () => {
  /** Rows go out in a secret order: of so many the first query is seldom among the last to be answered. */
  const queries = { dtype: "F32", shape: [20_000, 784], data: new Float32Array(20_000 * 784) } as const;
  const long = { queries, ...settings, scheme: "uncoded" } as const;

  /** A job whose first query was among the last has nothing to cancel: another is tried. Where leaving cancels nothing, this never ends. */
  async function untilCancelled(leave: (onJob: (id: string) => void) => Promise<void>): Promise<void> {
    let jobId = "";
    do {
      await leave((id) => {
        jobId = id;
      });
    } while ((await endState(jobId)) !== "cancelled");
  }

  test("is cancelled by break", () =>
    untilCancelled(async (onJob) => {
      for await (const _ of coordinator.client.inference({ model, ...long, onJob })) break;
    }));

  test("is cancelled by its signal, which is what the loop throws", () =>
    untilCancelled(async (onJob) => {
      const giveUp = new AbortController();
      const run = async () => {
        for await (const _ of coordinator.client.inference({ model, ...long, signal: giveUp.signal, onJob })) {
          giveUp.abort(new Error("that will do"));
        }
      };
      await expect(run()).rejects.toThrow("that will do");
    }));
});

async function endState(jobId: string): Promise<string> {
  let state = "";
  for await (const job of coordinator.client.watch(jobId)) state = job.state;
  return state;
}

test("a coordinator that restarts in between costs no answer and doubles none", async () => {
  const paritab = coordinator.client;
  const indices: number[] = [];
  for await (const { index } of paritab.inference({ model, queries, ...settings })) {
    indices.push(index);
    if (index === 2) {
      await coordinator.stop();
      setTimeout(() => void coordinator.start(), 300);
    }
  }
  expect(indices).toEqual(Array.from({ length: QUERIES }, (_, i) => i));
  expect((await paritab.jobs()).filter(({ state }) => state === "running")).toEqual([]);
});

test("a submission whose answer gets lost is sent again, and is one job", async () => {
  const lost: string[] = [];
  const losing: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    const isSubmission = init?.method === "POST" && String(input).endsWith("/api/jobs");
    if (!isSubmission || lost.length > 0) return response;
    lost.push(((await response.json()) as { jobId: string }).jobId);
    throw new TypeError("injected: the connection was lost before the answer came");
  };
  const paritab = createParitabClient({ baseUrl: coordinator.url, fetch: losing });
  const before = (await paritab.jobs()).length;
  const jobIds: string[] = [];
  for await (const _ of paritab.inference({ model, queries, ...settings, onJob: (id) => void jobIds.push(id) }));
  expect(jobIds).toEqual(lost);
  expect((await paritab.jobs()).length).toBe(before + 1);
});

describe("a stream", () => {
  const rowOf = (n: number) => (queries as { data: Uint8Array }).data.slice(n * 784, (n + 1) * 784);
  const open = (settings: Partial<StreamRun> = {}, client = coordinator.client) =>
    client.stream({ model, ...settings, dtype: "uint8", inputScale: 1 / 255, queriesPerGroup: 2, stragglers: 1 });

  test("takes queries one at a time, each asked when the one before it is answered", async () => {
    const stream = await open({ closeAfterMs: 0 });
    for (let n = 0; n < 5; n++) {
      expect(await stream.push(rowOf(n))).toBe(n);
      for await (const { index, label, mark } of stream) {
        expect([index, label]).toEqual([n, labels[n]]);
        expect(["audited", "exact"]).toContain(mark);
        if (index === n) break;
      }
    }
    expect(await coordinator.client.job(stream.jobId)).toMatchObject({ state: "running", stream: { isOpen: true } });
    await stream.close();
    for await (const answer of stream) throw new Error(`expected no more answers, got ${answer.index}`);
    expect(await coordinator.client.job(stream.jobId)).toMatchObject({ state: "done", queryCount: 5 });
  });

  test("loses nothing and doubles nothing through a restart, lost acknowledgements and readers that are cut off", async () => {
    let [posts, readers] = [0, 0];
    const losing: typeof fetch = async (input, init) => {
      const isPost = String(input).includes("/queries");
      if (isPost && ++posts % 4 === 1) throw new TypeError("injected: lost before it was sent");
      const response = await fetch(input, init);
      if (isPost && posts % 4 === 3) throw new TypeError("injected: lost before the answer came");
      if (!String(input).includes("/answers.sse") || readers++ > 3 || !response.ok) return response;
      return new Response(cutAfter(response.body!, 700 * readers), response);
    };
    const stream = await open({}, createParitabClient({ baseUrl: coordinator.url, fetch: losing }));
    const heard: AnswerView[] = [];
    const reading = (async () => {
      for await (const answer of stream) heard.push(answer);
    })();
    const indices: number[] = [];
    for (let n = 0; n < QUERIES; n += 3) {
      indices.push(...(await stream.push([rowOf(n), rowOf(n + 1), rowOf(n + 2)])));
      if (n === 30) {
        await coordinator.stop();
        setTimeout(() => void coordinator.start(), 300);
      }
    }
    await stream.close();
    await reading;
    expect(indices).toEqual(Array.from({ length: QUERIES }, (_, i) => i));
    expect(heard.map(({ index }) => index)).toEqual(indices);
    expect(heard.filter(({ label }, i) => label === labels[i]).length / QUERIES).toBeGreaterThan(0.9);
    expect(await coordinator.client.job(stream.jobId)).toMatchObject({ state: "done", queryCount: QUERIES });
    expect([posts > 20, readers > 4]).toEqual([true, true]);
  });

  test("is cancelled by its signal", async () => {
    const giveUp = new AbortController();
    const stream = await open({ signal: giveUp.signal });
    await stream.push(rowOf(0));
    const reading = async () => {
      for await (const _ of stream) giveUp.abort(new Error("that will do"));
    };
    await expect(reading()).rejects.toThrow("that will do");
    await expect(stream.push(rowOf(1))).rejects.toThrow("that will do");
    expect(await endState(stream.jobId)).toBe("cancelled");
  });

  test("that is left open closes itself, with its answers kept", async () => {
    const stream = await open({ idleMs: 1_000 });
    await stream.push(rowOf(0));
    const indices: number[] = [];
    for await (const { index } of stream) indices.push(index);
    expect(indices).toEqual([0]);
    await expect(stream.push(rowOf(1))).rejects.toThrow(/has ended/);
    await stream.close();
  });
});

/** So many bytes of it, then the connection breaks. */
function cutAfter(body: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  let room = bytes;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        controller.enqueue(piece.subarray(0, room));
        room -= piece.length;
        if (room <= 0) controller.error(new TypeError("injected: terminated"));
      },
    }),
  );
}

test("a job is watched until it has ended", async () => {
  const paritab = coordinator.client;
  const { jobId } = await paritab.submit({
    kind: "inference",
    source: { kind: "sample", sample: "mnist", queryCount: 40 },
  });
  const states: string[] = [];
  for await (const { state } of paritab.watch(jobId)) states.push(state);
  expect(states.at(-1)).toBe("done");
});
