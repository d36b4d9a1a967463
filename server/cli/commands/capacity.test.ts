import { expect, test } from "vitest";
import { ParitabApiError } from "../../../shared/sdk/paritab-api-error.ts";
import { type Call, FlagValues } from "../command.ts";
import { capacity } from "./capacity.ts";

async function saidOf(tabs: number): Promise<string> {
  let said = "";
  const terminal = {
    out: async () => {},
    say: (line: string) => (said += line),
    signal: new AbortController().signal,
  };
  const client = {
    status: async () => ({ sessions: tabs, jobsActive: 0, pausedBecause: null }),
    service: async () => {
      throw new ParitabApiError(404, "not-found", "there is nothing");
    },
    sessions: async () => Array.from({ length: tabs }, (_, i) => ({ state: "paused", volunteerId: `v${i}` })),
  };
  const call = { terminal, client, flags: new FlagValues({}), json: false, url: "http://localhost:8787" };
  await capacity.run(call as unknown as Call);
  return said;
}

test("where no tab is ready it is said whether there are some, and how to lend one", async () => {
  expect(await saidOf(0)).toMatch(/^no tab is ready; open http:\/\/localhost:8787 /);
  expect(await saidOf(4)).toMatch(/^no tab is ready \(4 connected: paused, .* or still being tried\); open /);
});
