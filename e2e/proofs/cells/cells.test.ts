/** Several coordinators on one database, as operators run them: real processes, a real PostgreSQL, real sockets. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { openPostgresStore } from "../../../server/store/postgres-store.ts";
import { someVolunteer } from "../../../server/store/store.contract.ts";
import { postgresPrograms, sayWithoutPostgres } from "../../../server/store/testing/postgres-server.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { RegressionJobView } from "../../../shared/kinds/regression/job-view.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { checkReceipt } from "../../../shared/receipts/check-receipt.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { serverEvents } from "../../../shared/sdk/server-events.ts";
import { knownWork, OUTPUTS } from "../torture/known-work.ts";
import { type CellName, TwoCells } from "./two-cells.ts";

sayWithoutPostgres("cells");

const DIGITS = 160;
const LOOK_MS = 20;
/** Half a minute each on a quiet machine. */
const MS_MAX = 400_000;
const work = await knownWork();

let cells: TwoCells;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.log(cells.outputs());
  await cells.end();
});

const withPostgres = test.skipIf(postgresPrograms() === null);

/** Refused for a moment, for no coordinator is sure of the job; or the connection was to one that has ended. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const isAway = error instanceof ParitabApiError && (error.status === 503 || error.status === 0);
      if (!isAway) throw error;
      await sleep(LOOK_MS);
    }
  }
}

async function submitAt(name: CellName, queryCount = DIGITS, more: { parts?: number } = {}): Promise<string> {
  const source = { kind: "sample", sample: "mnist", queryStart: 0, queryCount } as const;
  // The account carries it, or the coordinator computes so few rows itself: no answer is left open at the end.
  const settings = { queriesPerGroup: 2, stragglers: 1, liars: 1, answerBound: 0.01 };
  return (await cells.client(name).submit({ kind: "inference", source, ...settings, ...more })).jobId;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    expect(cells.problems, `while waiting until ${what}`).toEqual([]);
    await sleep(LOOK_MS);
  }
}

const isDone = (name: CellName, jobId: string) => async () =>
  (await patiently(() => cells.client(name).job(jobId))).state === "done";

const hasAnswers = (name: CellName, jobId: string) => async () =>
  (await cells.ask(`SELECT 1 FROM row_appends WHERE job_id = '${jobId}'`)).length > 1 || (await isDone(name, jobId)());

async function expectRight(name: CellName, jobId: string, queryCount = DIGITS): Promise<void> {
  const client = cells.client(name);
  const { answers } = JSON.parse(new TextDecoder().decode(await patiently(() => client.answersFile(jobId, "json"))));
  expect(answers).toHaveLength(queryCount);
  for (const { index, label } of answers) {
    const row = [...work.outputs.subarray(index * OUTPUTS, (index + 1) * OUTPUTS)];
    expect([index, label]).toEqual([index, row.indexOf(Math.max(...row))]);
  }
  expect(answers.every(({ final }: { final: boolean }) => final)).toBe(true);
}

async function expectOneReceipt(name: CellName, jobId: string): Promise<void> {
  const client = cells.client(name);
  const answered = await patiently(async () => {
    const response = await fetch(`${cells.cell(name).url}/api/jobs/${jobId}/receipt/signed.json`);
    if (!response.ok) throw new ParitabApiError(response.status, "away", "not yet");
    return new Uint8Array(await response.arrayBuffer());
  });
  const answers = await client.answersFile(jobId, "npy");
  const { findings } = await checkReceipt({
    receipt: answered,
    answers,
    file: async (file) => {
      const response = await fetch(`${cells.cell(name).url}/api/jobs/${jobId}/receipt/files/${file}`);
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
    },
    pinnedKey: null,
    pinnedCommitment: null,
    pinnedNonce: null,
  });
  expect(findings.filter(({ state }) => state === "broken")).toEqual([]);
  const [row] = await cells.ask(
    `SELECT ((SELECT count(*) FROM receipt_statements WHERE job_id = '${jobId}' AND seq = 0)
      + (SELECT count(*) FROM wholes WHERE whole_id = '${jobId}' AND statement_json IS NOT NULL))::int AS n`,
  );
  expect(row).toEqual({ n: 1 });
}

/** Who has parts of this job, or had them when they ended, and how many. */
function owners(jobId: string) {
  return cells.ask(`SELECT epoch, count(*) FROM job_leases WHERE job_id LIKE '${jobId}-%' GROUP BY epoch`);
}

