/** Who gets a batch, by rule: a round that is still being encoded, a crowd that is idle, and one question after another. */
import { expect, test } from "vitest";
import { refreshCrowd, restUntil } from "../../../coordinator/crowd/keep-crowd.ts";
import { crowdOf, isSlowFor } from "../../../coordinator/ranking.ts";
import { recordResponse } from "../../../coordinator/response-times.ts";
import type { Session } from "../../../coordinator/state.ts";
import { batchSource, type JoinOptions, Story, SYSTEMATIC } from "../../../coordinator/testing/story.ts";
import type { BatchAssignment, Round, Slot } from "./job.ts";
import { bestOf, sessionFor } from "./placement.ts";

const WORK = 1_000; // of a batch of ten groups

function waiting(tabs: readonly (Partial<JoinOptions> & { readonly ms?: number })[], submission = {}) {
  const story = new Story({ hold: ["encode"] });
  for (const [n, { ms, ...opening }] of tabs.entries()) {
    story.join(n + 1, `s${n + 1}`, opening);
    const session = story.state.sessions.get(`s${n + 1}`)!;
    if (ms !== undefined) recordResponse(story.state, session, { ms, work: WORK });
    refreshCrowd(story.state, session);
  }
  story.submit("job", { ...SYSTEMATIC, ...submission }, 40);
  const job = story.job("job");
  const round = job.openRounds.get(0)!;
  expect(round.phase).toBe("encoding");
  const best = (slot = round.slots[0]!, isWelcome: (session: Session) => boolean = () => true) =>
    bestOf(story.state, job, round, slot, crowdOf(story.state), { suited: null, isWelcome })?.sessionId ?? null;
  const chosen = (slot = round.slots[0]!) =>
    sessionFor(story.state, job, round, slot, crowdOf(story.state))?.sessionId ?? null;
  return { story, job, round, best, chosen };
}

/** Somebody is at this worker index of the round. */
function attempt(story: Story, round: Round, slot: Slot, of: Partial<BatchAssignment>): BatchAssignment {
  const assignmentId = story.state.nextAssignmentId++;
  const assignment: BatchAssignment = {
    ...{ assignmentId, kind: "inference", jobId: "job", roundIndex: round.roundIndex, workerIndex: slot.workerIndex },
    ...{ payload: { generation: 0, backend: "wasm", goldenRows: 0, duplicates: [] }, queueing: "alone", check: "rows" },
    ...{
      sessionId: "elsewhere",
      volunteerId: "somebody",
      precision: "float32",
      addressGroup: null,
      sentMs: 0,
      startedMs: 0,
    },
    ...{ work: WORK, draw: 0, state: "outstanding", timerId: null },
    ...of,
  };
  story.state.assignments.set(assignmentId, assignment);
  slot.attempts.add(assignmentId);
  return assignment;
}

test("slow is who takes more than twice the crowd's median: not exactly twice, nor who is not measured", () => {
  const session = (ms: number | null) => ({ responses: ms === null ? [] : [{ ms, work: WORK }] }) as unknown as Session;
  const crowd = (medianMs: number | null) => ({ medianMs: () => medianMs });
  expect(isSlowFor(session(200), WORK, crowd(100))).toBe(false);
  expect(isSlowFor(session(201), WORK, crowd(100))).toBe(true);
  expect(isSlowFor(session(null), WORK, crowd(100))).toBe(false);
  expect(isSlowFor(session(500), WORK, crowd(null))).toBe(false);
});

test("the crowd counts volunteers and not tabs, those that are ready alone, and of them who computes in float32", () => {
  const story = new Story();
  story.crowd(3);
  story.join(1, "s1b");
  story.join(4, "s4", { precision: "float16" });
  story.join(5, "s5", { precision: "float16" });
  story.join(5, "s5b");
  expect(crowdOf(story.state)).toMatchObject({ volunteersReady: 5, float32Ready: 4 });
  story.happen({ type: "availabilityChanged", sessionId: "s2", available: false });
  restUntil(story.state, story.state.volunteers.get("v3")!, story.nowMs + 1);
  expect(crowdOf(story.state)).toMatchObject({ volunteersReady: 3, float32Ready: 2 });
  story.step(story.nowMs + 1);
  expect(crowdOf(story.state)).toMatchObject({ volunteersReady: 4, float32Ready: 3 });
});

test("the crowd's median is worked out once for each size of batch", () => {
  const { story } = waiting([{ ms: 100 }]);
  const crowd = crowdOf(story.state);
  expect([crowd.medianMs(WORK), crowd.medianMs(2 * WORK)]).toEqual([100, 200]);
  recordResponse(story.state, story.state.sessions.get("s1")!, { ms: 10, work: WORK });
  expect([crowd.medianMs(WORK), crowd.medianMs(2 * WORK)]).toEqual([100, 200]);
  expect(crowdOf(story.state).medianMs(WORK)).toBe(10);
});

test("[DP5] the fastest is taken, an unmeasured one as the median of the crowd, and of two alike the first", () => {
  expect(waiting([{ ms: 50 }, { ms: 20 }, { ms: 90 }]).best()).toBe("s2");
  expect(waiting([{ ms: 20 }, { ms: 20 }, { ms: 90 }]).best()).toBe("s1");
  // The median is 50: behind who is faster, before who is slower.
  expect(waiting([{ ms: 90 }, { ms: 50 }, {}, { ms: 20 }]).best()).toBe("s4");
  expect(waiting([{ ms: 90 }, {}, { ms: 90 }, { ms: 10 }]).best(undefined, ({ sessionId }) => sessionId !== "s4")).toBe(
    "s1",
  );
  expect(waiting([{ ms: 91 }, {}, { ms: 90 }, { ms: 10 }]).best(undefined, ({ sessionId }) => sessionId !== "s4")).toBe(
    "s2",
  );
  expect(waiting([{}, {}]).best()).toBe("s1");
});

