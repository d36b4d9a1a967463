/** [JB2] What a job says of what it waits for, while tabs have nothing of it to do. */
import { expect, test } from "vitest";
import type { AwayReason } from "../../../shared/protocol/why-no-tab.ts";
import { PLAIN, Story } from "../../coordinator/testing/story.ts";
import { rowsWaits } from "./rows/core/waits.ts";

test("[JB2] a tab that rests between two batches is no reason, however often it does; one that pauses says by which rule", () => {
  const story = new Story();
  story.crowd(1);
  story.submit("job", PLAIN, 200_000);
  const waits = (of: Story) => rowsWaits(of.state, of.job("job"));
  const says = (available: boolean, because?: AwayReason) =>
    story.happen({ type: "availabilityChanged", sessionId: "s1", available, ...(because && { because }) });
  for (let n = 0; n < 8; n++) {
    says(false, "resting");
    expect(waits(story)).toEqual({ waitingFor: null });
    says(true);
    expect(waits(story)).toEqual({ waitingFor: null });
  }
  says(false, "busy");
  for (const { sessionId, assignmentId } of story.out())
    story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  expect(waits(story)).toEqual({
    waitingFor:
      "waiting for tabs: the one tab that is connected pauses by its busy rule; if it is yours, change that rule on its page",
    lacksTabs: "any",
  });
  // A tab of another version does not say why.
  says(false);
  expect(waits(story).waitingFor).toMatch(
    /^waiting for tabs: the one tab that is connected is paused by its volunteer;/,
  );
});
