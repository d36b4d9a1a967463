import { afterEach, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../e2e/crowd/shell-with-tabs.ts";
import type { InferenceJobView } from "../../shared/kinds/inference/job-view.ts";
import { TIMELINE_SPANS_PER_JOB_MAX } from "../../shared/protocol/limits.ts";
import type { JobTimeline, TimelineOutcome } from "../../shared/protocol/timeline-api.ts";
import type { Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import { initialState } from "../coordinator/state.ts";
import { openTellers } from "../kinds/kinds.ts";
import { JobTimelines } from "./job-timelines.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "./testing/small-job.ts";

const honest = (count: number): TabBehaviour[] => Array.from({ length: count }, () => ({}));
const liar: TabBehaviour = { answers: ({ outputs }) => outputs.map((value) => value + 50) };

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

async function run(
  tabs: readonly TabBehaviour[],
  changes: object = {},
): Promise<{ world: ShellWithTabs; jobId: string }> {
  const world = await ShellWithTabs.open(tabs);
  opened = world;
  // Tabs compute what is so small.
  await world.hasAskedFor(1_000);
  const [modelSha256, queriesSha256, labelsSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
    world.upload({ dtype: "U8", shape: [QUERIES], data: new Uint8Array(QUERIES) }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256, labelsSha256 };
  return { world, jobId: await world.run({ ...SYSTEMATIC, ...changes, source }) };
}

async function timelineOf(world: ShellWithTabs, jobId: string): Promise<JobTimeline> {
  return (await world.shell.timeline(jobId))!;
}

const outcomes = ({ spans }: JobTimeline, nickname?: string, tabs?: JobTimeline["tabs"]): TimelineOutcome[] =>
  spans.filter(({ tab }) => nickname === undefined || tabs![tab]!.nickname === nickname).map(({ outcome }) => outcome);

test("every batch that a tab was sent is there, with when it was sent and what came of it", async () => {
  const { world, jobId } = await run(honest(7));
  const timeline = await timelineOf(world, jobId);
  expect(timeline.spans).toHaveLength(world.batches.filter(({ assignment }) => assignment.jobId === jobId).length);
  expect(timeline).toMatchObject({ jobId, spansDropped: 0, isWhole: true });
  expect(timeline.tabs.map(({ nickname }) => nickname).sort()).toEqual(Array.from({ length: 7 }, (_, i) => `tab ${i}`));
  const harmless: TimelineOutcome[] = ["answered", "late", "unneeded"];
  for (const outcome of outcomes(timeline)) expect(harmless).toContain(outcome);
  expect(outcomes(timeline).filter((outcome) => outcome === "answered").length).toBeGreaterThanOrEqual(7);
  for (const { sentMs, endedMs } of timeline.spans) expect(endedMs! >= sentMs && sentMs >= 0).toBe(true);
});

test("answers touched by a quarantined volunteer are those of the rounds that it had a part in", async () => {
  const { world, jobId } = await run([liar, ...honest(7)]);
  const { spans } = await timelineOf(world, jobId);
  const rounds = new Set(spans.flatMap(({ outcome, roundIndex }) => (outcome === "rejected" ? [roundIndex] : [])));
  const touched = await world.shell.desks.inference.answers(jobId, 0, QUERIES, "touched");
  expect(touched!.matching).toBeGreaterThanOrEqual(rounds.size * 8);
  expect(touched!.answers).toHaveLength(touched!.matching);
  expect((await world.shell.desks.inference.answers(jobId, 0, QUERIES, "not-final"))!.matching).toBe(0);
  expect((await world.shell.desks.inference.answers(jobId, 0, QUERIES, "estimated"))!.matching).toBe(0);
});

test("a page of the answers that a filter lets through goes on where the last one ended", async () => {
  const { world, jobId } = await run(honest(5), { scheme: "approxifer", liars: 0, completion: "fast" });
  const whole = (await world.shell.desks.inference.answers(jobId, 0, QUERIES, "not-final"))!;
  // Rows that the coordinator computed itself are final.
  const { finalCount } = world.shell.jobView(jobId) as InferenceJobView;
  expect(whole.matching).toBe(QUERIES - finalCount);
  expect(whole.matching).toBeGreaterThan(30);
  const first = (await world.shell.desks.inference.answers(jobId, 0, 30, "not-final"))!;
  const second = (await world.shell.desks.inference.answers(jobId, 30, 30, "not-final"))!;
  expect([...first.answers, ...second.answers]).toEqual(whole.answers);
});

test("queries come back as they were submitted, in the order that was asked for", async () => {
  const { world, jobId } = await run(honest(7));
  const rows = (await world.shell.desks.inference.queries(jobId, [5, 0]))!;
  expect(rows.shape).toEqual([2, INPUT_SIZE]);
  expect([...(rows.data as Float32Array)]).toEqual([
    ...queries.subarray(5 * INPUT_SIZE, 6 * INPUT_SIZE),
    ...queries.subarray(0, INPUT_SIZE),
  ]);
  expect(await world.shell.desks.inference.queries(jobId, [QUERIES])).toBeNull();
  expect(await world.shell.desks.inference.queries("nobody", [0])).toBeNull();
});

test("of a long job the latest spans are kept, and how many were let go of is told", () => {
  const timelines = new JobTimelines(initialState(), openTellers());
  const extra = 5;
  for (let n = 0; n < TIMELINE_SPANS_PER_JOB_MAX + extra; n++) {
    const send: Effect = {
      effectId: n,
      type: "sendAssignment",
      assignmentId: n,
      sessionId: "s",
      jobId: "long",
      volunteerId: "v",
      kind: "inference",
      roundIndex: n,
      workerIndex: 0,
      payload: { generation: 0 },
      deadlineMs: 1,
      isAhead: false,
    };
    const event: CoordinatorEvent = { type: "timerFired", timerId: n, atMs: n };
    timelines.stepped({ event, effects: [send], told: [] });
  }
  const kept = timelines.timeline("long", 0);
  expect(kept.spans).toHaveLength(TIMELINE_SPANS_PER_JOB_MAX);
  expect(kept.spans[0]!.sentMs).toBe(extra);
  expect(kept.spansDropped).toBe(extra);
});
