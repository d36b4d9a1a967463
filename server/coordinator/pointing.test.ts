/** Tabs that are at home at another coordinator of the service, as the core decides it. */
import { expect, test } from "vitest";
import { partIdOf } from "../../shared/kinds/inference/parts.ts";
import { SHARE_KEPT_MS } from "../../shared/protocol/limits.ts";
import { runOf, storedRun, submitRun } from "../coded/testing/coded-story.ts";
import type { CellLoad } from "../store/store.ts";
import { ownLoad } from "./pointing.ts";
import { type JoinOptions, PLAIN, Story } from "./testing/story.ts";

const OWN = "a";
const BUSY: CellLoad = { name: "b", jobs: 1, tabs: 0, share: 1 };

/** This one and others: it has nothing to do, unless told. @returns the sessions that were told to go, and where */
function looks(story: Story, others: readonly CellLoad[] = [BUSY], share = 0): [string, string | undefined][] {
  const own = { name: OWN, jobs: share, tabs: 0, share };
  return told(story.happen({ type: "cellsLooked", own: OWN, cells: [own, ...others] }));
}
function told(effects: ReturnType<Story["happen"]>): [string, string | undefined][] {
  return effects.flatMap((effect) =>
    effect.type === "closeSession" && effect.code === "elsewhere" ? [[effect.sessionId, effect.cell]] : [],
  );
}
const join = (story: Story, n: number, opening: Partial<JoinOptions> = {}) =>
  story.join(n, `s${n}`, { homePoint: 7_919 * n, addressGroup: `address ${n}`, ...opening });
function crowd(story: Story, count: number): void {
  for (let n = 1; n <= count; n++) join(story, n);
}

test("[CE8] tabs of a coordinator that has nothing to do go to the one that has, and get nothing here any more", () => {
  const story = new Story();
  crowd(story, 5);
  expect(ownLoad(story.state)).toMatchObject({ jobs: 0, tabs: 5, share: 0 });
  expect(looks(story).map(([, cell]) => cell)).toEqual(["b", "b", "b", "b", "b"]);
  expect(ownLoad(story.state).tabs).toBe(0);
  story.submit("job", PLAIN, 200);
  expect(story.out()).toEqual([]);
});

test("[CE8] [DP2] a submitter asks for as many tabs with all its jobs as with one, and two ask for twice as many", () => {
  const story = new Story();
  const submit = (jobId: string, submitter: string) => story.submit(jobId, { ...PLAIN, submitter }, 40);
  submit("first", "ada");
  expect(ownLoad(story.state)).toMatchObject({ jobs: 1, tabs: 0, share: 1 });
  submit("second", "ada");
  submit("third", "ada");
  expect(ownLoad(story.state)).toMatchObject({ jobs: 3, tabs: 0, share: 1 });
  submit("fourth", "grace");
  expect(ownLoad(story.state)).toMatchObject({ jobs: 4, tabs: 0, share: 2 });
});

test("[CE8] who comes without having been pointed here is told at once, and not asked a known question", () => {
  const story = new Story();
  looks(story);
  join(story, 1);
  expect(told(story.asked("closeSession") as never)).toEqual([["s1", "b"]]);
  expect(story.asked("sendProbe")).toEqual([]);
});

test("[CE8] who was pointed here by one that saw more waits without work until this one has looked again", () => {
  const story = new Story();
  looks(story);
  story.submit("job", PLAIN, 200);
  for (const n of [1, 2]) join(story, n, { isPointedHere: true });
  expect([story.asked("closeSession"), story.out(), story.state.crowd.ready.size]).toEqual([[], [], 0]);
  // One that has no part of its own any more.
  expect(looks(story, [{ ...BUSY, jobs: 0, share: 0 }], 1)).toEqual([]);
  expect(
    story
      .out()
      .map(({ sessionId }) => sessionId)
      .sort(),
  ).toEqual(["s1", "s2"]);
  expect(story.state.crowd.impartial.size).toBe(2);
  // And one that is not at home here after all.
  const again = new Story();
  looks(again);
  join(again, 1, { isPointedHere: true });
  expect(looks(again)).toEqual([["s1", "b"]]);
});

