import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import { openEventLog } from "./event-log.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "paritab-events-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const event = (sessionId: string): CoordinatorEvent => ({ type: "sessionClosed", atMs: 5, sessionId });
const never = (message: string) => {
  throw new Error(message);
};

it("[EV1] events are appended, a line each, over restarts", async () => {
  const path = join(directory, "events.jsonl");
  for (const name of ["a", "b"]) {
    const log = await openEventLog(path, never);
    log.begins(event(name));
    await log.close();
  }
  const lines = readFileSync(path, "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([event("a"), event("b")]);
});

it("a file that cannot be written is a wrong setting, said at the start", async () => {
  await expect(openEventLog(join(directory, "no/such"), never)).rejects.toThrow(/PARITAB_EVENT_LOG: expected a file/);
});

it.skipIf(!existsSync("/dev/full"))("[OP5] a full disk ends the log, once, and nothing else", async () => {
  const problems: string[] = [];
  const log = await openEventLog("/dev/full", (message) => problems.push(message));
  log.begins(event("a"));
  await expect.poll(() => problems).toEqual(["the event log ends here: the disk refused it"]);
  log.begins(event("b"));
  await log.close();
  expect(problems).toHaveLength(1);
});
