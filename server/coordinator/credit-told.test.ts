import { expect, test } from "vitest";
import { PLAIN, Story } from "./testing/story.ts";

test("[CR1] nobody is told of credit that a crash could take back, booked though it is with answers that are being written", () => {
  const story = new Story({ hold: ["persist"] });
  story.crowd(1);
  const durable = () => story.happen({ type: "persisted", effectId: story.state.write!.effectId });
  story.submit("job", PLAIN, 200);
  while (story.state.write !== null) durable();
  story.answer(story.out()[0]!);
  const first = story.asked("persist").length;
  story.answer(story.out()[0]!);
  // The second claim's answers wait for the write of the first's.
  expect(story.asked("persist")).toHaveLength(first);
  const volunteer = story.state.volunteers.get("v1")!;
  expect(volunteer).toMatchObject({ creditAssignments: 2, durableCredit: { assignments: 0 } });
  durable();
  const [told] = story.asked("credit");
  expect(told).toMatchObject({ assignments: 1 });
  expect(told!.macs).toBeLessThan(volunteer.creditMacs);
  durable();
  expect(story.asked("credit").at(-1)).toMatchObject({ assignments: 2, macs: volunteer.creditMacs });
});
