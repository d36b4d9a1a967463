/** Whose result is given to somebody else too, who may give the opinion, and when nobody is asked any more. */
import { expect, test } from "vitest";
import { refreshCrowd } from "../../../coordinator/crowd/keep-crowd.ts";
import type { Session } from "../../../coordinator/state.ts";
import { batchSource, Story, SYSTEMATIC } from "../../../coordinator/testing/story.ts";
import { outOf } from "../../../coordinator/testing/verdicts.ts";
import { batchBound } from "./batch-bounds.ts";
import type { Slot } from "./job.ts";
import { giveUpOpinions, mayGiveOpinion, wantsOpinion } from "./second-opinions.ts";

function begin(submission: Record<string, unknown> = {}, settings = {}) {
  const story = new Story({ settings });
  story.crowd(8);
  story.submit("job", { ...SYSTEMATIC, ...submission }, 40);
  const job = story.job("job");
  const round = job.openRounds.get(0)!;
  const wants = (source: Partial<ReturnType<typeof batchSource>>, draw: number, workerIndex = 0) =>
    wantsOpinion(story.state, job, round, round.slots[workerIndex]!, { ...batchSource("v1"), ...source }, draw);
  return { story, job, round, wants };
}

test("[VF7] the drawn share is asked, not one draw more, of whoever has no record", () => {
  const { story, wants } = begin();
  const share = story.state.settings.secondOpinionShare;
  expect(wants({}, 0)).toBe(true);
  expect(wants({}, share - 1e-9)).toBe(true);
  expect(wants({}, share)).toBe(false);
  expect(wants({ volunteerId: "forgotten" }, 0)).toBe(true);
});

test("[VF7] [VF10] what nothing has checked is asked whatever the draw, but never a parity, nor where nothing is audited", () => {
  const { wants } = begin();
  expect(wants({ auditedRows: 0 }, 0.999)).toBe(true);
  expect(wants({ auditedRows: 0 }, 0, 4)).toBe(false);
  for (const scheme of ["uncoded", "replication", "approxifer", "spline"]) {
    const other = begin({ scheme, ...(scheme === "replication" ? { queriesPerGroup: 2 } : { liars: 0 }) });
    expect(other.wants({ auditedRows: 0 }, 0), scheme).toBe(false);
  }
});

test("[VF7] whose record reaches the job's bound is not asked for another's word, nor is a batch that reaches it by itself", () => {
  const { story, wants } = begin();
  const volunteer = story.state.volunteers.get("v1")!;
  volunteer.auditsPassed = 40; // one short of the 41 that a bound of 1e-3 takes
  expect(wants({}, 0)).toBe(true);
  volunteer.auditsPassed = 41;
  expect(wants({}, 0)).toBe(false);
  volunteer.auditsPassed = 0;
  expect(wants({ auditedRows: 10 }, 0)).toBe(false);
  // Exactly the bound is within it.
  const reached = batchBound(story.state, batchSource("v1"), 10);
  expect(begin({ answerBound: reached }).wants({}, 0)).toBe(false);
  expect(begin({ answerBound: 0.99 * reached }).wants({}, 0)).toBe(true);
});

test("[VF8] an opinion comes of another volunteer, of another network where networks are known, and once of each", () => {
  const accepted = { ...batchSource("v1"), assignmentId: 1, addressGroup: "school" };
  const slot = { workerIndex: 0, attempts: new Set(), accepted, tried: new Set(["v4"]), opinionsAsked: 0 } as Slot;
  const may = (volunteerId: string, addressGroup: string | null, of: Slot = slot) =>
    mayGiveOpinion(new Story().state, of, { volunteerId, addressGroup } as Session);
  expect(may("v2", "home")).toBe(true);
  expect(may("v1", "home")).toBe(false);
  expect(may("v2", "school")).toBe(false);
  // Not even where somebody else was asked in vain.
  expect(may("v2", "school", { ...slot, opinionsAsked: 1 })).toBe(false);
  expect(may("v2", null)).toBe(true);
  expect(may("v4", "home")).toBe(false);
  const unknown = { ...slot, accepted: { ...accepted, addressGroup: null } };
  expect(may("v2", null, unknown)).toBe(true);
  expect(may("v2", "home", { ...slot, accepted: null })).toBe(false);
});

/** An opinion on worker index 0 is out. */
function asked() {
  const { story, job, round } = begin();
  story.draw = 0;
  story.answer(outOf(story, 0)[0]!, 1);
  story.draw = 0.9;
  expect([...round.opinionsWanted]).toEqual([0]);
  return { story, job, round, slot: round.slots[0]! };
}

test("[VF7] three volunteers are asked in vain, then the batch stays without", () => {
  const { story, round, slot } = asked();
  const vain = [];
  for (let n = 0; n < 6 && round.opinionsWanted.size > 0; n++) {
    for (const sent of story.out().filter(({ workerIndex }) => workerIndex > 0)) story.answer(sent, 1);
    const [sent] = outOf(story, 0);
    if (sent === undefined) break;
    vain.push(sent.sessionId);
    const { sessionId, assignmentId } = sent;
    story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" });
  }
  expect(new Set(vain).size).toBe(3);
  expect(slot).toMatchObject({ opinionsAsked: 3, accepted: { opinionBy: null } });
  expect(story.job("job").finishedRounds.size).toBe(1);
});

test("[VF7] nobody is given up on who is at it, or may still be asked; whoever rests or has left may not", () => {
  const { story, round, slot } = asked();
  const giveUp = () => {
    const step = story.step();
    giveUpOpinions(step, story.job("job"));
    return [...step.touched.keys()];
  };
  expect(giveUp()).toEqual([]);
  slot.attempts.clear();
  expect(giveUp()).toEqual([]);
  const others = [...story.state.sessions.values()].filter((session) => mayGiveOpinion(story.state, slot, session));
  expect(others.length).toBeGreaterThan(0);
  const pause = (isPaused: boolean) => {
    for (const session of others) {
      session.available = !isPaused;
      refreshCrowd(story.state, session);
    }
  };
  pause(true);
  slot.attempts.add(1_000); // somebody is at it after all: that is waited for, though nobody else is left
  expect(giveUp()).toEqual([]);
  slot.attempts.clear();
  expect(giveUp()).toEqual([round]);
  expect(round.opinionsWanted.size).toBe(0);
  // What stands for it was taken out meanwhile: there is nothing to have an opinion of.
  pause(false);
  round.opinionsWanted.add(0);
  expect(giveUp()).toEqual([]);
  slot.accepted = null;
  expect(giveUp()).toEqual([round]);
});
