/** Jobs on the ledger of rows through all of a live coordinator but sockets and browsers: its shell, engine, tasks and tabs that sign. */
import { afterEach, describe, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../../e2e/crowd/shell-with-tabs.ts";
import { checkSignedJob, checksThat, signedJob } from "../../../../e2e/crowd/signed-job.ts";
import { createPlainRuntime } from "../../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import { normal, simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { accountKey } from "../../../checks/account.ts";
import { ReceiptKeys } from "../../../receipts/receipt-keys.ts";
import { INPUT_SIZE, model } from "../../../shell/testing/small-job.ts";
import { allAppends } from "../../../store/store.contract.ts";

const ROWS = 400;
const random = simulationRandom(3);
const queries = Float32Array.from({ length: ROWS * INPUT_SIZE }, () => normal(random));
const right = await (await createPlainRuntime().load(model)).run(queries, ROWS);
const PLAIN = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, completion: "exact" };

let world: ShellWithTabs;
afterEach(() => world.close());

async function open(tabs: readonly TabBehaviour[]): Promise<void> {
  const signer = ReceiptKeys.inMemory(() => 0, "5e".repeat(32));
  world = await ShellWithTabs.open(tabs, "plain", signer, true);
}

async function submitted(): Promise<string> {
  const modelSha256 = await world.store.putBlob(model);
  const queriesSha256 = await world.upload({ dtype: "F32", shape: [ROWS, INPUT_SIZE], data: queries });
  const reply = await world.submit({ ...PLAIN, source: { kind: "uploads", modelSha256, queriesSha256 } });
  if (!("jobId" in reply)) throw new Error(reply.message);
  return reply.jobId;
}

const view = (jobId: string) => world.shell.jobView(jobId) as InferenceJobView;
const all = async (jobId: string) => (await world.shell.desks.inference.allAnswers(jobId))!;