test("[CE8] whoever chose projects stays, and checks nobody; whoever refuses a job goes, and whoever has paused goes when it goes on", () => {
  const story = new Story();
  submitRun(story, "fit", { iterations: 1 });
  crowd(story, 3);
  const [chooses, pauses, refuses] = ["s1", "s2", "s3"] as const;
  // By itself it would check what it chose.
  story.state.volunteers.get("v1")!.isAdmitted = true;
  story.happen({ type: "choiceChanged", sessionId: chooses, choice: { projects: ["lab"], refused: [] } });
  story.happen({ type: "availabilityChanged", sessionId: pauses, available: false });
  story.happen({ type: "choiceChanged", sessionId: refuses, choice: { projects: null, refused: ["fit"] } });
  story.happen({ type: "jobCancelled", jobId: "fit" });
  expect(looks(story)).toEqual([[refuses, "b"]]);
  expect([story.state.crowd.impartial.size, story.state.crowd.partners.size]).toEqual([0, 0]);
  expect(told(story.happen({ type: "availabilityChanged", sessionId: pauses, available: true }))).toEqual([
    [pauses, "b"],
  ]);
  expect(told(story.happen({ type: "choiceChanged", sessionId: chooses, choice: null }))).toEqual([[chooses, "b"]]);
});

test("[CE8] an invitation to a job that is here keeps its volunteer, one that nobody gave does not", () => {
  const story = new Story();
  const invitations = [{ sha256: "1".repeat(64), volunteerId: null }];
  story.happen({ type: "jobSubmitted", job: storedRun("fit", { colluders: 1, iterations: 10 }, { invitations }) });
  looks(story);
  join(story, 1, { invitationSha256: "1".repeat(64) });
  join(story, 2, { invitationSha256: "2".repeat(64) });
  expect(story.asked("closeSession").map(({ sessionId }) => sessionId)).toEqual(["s2"]);
});

test("[CE8] [GJ7] volunteers that were invited are seated, wherever they are at home and whenever they come", () => {
  const story = new Story();
  const invitations = ["1", "2", "3"].map((digit) => ({ sha256: digit.repeat(64), volunteerId: null }));
  story.happen({ type: "jobSubmitted", job: storedRun("fit", { colluders: 1, iterations: 10 }, { invitations }) });
  looks(story);
  const seats = () => [...runOf(story, "fit").seats.keys()];
  for (const n of [1, 2, 3]) {
    join(story, n, { invitationSha256: String(n).repeat(64) });
    expect(seats()).toHaveLength(n);
  }
  story.happen({ type: "availabilityChanged", sessionId: "s2", available: false });
  expect(seats()).toEqual(["v1", "v3"]);
  story.happen({ type: "availabilityChanged", sessionId: "s2", available: true });
  expect(seats()).toEqual(["v1", "v3", "v2"]);
});

test("[CE8] [AS10] a tab at work goes when it has answered what it holds; what was sent ahead to it is for others", () => {
  const story = new Story({ hold: [] });
  crowd(story, 7);
  story.submit("job", PLAIN, 400);
  expect(story.out()).toHaveLength(7);
  expect(looks(story, [BUSY], 1)).toEqual([]);
  const going = [...story.state.sessions.values()].filter(({ pointedTo }) => pointedTo === "b");
  expect(going.length).toBeGreaterThan(0);
  expect(going.length).toBeLessThan(7);
  expect(ownLoad(story.state).tabs).toBe(7 - going.length);
  const { sessionId } = going[0]!;
  const held = story.out().find((assignment) => assignment.sessionId === sessionId)!;
  expect(told(story.answer(held))).toEqual([[sessionId, "b"]]);
  expect(story.out().filter((assignment) => assignment.sessionId === sessionId)).toEqual([]);
});

