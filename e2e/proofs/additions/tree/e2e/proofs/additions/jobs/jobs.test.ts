/** Runs in the copy alone: a job of each thing that was added, through a real coordinator and tabs in this process. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../../coordinators/coordinator-in-process.ts";

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(4);
});
afterAll(() => coordinator.close());

async function answersOf(jobId: string) {
  const answers = [];
  for await (const answer of coordinator.client.follow(jobId)) answers.push(answer);
  return answers;
}

test("a job with the new scheme ends exact", async () => {
  const { client } = coordinator;
  const source = { kind: "sample", sample: "mnist", queryCount: 40 } as const;
  const settings = { scheme: "pairs", queriesPerGroup: 2, stragglers: 1, liars: 0 } as const;
  const { jobId } = await client.submit({ kind: "inference", source, ...settings });
  const answers = await answersOf(jobId);
  expect(answers.length).toBe(40);
  const { accuracy, answersByMark } = await client.inferenceJob(jobId);
  expect(answersByMark.audited + answersByMark.exact).toBe(40);
  expect(accuracy).toBeGreaterThan(0.9);
});

test("a job with a model of the new runtime has the answers of that model", async () => {
  const { client, url } = coordinator;
  const weights = [
    [1, 2, 3],
    [-1, 0, 4],
  ];
  const form = new FormData();
  form.append("sums.linear", new Blob([JSON.stringify({ weights })]), "sums.linear");
  const uploaded = await fetch(`${url}/api/models`, { method: "POST", body: form });
  const { modelSha256 } = (await uploaded.json()) as { modelSha256: string };
  const rows = Array.from({ length: 16 }, (_, i) => [i, 1 - i, i % 3]);
  const npy = encodeNpy({ dtype: "F32", shape: [16, 3], data: Float32Array.from(rows.flat()) });
  const posted = await fetch(`${url}/api/tensors`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: npy as Uint8Array<ArrayBuffer>,
  });
  const { tensorSha256: queriesSha256 } = (await posted.json()) as { tensorSha256: string };
  const source = { kind: "uploads", modelSha256, queriesSha256 } as const;
  const settings = { task: "regression", queriesPerGroup: 2, stragglers: 1, liars: 0 } as const;
  const { jobId } = await client.submit({ kind: "inference", source, ...settings });
  const answers = await answersOf(jobId);
  const expected = rows.map((row) => weights.map((of) => of.reduce((sum, weight, i) => sum + weight * row[i]!, 0)));
  expect(answers.map(({ outputs }) => outputs)).toEqual(expected);
});

test("a job of the new kind is submitted, computed by two volunteers each, and told", async () => {
  const { client } = coordinator;
  const { jobId } = await client.submit({ kind: "primes", first: 0, end: 100_000, range: 10_000 });
  for await (const job of client.watch(jobId)) expect(job.kind).toBe("primes");
  expect(await client.job(jobId)).toMatchObject({ state: "done", rangesDone: 10, primes: 9_592 });
  expect(await client.receipt(jobId)).toMatchObject({ kind: "primes", primes: 9_592 });
  const { spans } = await client.timeline(jobId);
  expect(spans.length).toBeGreaterThanOrEqual(20);
});