/** The events of its answers, as a reader has them that asks again whenever it is cut off. */
async function toldBy(name: CellName, jobId: string): Promise<string[]> {
  const told: string[] = [];
  for (;;) {
    const from = told.length;
    const response = await fetch(`${cells.cell(name).url}/api/jobs/${jobId}/answers.sse?from=${from}`).catch(
      () => null,
    );
    try {
      for await (const { event, data } of serverEvents((response?.ok ? response.body : []) as never)) {
        const { index, state } = JSON.parse(data) as { index?: number; state?: string };
        if (event === "answer") told.push(`${index}`);
        if (event === "end") return [...told, `end ${state}`];
      }
    } catch {
      // It was cut off.
    }
    await sleep(LOOK_MS);
  }
}

withPostgres(
  "[CE10] [CE11] [CE12] [CE13] two share one job, and one of them is killed in the middle: each answer is told once and right, the end once, with one receipt",
  { timeout: MS_MAX },
  async () => {
    cells = await TwoCells.start();
    const movers = await cells.volunteers("a", 4);
    await cells.volunteers("b", 4);
    const jobId = await submitAt("a", 4 * DIGITS, { parts: 2 });
    const parts = [`${jobId}-0`, `${jobId}-1`];
    await until("each has taken one", async () => (await owners(jobId)).length === 2);
    const told = toldBy("b", jobId);
    for (const part of parts) await until(`some answers of ${part} are durable`, hasAnswers("a", part));
    expect((await patiently(() => cells.client("b").job(jobId))).state).toBe("running");
    expect(await cells.cell("a").end("SIGKILL")).toBeNull();
    await sleep(1_000);
    for (const mover of movers) mover.moveTo(cells.cell("b").url);
    await until("the other one has done all of it", isDone("b", jobId));
    await expectRight("b", jobId, 4 * DIGITS);
    await expectOneReceipt("b", jobId);
    expect(await told).toEqual([...Array.from({ length: 4 * DIGITS }, (_, query) => `${query}`), "end done"]);
    // Started again it tells the same of it, and so does one that is killed after its end.
    const answersAt = (name: CellName) => patiently(() => cells.client(name).answersFile(jobId, "npy"));
    const answers = await answersAt("b");
    await cells.startCell("a");
    expect(await answersAt("a")).toEqual(answers);
    await cells.cell("b").end("SIGKILL");
    await cells.startCell("b");
    expect(await answersAt("b")).toEqual(answers);
    await expectRight("a", jobId, 4 * DIGITS);
    await expectOneReceipt("a", jobId);
    const listed = (await cells.client("a").jobList({})).jobs;
    expect(listed.map((job) => [job.jobId, job.state])).toEqual([[jobId, "done"]]);
    expect(cells.problems).toEqual([]);
  },
);

withPostgres(
  "[CE11] [CE12] [CE13] parts are taken one after the other: one whose tabs come late does some of them, and each answer is told once",
  { timeout: MS_MAX },
  async () => {
    // Tabs stay where they are.
    cells = await TwoCells.start();
    await cells.volunteers("a", 4);
    const parts = 8;
    const jobId = await submitAt("a", 4 * DIGITS, { parts });
    const told = toldBy("b", jobId);
    await until("one has begun", hasAnswers("a", `${jobId}-0`));
    expect(await owners(jobId)).toHaveLength(1);
    const seen = (await patiently(() => cells.client("b").job(jobId))) as InferenceJobView;
    expect([seen.state, seen.queryCount, seen.parts?.length]).toEqual(["running", 4 * DIGITS, parts]);
    await cells.volunteers("b", 6);
    await until("all of it is done", isDone("b", jobId));
    expect((await owners(jobId)).map(({ count }) => Number(count) > 0)).toEqual([true, true]);
    await expectRight("a", jobId, 4 * DIGITS);
    await expectOneReceipt("a", jobId);
    expect(await told).toEqual([...Array.from({ length: 4 * DIGITS }, (_, query) => `${query}`), "end done"]);
    expect(cells.problems).toEqual([]);
  },
);

