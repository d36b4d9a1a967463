import { afterEach, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { ANSWER_MARKS } from "../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";
import { isProblem } from "../../web/coordinator-port.ts";

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

async function open(tabs: readonly TabBehaviour[]): Promise<ShellWithTabs> {
  opened = await ShellWithTabs.open(tabs);
  return opened;
}

async function submission(world: ShellWithTabs, settings: object) {
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
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
      rounds: 6,
      roundsDone: 6,
    },
    hashes: { model: asked.source.modelSha256, queries: asked.source.queriesSha256, labels: null, parityModel: null },
    audits: { rows: view.auditedRows, failedRows: 0 },
    redone: { rounds: 0, assignments: 0, rows: 0 },
  });
  expect(receipt.answers).toMatchObject({ byMark: view.answersByMark, final: view.finalCount, queryCount: QUERIES });
  // Each of the 6 rounds took at least one result for each of its 4 raw worker indices, of 2 rows each.
  expect(sum(receipt.volunteers.map(({ assignments }) => assignments))).toBeGreaterThanOrEqual(6 * 4);
  for (const { assignments, rows } of receipt.volunteers) expect(rows).toBe(2 * assignments);
  expect(sum(receipt.volunteers.map(({ answers }) => answers))).toBe(QUERIES);
  expect(sum(receipt.volunteers.map(({ auditedRows }) => auditedRows))).toBe(view.auditedRows);
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

test("[RC2] what was done before a crash in the middle of the job is in it, each result once", async () => {
  let answered = 0;
  let isHeld = true;
  const world = await open(
    Array.from({ length: 6 }, () => ({ answers: ({ outputs }) => (++answered > 30 && isHeld ? null : outputs) })),
  );
  const reply = await world.submit(await submission(world, { ...SYSTEMATIC, spares: "parities", roundsInFlight: 1 }));
  if (isProblem(reply)) throw new Error(reply.message);
  while (answered <= 30) await new Promise((resolve) => setTimeout(resolve, 5));
  const doneBefore = (world.shell.jobView(reply.jobId) as InferenceJobView).roundsDone;
  expect(doneBefore).toBeGreaterThan(0);
  expect(await world.shell.receipt(reply.jobId)).toBe("not-ended");
  isHeld = false;
  await world.restart();
  await world.ended(reply.jobId);
  const receipt = await receiptOf(world, reply.jobId);
  expect(receipt.code.roundsDone).toBe(6);
  // 6 rounds of at most 6 worker indices, 4 of which somebody else may have been asked for too: what was lost in the crash is not
  // counted, what was durable only once.
  const assignments = sum(receipt.volunteers.map((volunteer) => volunteer.assignments));
  expect(assignments).toBeLessThanOrEqual(6 * (6 + 4));
  expect(assignments).toBeGreaterThanOrEqual(6 * 4);
  expect(sum(receipt.volunteers.map(({ answers }) => answers))).toBe(QUERIES);
});

test("[RC3] it names who was quarantined, why, and what was done again because of it", async () => {
  let liar: number | null = null;
  // Whoever comes to its fourth batch first lies in every row from then on; without spare workers every result is needed.
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
  const settings = { ...SYSTEMATIC, stragglers: 0, liars: 0, roundsInFlight: 1, groupsPerRound: 1 };
  const jobId = await world.run(await submission(world, settings));
  const receipt = await receiptOf(world, jobId);
  const named = receipt.volunteers.filter(({ quarantine }) => quarantine !== null);
  expect(named).toMatchObject([{ nickname: `tab ${liar}`, quarantine: { jobId }, failedRows: 1, bound: null }]);
  const { answers, auditedRows, assignments, withdrawnAssignments, withdrawnRows } = named[0]!;
  expect(withdrawnAssignments).toBe(assignments);
  expect(named[0]!.quarantine!.reason).toMatch(/of \d+ recomputed rows differ/);
  // Of what it said those rows alone stand that the coordinator recomputed.
  expect(answers).toBeLessThanOrEqual(auditedRows);
  expect(receipt.redone).toMatchObject({ assignments: withdrawnAssignments, rows: withdrawnRows });
  expect(withdrawnAssignments).toBeGreaterThan(0);
  await world.restart();
  expect(await receiptOf(world, jobId)).toEqual(receipt);
});

test("[RC1] of a cancelled job it holds what was durable, before a restart and after", async () => {
  let answered = 0;
  const world = await open(
    Array.from({ length: 6 }, () => ({ answers: ({ outputs }) => (++answered > 20 ? null : outputs) })),
  );
  const reply = await world.submit(await submission(world, { ...SYSTEMATIC, roundsInFlight: 2 }));
  if (isProblem(reply)) throw new Error(reply.message);
  while (answered <= 20) await new Promise((resolve) => setTimeout(resolve, 5));
  await world.shell.cancel(reply.jobId);
  await world.ended(reply.jobId);
  const receipt = await receiptOf(world, reply.jobId);
  expect(receipt).toMatchObject({ state: "cancelled" });
  const roundsDone = receipt.code.roundsDone!;
  expect(roundsDone).toBeLessThan(6);
  expect(receipt.answers.byMark.missing).toBe(QUERIES - roundsDone * 8);
  const all = (await world.shell.desks.inference.allAnswers(reply.jobId))!;
  expect([...all.marks].filter((mark) => ANSWER_MARKS[mark] === "missing")).toHaveLength(
    receipt.answers.byMark.missing,
  );
  await world.restart();
  expect(await receiptOf(world, reply.jobId)).toEqual(receipt);
});

test("[RC1] a majority's losers, and who the published locator names, are counted as rejected", async () => {
  const tabs = honest(6);
  tabs[2] = { answers: ({ outputs }) => outputs.map((value) => 100 - value) };
  const world = await open(tabs);
  const replication = { scheme: "replication", queriesPerGroup: 2, liars: 1, groupsPerRound: 2 };
  const voted = await receiptOf(world, await world.run(await submission(world, replication)));
  const outvoted = voted.volunteers.filter(({ rejectedRows }) => rejectedRows > 0);
  expect(outvoted.map(({ volunteerId }) => volunteerId)).toEqual(["volunteer-02"]);
  expect(voted.verification).toBe("votes");
  const approxifer = { scheme: "approxifer", queriesPerGroup: 2, stragglers: 0, liars: 1, groupsPerRound: 2 };
  const located = await receiptOf(world, await world.run(await submission(world, approxifer)));
  // One of the five in each of the 24 groups, always.
  expect(sum(located.volunteers.map(({ rejectedRows }) => rejectedRows))).toBe(24);
});
