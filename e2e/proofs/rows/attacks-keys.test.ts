/** Keys that cost nothing: what they may cost the coordinator, and what they may say of their devices. */
import { expect, test } from "vitest";
import type { Effect } from "../../../server/coordinator/effects.ts";
import { RowsStory } from "../../../server/kinds/inference/rows/testing/rows-story.ts";
import type { RowsWork } from "../../../server/kinds/inference/rows/work.ts";

const LARGE = { macsPerQuery: 1e9 };
const begunOut = (story: RowsStory) =>
  story.out().filter(({ assignmentId }) => story.state.assignments.get(assignmentId)?.startedMs !== null);
const askedFor = (story: RowsStory, reason: string) =>
  story.asked("recompute").flatMap(({ rows }) => rows.filter(({ why }) => why === reason)).length;

test("60 fresh keys of three addresses that fail at once cost the coordinator less than a row a key", () => {
  const story = new RowsStory();
  story.crowd(6);
  story.submit("job", 1_000, LARGE);
  for (let key = 100; key < 160; key++) {
    story.join(key, { sessionId: `f${key}`, addressGroup: `evil ${key % 3}` });
    for (const { sessionId, assignmentId } of begunOut(story))
      if (sessionId.startsWith("f"))
        story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" });
  }
  expect(askedFor(story, "known")).toBeLessThanOrEqual(16);
  expect(askedFor(story, "failed")).toBeLessThan(60);
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
});

test("one key that comes and goes a hundred times has its rest, and costs a few rows", () => {
  const story = new RowsStory();
  story.crowd(6);
  story.submit("job", 1_000, LARGE);
  for (let n = 0; n < 100; n++) {
    story.join(50, { sessionId: `z${n}` });
    story.leave(`z${n}`);
  }
  expect(askedFor(story, "known")).toBeLessThanOrEqual(16);
  story.answerAll();
  expect(story.finalCount("job")).toBe(1_000);
});

// A back-end that is no WebAssembly is in after two known rows, and is measured by three: until then, and from the first row on that is off as half
// precision is, each of its rows is computed here.
test("no answer that is looked at as half precision is final unless the coordinator computed it", () => {
  const isRecompute = (effect: Effect) =>
    effect.type === "work" && (effect.work as unknown as RowsWork).type === "recompute";
  const story = new RowsStory({ holds: isRecompute });
  for (let n = 1; n <= 6; n++) {
    const session = { sessionId: `s${n}`, volunteerId: `v${n}`, nickname: `tab ${n}`, team: "", backend: "webgl" };
    const addressGroup = `address ${n}`;
    story.happen({ type: "sessionOpened", ...session, addressGroup, invitationSha256: null });
    story.happen({ type: "sessionProbed", sessionId: session.sessionId, precision: "float32" });
  }
  story.submit("job", 1_000, LARGE);
  let seen = 0;
  /** The liar is off by as much as half precision may be, in each row but its known ones. */
  const answerRecomputes = () => {
    for (; seen < story.effects.length; seen++) {
      const effect = story.effects[seen]!;
      if (!isRecompute(effect) || effect.type !== "work") continue;
      const { rows: asked } = effect.work as unknown as Extract<RowsWork, { type: "recompute" }>;
      const rows = asked.map(({ place, attempt, words }) => ({
        ...{ place, attempt },
        words: words.map(({ volunteerId, isFine }) =>
          volunteerId === "v2"
            ? { volunteerId, attempt, isRight: !isFine, isCoarse: true as const }
            : { volunteerId, attempt, isRight: true },
        ),
      }));
      const { jobId, effectId } = effect;
      story.happen({
        type: "outcome",
        kind: "inference",
        jobId,
        effectId,
        outcome: { type: "recomputed", rows } as never,
      });
    }
  };
  answerRecomputes();
  for (let n = 0; n < 3_000 && story.stateOf("job") !== "done"; n++) {
    const next = begunOut(story)[0];
    if (next === undefined) story.pass(1_000);
    else story.answer(next, 1);
    answerRecomputes();
  }
  expect(story.stateOf("job")).toBe("done");
  const coarse = story
    .durableRows("job")
    .filter(({ author, mark, isFinal }) => author === "v2" && isFinal && mark !== "exact");
  expect(coarse).toEqual([]);
});
