/** Volunteers that choose: what they are sent, and what they do not check. */
import { describe, expect, test } from "vitest";
import { GONE_CHOOSERS_MAX } from "../../../../shared/protocol/limits.ts";
import { storedVolunteer } from "../../../coordinator/persistence.ts";
import { volunteerRecord } from "../../../coordinator/testing/records.ts";
import { PLAIN, Story } from "../../../coordinator/testing/story.ts";
import { wronglyKept } from "../../../coordinator/testing/walked-crowd.ts";
import { rowsWaits } from "../rows/core/waits.ts";
import { RowsStory } from "../rows/testing/rows-story.ts";
import { crowdFactsOf } from "./crowd-facts.ts";

const JOB = PLAIN;
const ADAS = { projects: ["ada"], refused: [] };

const chosen = (submitter: string) => ({ jobId: "new", submission: { kind: "inference", submitter } });

const sentTo = (story: Story, sessionId: string) =>
  story.asked("sendAssignment").filter((sent) => sent.sessionId === sessionId);

function choose(story: Story, n: number, choice: { projects: string[] | null; refused: string[] } | null) {
  return story.happen({ type: "choiceChanged", sessionId: `s${n}`, choice });
}

describe("[WC1] what a volunteer takes", () => {
  test("who names projects is sent work of these alone, and the others serve the rest", () => {
    const story = new Story();
    story.crowd(4);
    choose(story, 1, ADAS);
    story.submit("adas", { ...JOB, submitter: "ada" }, 600);
    story.submit("bobs", { ...JOB, submitter: "bob" }, 600);
    story.answerAll();
    expect(new Set(sentTo(story, "s1").map(({ jobId }) => jobId))).toEqual(new Set(["adas"]));
    expect(story.jobState("adas")).toBe("done");
    expect(story.jobState("bobs")).toBe("done");
    expect(wronglyKept(story.state)).toEqual([]);
  });

  test("a no while a batch is out voids it, tells the tab, and somebody else gets it; other jobs go on", () => {
    const story = new Story();
    story.crowd(2);
    story.submit("job", JOB, 200);
    const held = story.out().find(({ sessionId }) => sessionId === "s1")!;
    const effects = choose(story, 1, { projects: null, refused: ["job"] });
    expect(effects).toContainEqual(
      expect.objectContaining({ type: "voidAssignment", assignmentId: held.assignmentId, tell: true }),
    );
    const before = sentTo(story, "s1").length;
    story.answerAll();
    expect(story.jobState("job")).toBe("done");
    expect(sentTo(story, "s1")).toHaveLength(before);
    story.submit("next", JOB, 200);
    expect(sentTo(story, "s1").at(-1)?.jobId).toBe("next");
  });

  test("a volunteer that comes with its choice is sent nothing else, whichever session says it", () => {
    const story = new Story();
    story.join(1, "first");
    story.join(1, "second");
    story.submit("bobs", { ...JOB, submitter: "bob" }, 200_000);
    expect(story.out()).not.toEqual([]);
    story.happen({ type: "choiceChanged", sessionId: "second", choice: ADAS });
    expect(story.out()).toEqual([]);
    story.happen({ type: "choiceChanged", sessionId: "first", choice: null });
    // It gave back more than it has answered, and rests first.
    story.pass(10_000);
    expect(story.out()).not.toEqual([]);
  });

  test("a no to what is not at work changes nothing", () => {
    const story = new Story();
    story.crowd(1);
    choose(story, 1, { projects: null, refused: ["unknown"] });
    expect(story.state.volunteers.get("v1")).toMatchObject({ choice: null, choseUntilMs: null });
  });
});