withPostgres(
  "[CE2] [CE3] [CE6] a coordinator that is paused is taken over from; when it wakes up it writes nothing of that, and comes back by itself under a new epoch",
  { timeout: MS_MAX },
  async () => {
    cells = await TwoCells.start();
    await cells.volunteers("a", 4);
    await cells.volunteers("b", 4);
    const jobId = await submitAt("a");
    // The other one hands on what it is asked about it.
    expect((await patiently(() => cells.client("b").job(jobId))).jobId).toBe(jobId);
    await until("some answers are durable", hasAnswers("a", jobId));
    const { pid, output } = cells.cell("a");
    const { a: epoch } = await cells.epochs();
    process.kill(pid, "SIGSTOP");
    await until("the other one has done the job", isDone("b", jobId));
    await expectRight("b", jobId);
    await expectOneReceipt("b", jobId);
    const tables = [
      "jobs",
      "row_appends",
      "row_blocks",
      "accounts",
      "contributions",
      "volunteers",
      "receipt_statements",
    ];
    const durable = async () => {
      const rows = await Promise.all(
        tables.map((table) => cells.ask(`SELECT t::text AS row FROM ${table} AS t ORDER BY 1`)),
      );
      return JSON.stringify(rows);
    };
    const before = await durable();
    process.kill(pid, "SIGCONT");
    await until("it is back", async () => (await cells.epochs()).a !== undefined);
    await until("it is ready", async () => (await cells.readiness("a"))?.ok === true);
    expect((await cells.epochs()).a).toBeGreaterThan(epoch!);
    expect(output()).toContain("another coordinator has taken over from this one");
    expect(await durable()).toBe(before);
    // It is a cell like any other.
    await expectRight("a", jobId);
    expect(await submitAt("a", 40).then((own) => until("its own job is done", isDone("b", own)))).toBeUndefined();
    expect(cells.problems).toEqual([]);
    // A stop is a stop, in a later life too.
    expect(await cells.cell("a").end("SIGTERM")).toBe(0);
  },
);

withPostgres(
  "[CE3] [JB1] [CR1] one of two is killed in the middle of its jobs: the other one does them, and credit is counted once",
  { timeout: MS_MAX },
  async () => {
    cells = await TwoCells.start();
    const movers = await cells.volunteers("a", 4);
    await cells.volunteers("b", 3);
    const jobs = [await submitAt("a"), await submitAt("a", 80), await submitAt("b", 80)];
    await until("some answers are durable", hasAnswers("a", jobs[0]!));
    expect(await cells.cell("a").end("SIGKILL")).toBeNull();
    // [CE4] What volunteers had at the first one the other one knows within a second.
    await sleep(1_000);
    for (const mover of movers) mover.moveTo(cells.cell("b").url);
    for (const jobId of jobs) await until(`job ${jobId} is done`, isDone("b", jobId));
    await expectRight("b", jobs[0]!);
    for (const jobId of jobs) await expectOneReceipt("b", jobId);
    await cells.startCell("a");
    const totals = async (name: CellName) =>
      (await cells.client(name).volunteers()).map(({ volunteerId, creditMacs }) => [volunteerId, creditMacs]).sort();
    await until(
      "both know the same credit",
      async () => JSON.stringify(await totals("a")) === JSON.stringify(await totals("b")),
    );
    const rows = await cells.ask("SELECT job_id, contribution_json AS json FROM contributions");
    expect(rows.length).toBeGreaterThan(0);
    expect(cells.problems).toEqual([]);
  },
);

