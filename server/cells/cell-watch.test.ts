/** What a coordinator does about the others on its database, with a database that refuses now and then. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ELSEWHERE_LOOK_MS } from "../../shared/protocol/limits.ts";
import { LeaseLostError, type StoredVolunteer, StoreError } from "../store/store.ts";
import type { SharedList } from "../store/transact.ts";
import { CellWatch, type CellWatchOptions } from "./cell-watch.ts";
import { keepLease } from "./keep-lease.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const NOTHING_TO_DO: CellWatchOptions["cell"] = {
  leaseMs: 10_000,
  renew: async () => {},
  takeOver: async () => [],
  partsDealt: async () => [],
  takeNextPart: async () => [],
  takePart: async () => [],
  named: async () => ({ own: "a", cells: [] }),
};

function watch(options: Partial<CellWatchOptions>) {
  const problems: string[] = [];
  const lost: string[] = [];
  const cellWatch = new CellWatch({
    cell: NOTHING_TO_DO,
    load: () => ({ jobs: 0, tabs: 0, share: 0 }),
    partsSpent: () => null,
    hearOfCells: null,
    changesElsewhere: async () => ({ lists: [], volunteers: [], accounts: [] }),
    volunteersElsewhere: async () => [],
    takeJobs: async () => {},
    hearOfVolunteers: () => {},
    hearOfAccounts: () => {},
    listChanged: async () => {},
    onLost: ({ message }) => lost.push(message),
    onProblem: (message) => problems.push(message),
    ...options,
  });
  return { cellWatch, problems, lost };
}

test("[CE4] a list that another has changed, and that could not be read, is read again until it was", async () => {
  const told: SharedList[][] = [["tokens", "bans"]];
  const tried: SharedList[] = [];
  const { cellWatch, problems } = watch({
    changesElsewhere: async () => ({ lists: told.shift() ?? [], volunteers: [], accounts: [] }),
    async listChanged(list) {
      tried.push(list);
      if (tried.length < 3) throw new StoreError("the server is away");
    },
  });
  await vi.advanceTimersByTimeAsync(6 * ELSEWHERE_LOOK_MS);
  expect(tried).toEqual(["tokens", "tokens", "tokens", "bans"]);
  expect(problems).toEqual(["could not hear of other coordinators", "could not hear of other coordinators"]);
  cellWatch.close();
});

test("[CE3] [RW8] before jobs of one that is gone are gone on with, it is heard what that one knew of volunteers", async () => {
  const done: string[] = [];
  const { cellWatch } = watch({
    cell: { ...NOTHING_TO_DO, leaseMs: 300, takeOver: async () => (done.length === 0 ? ["j1"] : []) },
    async volunteersElsewhere() {
      await new Promise((resolve) => setTimeout(resolve, 10));
      return [];
    },
    hearOfVolunteers: () => done.push("heard"),
    takeJobs: async (jobIds) => void done.push(`took ${jobIds}`),
  });
  await vi.advanceTimersByTimeAsync(150);
  expect(done).toEqual(["heard", "took j1"]);
  cellWatch.close();
});

test("[CE3] a job that was taken over, and that the database kept from being gone on with, is gone on with after that", async () => {
  const over = [["j1"], [], []];
  const taken: string[] = [];
  let isAway = true;
  const { cellWatch, problems } = watch({
    cell: { ...NOTHING_TO_DO, takeOver: async () => over.shift() ?? [] },
    async volunteersElsewhere() {
      if (isAway) throw new StoreError("the server is away");
      return [];
    },
    takeJobs: async (jobIds) => void taken.push(...jobIds),
  });
  await vi.advanceTimersByTimeAsync(NOTHING_TO_DO.leaseMs);
  expect([taken, problems.length > 0]).toEqual([[], true]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(NOTHING_TO_DO.leaseMs);
  expect(taken).toEqual(["j1"]);
  cellWatch.close();
});

test("[CE11] a part that another has dealt out is taken once, and again after a failure", async () => {
  const taken: string[] = [];
  let dealt = ["p1"];
  const { cellWatch, problems } = watch({
    cell: { ...NOTHING_TO_DO, partsDealt: async () => dealt },
    async takeJobs(jobIds) {
      taken.push(...jobIds);
      if (taken.length === 1) throw new StoreError("the server is away");
    },
  });
  await vi.advanceTimersByTimeAsync(5 * ELSEWHERE_LOOK_MS);
  expect([taken, problems]).toEqual([["p1", "p1"], ["could not look for parts of jobs"]]);
  dealt = ["p1", "p2"];
  await vi.advanceTimersByTimeAsync(2 * ELSEWHERE_LOOK_MS);
  expect(taken).toEqual(["p1", "p1", "p2"]);
  cellWatch.close();
});

test("[CE11] one part that waits is begun with each look, where the coordinator is to take one, and again after a failure", async () => {
  const waiting = ["p1", "p2", "p3"];
  const own: string[] = [];
  const asked: (readonly string[])[] = [];
  const taken: string[] = [];
  let spent: readonly string[] | null = null;
  const { cellWatch, problems } = watch({
    cell: {
      ...NOTHING_TO_DO,
      partsDealt: async () => own,
      async takeNextPart(those) {
        asked.push(those);
        own.push(...waiting.splice(0, 1));
        return own.slice(-1);
      },
      takePart: async (jobId) => waiting.splice(waiting.indexOf(jobId), 1),
    },
    partsSpent: () => spent,
    async takeJobs(jobIds) {
      taken.push(...jobIds);
      if (taken.length === 1) throw new StoreError("the server is away");
    },
  });
  await vi.advanceTimersByTimeAsync(3 * ELSEWHERE_LOOK_MS);
  expect(asked).toEqual([]);
  spent = ["p0"];
  await vi.advanceTimersByTimeAsync(ELSEWHERE_LOOK_MS);
  expect([asked, taken, problems]).toEqual([[["p0"]], ["p1"], ["could not look for parts of jobs"]]);
  // The next look finds it among those that are its own.
  spent = null;
  await vi.advanceTimersByTimeAsync(2 * ELSEWHERE_LOOK_MS);
  expect([taken, waiting]).toEqual([
    ["p1", "p1"],
    ["p2", "p3"],
  ]);
  await cellWatch.takePart("p3");
  expect(taken).toEqual(["p1", "p1", "p3"]);
  cellWatch.close();
});

test("[CE4] what was read later is heard later, however long either reading takes", async () => {
  const heard: string[] = [];
  const nobody = (name: string) => [{ volunteerId: name }] as unknown as StoredVolunteer[];
  let reads = 0;
  const slowly = async (name: string, ms: number) => {
    const read = ++reads;
    await new Promise((resolve) => setTimeout(resolve, ms));
    return nobody(`${name} ${read}`);
  };
  const { cellWatch } = watch({
    lookMs: 100,
    cell: { ...NOTHING_TO_DO, leaseMs: 300, takeOver: async () => ["j1"] },
    volunteersElsewhere: () => slowly("all", 70),
    changesElsewhere: async () => ({ lists: [], volunteers: await slowly("changes", 5), accounts: [] }),
    hearOfVolunteers: ([volunteer]) => heard.push(volunteer!.volunteerId),
  });
  await vi.advanceTimersByTimeAsync(450);
  expect(heard.length).toBeGreaterThan(5);
  expect(heard.map((one) => Number(one.split(" ")[1]))).toEqual(heard.map((_, n) => n + 1));
  cellWatch.close();
});

test("[CE2] who is told that its lease is gone does nothing more, and says so once", async () => {
  const gone = new LeaseLostError("another coordinator has taken over");
  const [heard, taken] = [vi.fn(), vi.fn(async () => [])];
  const { lost, problems } = watch({
    cell: {
      ...NOTHING_TO_DO,
      leaseMs: 300,
      renew: () => Promise.reject(new StoreError("renew", { cause: gone })),
      takeOver: taken,
    },
    hearOfVolunteers: heard,
  });
  await vi.advanceTimersByTimeAsync(5_000);
  expect([lost, problems]).toEqual([[gone.message], []]);
  expect(taken).not.toHaveBeenCalled();
  expect(heard).not.toHaveBeenCalled();
});

test("[CE1] while a coordinator starts its lease is renewed, however long that takes and whatever a renewal says, and not any more once it watches", async () => {
  const renewals: number[] = [];
  const startMs = Date.now();
  const stop = keepLease({
    leaseMs: 300,
    async renew() {
      renewals.push(Date.now() - startMs);
      if (renewals.length === 2) throw new StoreError("the server is away");
      if (renewals.length === 3) await new Promise((resolve) => setTimeout(resolve, 150));
    },
  });
  await vi.advanceTimersByTimeAsync(650);
  expect(renewals).toEqual([100, 200, 300, 500, 600]);
  stop();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(renewals).toHaveLength(5);
});