describe("[WC2] who chose a job", () => {
  test("of keys that chose and went only the latest are kept, and none when no job that they chose is at work", () => {
    const story = new Story();
    story.crowd(5);
    story.submit("job", { ...JOB, submitter: "ada" }, 200);
    const passesBy = (n: number) => {
      const sessionId = `by-${n}`;
      story.happen({
        ...{ type: "sessionOpened", sessionId, volunteerId: sessionId, nickname: "", team: "", backend: "wasm" },
        ...{ addressGroup: null, invitationSha256: null, choice: ADAS },
      });
      story.happen({ type: "choiceChanged", sessionId, choice: null });
      story.happen({ type: "sessionClosed", sessionId });
    };
    const known = story.state.volunteers.size;
    for (let n = 0; n < GONE_CHOOSERS_MAX + 3; n++) passesBy(n);
    expect(story.state.volunteers.size).toBe(known + GONE_CHOOSERS_MAX);
    expect([0, 3].map((n) => story.state.volunteers.has(`by-${n}`))).toEqual([false, true]);
    story.answerAll();
    expect(story.jobState("job")).toBe("done");
    story.pass(1_000);
    story.submit("next", { ...JOB, submitter: "ada" }, 200);
    passesBy(-1);
    expect([...story.state.goneChoosers]).toEqual(["by--1"]);
    expect(story.state.volunteers.size).toBe(known + 1);
  });

  test("a choice in force is written as such, and counts as one until the restart; jobs that come later are not chosen by it", () => {
    const story = new Story();
    story.crowd(1);
    choose(story, 1, ADAS);
    const stored = storedVolunteer(story.state.volunteers.get("v1")!);
    const next = new Story();
    next.pass(5_000);
    next.happen({
      type: "restored",
      jobs: [],
      volunteers: [volunteerRecord("v1", { choseUntilMs: stored.choseUntilMs })],
    });
    expect(next.state.volunteers.get("v1")).toMatchObject({ choice: null, choseUntilMs: next.nowMs });
  });
});

describe("[WC2] [WC3] [WC4] who chose a job does not check it", () => {
  /** Twelve tabs at addresses of their own; so many have chosen it. @returns who was asked for second words */
  function askedOf(choosers: number): { story: RowsStory; checkers: Set<string> } {
    const story = new RowsStory();
    story.crowd(12);
    for (let n = 1; n <= choosers; n++)
      story.happen({ type: "choiceChanged", sessionId: `s${n}`, choice: { projects: ["anonymous"], refused: [] } });
    story.submit("job", 3_000, { macsPerQuery: 1e9 });
    // Whoever stops choosing then has chosen it all the same.
    if (choosers > 1) story.happen({ type: "choiceChanged", sessionId: "s1", choice: null });
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    const words = story.asked("takeRows").filter(({ words }) => words.length > 0);
    return { story, checkers: new Set(words.map(({ volunteerId }) => volunteerId)) };
  }

  test("nor does one that has stopped choosing since", () => {
    const { checkers } = askedOf(2);
    expect(checkers.size).toBeGreaterThan(3);
    expect(checkers.has("v1") || checkers.has("v2")).toBe(false);
  });

  test("where most of those that are ready chose it nobody is asked: the coordinator answers its coins", () => {
    expect([...askedOf(8).checkers]).toEqual([]);
  });
});

describe("[WC5] estimates and waits count who takes the job", () => {
  test("a job that nobody takes says so, and facts of the crowd leave the others out", () => {
    const story = new Story();
    story.crowd(3);
    for (let n = 1; n <= 3; n++) choose(story, n, ADAS);
    story.submit("bobs", { ...JOB, submitter: "bob" }, 200);
    expect(rowsWaits(story.state, story.job("bobs")).waitingFor).toMatch(
      /3 of the 3 ready volunteers work only for other/,
    );
    choose(story, 3, null);
    expect(rowsWaits(story.state, story.job("bobs")).waitingFor).toBeNull();
    const facts = { nowMs: story.nowMs, modelSha256: null, besides: null };
    expect(crowdFactsOf(story.state, { ...facts, takenBy: chosen("bob") })).toMatchObject({
      volunteersReady: 1,
      choosers: 0,
    });
    expect(crowdFactsOf(story.state, { ...facts, takenBy: chosen("ada") })).toMatchObject({
      volunteersReady: 3,
      choosers: 2,
    });
  });
});
