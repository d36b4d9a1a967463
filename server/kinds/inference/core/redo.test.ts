/** What stays of a durable round that is opened again, and what is asked anew. */
import { expect, test } from "vitest";
import { newVolunteer, quarantine } from "../../../coordinator/reputation.ts";
import { volunteerRecord } from "../../../coordinator/testing/records.ts";
import { batchSource, Story, SYSTEMATIC } from "../../../coordinator/testing/story.ts";
import type { Round } from "./job.ts";
import { reopenRound } from "./redo.ts";

/** A durable round whose results are of these volunteers; of them v1 is a liar. */
function durable(volunteerIds: readonly (string | null)[], submission: Record<string, unknown>) {
  const story = new Story({ hold: ["topUp"] });
  story.submit("job", { ...SYSTEMATIC, groupsPerRound: 10, ...submission }, 10);
  const job = story.job("job");
  expect(job.plan.scheme.workerCount).toBe(volunteerIds.length);
  job.finishedRounds.set(0, {
    ...{ generation: 0, openedMs: 0, firstMs: 3, exactMs: 4, estimatedAtFirst: 1, redispatched: 0 },
    sources: volunteerIds.map((volunteerId) => (volunteerId === null ? null : batchSource(volunteerId))),
  });
  const liar = newVolunteer(volunteerRecord("v1", { auditsFailed: 1 }));
  story.state.volunteers.set("v1", liar);
  const step = story.step();
  quarantine(step, liar, { jobId: "job", roundIndex: 0 }, "a lie");
  return { story, job, step };
}

const acceptedOf = ({ slots }: Round) => slots.map(({ accepted }) => accepted?.volunteerId ?? null);

function reopened(volunteerIds: readonly (string | null)[], submission: Record<string, unknown> = {}) {
  const { story, job, step } = durable(volunteerIds, submission);
  expect([...job.toRedo]).toEqual([0]);
  return { story, job, round: reopenRound(step, job, 0) };
}

test("[RD6] the honest results stand, the liar's query is asked again, and what nobody answered stays unanswered", () => {
  const { job, round } = reopened(["v2", "v1", "v4", "v5", null, null, "v8"]);
  expect(acceptedOf(round)).toEqual(["v2", null, "v4", "v5", null, null, "v8"]);
  expect(round.slots[4]!.accepted).toBeNull();
  expect([...round.wanted]).toEqual([1]);
  expect(round.decode).toEqual({ state: "published" });
  expect(round.takenOut).toEqual([{ volunteerId: "v1", rows: 3, wasDurable: true }]);
  expect([job.toRedo.size, job.finishedRounds.size, job.openRounds.get(0)]).toEqual([0, 0, round]);
});

test("[RD6] for a liar that only held a parity no query is asked again", () => {
  const { story, job } = durable(["v2", "v3", "v4", "v5", "v1", null, "v8"], {});
  story.join(9);
  expect(story.out()).toEqual([]);
  expect(job.finishedRounds.get(0)).toMatchObject({ generation: 1, firstMs: 3 });
  expect(job.finishedRounds.get(0)!.sources.map((source) => source?.volunteerId ?? null)).toEqual([
    ...["v2", "v3", "v4", "v5"],
    ...[null, null, "v8"],
  ]);
});

test("[RD6] where several answered one query the others' bytes are gone: it is asked again of everybody", () => {
  const { round } = reopened(["v1", "v2", "v3"], { queriesPerGroup: 1, stragglers: 1, liars: 1 });
  expect([...round.plan.scheme.rawQueryOf]).toEqual([0, 0, 0]);
  expect([...round.wanted]).toEqual([0]);
  expect(acceptedOf(round)).toEqual([null, null, null]);
});

test("[RD6] [VF4] of a fast job the estimates are asked again too, and the honest results stand", () => {
  const { round } = reopened(["v2", null, "v1", "v5", "v6", null, "v8"], { completion: "fast" });
  expect([...round.wanted]).toEqual([1, 2]);
  expect(acceptedOf(round)).toEqual(["v2", null, null, "v5", "v6", null, "v8"]);
});

test("[SC4] where each result goes into every answer the round is done again from the start, and decoded", () => {
  const sources = ["v1", ...Array.from({ length: 6 }, (_, n) => `v${n + 2}`)];
  const { story, job } = durable(sources, { scheme: "spline" });
  story.happen({ type: "timerFired", timerId: -1 });
  for (let n = 10; n < 20; n++) story.join(n);
  const round = job.openRounds.get(0)!;
  expect(round).toMatchObject({ generation: 1, decode: { state: "none", minimumResults: 0 } });
  expect(acceptedOf(round)).toEqual([null, null, null, null, null, null, null]);
  expect(round.wanted.size).toBe(0);
  expect(new Set(story.out().map(({ workerIndex }) => workerIndex)).size).toBe(7);
  for (const sent of story.out()) story.answer(sent, 1);
  expect(story.asked("decode")).toMatchObject([{ generation: 1 }]);
  // When it had its first answers, and how many of them were estimated, stays what it was.
  expect(job.finishedRounds.get(0)).toMatchObject({ generation: 1, firstMs: 3, estimatedAtFirst: 1 });
});
