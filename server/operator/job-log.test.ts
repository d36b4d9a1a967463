/** The logs of jobs: what is noted, how much of it is kept, and what a crash leaves. */

import { appendFileSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobLogEntry } from "../../shared/protocol/operator-api.ts";
import { fetchAll, sharesOut, submitRun } from "../coded/testing/coded-story.ts";
import { initialState } from "../coordinator/state.ts";
import { PLAIN, Story } from "../coordinator/testing/story.ts";
import { step } from "../kinds/core-kinds.ts";
import { RowsStory } from "../kinds/inference/rows/testing/rows-story.ts";
import { openTellers } from "../kinds/kinds.ts";
import { StepStream } from "../shell/step-stream.ts";
import { jobLog } from "./job-log.ts";
import { JobLogFiles } from "./job-log-files.ts";

let directory: string;
const problems: string[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "paritab-job-log-"));
  problems.length = 0;
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const open = (limits?: { jobBytesMax: number; allBytesMax: number }) =>
  JobLogFiles.open(directory, (message) => problems.push(message), limits);
const entry = (what: string, fields: Partial<JobLogEntry> = {}): JobLogEntry => ({ atMs: 1, what, ...fields });

/** The story told again, with a log that listens. */
function logOf(story: Pick<Story, "state" | "events">): Map<string, JobLogEntry[]> {
  const logs = new Map<string, JobLogEntry[]>();
  const state = initialState(story.state.settings);
  const log = jobLog((jobId, entry) => logs.set(jobId, [...(logs.get(jobId) ?? []), entry]));
  const stream = new StepStream(state, openTellers(), [log]);
  for (const event of story.events) stream.stepped(event, step(state, event));
  return logs;
}

test("a job's log tells it from submission to end, each claim with its volunteer", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", PLAIN, 200);
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  const log = logOf(story).get("job")!;
  const whats = log.map(({ what }) => what);
  expect(whats.slice(0, 2)).toEqual(["submitted", "accepted"]);
  expect(whats).toContain("done");
  const sent = log.filter(({ what }) => what === "sent");
  expect(sent.length).toBeGreaterThanOrEqual(3);
  for (const { volunteerId } of sent) expect(["v1", "v2", "v3"]).toContain(volunteerId);
  const answered = log.filter(({ what }) => what === "answered").map(({ assignmentId }) => assignmentId);
  expect(answered.length).toBeGreaterThan(0);
  expect(sent.map(({ assignmentId }) => assignmentId)).toEqual(expect.arrayContaining(answered));
});

test("a quarantine and a release stand in the log of the job", () => {
  const lies = (volunteerId: string, place: number) => volunteerId === "v1" && place % 2 === 0;
  const story = new RowsStory({ lies });
  story.crowd(6);
  story.submit("job", 2_000, { macsPerQuery: 1e9 });
  story.answerAll();
  story.happen({ type: "volunteerReleased", volunteerId: "v1", reason: "a loose cable" });
  const told = logOf(story)
    .get("job")!
    .filter((one) => one.volunteerId === "v1")
    .map(({ what, detail }) => [what, detail]);
  expect(told.filter(([what]) => what === "quarantined")).toHaveLength(1);
  expect(told.at(-1)).toEqual(["released", "a loose cable"]);
});

test("of a training it tells shards, products and checks with their volunteers", () => {
  const story = new Story();
  story.crowd(4);
  submitRun(story, "training", { iterations: 2 });
  fetchAll(story);
  for (let n = 0; n < 40; n++) {
    const [next] = sharesOut(story);
    if (next === undefined) break;
    story.answer({ assignmentId: next.assignmentId, sessionId: next.sessionId }, 1);
  }
  const log = logOf(story).get("training")!;
  const whats = new Set(log.map(({ what }) => what));
  for (const what of ["submitted", "accepted", "shard sent", "sent", "answered", "check passed", "loss"])
    expect([...whats]).toContain(what);
  const check = log.find(({ what }) => what === "check passed")!;
  expect(check).toMatchObject({ volunteerId: expect.stringMatching(/^v[1-4]$/), workerIndex: expect.any(Number) });
});

test("a log goes on after a restart, and a line that a crash tore is left out", async () => {
  const first = await open();
  first.note("job-1", entry("submitted"));
  await first.flush();
  appendFileSync(join(directory, "job-1.jsonl"), '{"atMs":2,"wha');
  appendFileSync(join(directory, "job-1.jsonl"), "\n");
  const second = await open();
  second.note("job-1", entry("restored"));
  expect((await second.read("job-1"))!.entries.map(({ what }) => what)).toEqual(["submitted", "restored"]);
  expect(await second.read("job-2")).toBeNull();
  expect(await second.read("../job-1")).toBeNull();
  expect(problems).toEqual([]);
});

test("a log that reaches its limit is cut at a whole entry, and says so", async () => {
  const logs = await open({ jobBytesMax: 500, allBytesMax: 10_000 });
  for (let n = 0; n < 40; n++) logs.note("job-1", entry("sent", { assignmentId: n }));
  const view = (await logs.read("job-1"))!;
  expect(view.isCut).toBe(true);
  expect(view.entries.length).toBeGreaterThan(5);
  expect(view.entries.length).toBeLessThan(20);
  expect(view.entries.map(({ assignmentId }) => assignmentId)).toEqual(view.entries.map((_, n) => n));
  logs.note("job-1", entry("answered"));
  expect((await logs.read("job-1"))!.entries).toEqual(view.entries);
});

test("once logs take too much room together the oldest go", async () => {
  const logs = await open({ jobBytesMax: 10_000, allBytesMax: 250 });
  for (const [n, jobId] of ["old", "middle", "new"].entries()) {
    logs.note(jobId, entry("submitted", { detail: "x".repeat(60) }));
    await logs.flush();
    utimesSync(join(directory, `${jobId}.jsonl`), 1_000 + n, 1_000 + n);
  }
  const reopened = await open({ jobBytesMax: 10_000, allBytesMax: 250 });
  expect(readdirSync(directory).sort()).toEqual(["middle.jsonl", "new.jsonl"]);
  expect(await reopened.read("old")).toBeNull();
});