test("[CE8] one that was to go, and is at home here again before it has gone, stays", () => {
  const story = new Story({ hold: [] });
  crowd(story, 7);
  story.submit("job", PLAIN, 400);
  looks(story, [BUSY], 1);
  const going = [...story.state.sessions.values()].filter(({ pointedTo }) => pointedTo === "b");
  looks(story, [{ ...BUSY, jobs: 0, share: 0 }], 1);
  for (const { sessionId } of going) {
    const held = story.out().find((assignment) => assignment.sessionId === sessionId)!;
    expect(told(story.answer(held))).toEqual([]);
  }
  expect(ownLoad(story.state).tabs).toBe(7);
});

test("[CE8] [GJ1] a coordinator with a coded run at work keeps its tabs, which do nothing else there; who comes is pointed", () => {
  const story = new Story();
  crowd(story, 12);
  submitRun(story, "fit", { iterations: 10 });
  expect(ownLoad(story.state).jobs).toBe(1);
  expect(looks(story)).toEqual([]);
  expect([...story.state.sessions.values()].every(({ pointedTo }) => pointedTo === null)).toBe(true);
  expect([story.state.strays.size, story.state.crowd.ready.size]).toEqual([12, 0]);
  story.submit("job", PLAIN, 200);
  expect(story.out()).toEqual([]);
  join(story, 13);
  expect(told(story.asked("closeSession") as never)).toEqual([["s13", "b"]]);
});

test("[CE8] [CE11] a coordinator that has done its part of a job gives its tabs to the one that has a part left, after a while", () => {
  const story = new Story();
  crowd(story, 6);
  const part = partIdOf("W".repeat(24), 0);
  story.submit(part, PLAIN, 40);
  story.answerAll();
  expect(story.jobState(part)).toBe("done");
  looks(story, [BUSY], ownLoad(story.state).share);
  story.nowMs += SHARE_KEPT_MS;
  looks(story, [BUSY], ownLoad(story.state).share);
  expect(ownLoad(story.state)).toMatchObject({ jobs: 0, share: 0 });
  const before = story.state.sessions.size - story.state.strays.size;
  expect(looks(story)).toHaveLength(before);
  expect(ownLoad(story.state).tabs).toBe(0);
});

test("[CE8] nobody is placed while a coordinator of a former version is there, or where this one is not to be pointed to", () => {
  const story = new Story();
  crowd(story, 4);
  expect(looks(story, [BUSY, { name: "old", jobs: 1, tabs: 1, share: null }])).toEqual([]);
  expect(told(story.happen({ type: "cellsLooked", own: "", cells: [BUSY] }))).toEqual([]);
  expect([story.state.strays.size, story.state.crowd.ready.size]).toEqual([0, 4]);
  expect(looks(story)).toHaveLength(4);
});

test("[CE8] who has no home point is served where it is", () => {
  const story = new Story();
  story.crowd(3);
  expect(looks(story)).toEqual([]);
  expect(story.state.crowd.ready.size).toBe(3);
});

test("[CE8] [CC7] rows wait for movers where the part that is here grows by a quarter, twice as long where another one is gone, and for no smaller step", () => {
  const at = (share: number, others: readonly CellLoad[], story: Story) => {
    looks(story, others, share);
    return story.state.tabsBackMs - story.nowMs;
  };
  const story = new Story();
  const { comeBackMs } = story.state.settings;
  const b = (share: number) => ({ ...BUSY, share });
  expect(at(1, [b(1)], story)).toBeLessThan(0);
  expect(at(3, [b(1)], story)).toBe(comeBackMs / 2);
  story.nowMs += comeBackMs;
  // Nine tenths of all are not much more than three quarters.
  expect(at(9, [b(1)], story)).toBeLessThan(0);
  expect(at(1, [b(9)], story)).toBeLessThan(0);
  expect(at(1, [], story)).toBe(comeBackMs);
});