describe("a job on the ledger", { timeout: 60_000 }, () => {
  test("ends with every answer right and final, is read again from its rows, and says who gave them", async () => {
    await open(Array.from({ length: 6 }, () => ({})));
    const jobId = await submitted();
    await world.ended(jobId);
    expect(view(jobId)).toMatchObject({ state: "done", finalCount: ROWS, queryCount: ROWS });
    expect(Array.from((await all(jobId)).outputs)).toEqual(Array.from(right));
    expect((await world.store.rounds(jobId)).length).toBe(0);
    expect((await allAppends(world.store, jobId)).length).toBeGreaterThan(0);
    const signed = await signedJob(world, jobId);
    const checked = await checkSignedJob(signed);
    expect(checked.findings.filter(({ state }) => state === "broken")).toEqual([]);
    expect(checksThat(checked, "holds")).toEqual(expect.arrayContaining(["batches", "signatures", "draws", "bounds"]));
    expect([...signed.files.keys()].sort()).toEqual(["authors.bin", "authors.json", "rows.bin", "signatures.jsonl"]);
    const before = await world.shell.desks.inference.answers(jobId, 0, ROWS);
    await world.restart();
    expect(await world.shell.desks.inference.answers(jobId, 0, ROWS)).toEqual(before);
    expect(view(jobId)).toMatchObject({ state: "done", finalCount: ROWS });
  });

  test("[CK1] of a submitter whom no token names is booked on one account through a restart, and its reserve is free at its end", async () => {
    let answer = () => {};
    const mayAnswer = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await open(Array.from({ length: 6 }, () => ({ answers: ({ outputs }) => mayAnswer.then(() => outputs) })));
    world.party = "";
    await world.hasAskedFor(2_000, 1e-3, "");
    await world.restart();
    const key = accountKey("", 1e-3, null);
    const jobId = await submitted();
    await expect.poll(() => world.shell.state.accounts.get(key)?.held).toBeGreaterThan(0);
    await world.restart();
    answer();
    await world.ended(jobId);
    expect([...world.shell.state.accounts]).toEqual([[key, expect.objectContaining({ held: 0, charged: 0 })]]);
  });

  test("[VF15] a tab that lies once its device is known is named, with its rows as evidence; none of its answers stands that the coordinator did not compute itself", async () => {
    let claims = 0;
    const liar: TabBehaviour = {
      answers: async ({ outputs }) => (claims++ < 2 ? outputs : outputs.map((value) => 2 * value)),
    };
    await open([liar, ...Array.from({ length: 6 }, () => ({}))]);
    const jobId = await submitted();
    await world.ended(jobId);
    const [lies] = world.volunteerIds;
    const { quarantine } = world.shell.volunteers().find(({ volunteerId }) => volunteerId === lies)!;
    expect(quarantine?.jobId).toBe(jobId);
    expect(world.evidence.map(({ volunteerId }) => volunteerId)).toContain(lies);
    const { answers } = (await world.shell.desks.inference.answers(jobId, 0, ROWS))!;
    for (const { index, outputs, final, volunteerId, mark } of answers) {
      // Rows that the coordinator computed too keep the name of who gave them first: these were right.
      if (mark !== "exact") expect(volunteerId).not.toBe(lies);
      if (final) expect(outputs).toEqual([...right.subarray(3 * index, 3 * index + 3)]);
    }
  });

  test("[PR106] [RC9] rows that a tab handed over before it went are answers, signed, and the others are answered by whoever is left", async () => {
    let gone = 0;
    const goesOnce = (rows: number): TabBehaviour => {
      let claims = 0;
      const goesAfter: TabBehaviour["goesAfter"] = ({ assignment }) => {
        if (++claims !== 3 || assignment.rowCount <= rows) return null;
        gone++;
        return rows;
      };
      return { goesAfter };
    };
    await open([goesOnce(2), goesOnce(3), ...Array.from({ length: 4 }, () => ({}))]);
    const jobId = await submitted();
    await world.ended(jobId);
    expect(gone).toBeGreaterThan(0);
    expect(view(jobId)).toMatchObject({ state: "done", finalCount: ROWS });
    expect(Array.from((await all(jobId)).outputs)).toEqual(Array.from(right));
    const checked = await checkSignedJob(await signedJob(world, jobId));
    expect(checked.findings.filter(({ state }) => state === "broken")).toEqual([]);
    expect(checksThat(checked, "holds")).toEqual(expect.arrayContaining(["signatures"]));
  });

  test("[RS1] killed in the middle, it goes on from the rows that were stored, and ends as any other", async () => {
    let answered = 0;
    // After so many claims no tab answers, until the next process is there.
    const slow: TabBehaviour = {
      answers: async ({ outputs }) => (answered++ < 12 ? outputs : isRestarted ? outputs : null),
    };
    let isRestarted = false;
    await open(Array.from({ length: 6 }, () => slow));
    const jobId = await submitted();
    const stored = () => allAppends(world.store, jobId);
    while (answered < 13 || (await stored()).length < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    isRestarted = true;
    const before = (await stored()).length;
    await world.restart();
    expect(view(jobId).answersByMark.missing).toBeLessThan(ROWS);
    await world.ended(jobId);
    expect(view(jobId)).toMatchObject({ state: "done", finalCount: ROWS });
    expect(Array.from((await all(jobId)).outputs)).toEqual(Array.from(right));
    const appends = await stored();
    expect(appends.length).toBeGreaterThan(before);
    expect(appends.map(({ seq }) => seq)).toEqual(appends.map((_, n) => n));
  });

  test("[CK2] without tokens it has an account of its own where strangers seem to have one address", async () => {
    await open(Array.from({ length: 6 }, () => ({})));
    world.isAddressShared = true;
    await world.restart();
    const jobId = await submitted();
    await world.ended(jobId);
    expect(view(jobId).rows).toMatchObject({ isStrict: true });
    expect((await world.store.accounts()).map(({ accountKey }) => accountKey)).toEqual([`0.001 of job ${jobId}`]);
  });

  test("[JB8] deleted, nothing of it is left but what is booked on its submitter's account", async () => {
    await open(Array.from({ length: 6 }, () => ({})));
    const jobId = await submitted();
    await world.ended(jobId);
    const accounts = await world.store.accounts();
    expect(accounts).toHaveLength(1);
    expect(accounts[0]).toMatchObject({ answerBound: 1e-3, places: ROWS, held: 0 });
    await world.store.deleteJob(jobId);
    world.shell.desks.inference.forget(jobId);
    expect([await allAppends(world.store, jobId), await world.store.blocks(jobId)]).toEqual([[], []]);
    expect(await world.store.accounts()).toEqual(accounts);
  });
});
