import { expect, test } from "vitest";
import { NOT_STARTED } from "../../client/session/session-status.ts";
import type { CoordinatorWithTabs } from "./coordinator-with-tabs.ts";
import { spentByTabs, spentMeanwhile } from "./spent-by-tabs.ts";

/** Two tabs that have moved so many bytes. @param seen what the coordinator says of its sessions, each time that it is asked; the last goes on */
function world(bytes: number, seen: readonly Record<string, string>[]) {
  let asked = 0;
  const status = { ...NOT_STARTED, trafficBytes: bytes, upBytes: bytes / 4, computedMs: 3 };
  const client = {
    async sessions() {
      const sessions = seen[Math.min(asked++, seen.length - 1)]!;
      return Object.entries(sessions).map(([sessionId, state]) => ({ sessionId, state }));
    },
    volunteers: async () => [{ creditMacs: bytes }],
  };
  const crowd = { tabs: [1, 2], status: async () => [status, status] };
  return { world: { client, crowd } as unknown as CoordinatorWithTabs, asked: () => asked };
}

test("what tabs have spent is counted once all of them are connected and idle", async () => {
  const { world: tabs, asked } = world(100, [
    { a: "idle" },
    { a: "idle", b: "probing" },
    { a: "idle", b: "working" },
    { a: "idle", b: "idle" },
  ]);
  expect(await spentByTabs(tabs)).toEqual({
    ...{ sessionIds: ["a", "b"], bytes: 200, upBytes: 50, batches: 0, ms: 6, macs: 100 },
  });
  expect(asked()).toBe(4);
});

test("of what was spent meanwhile it is told how many tabs connected anew", async () => {
  const before = await spentByTabs(world(100, [{ a: "idle", b: "idle" }]).world);
  const stayed = await spentByTabs(world(300, [{ b: "idle", a: "idle" }]).world);
  expect(spentMeanwhile(before, stayed)).toEqual({ anew: 0, bytes: 400, upBytes: 100, batches: 0, ms: 0, macs: 200 });
  const cameBack = await spentByTabs(world(300, [{ a: "idle", c: "idle" }]).world);
  expect(spentMeanwhile(before, cameBack).anew).toBe(1);
});
