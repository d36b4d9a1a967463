/** What a volunteer is credited with, through all of a live job but sockets and browsers. */
import { expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { runSmallJob } from "../../../e2e/crowd/signed-job.ts";
import { rowsJob } from "./rows/core/rows-job.ts";

const ROW_BY_ROW = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0 };
const JOBS = 3;

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
