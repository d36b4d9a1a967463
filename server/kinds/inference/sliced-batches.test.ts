/** Rows that were handed over before a batch was taken back, through all of a live job but sockets and browsers. SPEC.md SL rules. */
import { expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { checkSignedJob, checksThat, runSmallJob, signedJob } from "../../../e2e/crowd/signed-job.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { readSignatureLine } from "../../../shared/receipts/signature-lines.ts";
import { ReceiptKeys } from "../../receipts/receipt-keys.ts";
import { model, QUERIES, queries } from "../../shell/testing/small-job.ts";
import { inferenceJob } from "./core/job.ts";

const PLAIN = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, groupsPerRound: 16 };
const signer = () => ReceiptKeys.inMemory(() => 0, "5e".repeat(32));

/** It hands over so many rows of its first batch of the job, and goes. */
function goesOnce(rows: number): TabBehaviour {
  let gone = false;
  return {
    goesAfter() {
      if (gone) return null;
      gone = true;
      return rows;
    },
  };
}

/** A world whose tabs have all answered their probes: each gets a batch of a job that has as many. */
async function openWith(tabs: readonly TabBehaviour[], isSigning = false): Promise<ShellWithTabs> {
  const world = await ShellWithTabs.open(tabs, "plain", signer(), isSigning);
  while (world.shell.sessions().some(({ state }) => state !== "idle")) await new Promise((done) => setTimeout(done, 5));
  return world;
}

async function right(): Promise<Float32Array> {
  return (await createPlainRuntime().load(model)).run(queries, QUERIES);
}

test("[SL2] [SL3] [RC9] rows of a tab that went are answers and in the receipt, signed, and so are those of whoever computed the rest", async () => {
  const world = await openWith([goesOnce(9), goesOnce(12), {}], true);
  try {
    const jobId = await runSmallJob(world, PLAIN);
    const { cuts = [] } = inferenceJob(world.shell.state, jobId)!.stored;
    expect(cuts).toHaveLength(2);
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
    const signed = await signedJob(world, jobId);
    const checked = await checkSignedJob(signed);
    expect(checksThat(checked, "broken")).toEqual([]);
    const lines = new TextDecoder().decode(signed.files.get("signatures.jsonl")!).trimEnd().split("\n");
    const rounds = lines.map((line) => readSignatureLine(line)!.roundIndex);
    expect(rounds).toEqual(Array.from({ length: QUERIES / 16 + 2 }, (_, round) => round));
  } finally {
    world.close();
  }
});

test("[SL3] [RS1] after a restart in the middle rounds that were cut go on, each with its own queries", async () => {
  // Of the other tab, which is silent then: a restart takes what it holds back.
  let answersLeft = 1;
  const answers: TabBehaviour["answers"] = ({ outputs }) => (answersLeft-- > 0 ? outputs : null);
  const world = await openWith([goesOnce(9), { answers }]);
  try {
    const ended = runSmallJob(world, PLAIN);
    const durable = async () => {
      const jobs = [...world.shell.state.jobs.keys()];
      return (await Promise.all(jobs.map((jobId) => world.store.rounds(jobId)))).flat();
    };
    while ((await durable()).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    expect((await durable()).map(({ queryIndices }) => queryIndices.length).sort()).toEqual([16, 9]);
    answersLeft = Number.POSITIVE_INFINITY;
    await world.restart();
    const jobId = await ended;
    expect(inferenceJob(world.shell.state, jobId)!.stored.cuts).toHaveLength(1);
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
    expect(checksThat(await checkSignedJob(await signedJob(world, jobId)), "broken")).toEqual([]);
  } finally {
    world.close();
  }
});

test("[SL2] [VF3] a tab that lies in what it hands over is named, and no answer is wrong", async () => {
  const lies: TabBehaviour = {
    ...goesOnce(12),
    answers: ({ outputs, assignment }) =>
      outputs.map((value, i) => value + (Math.floor(i / assignment.outputSize) % 2)),
  };
  const world = await openWith([lies, {}, {}]);
  try {
    const jobId = await runSmallJob(world, PLAIN);
    expect((await world.shell.desks.inference.allAnswers(jobId))!.outputs).toEqual(await right());
    const named = [...world.shell.state.volunteers.values()].filter(({ quarantine }) => quarantine !== null);
    expect(named.map(({ volunteerId }) => volunteerId)).toEqual(["volunteer-00"]);
  } finally {
    world.close();
  }
});