withPostgres(
  "[CE4] [CE5] [CE9] a liar that one has named is turned away by all, and a token of one opens the other until it is revoked",
  { timeout: MS_MAX },
  async () => {
    cells = await TwoCells.start({ PARITAB_AUTH: "on" });
    const admin = /shown this once: (\S+)/.exec(cells.cell("a").output())![1]!;
    const { token, tokenId } = await cells
      .client("a", admin)
      .createToken({ submitter: "ada", scopes: ["submit", "read", "cancel"], days: null });
    const opens = (name: CellName) => async () =>
      (
        await cells
          .client(name, token)
          .whoAmI()
          .catch(() => null)
      )?.submitter === "ada";
    // At once, as whoever comes by one address may be sent to either.
    expect(await opens("b")()).toBe(true);
    const source = { kind: "sample", sample: "mnist", queryStart: 0, queryCount: 8 } as const;
    const { jobId } = await cells.client("b", token).submit({ kind: "inference", source });
    expect((await patiently(() => cells.client("a", token).job(jobId))).jobId).toBe(jobId);
    const { tensorSha256 } = await cells.client("a", token).uploadTensor(work.digitsNpy(0, 8));
    const uploads = { kind: "uploads", modelSha256: "0".repeat(64), queriesSha256: tensorSha256 } as const;
    await expect(cells.client("b", token).submit({ kind: "inference", source: uploads })).rejects.toThrow(/0{64}/);
    await patiently(() => cells.client("a", token).cancel(jobId));

    const [liar] = await cells.volunteers("b", 1, true);
    const known = async () => (await cells.client("b", admin).volunteers()).map(({ volunteerId }) => volunteerId);
    await until("it has come", async () => (await known()).length === 1);
    const [volunteerId] = await known();
    // A third one names it.
    const { dataDirectory, databaseUrl } = cells;
    const third = await openPostgresStore(databaseUrl, dataDirectory, join(dataDirectory, "cells", "c"));
    const quarantine = { atMs: Date.now(), jobId: "elsewhere", roundIndex: 0, reason: "1 of 4 recomputed rows differ" };
    await third.apply([{ kind: "volunteer", volunteer: someVolunteer(volunteerId!, { auditsFailed: 1, quarantine }) }]);
    await until("it is turned away", async () => liar!.isRefusedAs === "wrong-answers");
    liar!.moveTo(cells.cell("a").url);
    await until("it is turned away by the other one too", async () => liar!.isRefusedAs === "wrong-answers");
    const named = async (name: CellName) => await cells.client(name, admin).volunteers("quarantined");
    // Each has the moment in which it heard.
    const { atMs: _, ...heard } = quarantine;
    for (const name of ["a", "b"] as const)
      expect(await named(name)).toMatchObject([{ volunteerId, quarantine: heard }]);
    await third.close();

    // What the operator says to one holds for both.
    const { banId } = await cells
      .client("a", admin)
      .ban({ who: { kind: "volunteer", volunteerId: "ab".repeat(16) }, reason: "asked to stay away" });
    const bansOf = async (name: CellName) => (await cells.client(name, admin).bans()).map((ban) => ban.banId);
    await until("the other one knows the ban", async () => (await bansOf("b")).includes(banId));
    await cells.client("b", admin).setIntake("we move house");
    await until(
      "the first one takes no jobs",
      async () => (await cells.client("a", admin).intake()).pausedFor !== null,
    );
    await cells.client("b", admin).liftBan(banId);
    await until("it is lifted for both", async () => (await bansOf("a")).length === 0);

    await cells.client("a", admin).revokeToken(tokenId);
    await until("it opens nothing any more", async () => !(await opens("b")()));
    expect(cells.problems).toEqual([]);
  },
);

withPostgres(
  "[CE8] [GJ7] invitations that are opened at another coordinator lead to the one that has their job",
  { timeout: MS_MAX },
  async () => {
    cells = await TwoCells.start({ PARITAB_TRUST_PROXY: "1" });
    const client = cells.client("b");
    const rows = Float32Array.from({ length: 240 }, (_, i) => Math.sin(i * i));
    const [{ tensorSha256: featuresSha256 }, { tensorSha256: labelsSha256 }] = await Promise.all([
      client.uploadTensor(encodeNpy({ dtype: "F32", shape: [30, 8], data: rows })),
      client.uploadTensor(encodeNpy({ dtype: "F32", shape: [30], data: rows.slice(0, 30) })),
    ]);
    const { jobId, invitations = [] } = await client.submit({
      ...{ kind: "regression", model: "linear", source: { kind: "uploads", featuresSha256, labelsSha256 } },
      ...{ dataVolunteers: 1, stragglers: 1, liars: 0, colluders: 1, iterations: 10_000, name: "private" },
      // Far from the optimum all along: it is at work until it is cancelled.
      ...{ learningRate: 1e-6, tolerance: 1e-9 },
    });
    const { length } = invitations;
    expect(length).toBeGreaterThanOrEqual(3);
    // By their keys some of them are at home there.
    const openJob = await submitAt("a");
    await cells.volunteersAt(cells.cell("a").url, length, { ledger: cells.credit, invitations });
    const view = async () => (await patiently(() => client.job(jobId))) as RegressionJobView;
    await until("all invitations are used", async () => {
      const { invitations, finishedMs } = await view();
      expect(finishedMs).toBeNull();
      return invitations?.used === length;
    });
    await until("the job gets on", async () => (await view()).iteration > 0);
    expect((await view()).invitations).toMatchObject({ issued: length, turnedAway: 0 });
    await patiently(() => client.cancel(jobId));
    await patiently(() => cells.client("a").cancel(openJob));
    expect(cells.problems).toEqual([]);
  },
);
