/** Rows that are final on nobody's word but the coordinator's, and devices that compute otherwise, on the ledger. */
import { describe, expect, test } from "vitest";
import { COORDINATOR } from "../../core/job.ts";
import { RowsStory, type RowsStoryOptions } from "../testing/rows-story.ts";
import { keyOf } from "./accounts.ts";

const LARGE = { macsPerQuery: 1e9 };
const TABS = 6;

function begun(options: RowsStoryOptions = {}, rows = 1_000): RowsStory {
  const story = new RowsStory(options);
  story.crowd(TABS);
  story.submit("job", rows, LARGE);
  return story;
}
const namedIn = ({ state }: RowsStory) => [...state.crowd.named];
const standing = (story: RowsStory, author: string) =>
  story.durableRows("job").filter((row) => row.author === author && row.mark !== "exact");
const recomputedFor = (story: RowsStory, why: string) =>
  story.asked("recompute").flatMap(({ rows }) => rows.filter((row) => row.why === why));

describe("rows in doubt", () => {
  const isOpen = (place: number) => place % 25 === 0;

  test("[PC1] an answer whose label is open is never final on the word of tabs", () => {
    const story = begun({ isOpen });
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    for (const { place, mark, isFinal } of story.durableRows("job")) {
      expect(isFinal).toBe(true);
      if (isOpen(place)) expect(mark).toBe("exact");
    }
  });

  test("[PC1] nor after a restart, nor where it came in a part", () => {
    const story = begun({ isOpen });
    for (let n = 0; n < 10; n++) {
      const [sent] = story.out();
      story.part(sent!, [0, 1, 2]);
      story.answer(sent!);
    }
    const again = story.restart();
    again.crowd(TABS);
    again.answerAll();
    expect(again.stateOf("job")).toBe("done");
    expect(again.durableRows("job").filter(({ place, mark }) => isOpen(place) && mark !== "exact")).toEqual([]);
  });

  test("[DP9] each row of a device that computes coarsely is computed here too, also of one that says that it is fine", () => {
    const story = begun({ isCoarse: (volunteerId) => volunteerId === "v2" });
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.job("job").contributions.get("v2")?.rows).toBeGreaterThan(0);
    expect(standing(story, "v2")).toEqual([]);
    expect(namedIn(story)).toEqual([]);
  });
});

describe("devices that compute otherwise", () => {
  const isCoarse = (volunteerId: string, place: number) => volunteerId === "v2" && place % 2 === 0;

  /** It computes coarsely once it has been measured to be fine. */
  function changed(options: RowsStoryOptions = {}): RowsStory {
    let hasChanged = false;
    const story = begun({ ...options, isCoarse: (...row) => hasChanged && isCoarse(...row) });
    for (let n = 0; n < 3_000 && story.job("job").devices.get("v2")?.isFine !== true; n++)
      story.answer(story.out()[0]!);
    expect(story.job("job").devices.get("v2")?.isFine).toBe(true);
    hasChanged = true;
    return story;
  }

  test("[PC4] one that was fine, and is as far off as half precision then, counts as that, and nobody is named", () => {
    const story = changed();
    story.answerAll();
    expect(story.asked("confirmRows").some(({ volunteerIds }) => volunteerIds.includes("v2"))).toBe(true);
    expect([story.stateOf("job"), namedIn(story)]).toEqual(["done", []]);
    expect(story.job("job").devices.get("v2")?.isFine).toBe(false);
    // The coordinator computes each of its rows from then on: no other block is charged for it.
    expect(story.job("job").blocksBefore.length).toBeLessThanOrEqual(1);
  });

  test("[VF14] where trusted runs of such a row differ nobody can check the job: it is suspended", () => {
    const story = changed({ verdict: () => "unstable" });
    story.answerAll();
    expect(story.job("job").stored.suspended).not.toBeNull();
    expect(namedIn(story)).toEqual([]);
  });

  test("[PC5] one that is wrong in every row is looked at once, in rows that count, and gets no more", () => {
    const story = begun({ lies: (volunteerId) => volunteerId === "v2" });
    story.answerAll();
    expect(namedIn(story)).toEqual([]);
    expect(story.job("job").unfit.has("v2")).toBe(true);
    expect(story.effects.some(({ type }) => type === "tellUnfit")).toBe(true);
    const looks = story.asked("lookCloser");
    expect(looks).toHaveLength(1);
    for (const { place } of looks[0]!.rows)
      expect(story.durableRows("job")[place]).toMatchObject({ author: COORDINATOR, mark: "exact" });
    // It comes back, and is asked for nothing.
    story.leave("s2");
    story.join(2, { sessionId: "again" });
    story.submit("other", 500, LARGE);
    expect(story.out().some(({ sessionId }) => sessionId === "again")).toBe(false);
  });

  test("[PC7] one whose card is wrong gets rows of the same block again once its tab computes on something else", () => {
    let isOnCard = true;
    const story = new RowsStory({ lies: (volunteerId) => volunteerId === "v2" && isOnCard });
    story.join(2);
    const on = (backend: string) =>
      story.happen({
        type: "modelOnBackend",
        sessionId: "s2",
        modelSha256: story.job("job").stored.modelSha256,
        backend,
      });
    story.submit("job", 4_000, LARGE);
    on("webgpu");
    for (let n = 0; n < 200 && story.job("job").unfit.size === 0; n++) story.answer(story.out()[0]!, 20);
    expect(story.out().some(({ sessionId }) => sessionId === "s2")).toBe(false);
    isOnCard = false;
    on("cpu");
    story.answerAll();
    expect([story.stateOf("job"), namedIn(story), story.wrongFinal("job")]).toEqual(["done", [], []]);
    expect(story.job("job").contributions.get("v2")?.rows).toBeGreaterThan(0);
  });

  test("[PC5] one that gives each row the right answer of another one is named at once, and nothing is charged", () => {
    const story = begun({ lies: (volunteerId) => volunteerId === "v2", isAnothers: () => true });
    story.answerAll();
    expect(namedIn(story)).toEqual(["v2"]);
    expect(story.stateOf("job")).toBe("done");
    expect([...story.durable.accounts.values()].map(({ account }) => account.charged)).toEqual([0]);
  });

  test("[PC5] a lie in some of its rows beside a wrong known one names it too", () => {
    const story = begun({ lies: (volunteerId, place) => volunteerId === "v2" && place % 2 === 0 });
    story.answerAll();
    expect(namedIn(story)).toEqual(["v2"]);
    expect(story.wrongFinal("job")).toEqual([]);
  });

  test("[PC11] where the order of sums decides, no card computes the job any more, and none of its rows stay", () => {
    const story = new RowsStory({
      lies: (volunteerId, place) => volunteerId === "v2" && place % 4 === 0,
      verdict: () => "excused",
    });
    for (let n = 1; n <= TABS; n++) story.join(n, n <= 2 ? { backend: "webgl" } : {});
    story.submit("job", 1_000, LARGE);
    for (let n = 0; n < 2_000 && story.job("job").stored.fixedOnly === undefined; n++) story.answer(story.out()[0]!);
    expect(story.job("job").stored.fixedOnly).toContain("the order in which a machine adds");
    expect(story.out().filter(({ sessionId }) => ["s1", "s2"].includes(sessionId))).toEqual([]);
    expect(story.durable.jobs.get("job")?.fixedOnly).toBeDefined();
    const told = story.effects.flatMap((effect) => (effect.type === "tellUnfit" ? [effect.sessionId] : []));
    expect(new Set(told)).toEqual(new Set(["s1", "s2"]));
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(namedIn(story)).toEqual([]);
    expect([...standing(story, "v1"), ...standing(story, "v2")].filter(({ isFinal }) => !isFinal)).toEqual([]);
    expect(story.wrongFinal("job")).toEqual([]);
  });
});

