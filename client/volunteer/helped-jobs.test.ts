import { expect, test } from "vitest";
import { TAB_HELPED_JOBS_MAX } from "../../shared/protocol/limits.ts";
import type { FinishedAssignment } from "../session/session-status.ts";
import { createHelpedLog, parseHelped, withAssignments } from "./helped-jobs.ts";

const assignment = (jobId: string, outcome: FinishedAssignment["outcome"] = "answered"): FinishedAssignment => ({
  kind: "inference",
  work: "batch",
  lane: "computing",
  jobId,
  jobName: `job ${jobId}`,
  submitter: "ada",
  assignmentId: "one",
  rowCount: 1,
  receivedBytes: 0,
  sentBytes: 0,
  outcome,
  finishedAtMs: 0,
  ms: 1,
});
const job = (jobId: string) => ({ jobId, name: `job ${jobId}`, submitter: "ada" });

test("a job counts as helped once something of it was answered", () => {
  expect(withAssignments([], [assignment("a", "failed"), assignment("b", "cancelled")])).toEqual([]);
  expect(withAssignments([], [{ ...assignment("a"), kind: "probe" }])).toEqual([]);
  expect(withAssignments([], [assignment("a")])).toEqual([job("a")]);
});

test("the latest stands first, each once, and so many are kept", () => {
  const kept = [job("a"), job("b")];
  expect(withAssignments(kept, [assignment("a")])).toBe(kept);
  expect(withAssignments(kept, [assignment("b")])).toEqual([job("b"), job("a")]);
  const many = Array.from({ length: TAB_HELPED_JOBS_MAX }, (_, i) => job(String(i)));
  expect(withAssignments(many, [assignment("new")])).toEqual([job("new"), ...many.slice(0, -1)]);
});

test("what the browser keeps is read back, and anything else is as if there were nothing", () => {
  const store = new Map<string, string>();
  const memory = {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, value: string) => void store.set(key, value),
  };
  createHelpedLog(memory).add([assignment("a")]);
  expect(createHelpedLog(memory).jobs.value).toEqual([job("a")]);
  for (const text of [null, "{", '{"version":2,"jobs":[]}', '{"version":1,"jobs":[{"jobId":1}]}']) {
    expect(parseHelped(text)).toEqual([]);
  }
});
