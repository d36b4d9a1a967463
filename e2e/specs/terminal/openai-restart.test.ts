/** A batch whose coordinator is stopped in the middle, twice: every line is there once. */
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";
import { batchOfTexts, loadOnnxHere, smallEncoderFiles } from "../../models/small-encoder.ts";

const LINES = 120;

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await loadOnnxHere();
});
afterAll(() => coordinator.close());

test("a batch goes on after its coordinator was stopped, while it waited and while it computed", async () => {
  await coordinator.client.addNamedModel("small", smallEncoderFiles(), { pool: "mean" });
  const client = new OpenAI({ baseURL: `${coordinator.url}/v1`, apiKey: "any" });
  const { asked, ids } = await batchOfTexts(client, LINES);
  const { id } = await client.batches.create(asked);
  const [waiting] = await until(
    async () => coordinator.client.jobs(),
    (jobs) => jobs.length > 0,
  );
  await coordinator.stop();
  await coordinator.start();
  expect((await client.batches.retrieve(id)).status).toMatch(/validating|in_progress/);
  await coordinator.openTabs(4);
  const isUnderWay = ({ answersByMark }: InferenceJobView) => answersByMark.missing < LINES;
  await until(() => coordinator.client.inferenceJob(waiting!.jobId), isUnderWay);
  await coordinator.stop();
  await coordinator.start();
  const isEnded = ({ status }: OpenAI.Batch) => ["completed", "failed", "cancelled"].includes(status);
  const done = await until(() => client.batches.retrieve(id), isEnded);
  expect(done).toMatchObject({ status: "completed", request_counts: { total: LINES, completed: LINES, failed: 0 } });
  // The same jobs as before, and no others.
  expect((await coordinator.client.jobs()).map(({ jobId }) => jobId)).toEqual([waiting!.jobId]);
  const text = await (await client.files.content(done.output_file_id!)).text();
  const answered = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answered.map(({ custom_id }) => custom_id)).toEqual(ids);
  for (const { response } of answered) {
    expect(Buffer.from(response.body.data[0].embedding, "base64").length).toBe(32 * 4);
  }
});

test("a batch that is cancelled takes its jobs along", async () => {
  const client = new OpenAI({ baseURL: `${coordinator.url}/v1`, apiKey: "any" });
  coordinator.closeTabs();
  // The coordinator computes fewer texts than these itself, and waits for no tab.
  const { asked } = await batchOfTexts(client, 300);
  const { id } = await client.batches.create(asked);
  const isWaiting = ({ finishedMs }: { finishedMs: number | null }) => finishedMs === null;
  const jobs = await until(
    () => coordinator.client.jobs(),
    (all) => all.some(isWaiting),
  );
  const { jobId } = jobs.find(isWaiting)!;
  await client.batches.cancel(id);
  expect(
    await until(
      () => client.batches.retrieve(id),
      ({ status }) => status === "cancelled",
    ),
  ).toMatchObject({
    output_file_id: null,
  });
  expect(
    (
      await until(
        () => coordinator.client.job(jobId),
        ({ finishedMs }) => finishedMs !== null,
      )
    ).state,
  ).toBe("cancelled");
});

async function until<T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> {
  for (;;) {
    const seen = await look();
    if (isThere(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
