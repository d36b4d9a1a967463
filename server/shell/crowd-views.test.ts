import { expect, test } from "vitest";
import { Story } from "../coordinator/testing/story.ts";
import { sessionViews, volunteerViews } from "./crowd-views.ts";

const TABS = 25;

function crowd() {
  const story = new Story();
  story.crowd(TABS);
  return story.state;
}

test("pages of sessions and of volunteers, one after the other, are all of them in their order", () => {
  const state = crowd();
  for (const views of [
    (page?: { offset: number; limit: number }) => sessionViews(state, page),
    (page?: { offset: number; limit: number }) => volunteerViews(state, page),
  ] as ((page?: { offset: number; limit: number }) => unknown[])[]) {
    const pages = [0, 10, 20, 30].map((offset) => views({ offset, limit: 10 }));
    expect(pages.map((page) => page.length)).toEqual([10, 10, 5, 0]);
    expect(pages.flat()).toEqual(views());
  }
});

test("who is quarantined is found among those alone", () => {
  const state = crowd();
  expect(volunteerViews(state, { offset: 0, limit: 10 }, true)).toEqual([]);
  const [named] = state.volunteers.values();
  state.crowd.named.add(named!.volunteerId);
  expect(volunteerViews(state, { offset: 0, limit: 10 }, true).map(({ volunteerId }) => volunteerId)).toEqual([
    named!.volunteerId,
  ]);
});
