import { expect, test } from "vitest";
import type { SeenCell } from "../store/cell-lease.ts";
import { StoreError } from "../store/store.ts";
import { WholeService } from "./whole-service.ts";

const LEASE_MS = 9_000;
const OWN = { tabs: 5, tabsReady: 3, volunteersReady: 2, jobs: 1 };

const seen = (epoch: number | null, name: string, changes: Partial<SeenCell> = {}): SeenCell => ({
  ...{ epoch, name, state: "at work", jobs: 2, connected: 10, ready: 8, volunteers: 6 },
  ...{ version: "v1", upMs: 60_000, heardAgoMs: 1_000, leaseLeftMs: 8_000, takenOverBy: null },
  ...changes,
});

function service(read: () => Promise<readonly SeenCell[]>, nowMs: () => number = () => 0) {
  return new WholeService({
    own: () => OWN,
    ...{ name: "b", version: "v2", nowMs },
    shared: { epoch: 7, leaseMs: LEASE_MS, seen: read },
  });
}

test("a coordinator that is alone is the whole service", async () => {
  const alone = new WholeService({ own: () => OWN, name: "", version: "v1", shared: null });
  const { sums, cells } = await alone.view();
  expect(sums).toEqual({ cells: 1, ...OWN });
  expect(cells).toMatchObject([{ name: "", isOwn: true, state: "at work", ...OWN }]);
});

test("[CE16] each has a line, this one as it is now; tabs of those at work are added up, jobs of those that are there", async () => {
  const others = [
    seen(3, "a"),
    seen(7, "b", { connected: 0, jobs: 0 }),
    seen(8, "c", { state: "silent", leaseLeftMs: 2_000, heardAgoMs: 7_000 }),
    seen(null, "d", { state: "gone", takenOverBy: "a", jobs: 0, connected: 0, ready: 0, volunteers: 0, upMs: null }),
  ];
  const { sums, cells } = await service(async () => others).view();
  expect(cells.map(({ name, isOwn, state }) => [name, isOwn, state])).toEqual([
    ["a", false, "at work"],
    ["b", true, "at work"],
    ["c", false, "silent"],
    ["d", false, "gone"],
  ]);
  expect(cells[1]).toMatchObject({ ...OWN, version: "v2" });
  // Its lease, and the look of whoever takes over, a third of a lease later at most.
  expect(cells[2]).toMatchObject({ heardAgoMs: 7_000, takeoverInMs: 5_000 });
  expect(cells[3]).toMatchObject({ takenOverBy: "a", upMs: null, takeoverInMs: null });
  expect(sums).toEqual({ cells: 2, tabs: 15, tabsReady: 11, volunteersReady: 8, jobs: 5 });
});

test("[CE16] the database is asked twice a second at most; while it is away what was seen last is told, and how old that is", async () => {
  let [asked, nowMs] = [0, 0];
  const whole = service(
    async () => {
      if (++asked > 1) throw new StoreError("away");
      return [seen(3, "a"), seen(7, "b")];
    },
    () => nowMs,
  );
  await Promise.all([whole.view(), whole.view()]);
  nowMs = 400;
  expect((await whole.view()).cells[0]).toMatchObject({ heardAgoMs: 1_400 });
  expect(asked).toBe(1);
  nowMs = 4_000;
  expect((await whole.view()).cells[0]).toMatchObject({ heardAgoMs: 5_000, name: "a" });
  expect(asked).toBe(2);
});

test("[CE16] nobody who asks waits for a database that says nothing", async () => {
  const whole = service(() => new Promise(() => {}));
  expect((await whole.view()).cells).toMatchObject([{ name: "b", isOwn: true }]);
});
