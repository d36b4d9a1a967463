import { expect, test } from "vitest";
import { Story } from "../coordinator/testing/story.ts";
import { CORE_KINDS } from "../kinds/core-kinds.ts";
import { sessionViews, statusView, volunteerViews } from "./crowd-views.ts";

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

test("active jobs are those of every kind that have not ended, each once, whether the core sends out their work or they do", () => {
  const { state } = new Story();
  const kinds = new Map(
    [...CORE_KINDS].map(([name, kind]) => [
      name,
      kind.queue === null ? kind : { ...kind, queue: { ...kind.queue, bytesInFlight: () => 5 } },
    ]),
  );
  const add = (jobId: string, kind: string, stateOfIt = "running", turns = jobId) =>
    state.jobsAtWork.set(jobId, { kind, turns, stored: { jobId, state: stateOfIt } } as never);
  const names = [...CORE_KINDS.keys()];
  expect(names.length).toBeGreaterThan(2);
  for (const [n, kind] of names.entries()) {
    add(kind, kind);
    add(`${kind} that has ended`, kind, "done");
    expect(statusView(state, kinds).jobsActive).toBe(n + 1);
  }
  for (const part of ["w-0", "w-1"]) add(part, "inference", "preparing", "w");
  expect(statusView(state, kinds)).toMatchObject({ jobsActive: names.length + 1 });
});
