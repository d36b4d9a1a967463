import { expect, test } from "vitest";
import { simulateCells } from "./simulate-cells.ts";

const SEEDS = 30;

test(`[CE1] [CE2] [CE3] [CE4] [CE8] [CE10] [CE11] ${SEEDS} services of three coordinators that are killed, paused and cut off from their database break no rule`, {
  timeout: 600_000,
}, async () => {
  const broken: string[] = [];
  const seen = { kills: 0, pauses: 0, ended: 0, outages: 0, pointed: 0, jobs: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { problems, jobs, kills, pauses, ended, outages, pointed } = await simulateCells(seed);
    for (const problem of problems) broken.push(`seed ${seed}: ${problem}`);
    seen.kills += kills;
    seen.pauses += pauses;
    seen.ended += ended;
    seen.outages += outages;
    seen.pointed += pointed;
    seen.jobs += jobs.filter(({ state }) => state === "done").length;
  }
  expect(broken).toEqual([]);
  // The runs meet what they are there for.
  // Two in one piece, and one in five parts, two of which wait for a coordinator where all three live.
  expect(seen.jobs).toBe(7 * SEEDS);
  for (const name of ["kills", "pauses", "ended", "outages", "pointed"] as const)
    expect(seen[name]).toBeGreaterThanOrEqual(SEEDS);
});

test("[EV1] the same seed gives the same service", { timeout: 60_000 }, async () => {
  expect(await simulateCells(52)).toEqual(await simulateCells(52));
});
