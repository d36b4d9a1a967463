import { expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { checkSignedJob, checksThat, runSmallJob, signedJob } from "../../../e2e/crowd/signed-job.ts";
import { ANSWER_MARKS } from "../../../shared/kinds/inference/answers.ts";
import { readBatchLine } from "../../../shared/receipts/batch-lines.ts";
import { BATCHES_FILE, ROWS_FILE } from "../../../shared/receipts/check-receipt.ts";
import { recordsIn } from "../../../shared/receipts/check-rows.ts";
import { ReceiptKeys } from "../../receipts/receipt-keys.ts";
import type { SealedParts } from "../../shell/receipt-parts.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";
import { allAppends } from "../../store/store.contract.ts";
import type { StoredRound } from "../../store/store.ts";
import { isProblem } from "../../web/coordinator-port.ts";
import type { BatchSource } from "./core/batch-source.ts";
import { EndedJobs } from "./ended-jobs.ts";
import { decodePlan, type StoredPlan } from "./engine/stored-plan.ts";
import { receiptParts } from "./receipt-parts.ts";

const AUDITED = ANSWER_MARKS.indexOf("audited");
/** Each of the three workers has the one query of a group as it is; whoever is first answers it. */
const ONE_QUERY = { ...SYSTEMATIC, queriesPerGroup: 1, groupsPerRound: 8 };

async function openedWith(settings: object): Promise<{ world: ShellWithTabs; jobId: string }> {
  const world = await (await ShellWithTabs.open(Array.from({ length: 6 }, () => ({})))).onRounds();
  return { world, jobId: await runSmallJob(world, settings) };
}

/** @param changed what is said of each result that was taken in */
async function partsWith(
  { world, jobId }: { world: ShellWithTabs; jobId: string },
  changed: (source: BatchSource) => BatchSource,
): Promise<SealedParts> {
  const found = (await new EndedJobs(world.store).answers(jobId))!;
  const rounds = (await world.store.rounds(jobId)).map((round): StoredRound => {
    const plan = decodePlan(round.plan);
    const told: StoredPlan = { ...plan, sources: plan.sources.map((source) => source && changed(source)) };
    return { ...round, plan: new TextEncoder().encode(JSON.stringify(told)) };
  });
  return receiptParts(world.shell.state, found, rounds);
}

function contentsOf({ files }: SealedParts) {
  const file = (name: string) => files.find((one) => one.name === name)!.bytes;
  const lines = new TextDecoder().decode(file(BATCHES_FILE)).trimEnd().split("\n");
  return {
    records: [...recordsIn(file(ROWS_FILE))].map((record) => record!),
    batches: lines.map((line) => readBatchLine(line)!),
  };
}

/** Chance decides who is first: so many jobs in a row of which the first worker is always the one do not happen. */
const JOBS_MAX = 40;

test("[RC4] where several workers have a query as it is, its answer is of the result that stands, and the receipt holds", async () => {
  const { world, jobId: first } = await openedWith(ONE_QUERY);
  try {
    let wasAnother = false;
    for (let job = 0; job < JOBS_MAX && !wasAnother; job++) {
      const jobId = job === 0 ? first : await runSmallJob(world, { ...ONE_QUERY, name: `job ${job}` });
      const { records, batches } = contentsOf(await partsWith({ world, jobId }, (source) => source));
      const audited = records.filter(({ mark }) => mark === AUDITED);
      for (const { place } of audited) {
        const { roundIndex, workerIndex } = place!;
        expect(batches).toContainEqual(expect.objectContaining({ roundIndex, workerIndex }));
      }
      expect(checksThat(await checkSignedJob(await signedJob(world, jobId)), "broken")).toEqual([]);
      wasAnother = audited.length > 0 && batches.some(({ workerIndex }) => workerIndex > 0);
    }
    expect(wasAnother).toBe(true);
  } finally {
    world.close();
  }
});

test("[RC4] of two results for the same rows, the rows are of the one whose volunteer answers them", async () => {
  const opened = await openedWith(ONE_QUERY);
  try {
    const found = (await new EndedJobs(opened.world.store).answers(opened.jobId))!;
    const rounds = await opened.world.store.rounds(opened.jobId);
    // Somebody else's result stands beside each one, before it or behind it.
    const beside = rounds.map((round): StoredRound => {
      const plan = decodePlan(round.plan);
      const other: BatchSource = { volunteerId: "another", precision: "float32", auditedRows: 3, opinionBy: null };
      const sources = plan.sources.map((source) => source ?? other);
      return { ...round, plan: new TextEncoder().encode(JSON.stringify({ ...plan, sources })) };
    });
    const { records, batches } = contentsOf(await receiptParts(opened.world.shell.state, found, beside));
    records.forEach(({ mark, place }, query) => {
      if (mark !== AUDITED) return;
      const { roundIndex, workerIndex } = place!;
      const batch = batches.find((one) => one.roundIndex === roundIndex && one.workerIndex === workerIndex);
      expect(batch?.volunteerId).toBe(found.answers.sources.volunteerOf(query));
    });
  } finally {
    opened.world.close();
  }
});

test("[RC7] the least cap on audits that a job has run under stands in its receipt, though it was raised meanwhile", async () => {
  const world = await (await ShellWithTabs.open(Array.from({ length: 6 }, () => ({})))).onRounds();
  // Two rounds of 24 rows, of which the rule asks for two a batch; the cap leaves one of all.
  const few = { ...SYSTEMATIC, queriesPerGroup: 1, groupsPerRound: 24, roundsInFlight: 1 };
  try {
    const source = await sourceIn(world);
    const raisedInside = async () => {
      world.settings = { rowLedger: false, auditShareMax: 0.02 };
      await world.restart();
      const reply = await world.submit({ ...few, source });
      if (isProblem(reply)) throw new Error(reply.message);
      while ((await world.store.rounds(reply.jobId)).length === 0) await new Promise((done) => setImmediate(done));
      const wasAtWork = world.shell.jobView(reply.jobId)?.finishedMs === null;
      await world.onRounds();
      await world.ended(reply.jobId);
      const { findings, ended } = await checkSignedJob(await signedJob(world, reply.jobId));
      expect(ended?.auditShareMax).toBe(0.02);
      const draws = findings.find(({ check }) => check === "draws")!;
      expect(draws).toMatchObject({ state: "holds" });
      return (
        wasAtWork && /fewer than the rule asks for, because the operator caps recomputed rows at 0.02/.test(draws.text)
      );
    };
    // Chance says how far a job is when the process ends.
    let wasSeen = false;
    for (let jobs = 0; jobs < JOBS_MAX && !wasSeen; jobs++) wasSeen = await raisedInside();
    expect(wasSeen).toBe(true);
  } finally {
    world.close();
  }
});

async function sourceIn(world: ShellWithTabs) {
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  return { kind: "uploads", modelSha256, queriesSha256 };
}

test("[RC9] signatures are kept with their rows: a restart in the middle of a job loses none", async () => {
  const signer = ReceiptKeys.inMemory(() => 0, "5e".repeat(32));
  const world = await ShellWithTabs.open(
    Array.from({ length: 6 }, () => ({})),
    "plain",
    signer,
    true,
  );
  try {
    await world.hasAskedFor(1_000_000);
    const source = await sourceIn(world);
    const restartInside = async (): Promise<string | null> => {
      const reply = await world.submit({ ...SYSTEMATIC, source });
      if (isProblem(reply)) throw new Error(reply.message);
      const isStored = async () => (await allAppends(world.store, reply.jobId)).length > 0;
      while (!(await isStored())) await new Promise((done) => setImmediate(done));
      const wasAtWork = world.shell.jobView(reply.jobId)?.finishedMs === null;
      await world.restart();
      await world.ended(reply.jobId);
      return wasAtWork ? reply.jobId : null;
    };
    let jobId: string | null = null;
    for (let jobs = 0; jobs < JOBS_MAX && jobId === null; jobs++) jobId = await restartInside();
    const { findings } = await checkSignedJob(await signedJob(world, jobId!));
    const signatures = findings.find(({ check }) => check === "signatures");
    expect(signatures).toMatchObject({ state: "holds", text: expect.not.stringContaining("not signed") });
  } finally {
    world.close();
  }
});

test("[RC4] rows that were drawn of somebody's who gave an opinion count as drawn while its word counts", async () => {
  const opened = await openedWith({ ...SYSTEMATIC, queriesPerGroup: 2, groupsPerRound: 8 });
  const drawnWith = async (opinionBy: string | null) => {
    const checked = { auditedRows: 6, ownDrawnRows: 4, opinionBy };
    const { batches } = contentsOf(await partsWith(opened, (source) => ({ ...source, ...checked })));
    return new Set(batches.map(({ drawnRows }) => drawnRows));
  };
  try {
    expect(await drawnWith("another")).toEqual(new Set([6]));
    expect(await drawnWith(null)).toEqual(new Set([4]));
  } finally {
    opened.world.close();
  }
});
