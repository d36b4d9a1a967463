/** [JB7] Trusted tasks that cannot be done, whichever they are: their own job fails and says why, another goes on. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { JobOver } from "../../../shared/control/job-over.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";
import { isProblem } from "../../web/coordinator-port.ts";

const TABS = 9;
const WHY = "its process took 2.1 GiB of memory, twice";

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

const RECOMPUTES = "the coordinator could not recompute rows of this model: ";
// A spline's own answers are estimates: its decode computes some of its queries itself.
const SPLINE = { ...SYSTEMATIC, scheme: "spline" };

/** Small jobs are carried by the account of whoever asks: of half of their rows the coordinator computes its own. */
async function openWorld(): Promise<ShellWithTabs> {
  opened = await ShellWithTabs.open(Array.from({ length: TABS }, () => ({})));
  await opened.hasAskedFor(1_000);
  return opened;
}

test.each([
  { task: "recompute", what: "a coin", job: SYSTEMATIC, sentence: RECOMPUTES },
  { task: "recompute", what: "a mixture", job: SPLINE, sentence: RECOMPUTES },
])("[JB7] $what that cannot be done fails its own job alone", async ({ task, job, sentence }) => {
  const world = await openWorld();
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  const submission = { ...job, source: { kind: "uploads", modelSha256, queriesSha256 } };
  let brokenId: string | null = null;
  world.breaking = (asked, jobId) => (jobId === brokenId && asked === task ? WHY : null);
  const [broken, other] = await Promise.all([world.submit(submission), world.submit(submission)]);
  if (isProblem(broken) || isProblem(other)) throw new Error("a job was refused");
  brokenId = broken.jobId;
  await Promise.all([world.ended(broken.jobId), world.ended(other.jobId)]);
  const { shell } = world;
  expect(shell.jobView(broken.jobId)).toMatchObject({ state: "failed", error: `${sentence}${WHY}` });
  expect(shell.jobView(other.jobId)).toMatchObject({ state: "done", error: null });
  expect(shell.volunteers().filter(({ quarantine }) => quarantine !== null)).toEqual([]);
  expect(new Set(world.problems)).toEqual(new Set([WHY]));
});

test("[DP1] numerics of a job that was cancelled meanwhile are under way no more, and are no problem", async () => {
  const world = await openWorld();
  const { shell } = world;
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  let asked = 0;
  // As the threads do that nobody waits for any more.
  world.breaking = (task, jobId) => {
    if (task !== "recompute") return null;
    asked++;
    void shell.cancel(jobId);
    throw new JobOver();
  };
  const jobId = await world.run({ ...SYSTEMATIC, source: { kind: "uploads", modelSha256, queriesSha256 } });
  expect(shell.jobView(jobId)).toMatchObject({ state: "cancelled" });
  expect(asked).toBeGreaterThan(0);
  await expect.poll(() => shell.state.numericsPending.size).toBe(0);
  expect(await shell.drain(Date.now() + 5_000)).toBe(true);
});

test("what a stop cuts off is no problem that the operator is told of", async () => {
  const world = await openWorld();
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  let cutOff = () => {};
  const isUnderWay = new Promise<void>((resolve) => {
    cutOff = resolve;
  });
  // As a task whose process a stop ends.
  world.breaking = (task) => {
    if (task !== "recompute") return null;
    world.close();
    cutOff();
    return WHY;
  };
  const reply = await world.submit({ ...SYSTEMATIC, source: { kind: "uploads", modelSha256, queriesSha256 } });
  if (isProblem(reply)) throw new Error(reply.message);
  await isUnderWay;
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(world.problems).toEqual([]);
});
