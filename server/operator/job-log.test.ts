/** The logs of jobs: what is noted, how much of it is kept, and what a crash leaves. */

import { appendFileSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JobLogEntry } from "../../shared/protocol/operator-api.ts";
import { fetchAll, sharesOut, submitRun } from "../coded/testing/coded-story.ts";
import { initialState } from "../coordinator/state.ts";
import { referenceOf, Story } from "../coordinator/testing/story.ts";
import { step } from "../kinds/core-kinds.ts";
import { openTellers } from "../kinds/tellers.ts";
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
function logOf(story: Story): Map<string, JobLogEntry[]> {
  const logs = new Map<string, JobLogEntry[]>();
  const state = initialState(story.state.settings);
  const log = jobLog((jobId, entry) => logs.set(jobId, [...(logs.get(jobId) ?? []), entry]));
  const stream = new StepStream(state, openTellers(), [log]);
  for (const event of story.events) stream.stepped(event, step(state, event));
  return logs;
}

const UNCODED = {
  scheme: "uncoded",
  queriesPerGroup: 2,
  stragglers: 0,
  liars: 0,
  groupsPerRound: 5,
  roundsInFlight: 1,
};

test("a job's log tells it from submission to end, each batch with its place and its volunteer", () => {
  const story = new Story();
  story.crowd(3);
  story.submit("job", UNCODED, 20);
  for (let n = 0; n < 50 && story.jobState("job") !== "done"; n++) story.answerAll();
  const log = logOf(story).get("job")!;
  const whats = log.map(({ what }) => what);
  expect(whats[0]).toBe("submitted");
  expect(whats.slice(0, 3)).toEqual(["submitted", "accepted", "prepared"]);
  expect(whats.at(-1)).toBe("done");
  expect(whats.filter((what) => what === "stored")).toHaveLength(2);
  const sent = log.filter(({ what }) => what === "sent");
  expect(sent.length).toBeGreaterThanOrEqual(4);
  for (const { roundIndex, workerIndex, volunteerId } of sent) {
    expect([0, 1]).toContain(roundIndex);
    expect([0, 1]).toContain(workerIndex);
    expect(["v1", "v2", "v3"]).toContain(volunteerId);
  }
  const answered = log.filter(({ what }) => what === "answered").map(({ assignmentId }) => assignmentId);
  expect(sent.map(({ assignmentId }) => assignmentId)).toEqual(expect.arrayContaining(answered));
});

test.each([
  ["is wanted", false],
  ["another's has taken the place of meanwhile", true],
])("a failed audit of a result that %s, the quarantine and the release stand in the log of the job", (_, isLate) => {
  const story = new Story({ hold: ["audit"] });
  story.crowd(9);
  story.submit("job", { scheme: "systematic", queriesPerGroup: 4, stragglers: 2, liars: 1, groupsPerRound: 10 }, 40);
  const [assignment] = story.out();
  const sentAgain = () =>
    story.asked("sendAssignment").filter(({ workerIndex }) => workerIndex === assignment!.workerIndex)[1];
  if (isLate) {
    for (const other of story.out().slice(1)) story.answer(other);
    while (sentAgain() === undefined) story.pass(1_000);
    story.answer(sentAgain()!);
  }
  story.answer(assignment!, 1);
  const audits = story
    .asked("audit")
    .toSorted(
      (a, b) =>
        Number(a.assignmentId === assignment!.assignmentId) - Number(b.assignmentId === assignment!.assignmentId),
    );
  for (const audit of audits) {
    const failed = audit.assignmentId === assignment!.assignmentId ? 1 : 0;
    const counts = { checked: 2, randomlyChecked: 2, failed, against: null };
    story.happen({ type: "audited", ...referenceOf(audit), assignmentId: audit.assignmentId, ...counts });
  }
  const volunteerId = `v${assignment!.sessionId.slice(1)}`;
  story.pass(60);
  story.happen({ type: "volunteerReleased", volunteerId, reason: "a loose cable" });
  const log = logOf(story)
    .get("job")!
    .filter((one) => one.volunteerId === volunteerId);
  const whats = log.map(({ what }) => what);
  expect(whats.indexOf("no longer wanted") < whats.indexOf("audit failed")).toBe(isLate);
  const told = log.map(({ what, detail }) => [what, detail]);
  expect(told).toContainEqual(["audit failed", "1 of 2 recomputed rows differ"]);
  expect(told).toContainEqual(["quarantined", "1 of 2 recomputed rows differ"]);
  expect(told.at(-1)).toEqual(["released", "a loose cable"]);
  expect(told.filter(([what]) => what === "quarantined")).toHaveLength(1);
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
