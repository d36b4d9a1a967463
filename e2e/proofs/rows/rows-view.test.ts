/** What people and programs are told of jobs on the ledger of rows: before they begin, at work and when they have ended. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type CoordinatorInProcess, coordinatorInProcess } from "../../coordinators/coordinator-in-process.ts";

let coordinator: CoordinatorInProcess;
beforeAll(async () => {
  coordinator = await coordinatorInProcess();
  await coordinator.openTabs(6);
});
afterAll(() => coordinator.close());

const job = (queryCount: number, settings: object = {}) => ({
  kind: "inference" as const,
  source: { kind: "sample" as const, sample: "mnist" as const, queryCount },
  ...{ queriesPerGroup: 1, stragglers: 0, liars: 0 },
  ...settings,
});

/** Its view once it has ended. */
async function ended(jobId: string) {
  const { client } = coordinator;
  await expect.poll(async () => (await client.inferenceJob(jobId)).state, { timeout: 60_000 }).toBe("done");
  return client.inferenceJob(jobId);
}

test("the price that an estimate tells is the one that the job begins with, and its promise too; both stay through a restart", async () => {
  const { client } = coordinator;
  const estimate = await client.estimate(job(1_200));
  expect(estimate.rows).toMatchObject({ finalBy: "account", rowsThatSuffice: null, rowsMax: null });
  expect(estimate.summary).toContain("Of 1,200 rows the coordinator computes about");
  expect(estimate.rows!.coordinatorMs).toBeGreaterThan(0);
  expect(estimate.chosen.coordinatorRows!.p50).toBe(estimate.rows!.coordinatorRows);
  const { jobId } = await client.submit(job(1_200));
  const view = await ended(jobId);
  const { rows } = view;
  expect(rows!.price).toEqual({
    toldRows: estimate.rows!.coordinatorRows,
    rows: estimate.rows!.coordinatorRows,
    duplicateRows: estimate.rows!.duplicateRows,
  });
  expect(rows!.promise).toBe(estimate.rows!.promise);
  expect(rows!.promise).toContain(
    "Of all rows that you asked for, accepted or not, at most a share 0.001 is wrong and final",
  );
  expect(rows).toMatchObject({ waiting: null, notFinalForMs: null, raised: null, refused: null, isStrict: false });
  expect(rows!.blocks).toEqual({ opened: 1, certified: 1 });
  // Coins are drawn: about as many as were told.
  expect(rows!.coordinatorRows).toBeGreaterThan(0.6 * rows!.price!.toldRows);
  expect(rows!.coordinatorRows).toBeLessThan(1.4 * rows!.price!.toldRows);
  expect(view).toMatchObject({ finalCount: 1_200, roundCount: 1_200, roundsDone: 1_200 });
  await coordinator.stop();
  await coordinator.start();
  expect((await client.inferenceJob(jobId)).rows).toEqual(rows);
});

test("a strict job has an account of its own, so that it costs more, and its promise is of this job", async () => {
  const { client } = coordinator;
  const [plain, strict] = [await client.estimate(job(1_200)), await client.estimate(job(1_200, { strict: "yes" }))];
  expect(strict.rows!.coordinatorRows).toBeGreaterThan(plain.rows!.coordinatorRows);
  expect(strict.rows!.promise).toContain("Of all rows of this job");
  expect(strict.rows!.promise).not.toContain("averaged over your jobs");
});

test("a job whose checks cost more than its submitter allows is told so beforehand, and tabs' answers are not final", async () => {
  const { client } = coordinator;
  const capped = job(1_200, { strict: "yes", coordinatorRowsMax: 100 });
  const { rows, summary } = await client.estimate(capped);
  expect(rows).toMatchObject({ finalBy: "nobody", rowsMax: 100, coordinatorRows: 0, promise: null });
  expect(summary).toContain("more rows than the cap on the price allows");
  const { jobId } = await client.submit(capped);
  const view = await ended(jobId);
  // Rows that devices are tried with are the coordinator's own.
  expect(view.finalCount).toBe(view.answersByMark.exact);
  expect(view.finalCount).toBeLessThan(40);
  expect(view.rows).toMatchObject({ price: null, blocks: { opened: 0, certified: 0 }, promise: null });
  expect(view.rows!.refused).toContain("more rows than the cap on the price allows");
});

test("what its account cannot carry the coordinator computes where that is soon done, and says so", async () => {
  const { client } = coordinator;
  const small = job(30, { strict: "yes" });
  const { rows, summary } = await client.estimate(small);
  expect(rows).toMatchObject({ finalBy: "coordinator", coordinatorRows: 30 });
  expect(summary).toContain("The coordinator computes all of 30 rows itself.");
  const { jobId } = await client.submit(small);
  const view = await ended(jobId);
  expect(view).toMatchObject({ finalCount: 30, answersByMark: { exact: 30 } });
  expect(view.rows!.refused).toBe("The coordinator computes all of 30 rows itself.");
});

test("while a job is at work its view says for what its rows wait, and metrics say it of all jobs", async () => {
  const { client, url } = coordinator;
  const { jobId } = await client.submit(job(6_000));
  const moving = async () => (await client.inferenceJob(jobId)).rows?.waiting ?? null;
  await expect.poll(async () => (await moving())?.claims ?? 0, { timeout: 60_000, interval: 20 }).toBeGreaterThan(0);
  const figures = await (await fetch(`${url}/metrics`)).text();
  const { rows, finalCount, answersByMark } = await client.inferenceJob(jobId);
  expect(rows!.waiting).not.toBeNull();
  expect(rows!.waiting!.fresh).toBeLessThan(6_000);
  expect(rows!.coordinatorRows).toBe(answersByMark.exact);
  expect(finalCount).toBeLessThanOrEqual(6_000 - answersByMark.missing);
  for (const name of [
    'paritab_rows_waiting{reason="fresh"}',
    "paritab_row_claims_out",
    'paritab_rows_checked{what="priced"}',
  ])
    expect(
      Number(
        figures
          .split("\n")
          .find((line) => line.startsWith(name))
          ?.split(" ")
          .at(-1),
      ),
    ).toBeGreaterThan(0);
  expect((await ended(jobId)).rows!.waiting).toBeNull();
});
