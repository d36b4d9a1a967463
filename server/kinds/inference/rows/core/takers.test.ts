/** Who may take rows of a job, whatever it is offered. */
import { expect, test } from "vitest";
import { PLAIN, Story, storedJob } from "../../../../coordinator/testing/story.ts";
import { MEASURED_BACKENDS_MAX } from "../../core/model-classes.ts";
import { rowsWaits } from "./waits.ts";

const GIB = 2 ** 30;
const ROWS = 2_000;

test("[PC8] a job that takes more than any tab has goes only to tabs that give one model so much", () => {
  const story = new Story();
  story.crowd(4);
  for (const n of [5, 6]) story.join(n, `s${n}`, { memoryBytes: 4 * GIB });
  story.join(7, "s7", { memoryBytes: 2 * GIB });
  story.submitJob({ ...storedJob("job", PLAIN, ROWS, story.nowMs), tabBytes: 3 * GIB });
  story.answerAll();
  expect(story.jobState("job")).toBe("done");
  const sessions = new Set(story.asked("sendAssignment").map(({ sessionId }) => sessionId));
  expect([...sessions].sort()).toEqual(["s5", "s6"]);
});

test("[PC8] where no tab has so much, the job says how many tabs there are and how much each has, and goes on with the first that has it", () => {
  const story = new Story();
  story.crowd(3);
  story.join(4, "s4", { memoryBytes: 2 * GIB });
  story.submitJob({ ...storedJob("job", PLAIN, ROWS, story.nowMs), tabBytes: 3.03 * GIB });
  expect(story.out()).toEqual([]);
  const waits = () => rowsWaits(story.state, story.job("job")).waitingFor;
  expect(waits()).toMatch(/takes 3\.1 GiB of a tab, .*: 1 with 2\.0 GiB, 3 with 1\.0 GiB/);
  story.join(5, "s5", { memoryBytes: 4 * GIB });
  expect(waits()).toBeNull();
  expect(story.out().map(({ sessionId }) => sessionId)).toContain("s5");
});

test("[PC9] whoever names a new back-end again and again has eight of them measured, and gets nothing for a further one", () => {
  const story = new Story();
  story.crowd(1);
  const job = storedJob("job", PLAIN, 200_000, story.nowMs);
  story.submitJob(job);
  const { modelSha256 } = job;
  const says = (backend: string) => story.happen({ type: "modelOnBackend", sessionId: "s1", modelSha256, backend });
  for (let n = 0; n < MEASURED_BACKENDS_MAX; n++) {
    says(`card ${n}`);
    for (let claim = 0; claim < 6 && story.out().length > 0; claim++) story.answer(story.out()[0]!, 1);
  }
  expect(story.state.volunteers.get("v1")!.classes.size).toBeLessThanOrEqual(MEASURED_BACKENDS_MAX);
  says("card of another maker");
  for (const sent of story.out()) story.answer(sent, 1);
  story.pass(1_000);
  expect(story.out()).toEqual([]);
  says("card 3");
  expect(story.out().length).toBeGreaterThan(0);
});

test("[PC13] [JB2] whoever says that it computes such a job elsewhere gets none of it, and a job that all said so of waits for other tabs", () => {
  const story = new Story();
  story.crowd(2);
  const job = storedJob("job", PLAIN, ROWS, story.nowMs);
  story.submitJob({ ...job, isFixedOnly: true });
  for (const sessionId of ["s1", "s2"])
    story.happen({ type: "modelOnBackend", sessionId, modelSha256: job.modelSha256, backend: "webgl" });
  expect(story.out()).toEqual([]);
  const waits = () => rowsWaits(story.state, story.job("job")).waitingFor;
  expect(waits()).toMatch(/the ready tabs compute this model differently from the coordinator/);
  story.join(3);
  expect(story.out().map(({ sessionId }) => sessionId)).toEqual(["s3"]);
});
