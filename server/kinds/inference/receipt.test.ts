import { afterEach, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { ANSWER_MARKS } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";
import { isProblem } from "../../web/coordinator-port.ts";

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

async function open(tabs: readonly TabBehaviour[]): Promise<ShellWithTabs> {
  opened = await ShellWithTabs.open(tabs);
  // Half of the rows are checked.
  await opened.hasAskedFor(1_000);
  return opened;
}

async function submission(world: ShellWithTabs, settings: object, data = queries) {
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [data.length / INPUT_SIZE, INPUT_SIZE], data }),
  ]);
  return { ...settings, source: { kind: "uploads", modelSha256, queriesSha256 } };
}

async function receiptOf(world: ShellWithTabs, jobId: string) {
  const receipt = (await world.shell.receipt(jobId)) as InferenceReceipt | "not-ended" | null;
  if (receipt === null || receipt === "not-ended") throw new Error(`expected a receipt, got ${receipt}`);
  return receipt;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0);
const honest = (count: number): TabBehaviour[] => Array.from({ length: count }, () => ({}));

test("[RC1] a receipt accounts for every answer and every result, with the hashes of what went in", async () => {
  const world = await open(honest(7));
  const asked = await submission(world, SYSTEMATIC);
  const jobId = await world.run(asked);
  const receipt = await receiptOf(world, jobId);
  const view = world.shell.jobView(jobId) as InferenceJobView;
  expect(receipt).toMatchObject({
    jobId,
    kind: "inference",
    state: "done",
    verification: "audits",
    code: {
      scheme: "systematic",
      queriesPerGroup: 4,
      stragglers: 1,
      liars: 1,
      workers: 6,
      groups: 12,
    },
    hashes: { model: asked.source.modelSha256, queries: asked.source.queriesSha256, labels: null, parityModel: null },
    audits: { rows: view.auditedRows, failedRows: 0 },
    redone: { rows: 0 },
  });
  expect(receipt.answers).toMatchObject({ byMark: view.answersByMark, final: view.finalCount, queryCount: QUERIES });
  // An answer that the coordinator computed too stays that of whoever was right; known rows are answered beside it.
  const { exact } = view.answersByMark;
  const byTabs = sum(receipt.volunteers.map(({ answers }) => answers));
  expect(byTabs).toBeGreaterThanOrEqual(QUERIES - exact);
  expect(sum(receipt.volunteers.map(({ rows }) => rows))).toBeGreaterThanOrEqual(byTabs);
  expect(sum(receipt.volunteers.map(({ assignments }) => assignments))).toBeGreaterThan(0);
  const auditedRows = sum(receipt.volunteers.map((volunteer) => volunteer.auditedRows));
  expect(auditedRows).toBe(view.auditedRows);
  expect(auditedRows).toBeGreaterThan(0);
});

test("[RC2] it is the same after a restart, whatever volunteers have done for other jobs since", async () => {
  const world = await open(honest(7));
  const first = await world.run(await submission(world, SYSTEMATIC));
  const before = await receiptOf(world, first);
  const viewBefore = world.shell.jobView(first);
  // Their records grow, and with them what their answers would be worth today.
  await world.run(await submission(world, { ...SYSTEMATIC, name: "another" }));
  await world.restart();
  expect(await receiptOf(world, first)).toEqual(before);
  expect(world.shell.jobView(first)).toEqual(viewBefore);
});

test("[RC2] what was done before a crash in the middle of the job is in it, each row once", async () => {
  let [answered, isHeld] = [0, true];
  const tab: TabBehaviour = { answers: ({ outputs }) => (++answered > 12 && isHeld ? null : outputs) };
  const world = await open(Array.from({ length: 6 }, () => tab));
  const reply = await world.submit(await submission(world, SYSTEMATIC));
  if (isProblem(reply)) throw new Error(reply.message);
  const done = () => (world.shell.jobView(reply.jobId) as InferenceJobView).roundsDone;
  while (answered <= 12 || done() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await world.shell.receipt(reply.jobId)).toBe("not-ended");
  isHeld = false;
  await world.restart();
  await world.ended(reply.jobId);
  const receipt = await receiptOf(world, reply.jobId);
  const { answers, volunteers } = receipt;
  expect(answers.byMark.missing).toBe(0);
  const byTabs = sum(volunteers.map((volunteer) => volunteer.answers));
  expect(byTabs).toBeGreaterThanOrEqual(QUERIES - answers.byMark.exact);
  expect(byTabs).toBeLessThanOrEqual(QUERIES);
  // What was lost in the crash is not counted, what was durable only once: at most one row of each volunteer beside each answer.
  expect(sum(volunteers.map(({ rows }) => rows))).toBeLessThanOrEqual(2 * QUERIES);
});

