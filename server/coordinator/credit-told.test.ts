import { expect, test } from "vitest";
import { Story } from "./testing/story.ts";

const ONE_BY_ONE = { queriesPerGroup: 1, stragglers: 0, liars: 0, groupsPerRound: 1, roundsInFlight: 2 };

test("[CR1] nobody is told of credit that a crash could take back, booked though it is with a round that is being written", () => {
  const story = new Story({ hold: ["persist"] });
  story.crowd(1);
  const durable = () => story.happen({ type: "persisted", effectId: story.asked("persist").at(-1)!.effectId });
  story.submit("job", ONE_BY_ONE, 2);
  durable();
  durable();
  story.answer(story.out()[0]!);
  const first = story.asked("persist").length;
  story.answer(story.out()[0]!);
  // The second round waits for the write of the first.
  expect(story.asked("persist")).toHaveLength(first);
  expect(story.state.volunteers.get("v1")).toMatchObject({ creditAssignments: 2, durableCredit: { assignments: 0 } });
  durable();
  expect(story.asked("credit")).toMatchObject([{ assignments: 1, macs: 100 }]);
  durable();
  expect(story.asked("credit").at(-1)).toMatchObject({ assignments: 2, macs: 200 });
});
