import { expect, test } from "vitest";
import { SUBMISSION_KEYS_HELD_MAX } from "../../shared/protocol/limits.ts";
import { SubmissionKeys } from "./submission-keys.ts";

function world() {
  const jobs = new Set<string>();
  const submit = async (jobId: string | undefined) => {
    const id = jobId ?? `free-${jobs.size}`;
    jobs.add(id);
    return { jobId: id };
  };
  return { jobs, submit, keys: new SubmissionKeys(async (jobId) => jobs.has(jobId)) };
}

test("[PR52] the same key of the same submitter is the same job, also while the first is under way", async () => {
  const { jobs, submit, keys } = world();
  const answers = await Promise.all([keys.once("ada", "k", submit), keys.once("ada", "k", submit)]);
  expect(await keys.once("ada", "k", submit)).toEqual(answers[0]);
  expect([answers[1], jobs.size]).toEqual([answers[0], 1]);
});

test("[PR52] another key, another submitter, and no key at all are other jobs", async () => {
  const { jobs, submit, keys } = world();
  for (const [submitter, key] of [
    ["ada", "k"],
    ["ada", "l"],
    ["bob", "k"],
    ["ada", undefined],
    ["ada", undefined],
  ] as const) {
    await keys.once(submitter, key, submit);
  }
  expect(jobs.size).toBe(5);
});

test("[PR52] after a restart the job is found by the id that the key makes", async () => {
  const { jobs, submit, keys } = world();
  const answer = await keys.once("ada", "k", submit);
  const restarted = new SubmissionKeys(async (jobId) => jobs.has(jobId));
  expect(await restarted.once("ada", "k", () => Promise.reject(new Error("submitted twice")))).toEqual(answer);
});

test("[PR52] what was refused, or broke, may be sent again with its key", async () => {
  const { submit, keys } = world();
  const refusal = { status: 422, code: "too-few-queries", message: "no" };
  expect(await keys.once("ada", "k", async () => refusal)).toEqual(refusal);
  await expect(keys.once("ada", "k", () => Promise.reject(new Error("disk")))).rejects.toThrow("disk");
  expect(await keys.once("ada", "k", submit)).toHaveProperty("jobId");
});

test("no more answers are held than the limit says", async () => {
  const keys = new SubmissionKeys(async () => false);
  let calls = 0;
  const submit = async (jobId: string | undefined) => ({ jobId: `${jobId}-${calls++}` });
  for (let i = 0; i <= SUBMISSION_KEYS_HELD_MAX; i++) await keys.once("ada", `k${i}`, submit);
  await keys.once("ada", `k${SUBMISSION_KEYS_HELD_MAX}`, submit);
  expect(calls).toBe(SUBMISSION_KEYS_HELD_MAX + 1);
  await keys.once("ada", "k0", submit);
  expect(calls).toBe(SUBMISSION_KEYS_HELD_MAX + 2);
});
