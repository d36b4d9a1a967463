import { expect, test } from "vitest";
import { type TabPresence, whyNoTab } from "../../../shared/protocol/why-no-tab.ts";
import { type Call, FlagValues } from "../command.ts";
import { capacity } from "./capacity.ts";

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
    sessions: async () => seen.map((tab) => ({ ...tab, responseMsMedian: null, backend: "wasm" })),
  };
  const call = { terminal, client, flags: new FlagValues({}), json: false, url: "http://localhost:8787" };
  await capacity.run(call as unknown as Call);
  return said;
}

test("where no tab is ready it is said why those that are connected are not, and how to lend one", async () => {
  expect(await saidOf()).toMatch(/^no tab is connected and ready; open http:\/\/localhost:8787 /);
  expect(await saidOf("busy", "busy")).toMatch(/^the 2 tabs that are connected pause by their busy rule; .*; open /);
  expect(await saidOf("busy", "here")).toBe("");
});
