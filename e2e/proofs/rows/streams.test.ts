/** [SM] A stream on the ledger of rows, end to end: a real coordinator that is killed in the middle, its store, and real tabs without browsers. */
import { readFileSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { loadMnist, MNIST_MODEL_FILES } from "../../../server/samples/mnist.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { KilledCoordinator } from "./killed-coordinator.ts";

const TABS = 6;
const POST_ROWS = 20;

let coordinator: KilledCoordinator;
afterAll(() => coordinator.close());

test("[SM2] [SM6] killed in the middle, a stream has all that was told as taken, takes more, and ends with each answer final", async () => {
  coordinator = await KilledCoordinator.open(TABS);
  const { client } = coordinator;
  const { images, labels } = await loadMnist("test");
  const bytesOf = (path: string) => Uint8Array.from(readFileSync(path));
  const weights = MNIST_MODEL_FILES.weights.map(({ name, path }) => ({ name, data: bytesOf(path) }));
  const { modelSha256 } = await client.uploadModel([
    { name: "model.json", data: bytesOf(MNIST_MODEL_FILES.modelJson) },
    ...weights,
  ]);
  const source = { kind: "stream", modelSha256, dtype: "uint8", inputScale: 1 / 255 } as const;
  const code = { queriesPerGroup: 1, stragglers: 0, liars: 0 };
  const { jobId } = await client.submit({ kind: "inference", source, ...code });
  let posted = 0;
  const post = async () => {
    const data = images.slice(posted * 784, (posted + POST_ROWS) * 784);
    const body = encodeNpy({ dtype: "U8", shape: [POST_ROWS, 784], data }) as Uint8Array<ArrayBuffer>;
    posted = (await client.postQueries(jobId, body, posted)).queryCount;
  };
  const answered = async () => {
    const { queryCount, answersByMark } = await client.inferenceJob(jobId);
    return queryCount - answersByMark.missing;
  };
  for (let n = 0; n < 10; n++) await post();
  await expect.poll(answered, { timeout: 60_000, interval: 20 }).toBeGreaterThan(60);
  await post();
  await coordinator.killAndStart();
  expect(await client.inferenceJob(jobId)).toMatchObject({
    queryCount: posted,
    stream: { isOpen: true },
  });
  for (let n = 0; n < 9; n++) await post();
  await expect.poll(answered, { timeout: 120_000 }).toBe(20 * POST_ROWS);
  await client.stop(jobId);
  await expect.poll(async () => (await client.inferenceJob(jobId)).state, { timeout: 120_000 }).toBe("done");
  const answers = [];
  for await (const answer of client.allAnswers(jobId)) answers.push(answer);
  expect(answers.map(({ index }) => index)).toEqual(Array.from({ length: posted }, (_, i) => i));
  expect(answers.every(({ final }) => final)).toBe(true);
  expect(answers.filter(({ index, label }) => label === labels[index]).length / posted).toBeGreaterThan(0.95);
  expect(answers.some(({ volunteerId }) => volunteerId !== null)).toBe(true);
  const { findings } = await client.checkReceipt(jobId);
  expect(findings.filter(({ state }) => state === "broken")).toEqual([]);
}, 400_000);
