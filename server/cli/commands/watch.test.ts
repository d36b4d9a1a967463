import { expect, test } from "vitest";
import { inferenceViewOf } from "../../../shared/kinds/inference/testing/inference-view.ts";
import { WAITS_FOR_CHECKS } from "../../../shared/protocol/job-api.ts";
import { type Call, FlagValues } from "../command.ts";
import { watch } from "./watch.ts";

/** What is said of a job that waits for these in turn; null: for nothing. */
async function saidOf(...waits: (string | null)[]): Promise<string[]> {
  const said: string[] = [];
  const terminal = {
    out: async () => {},
    progress: () => {},
    say: (line: string) => said.push(line),
    nowMs: () => 0,
    signal: new AbortController().signal,
  };
  async function* views() {
    for (const waitingFor of waits) yield { ...inferenceViewOf("j"), waitingFor };
    yield { ...inferenceViewOf("j"), state: "done", finishedMs: 9 };
  }
  const call = { terminal, client: { watch: views }, flags: new FlagValues({}), words: ["j"], json: false, url: "u" };
  await watch.run(call as unknown as Call);
  return said;
}

test("what a job waits for is a line each time; the coordinator's checks, of which each row changes the words, are one", async () => {
  const [few, fewer] = ["waiting for 2 more volunteers", "waiting for 1 more volunteer"];
  expect(await saidOf(few, few, fewer, null)).toEqual([`job j: ${few}`, `job j: ${fewer}`, "job j: running"]);
  const rows = (count: number) => `${WAITS_FOR_CHECKS}: it computes ${count} rows`;
  expect(await saidOf(null, rows(9), rows(8), null, rows(7), null)).toEqual([
    "job j: running",
    `job j: ${rows(9)}`,
    "job j: running",
  ]);
});
