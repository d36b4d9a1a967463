/** A database that is away for longer than a lease ends no coordinator, however it goes and whoever comes back first. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { postgresPrograms, sayWithoutPostgres } from "../../../server/store/testing/postgres-server.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { DATABASE_PAUSES, pauseDatabase } from "./database-pauses.ts";
import { type CellName, TwoCells } from "./two-cells.ts";

sayWithoutPostgres("pauses of the database");

const NAMES = ["a", "b"] as const;
/** Short, so that all kinds of pauses take a minute. */
const LEASE_MS = 3_000;
/** A little less than a lease, in which one may lose its own and the other not; and several of them. */
const PAUSES_MS = [0.8 * LEASE_MS, 3.5 * LEASE_MS];
const LOOK_MS = 50;
const MS_MAX = 400_000;

let cells: TwoCells;
afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.log(cells.outputs());
  await cells.end();
});

async function until(what: string, holds: () => Promise<boolean>, ms: number): Promise<void> {
  const untilMs = performance.now() + ms;
  while (!(await holds())) {
    expect(performance.now(), `while waiting until ${what}`).toBeLessThan(untilMs);
    await sleep(LOOK_MS);
  }
}

const isReady = async (name: CellName) => (await cells.readiness(name))?.ok === true;
const areReady = async () => (await Promise.all(NAMES.map(isReady))).every(Boolean);

async function figure(name: CellName, figure: string): Promise<number> {
  const text = await (await fetch(`${cells.cell(name).url}/metrics`)).text();
  return Number(new RegExp(`^${figure} (\\S+)$`, "m").exec(text)?.[1]);
}

async function stateOf(name: CellName, jobId: string): Promise<string | null> {
  try {
    return (await cells.client(name).job(jobId)).state;
  } catch (error) {
    if (error instanceof ParitabApiError) return null;
    throw error;
  }
}

test.skipIf(postgresPrograms() === null)(
  "[CE1] [CE3] a database that is stopped, locked, cut off or silent for less or more than a lease leaves both at work under the epochs that they had; while it is away they say that they are not ready",
  { timeout: MS_MAX },
  async () => {
    cells = await TwoCells.start({ PARITAB_CELL_LEASE_MS: String(LEASE_MS) });
    const source = { kind: "sample", sample: "mnist", queryStart: 0, queryCount: 400 } as const;
    const jobs = await Promise.all(
      NAMES.map(async (name) => {
        await cells.volunteers(name, 2);
        return (await cells.client(name).submit({ kind: "inference", source, queriesPerGroup: 1, stragglers: 0 }))
          .jobId;
      }),
    );
    await until("both are ready", areReady, 20 * LEASE_MS);
    const before = await cells.epochs();
    for (const how of DATABASE_PAUSES) {
      for (const ms of PAUSES_MS) {
        const paused = pauseDatabase(cells, how, ms);
        if (ms > LEASE_MS) {
          for (const name of NAMES) {
            await until(
              `${name} knows nothing of its lease`,
              async () => (await cells.readiness(name))?.problems.some((problem) => /lease/.test(problem)) === true,
              3 * LEASE_MS,
            );
            expect(await figure(name, "paritab_lease_held")).toBe(0);
            expect(await figure(name, "paritab_lease_left_seconds")).toBeLessThan(0);
          }
        }
        await paused;
        await until(`both are ready after ${how} of ${ms} ms`, areReady, 20 * LEASE_MS);
        // Whoever were to be buried would be by then.
        await sleep(2 * LEASE_MS);
        expect(await cells.epochs(), `after ${how} of ${ms} ms`).toEqual(before);
      }
    }
    for (const name of NAMES) {
      expect(await figure(name, "paritab_lease_held")).toBe(1);
      expect(await figure(name, "paritab_cell_epoch")).toBe(before[name]);
    }
    for (const [n, jobId] of jobs.entries())
      await until("its job is done", async () => (await stateOf(NAMES[n]!, jobId)) === "done", 100_000);
    expect(cells.problems).toEqual([]);
  },
);
