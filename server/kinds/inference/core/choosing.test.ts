/** Volunteers that choose: what they are sent, and what they do not check. */
import { describe, expect, test } from "vitest";
import { GONE_CHOOSERS_MAX } from "../../../../shared/protocol/limits.ts";
import { storedVolunteer } from "../../../coordinator/persistence.ts";
import { volunteerRecord } from "../../../coordinator/testing/records.ts";
import { Story } from "../../../coordinator/testing/story.ts";
import { wronglyKept } from "../../../coordinator/testing/walked-crowd.ts";
import { begun, checkedJob, crowd, toEnd, withDuplicates } from "../testing/cross-checked-story.ts";
import { crowdFactsOf } from "./crowd-facts.ts";
import { lackOfTabs } from "./queue.ts";

const JOB = { scheme: "uncoded", queriesPerGroup: 1, stragglers: 0, liars: 0 };
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
    story.submit("adas", { ...JOB, submitter: "ada" }, 60);
    story.submit("bobs", { ...JOB, submitter: "bob" }, 60);
    story.answerAll();
    expect(new Set(sentTo(story, "s1").map(({ jobId }) => jobId))).toEqual(new Set(["adas"]));
    expect(story.jobState("adas")).toBe("done");
    expect(story.jobState("bobs")).toBe("done");
    expect(wronglyKept(story.state)).toEqual([]);
  });

  test("a no while a batch is out voids it, tells the tab, and somebody else gets it; other jobs go on", () => {
    const story = new Story();
    story.crowd(2);
    story.submit("job", { ...JOB, groupsPerRound: 1 }, 8);
    const held = story.out().find(({ sessionId }) => sessionId === "s1")!;
    const effects = choose(story, 1, { projects: null, refused: ["job"] });
    expect(effects).toContainEqual(
      expect.objectContaining({ type: "voidAssignment", assignmentId: held.assignmentId, tell: true }),
    );
    const before = sentTo(story, "s1").length;
    story.answerAll();
    expect(story.jobState("job")).toBe("done");
    expect(sentTo(story, "s1")).toHaveLength(before);
    story.submit("next", JOB, 8);
    expect(sentTo(story, "s1").at(-1)?.jobId).toBe("next");
  });

  test("a volunteer that comes with its choice is sent nothing else, whichever session says it", () => {
    const story = new Story();
    story.submit("bobs", { ...JOB, submitter: "bob" }, 8);
    story.join(1, "first");
    story.join(1, "second");
    expect(story.out()).not.toEqual([]);
    story.happen({ type: "choiceChanged", sessionId: "second", choice: ADAS });
    expect(story.out()).toEqual([]);
    story.happen({ type: "choiceChanged", sessionId: "first", choice: null });
    expect(story.out()).not.toEqual([]);
  });

  test("a no to what is not at work changes nothing", () => {
    const story = new Story();
    story.crowd(1);
    choose(story, 1, { projects: null, refused: ["unknown"] });
    expect(story.state.volunteers.get("v1")).toMatchObject({ choice: null, choseUntilMs: null });
  });
});

describe("[WC2] [WC3] who chose a job does not check it", () => {
  test("no second opinion is asked of it, though it idles; one that the operator let in is asked", () => {
    for (const isAdmitted of [false, true]) {
      const story = new Story();
      story.crowd(5);
      for (let n = 1; n <= 5; n++) choose(story, n, ADAS);
      story.submit("job", { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0, submitter: "ada" }, 40);
      const sent = story.out();
      story.happen({
        ...{ type: "sessionOpened", sessionId: "s6", volunteerId: "v6", nickname: "", team: "", backend: "wasm" },
        ...{ addressGroup: null, invitationSha256: null, choice: ADAS, isAdmitted },
      });
      story.happen({ type: "sessionProbed", sessionId: "s6", precision: "float32" });
      const before = sentTo(story, "s6").length;
      story.draw = 0; // every result wants an opinion
      story.answer(sent.find(({ workerIndex }) => workerIndex === 0)!, 1);
      expect(sentTo(story, "s6").length > before, `admitted: ${isAdmitted}`).toBe(isAdmitted);
    }
  });

  test("one that chose, did nothing and went is no stranger when it comes back, whichever way it stopped choosing", () => {
    for (const stopsBefore of [true, false]) {
      const story = new Story();
      story.crowd(5);
      const options = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0, submitter: "ada" };
      story.submit("job", options, 40);
      const sent = story.out();
      const comes = (choice: typeof ADAS | null) => {
        story.happen({
          ...{ type: "sessionOpened", sessionId: "s6", volunteerId: "v6", nickname: "", team: "", backend: "wasm" },
          ...{ addressGroup: null, invitationSha256: null, choice },
        });
      };
      comes(ADAS);
      if (stopsBefore) choose(story, 6, null);
      story.happen({ type: "sessionClosed", sessionId: "s6" });
      comes(null);
      story.happen({ type: "sessionProbed", sessionId: "s6", precision: "float32" });
      const before = sentTo(story, "s6").length;
      story.draw = 0; // every result wants an opinion
      story.answer(sent.find(({ workerIndex }) => workerIndex === 0)!, 1);
      expect(sentTo(story, "s6").length, `stops before it goes: ${stopsBefore}`).toBe(before);
    }
  });

  test("of keys that chose and went only the latest are kept, and none when no job that they chose is at work", () => {
    const story = new Story();
    story.crowd(5);
    story.submit("job", { ...JOB, submitter: "ada" }, 8);
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
    story.submit("next", { ...JOB, submitter: "ada" }, 8);
    passesBy(-1);
    expect([...story.state.goneChoosers]).toEqual(["by--1"]);
    expect(story.state.volunteers.size).toBe(known + 1);
  });

  test("rows go to no partner that chose, nor to one that chose while the job ran; it goes on after a restart", () => {
    const story = begun({}, 8);
    story.happen({ type: "choiceChanged", sessionId: "s1", choice: { projects: ["anonymous"], refused: [] } });
    story.happen({ type: "choiceChanged", sessionId: "s2", choice: { projects: ["anonymous"], refused: [] } });
    story.happen({ type: "choiceChanged", sessionId: "s2", choice: null });
    toEnd(story);
    const senders = new Set(withDuplicates(story).map(({ volunteerId }) => volunteerId));
    expect(senders.size).toBeGreaterThan(3);
    expect(senders.has("v1") || senders.has("v2")).toBe(false);
    expect(story.jobState("job")).toBe("done");
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

describe("[WC4] jobs that mostly choosers serve", () => {
  test("are audited: their results have no coins, though enough addresses are there", () => {
    const story = crowd();
    for (let n = 13; n <= 30; n++) {
      story.join(n, `s${n}`, { addressGroup: `address ${n}` });
      choose(story, n, { projects: ["anonymous"], refused: [] });
    }
    story.submitJob(checkedJob());
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    expect(story.asked("audit").every(({ randomRows }) => randomRows > 0)).toBe(true);
    expect(withDuplicates(story)).toEqual([]);
  });
});

describe("[WC5] estimates and waits count who takes the job", () => {
  test("a job that nobody takes says so, and facts of the crowd leave the others out", () => {
    const story = new Story();
    story.crowd(3);
    for (let n = 1; n <= 3; n++) choose(story, n, ADAS);
    story.submit("bobs", { ...JOB, submitter: "bob" }, 8);
    expect(lackOfTabs(story.state, story.job("bobs"))?.waitingFor).toMatch(
      /3 of the 3 ready volunteers work only for other/,
    );
    choose(story, 3, null);
    expect(lackOfTabs(story.state, story.job("bobs"))).toBeNull();
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