describe("who lets down", () => {
  test("[CC7] a partner that lets checks lie is drawn less", () => {
    const story = new RowsStory();
    story.crowd(12);
    story.submit("job", 4_000, LARGE);
    const shareOf3 = () => story.state.checkLapses.shareOf("v3", story.nowMs);
    // It is measured by then, and may be drawn. Others may be held up behind it, and are drawn less too: it is waited for.
    for (let n = 0; n < 60; n++) story.answer(story.out()[0]!, 20);
    for (let n = 0; n < 3_000 && shareOf3() === 1; n++) {
      const next = story.out().find(({ sessionId }) => sessionId !== "s3");
      if (next === undefined) break;
      story.answer(next, 20);
      story.pass(100);
    }
    expect(shareOf3()).toBeLessThan(1);
  });

  test("[AS11] rows that failed are tried by the coordinator one claim after the other", () => {
    let isHeld = true;
    const isTrial = (effect: object) => {
      const { work } = effect as { work?: { type: string; rows?: readonly { why?: string }[] } };
      return work?.type === "recompute" && work.rows?.some(({ why }) => why === "failed") === true;
    };
    const story = new RowsStory({ holds: (effect) => isHeld && isTrial(effect) });
    story.crowd(3);
    story.submit("job", 300, LARGE);
    for (let n = 0; n < 400; n++) {
      const next = story.out()[0];
      if (next === undefined) {
        story.pass(20_000);
        continue;
      }
      const { sessionId, assignmentId } = next;
      const isHard = story.rowsOf(next).some(({ place }) => place < 60);
      if (isHard) story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" });
      else story.answer(next, 1);
    }
    const trials = recomputedFor(story, "failed");
    expect(story.effects.filter(isTrial)).toHaveLength(1);
    expect(trials.length).toBeGreaterThan(0);
    expect(story.job("job").toTry.length).toBeGreaterThan(0);
    isHeld = false;
  });
});

