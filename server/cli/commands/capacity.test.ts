import { expect, test } from "vitest";
import type { SessionView, StatusView } from "../../../shared/protocol/crowd-api.ts";
import { type TabPresence, whyNoTab } from "../../../shared/protocol/why-no-tab.ts";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { type Call, FlagValues } from "../command.ts";
import { capacity, capacityOf } from "./capacity.ts";

async function saidOf(...tabs: TabPresence[]): Promise<string> {
  let said = "";
  const seen = tabs.map((presence, i) => ({ presence, volunteerId: `v${i}` }));
  const terminal = {
    out: async () => {},
    say: (line: string) => (said += line),
    signal: new AbortController().signal,
  };
  const client = {
    status: async () => ({ sessions: seen.length, jobsActive: 0, pausedBecause: null, whyNoTab: whyNoTab(seen) }),
    service: async () => {
      throw new ParitabApiError(404, "not-found", "there is nothing");
    },
    sessions: async () => seen.map((tab) => ({ ...tab, responseMsMedian: null, backend: "wasm" })),
  };
  const call = { terminal, client, flags: new FlagValues({}), json: false, url: "http://localhost:8787" };
  await capacity.run(call as unknown as Call);
  return said;
}

test("of a service of several coordinators all tabs, volunteers and jobs count, and each has a line; of one alone what it says itself", () => {
  const status = { sessions: 5, jobsActive: 1, pausedBecause: null } as StatusView;
  const sessions = [{ presence: "here", volunteerId: "v", backend: "wasm", responseMsMedian: 9 }] as SessionView[];
  const cell = { isOwn: true, volunteersReady: 1, version: "v", upMs: 1, takeoverInMs: null, takenOverBy: null };
  const lines = (["at work", "gone"] as const).map((state, n) => ({
    ...{ ...cell, name: `cell ${n}`, state, tabs: 5, tabsReady: 1, jobs: 1, heardAgoMs: n },
  }));
  const sums = { cells: 1, tabs: 9, tabsReady: 8, volunteersReady: 7, jobs: 6 };
  const found = capacityOf("http://a", status, sessions, { sums, cells: lines });
  expect(found).toMatchObject({ tabs: 9, tabsReady: 8, volunteersReady: 7, jobsActive: 6 });
  expect(found.cells).toEqual([
    { name: "cell 0", state: "at work", tabs: 5, tabsReady: 1, jobs: 1, heardAgoMs: 0 },
    { name: "cell 1", state: "gone", tabs: 5, tabsReady: 1, jobs: 1, heardAgoMs: 1 },
  ]);
  for (const alone of [null, { sums, cells: lines.slice(1) }]) {
    const one = capacityOf("http://a", status, sessions, alone);
    expect(one).toMatchObject({ tabs: 5, tabsReady: 1, volunteersReady: 1, jobsActive: 1 });
    expect(one).not.toHaveProperty("cells");
  }
});

test("where no tab is ready it is said why those that are connected are not, and how to lend one", async () => {
  expect(await saidOf()).toMatch(/^no tab is connected and ready; open http:\/\/localhost:8787 /);
  expect(await saidOf("busy", "busy")).toMatch(/^the 2 tabs that are connected pause by their busy rule; .*; open /);
  expect(await saidOf("busy", "here")).toBe("");
});