test("[RC3] it names who was quarantined, why, and what was done again because of it", async () => {
  let liar: number | null = null;
  // Whoever comes to its fourth claim first lies in every row from then on.
  const tabs = Array.from({ length: 7 }, (_, tab): TabBehaviour => {
    let batches = 0;
    return {
      answers({ outputs }) {
        if (++batches > 3) liar ??= tab;
        return liar === tab ? outputs.map((value) => -value) : outputs;
      },
    };
  });
  const world = await open(tabs);
  const settings = { ...SYSTEMATIC, stragglers: 0, liars: 0 };
  // So many queries that whoever lies has dozens of rows left: a third of them is checked, and which tab was quicker decides nothing.
  const random = simulationRandom(10);
  const many = Float32Array.from({ length: 20 * QUERIES * INPUT_SIZE }, () => normal(random));
  const jobId = await world.run(await submission(world, settings, many));
  const receipt = await receiptOf(world, jobId);
  const named = receipt.volunteers.filter(({ quarantine }) => quarantine !== null);
  expect(named).toMatchObject([{ nickname: `tab ${liar}`, quarantine: { jobId }, bound: null }]);
  const { answers, auditedRows, failedRows, withdrawnRows } = named[0]!;
  expect(failedRows).toBeGreaterThan(0);
  expect(named[0]!.quarantine!.reason).toMatch(/of \d+ recomputed rows differ/);
  // Of what it said those rows alone stand that the coordinator recomputed.
  expect(answers).toBeLessThanOrEqual(auditedRows);
  expect(receipt.redone).toMatchObject({ rows: withdrawnRows });
  expect(withdrawnRows).toBeGreaterThan(0);
  await world.restart();
  expect(await receiptOf(world, jobId)).toEqual(receipt);
});

test("[RC1] of a cancelled job it holds what was durable, before a restart and after", async () => {
  let answered = 0;
  const world = await open(
    Array.from({ length: 6 }, () => ({ answers: ({ outputs }) => (++answered > 9 ? null : outputs) })),
  );
  const reply = await world.submit(await submission(world, SYSTEMATIC));
  if (isProblem(reply)) throw new Error(reply.message);
  while (answered <= 9) await new Promise((resolve) => setTimeout(resolve, 5));
  await world.shell.cancel(reply.jobId);
  await world.ended(reply.jobId);
  const receipt = await receiptOf(world, reply.jobId);
  expect(receipt).toMatchObject({ state: "cancelled" });
  expect(receipt.answers.byMark.missing).toBeGreaterThan(0);
  const all = (await world.shell.desks.inference.allAnswers(reply.jobId))!;
  expect([...all.marks].filter((mark) => ANSWER_MARKS[mark] === "missing")).toHaveLength(
    receipt.answers.byMark.missing,
  );
  await world.restart();
  expect(await receiptOf(world, reply.jobId)).toEqual(receipt);
});

test("[RC1] a majority's losers, and who the published locator names, are counted as rejected", async () => {
  const tabs = honest(6);
  // Who has the first rows of a model wrong gets no more.
  let claims = 0;
  tabs[2] = { answers: ({ outputs }) => (++claims <= 3 ? outputs : outputs.map((value) => 100 - value)) };
  const world = await open(tabs);
  const replication = { scheme: "replication", queriesPerGroup: 2, liars: 1 };
  const voted = await receiptOf(world, await world.run(await submission(world, replication)));
  const outvoted = voted.volunteers.filter(({ rejectedRows }) => rejectedRows > 0);
  expect(outvoted.map(({ volunteerId }) => volunteerId)).toEqual(["volunteer-02"]);
  expect(voted.verification).toBe("votes");
  const approxifer = { scheme: "approxifer", queriesPerGroup: 2, stragglers: 0, liars: 1 };
  const located = await receiptOf(world, await world.run(await submission(world, approxifer)));
  expect(sum(located.volunteers.map(({ rejectedRows }) => rejectedRows))).toBeGreaterThan(0);
});
