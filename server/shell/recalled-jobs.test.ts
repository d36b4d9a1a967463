import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../e2e/crowd/shell-with-tabs.ts";
import { inferenceSubmissionSchema } from "../../shared/kinds/inference/submission.ts";
import { checkpointRecord } from "../coded/records.ts";
import { storedRun } from "../coded/testing/coded-story.ts";
import { JOBS_ENDED_KEPT_MAX } from "../coordinator/jobs.ts";
import { regressionCodec } from "../kinds/regression/records.ts";
import { someJob } from "../store/store.contract.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "./testing/small-job.ts";

let world: ShellWithTabs | null = null;
afterEach(() => world?.close());

/** So many others end later, of both kinds, that nothing earlier is at hand after a restart. */
async function othersEnd({ store }: ShellWithTabs): Promise<void> {
  for (let n = 0; n < JOBS_ENDED_KEPT_MAX; n++) {
    const later = { state: "done", finishedMs: Date.now() + 1e6 + n } as const;
    await store.apply([
      { kind: "job", job: someJob(`later ${n}`, { ...later, queryCount: 1, labelsSha256: null }) },
      {
        kind: "job",
        job: regressionCodec.toRecord(storedRun(`later training ${n}`, {}, { ...later, endKind: "done" })),
      },
    ]);
  }
}

test("[JB6] two hundred jobs later a job is no longer listed, and whoever knows it still has its view, answers and receipt", async () => {
  world = await ShellWithTabs.open(Array.from({ length: 7 }, () => ({})));
  // Tabs compute what is so small.
  await world.hasAskedFor(1_000);
  const [modelSha256, queriesSha256, labelsSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
    world.upload({ dtype: "U8", shape: [QUERIES], data: new Uint8Array(QUERIES) }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256, labelsSha256 };
  const jobId = await world.run({ ...SYSTEMATIC, source });
  const [view, answers] = [world.shell.jobView(jobId), await world.shell.desks.inference.allAnswers(jobId)];
  await othersEnd(world);
  await world.restart();

  const { shell } = world;
  expect(shell.jobViews().some((other) => other.jobId === jobId)).toBe(false);
  expect(shell.jobView(jobId)).toBeNull();
  await shell.recall(jobId);
  expect(shell.jobView(jobId)).toEqual(view);
  expect(shell.desks.inference.standing(jobId)).toMatchObject({ state: "done", queryCount: QUERIES });
  expect(await shell.desks.inference.allAnswers(jobId)).toEqual(answers);
  expect(await shell.receipt(jobId)).toMatchObject({ verification: "audits" });
  expect(await shell.timeline(jobId)).toMatchObject({ jobId });
  // It does not come back into the list, nor does it run again.
  expect(shell.jobViews().some((other) => other.jobId === jobId)).toBe(false);
  expect(await shell.cancel(jobId)).toBe(false);
});

test("[JB6] so has a training, with its weights", async () => {
  world = await ShellWithTabs.open([]);
  const weights = Float64Array.of(1, 2);
  const current = { iteration: 5, arrays: { weights, lookahead: Float64Array.of(1, 2) } };
  const ended = { state: "done", endKind: "done", finishedMs: 5, weightsOf: 5, columns: 2 } as const;
  await world.store.apply([
    { kind: "job", job: regressionCodec.toRecord(storedRun("early", { name: "an early one" }, ended)) },
    { kind: "checkpoint", checkpoint: checkpointRecord("early", { current, best: null }) },
  ]);
  await othersEnd(world);
  await world.restart();
  const { shell } = world;
  expect([
    shell.jobView("early"),
    shell.desks.regression.history("early"),
    await shell.desks.regression.weights("early"),
  ]).toEqual([null, null, null]);
  await shell.recall("early");
  expect(shell.jobView("early")).toMatchObject({ kind: "regression", name: "an early one", state: "done" });
  expect(shell.desks.regression.history("early")).not.toBeNull();
  expect((await shell.desks.regression.weights("early"))?.weights).toEqual(weights);
  expect(await shell.timeline("early")).toMatchObject({ jobId: "early", rounds: [] });
  expect([await shell.stop("early"), await shell.cancel("early")]).toEqual([false, false]);
});

test("[JB6] what was never submitted is still unknown, and labels that are gone take the accuracy with them alone", async () => {
  world = await ShellWithTabs.open([]);
  const gone = someJob("gone labels", { state: "done", finishedMs: 1, queryCount: 1, labelsSha256: "f".repeat(64) });
  await world.store.apply([{ kind: "job", job: gone }]);
  await othersEnd(world);
  await world.restart();
  const { shell } = world;
  await shell.recall("nobody's");
  expect(shell.jobView("nobody's")).toBeNull();
  await shell.recall("gone labels");
  expect(shell.jobView("gone labels")).toMatchObject({ state: "done", accuracy: null });
});

test("[JB8] the list has them all the same; one that is deleted is gone from there, from the desks and after a restart", async () => {
  world = await ShellWithTabs.open(Array.from({ length: 7 }, () => ({})));
  // Tabs compute what is so small.
  await world.hasAskedFor(1_000);
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256 };
  const jobId = await world.run({ ...SYSTEMATIC, name: "the first", source });
  const credit = world.shell.volunteers().map(({ creditMacs }) => creditMacs);
  expect(credit.some((macs) => macs > 0)).toBe(true);
  await othersEnd(world);
  await world.restart();
  const page = { show: "all", offset: 0, limit: 2 } as const;
  const { shell } = world;
  expect((await shell.jobList({ ...page, search: "" }, null)).matching).toBe(1 + 2 * JOBS_ENDED_KEPT_MAX);
  const found = await shell.jobList({ ...page, show: "done", search: "the first" }, null);
  expect(found).toMatchObject({ matching: 1, jobs: [{ jobId, state: "done", progress: 1, waitingFor: null }] });
  expect(await shell.submission(jobId)).toMatchObject({ kind: "inference", name: "the first", source });

  expect(await shell.deleteJob(jobId)).toBe("unknown");
  await shell.recall(jobId);
  expect(await shell.deleteJob(jobId)).toBe("deleted");
  const isGone = async () => {
    await world!.shell.recall(jobId);
    expect(world!.shell.jobView(jobId)).toBeNull();
    expect(await world!.shell.receipt(jobId)).toBeNull();
    expect(await world!.shell.submission(jobId)).toBeNull();
    expect((await world!.shell.jobList({ ...page, search: "the first" }, null)).matching).toBe(0);
  };
  await isGone();
  await world.restart();
  await isGone();
  expect(world.shell.volunteers().map(({ creditMacs }) => creditMacs)).toEqual(credit);
});

test("[JB8] a job that runs is not deleted; in the list it is as far as its rounds are", async () => {
  world = await ShellWithTabs.open([]);
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256 } as const;
  const answer = await world.shell.submit(
    inferenceSubmissionSchema.parse({ ...SYSTEMATIC, kind: "inference", name: "waits", source }),
  );
  const { jobId } = answer as { jobId: string };
  expect(await world.shell.deleteJob(jobId)).toBe("not-ended");
  const { jobs } = await world.shell.jobList({ show: "active", search: "", offset: 0, limit: 9 }, [jobId]);
  expect(jobs).toMatchObject([{ jobId, name: "waits", progress: 0, finishedMs: null }]);
  expect(await world.shell.cancel(jobId)).toBe(true);
});
