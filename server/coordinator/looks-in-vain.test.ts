/** Looks at deadlines that find nothing: what they leave out, and what brings it back. */
import { expect, test } from "vitest";
import { ASSIGNMENT_DEADLINE_MS_MIN } from "../../shared/protocol/limits.ts";
import { CORE_KINDS } from "../kinds/core-kinds.ts";
import { must } from "./assert.ts";
import { stepWith } from "./step.ts";
import { Story } from "./testing/story.ts";

const ONE_ROUND = { scheme: "uncoded", queriesPerGroup: 3 };

/** A story whose jobs count how often they are asked for work. */
function countingStory() {
  const inference = must(CORE_KINDS.get("inference"), "a kind of that name");
  const queue = must(inference.queue, "a kind that leaves it to the core when its work is sent");
  let asked = 0;
  const sendOne: typeof queue.sendOne = (...of) => {
    asked++;
    return queue.sendOne(...of);
  };
  const kinds = new Map([...CORE_KINDS, ["inference", { ...inference, queue: { ...queue, sendOne } }]] as const);
  const story = new Story();
  /** The one timer of a batch goes off. @returns how often its job was asked for work then */
  const look = (assignmentId: number) => {
    const { timerId } = must(story.state.assignments.get(assignmentId), "it is out");
    asked = 0;
    story.nowMs += ASSIGNMENT_DEADLINE_MS_MIN;
    const timer = { type: "timerFired", timerId: must(timerId, "it is looked at again"), atMs: story.nowMs } as const;
    const effects = stepWith(kinds, story.state, timer);
    story.rawEffects.push(...effects);
    return { asked, effects: effects.map(({ type }) => type) };
  };
  return { story, look };
}

test("[EV5] a look at a deadline that is not over asks no job for work, as long as nothing has changed", () => {
  const { story, look } = countingStory();
  story.crowd(2);
  story.submit("job", ONE_ROUND, 15);
  const [batch] = story.out();
  for (let n = 0; n < 3; n++) expect(look(batch!.assignmentId)).toEqual({ asked: 0, effects: ["setTimer"] });
});