describe("[PC13] of a job that is for WebAssembly alone, who does not say that it computes there", () => {
  const lies = (volunteerId: string) => volunteerId === "v1";

  test("gives no row, in parts or at once, is named for none, and gets no more", () => {
    const story = new RowsStory({ lies });
    story.join(1, { backend: "webgl" });
    for (let n = 2; n <= TABS; n++) story.join(n);
    story.submit("job", 1_000, { ...LARGE, isFixedOnly: true });
    const ofCard = () => story.out().filter(({ sessionId }) => sessionId === "s1");
    expect(ofCard().length).toBeGreaterThan(0);
    story.part(ofCard()[0]!, [0, 1]);
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(namedIn(story)).toEqual([]);
    expect(story.durableRows("job").filter(({ author }) => author === "v1")).toEqual([]);
    const sent = story.effects.filter((effect) => effect.type === "sendAssignment" && effect.sessionId === "s1");
    expect(sent).toHaveLength(1);
  });

  test("gives rows as any other once it says so", () => {
    const story = new RowsStory();
    story.join(1, { backend: "webgl" });
    for (let n = 2; n <= TABS; n++) story.join(n);
    story.submit("job", 1_000, { ...LARGE, isFixedOnly: true });
    const { modelSha256 } = story.job("job").stored;
    story.happen({ type: "modelOnBackend", sessionId: "s1", modelSha256, backend: "wasm" });
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job").filter(({ author }) => author === "v1").length).toBeGreaterThan(0);
  });
});

test("[AS8] what was sent ahead of a job that is suspended is let go of by its tab too, before it gets more", () => {
  const lies = (volunteerId: string, place: number) => volunteerId === "v2" && place % 4 === 0;
  const story = begun({ lies, verdict: () => "unstable", holds: ({ type }) => type === "voidAssignment" }, 20_000);
  const isSuspended = () => story.job("job").stored.suspended !== null;
  for (let n = 0; n < 400 && !isSuspended(); n++)
    story.answer(story.out().find(({ assignmentId }) => story.state.assignments.get(assignmentId)?.startedMs != null)!);
  expect(isSuspended()).toBe(true);
  const told = story.effects.flatMap((effect) => (effect.type === "voidAssignment" && effect.tell ? [effect] : []));
  const twice = told.filter(({ sessionId }) => told.filter((other) => other.sessionId === sessionId).length > 1);
  expect(twice.length).toBeGreaterThan(0);
  for (const { sessionId, assignmentId } of told)
    expect(story.state.sessions.get(sessionId)?.holds.has(assignmentId)).toBe(true);
});

test("rows that are asked for while others are computed go together in the next call", () => {
  const isCoins = ({ work }: { work?: { type: string; rows?: readonly { why?: string }[] } }) =>
    work?.type === "recompute" && work.rows?.some(({ why }) => why === "coin") === true;
  const story = new RowsStory({ holds: (effect) => isCoins(effect as never) });
  story.crowd(TABS);
  story.submit("job", 4_000, LARGE);
  story.answerAll();
  const calls = story.asked("recompute").filter((work) => isCoins({ work }));
  expect(calls.length).toBeGreaterThan(1);
  expect(calls.slice(1).every(({ rows }) => rows.length >= 32)).toBe(true);
  const { toRecompute } = story.job("job");
  expect(toRecompute.length).toBeLessThan(32);
});

describe("after a restart", () => {
  const lies = (volunteerId: string, place: number) => volunteerId === "v2" && place % 15 === 0;

  test("[CK3] coins of rows that were taken out are answered, and a block is charged once", () => {
    const isTrusted = (effect: object) => {
      const { work } = effect as { work?: { type: string; rows?: readonly { why?: string }[] } };
      return work?.type === "recompute" && work.rows?.some(({ why }) => why === "coin") === true;
    };
    // Nobody answers a coin of it before its liar is named, in another job.
    const isOfJob = (effect: object) => (effect as { jobId?: string }).jobId === "job";
    const story = new RowsStory({ lies, holds: (effect) => isOfJob(effect) && isTrusted(effect) });
    story.crowd(TABS);
    story.submit("job", 1_000, LARGE);
    while (story.job("job").ledger!.counts.answered < 700) story.answer(story.out()[0]!);
    story.submit("other", 1_000, LARGE, { submitter: "somebody else" });
    for (let n = 0; n < 2_000 && namedIn(story).length === 0; n++) story.answer(story.out()[0]!);
    for (let n = 0; n < 5; n++) story.answer(story.out()[0]!);
    const open = [...(story.durable.openCoins.get("job")?.values() ?? [])];
    expect(open.filter(({ author }) => author === "v2").length).toBeGreaterThan(0);
    const again = story.restart({ lies });
    const asked = recomputedFor(again, "coin");
    const isAsked = open.filter(({ place, attempt }) =>
      asked.some((row) => row.place === place && row.attempt === attempt),
    );
    expect(isAsked.length).toBeGreaterThan(0);
    expect(isAsked.length).toBeLessThan(open.length);
    again.crowd(TABS);
    again.answerAll();
    expect(again.stateOf("job")).toBe("done");
    const blocks = again.durable.blocks.get("job") ?? [];
    const charged = blocks.filter(({ block }) => block.state === "charged");
    const reserves = charged.reduce((sum, { block }) => sum + block.terms.reserve, 0);
    expect(charged.length).toBeGreaterThan(0);
    const account = again.state.accounts.get(keyOf(again.job("job")));
    expect(account!.charged).toBeCloseTo(reserves, 9);
  });
});