test("who is not welcome, or rests, is not taken; nobody is no answer", () => {
  const { story, best } = waiting([{ ms: 20 }, { ms: 50 }]);
  expect(best(undefined, ({ sessionId }) => sessionId !== "s1")).toBe("s2");
  restUntil(story.state, story.state.volunteers.get("v1")!, story.nowMs + 1);
  expect(best()).toBe("s2");
  expect(best(undefined, () => false)).toBeNull();
});

test("[DP8] a network that is in the round already comes after the others, however fast its tab is", () => {
  const tabs = [
    { ms: 10, addressGroup: "school" },
    { ms: 90, addressGroup: "home" },
  ];
  const accepted = { ...batchSource("v9"), assignmentId: 77 };
  const held = waiting(tabs);
  held.round.slots[1]!.accepted = { ...accepted, addressGroup: "school" };
  expect(held.best()).toBe("s2");
  const atIt = waiting(tabs);
  attempt(atIt.story, atIt.round, atIt.round.slots[3]!, { addressGroup: "school" });
  expect(atIt.best()).toBe("s2");
  const own = waiting(tabs); // of the worker index itself it does not count
  attempt(own.story, own.round, own.round.slots[0]!, { addressGroup: "school" });
  expect(own.best()).toBe("s1");
  const unknown = waiting([{ ms: 10 }, { ms: 90, addressGroup: "home" }]);
  unknown.round.slots[1]!.accepted = { ...accepted, addressGroup: null };
  attempt(unknown.story, unknown.round, unknown.round.slots[2]!, { addressGroup: null });
  expect(unknown.best()).toBe("s1");
  // Where there is nobody else it is taken.
  const alone = waiting(tabs.slice(0, 1));
  alone.round.slots[1]!.accepted = { ...accepted, addressGroup: "school" };
  expect(alone.best()).toBe("s1");
});

test("[DP8] networks come before speed: a slow stranger before a fast neighbour", () => {
  const tabs = [{ ms: 400 }, { ms: 100, addressGroup: "school" }, { ms: 100 }, { ms: 100 }, { ms: 100 }];
  const { round, best } = waiting(tabs);
  const oneOf = () => best(undefined, ({ sessionId }) => sessionId === "s1" || sessionId === "s2");
  expect(oneOf()).toBe("s2");
  round.slots[6]!.accepted = { ...batchSource("v9"), assignmentId: 77, addressGroup: "school" };
  expect(oneOf()).toBe("s1");
});

test("whoever tried a batch before gets it only where nobody is at it and nobody else is free", () => {
  const { story, round, chosen } = waiting([{ ms: 10 }, { ms: 90 }]);
  const slot = round.slots[0]!;
  slot.tried.add("v1");
  expect(chosen()).toBe("s2");
  slot.tried.add("v2");
  expect(chosen()).toBe("s1");
  attempt(story, round, slot, {});
  expect(chosen()).toBeNull();
});

test("[DP6] one volunteer has one worker index of a round, unless the crowd is smaller than the code, or it backs up a lost one", () => {
  const tabs = Array.from({ length: 7 }, () => ({ ms: 50 }));
  const only = ({ sessionId }: Session) => sessionId === "s1";
  const taken = (crowd: number, change: (story: Story, round: Round) => void, submission = {}) => {
    const { story, round, best } = waiting(tabs.slice(0, crowd), submission);
    change(story, round);
    return best(undefined, only);
  };
  const atAnother = (story: Story, round: Round) => {
    attempt(story, round, round.slots[3]!, { volunteerId: "v1" });
  };
  const hasAnother = (_: Story, round: Round) => {
    round.slots[3]!.accepted = { ...batchSource("v1"), assignmentId: 77, addressGroup: null };
  };
  expect(taken(7, () => {})).toBe("s1");
  expect(taken(7, atAnother)).toBeNull();
  expect(taken(7, hasAnother)).toBeNull();
  expect(taken(6, atAnother)).toBe("s1");
  expect(taken(6, hasAnother)).toBe("s1");
  const backsUp = (story: Story, round: Round) => {
    hasAnother(story, round);
    round.decode = { state: "published" };
  };
  expect(taken(7, backsUp)).toBe("s1");
  // At the same worker index twice, it would be its own backup.
  expect(taken(7, (story, round) => void attempt(story, round, round.slots[0]!, { volunteerId: "v1" }))).toBeNull();
});

test("[DP6] an opinion is another's by its own rule, whatever else it holds of the round", () => {
  const { round, best } = waiting(Array.from({ length: 7 }, () => ({ ms: 50 })));
  round.slots[3]!.accepted = { ...batchSource("v1"), assignmentId: 77, addressGroup: null };
  round.slots[0]!.accepted = { ...batchSource("v2"), assignmentId: 78, addressGroup: null };
  expect(best(round.slots[0]!, ({ sessionId }) => sessionId === "s1")).toBe("s1");
});

test("[DP9] half precision computes an exact job's queries only where fewer float32 volunteers are ready than a group has", () => {
  const taken = (float32: number, workerIndex: number, submission = {}) => {
    const tabs = [
      { precision: "float16" as const },
      ...Array.from({ length: float32 }, () => ({ precision: "float32" as const })),
    ];
    const { round, best } = waiting(tabs, submission);
    return best(round.slots[workerIndex]!, ({ sessionId }) => sessionId === "s1");
  };
  expect(taken(4, 0)).toBeNull();
  expect(taken(3, 0)).toBe("s1");
  expect(taken(4, 4)).toBe("s1"); // a parity answers nothing by itself
  expect(taken(4, 0, { completion: "fast" })).toBe("s1");
});
