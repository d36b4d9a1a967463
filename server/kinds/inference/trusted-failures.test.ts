/** [JB7] Trusted tasks that cannot be done, whichever they are: their own job fails and says why, another goes on. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { JobOver } from "../../../shared/control/job-over.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";
import { StoreError } from "../../store/store.ts";
import { isProblem } from "../../web/coordinator-port.ts";

const TABS = 9;
const WHY = "its process took 2.1 GiB of memory, twice";

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

const RECOMPUTES = "the coordinator could not recompute rows of this model: ";
const DECODES = "the coordinator could not put the results of a round together: ";
// Rounds of which an audit leaves rows for the job's end.
const LARGE_ROUNDS = { ...SYSTEMATIC, groupsPerRound: 12 };
// A spline's own answers are estimates: its decode computes some of its queries itself.
const SPLINE = { ...SYSTEMATIC, scheme: "spline" };

/** Small jobs are carried by the account of whoever asks: of half of their rows the coordinator computes its own. */
async function openWorld(isOnRounds = false): Promise<ShellWithTabs> {
  opened = await ShellWithTabs.open(Array.from({ length: TABS }, () => ({})));
  if (isOnRounds) await opened.onRounds();
  await opened.hasAskedFor(1_000);
  return opened;
}

test.each([
  { task: "recompute", what: "a coin", job: SYSTEMATIC, sentence: RECOMPUTES },
  { task: "recompute", what: "a mixture", job: SPLINE, sentence: RECOMPUTES },
  { task: "audit", what: "an audit", job: SYSTEMATIC, sentence: RECOMPUTES, isOnRounds: true },
  { task: "recompute", what: "a last audit", job: LARGE_ROUNDS, sentence: RECOMPUTES, isOnRounds: true },
  { task: "decode", what: "a spot check", job: SPLINE, sentence: DECODES, isOnRounds: true },
])("[JB7] $what that cannot be done fails its own job alone", async ({ task, job, sentence, isOnRounds }) => {
  const world = await openWorld(isOnRounds);
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
  const world = await openWorld(true);
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  const reply = await world.submit({ ...SYSTEMATIC, source: { kind: "uploads", modelSha256, queriesSha256 } });
  if (isProblem(reply)) throw new Error(reply.message);
  world.close();
  const refused = new Promise<void>((resolve) => {
    world.store.putBlob = async () => {
      resolve();
      throw new StoreError("the store is closed");
    };
  });
  // A problem that is told is thrown by this world, and fails the run as an error that nobody caught.
  await refused;
  await new Promise((resolve) => setImmediate(resolve));
});
