/** Tabs that go to another coordinator of the service, as the core decides it. */
import { expect, test } from "vitest";
import { partIdOf } from "../../shared/kinds/inference/parts.ts";
import { POINTING_EVERY_MS } from "../../shared/protocol/limits.ts";
import { submitRun } from "../coded/testing/coded-story.ts";
import type { CellLoad } from "../store/store.ts";
import { ownLoad } from "./pointing.ts";
import { Story, SYSTEMATIC } from "./testing/story.ts";

const BUSY: CellLoad = { name: "b", jobs: 1, tabs: 0 };

/** @returns the sessions that were told to go, and where */
function looks(story: Story, ...others: CellLoad[]): [string, string | undefined][] {
  return told(story.happen({ type: "cellsLooked", others }));
}
function told(effects: ReturnType<Story["happen"]>): [string, string | undefined][] {
  return effects.flatMap((effect) =>
    effect.type === "closeSession" && effect.code === "elsewhere" ? [[effect.sessionId, effect.cell]] : [],
  );
}

test("[CE8] tabs of a coordinator that has nothing to do go to one that has, and get nothing here any more", () => {
  const story = new Story();
  story.crowd(5);
  expect(ownLoad(story.state)).toEqual({ jobs: 0, tabs: 5 });
  expect(looks(story, BUSY).map(([, cell]) => cell)).toEqual(["b", "b", "b", "b", "b"]);
  expect(ownLoad(story.state)).toEqual({ jobs: 0, tabs: 0 });
  story.submit("job", SYSTEMATIC, 200);
  expect(story.out()).toEqual([]);
});

test("[CE8] whoever came with an invitation, chooses, or has paused stays", () => {
  const story = new Story();
  story.crowd(3);
  const [chooses, pauses, goes] = ["s1", "s2", "s3"] as const;
  story.happen({ type: "choiceChanged", sessionId: chooses, choice: { projects: ["lab"], refused: [] } });
  story.happen({ type: "availabilityChanged", sessionId: pauses, available: false });
  story.happen({
    ...{ type: "sessionOpened", sessionId: "invited", volunteerId: "guest", nickname: "g", team: "", backend: "cpu" },
    ...{ addressGroup: null, invitationSha256: "1".repeat(64) },
  });
  story.happen({ type: "sessionProbed", sessionId: "invited", precision: "float32" });
  expect(looks(story, BUSY)).toEqual([[goes, "b"]]);
});

test("[CE8] [AS10] a tab at work goes when it has answered what it holds; what was sent ahead to it is for others", () => {
  const story = new Story({ hold: ["topUp"] });
  story.crowd(7);
  story.submit("job", SYSTEMATIC, 400);
  expect(story.out()).toHaveLength(7);
  // Half of the tabs of both.
  expect(looks(story, BUSY)).toEqual([]);
  const going = [...story.state.sessions.values()].filter(({ pointedTo }) => pointedTo === "b");
  expect(going.length).toBe(3);
  expect(ownLoad(story.state).tabs).toBe(4);
  const { sessionId } = going[0]!;
  const held = story.out().find((assignment) => assignment.sessionId === sessionId)!;
  expect(told(story.answer(held))).toEqual([[sessionId, "b"]]);
  expect(story.out().filter((assignment) => assignment.sessionId === sessionId)).toEqual([]);
});

test("[CE8] nobody is pointed twice in a row, before those that went can have been seen", () => {
  const story = new Story();
  story.crowd(6);
  expect(looks(story, { name: "b", jobs: 1, tabs: 0 }).length).toBe(6);
  for (const { sessionId } of [...story.state.sessions.values()]) story.happen({ type: "sessionClosed", sessionId });
  story.crowd(6);
  expect(looks(story, BUSY)).toEqual([]);
  story.nowMs += POINTING_EVERY_MS;
  expect(looks(story, BUSY).length).toBe(6);
});

test("[CE8] [GJ1] a coordinator with a coded run at work keeps its tabs", () => {
  const story = new Story();
  story.crowd(12);
  submitRun(story, "fit", { iterations: 10 });
  expect(ownLoad(story.state).jobs).toBe(1);
  expect(looks(story, { name: "b", jobs: 9, tabs: 0 })).toEqual([]);
  expect([...story.state.sessions.values()].every(({ pointedTo }) => pointedTo === null)).toBe(true);
});

test("[CE8] [CE11] a coordinator that has done its part of a job gives its tabs to the one that has a part left", () => {
  const story = new Story();
  story.crowd(6);
  const part = partIdOf("W".repeat(24), 0);
  story.submit(part, SYSTEMATIC, 40);
  // Each has one part and half of the tabs.
  const other: CellLoad = { name: "b", jobs: 1, tabs: 6 };
  expect([ownLoad(story.state).jobs, looks(story, other)]).toEqual([1, []]);
  story.answerAll();
  expect([story.jobState(part), ownLoad(story.state)]).toEqual(["done", { jobs: 0, tabs: 6 }]);
  story.nowMs += POINTING_EVERY_MS;
  expect(looks(story, other).map(([, cell]) => cell)).toEqual(Array(6).fill("b"));
});
