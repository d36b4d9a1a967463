/** What a volunteer is credited with, through all of a live job but sockets and browsers. */
import { expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { runSmallJob } from "../../../e2e/crowd/signed-job.ts";
import { type Batch, inferenceJob } from "./core/job.ts";
import { rowsJob } from "./rows/core/rows-job.ts";

const ROW_BY_ROW = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, groupsPerRound: 1 };
const JOBS = 3;

test("[CR1] [PC6] credit is for the rows that went out: of golden rows that were asked for, none may be left for this tab", async () => {
  // It is alone, so that it has answered every row itself.
  const asked = new Map<number, number>();
  const answers: TabBehaviour["answers"] = ({ outputs }) => {
    for (const { assignmentId, payload } of world.shell.state.assignments.values())
      if (!asked.has(assignmentId)) asked.set(assignmentId, (payload as Batch).goldenRows);
    return outputs;
  };
  const world = await (await ShellWithTabs.open([{ answers }])).onRounds();
  try {
    const { state } = world.shell;
    let work = 0;
    for (let n = 0; n < JOBS; n++) {
      const { stored, sentWork } = inferenceJob(state, await runSmallJob(world, ROW_BY_ROW))!;
      expect(sentWork).toBe(stored.queryCount * stored.macsPerQuery);
      work += sentWork;
    }
    expect([...asked.values()].some((golden) => golden > 0)).toBe(true);
    expect(world.batches.every(({ assignment }) => assignment.rowCount === 1)).toBe(true);
    const credit = { creditMacs: work, creditAssignments: world.batches.length };
    expect(state.volunteers.get("volunteer-00")).toMatchObject(credit);
  } finally {
    world.close();
  }
});

test("[CR1] on the ledger credit is for rows that were answered: known rows among them bring none", async () => {
  const world = await ShellWithTabs.open([{}]);
  try {
    await world.hasAskedFor(1_000_000);
    const { state } = world.shell;
    let [work, rows] = [0, 0];
    for (let n = 0; n < JOBS; n++) {
      const job = rowsJob(state, await runSmallJob(world, ROW_BY_ROW))!;
      const own = job.contributions.get("volunteer-00")!;
      rows += own.rows;
      work += own.rows * job.stored.macsPerQuery;
    }
    expect(rows).toBeGreaterThan(0);
    expect(world.batches.reduce((sum, { assignment }) => sum + assignment.rowCount, 0)).toBeGreaterThan(rows);
    expect(state.volunteers.get("volunteer-00")).toMatchObject({ creditMacs: work });
  } finally {
    world.close();
  }
});
