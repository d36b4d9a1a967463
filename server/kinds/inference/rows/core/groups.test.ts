/** Coded jobs on the ledger, as stories: votes, copies, and mixtures beside rows. */
import { describe, expect, test } from "vitest";
import { COORDINATOR } from "../../core/job.ts";
import { RowsStory, type RowsStoryOptions } from "../testing/rows-story.ts";
import type { RowClaim, RowsWork } from "../work.ts";
import { purgeRows } from "./trust.ts";
import { rowsWaits } from "./waits.ts";

const LARGE = { macsPerQuery: 1e9 };
const VOTES = { scheme: "replication", queriesPerGroup: 4, stragglers: 1, liars: 1 };
const COPIES = { scheme: "replication", queriesPerGroup: 4, stragglers: 1, liars: 0 };
const APPROXIFER = { scheme: "approxifer", queriesPerGroup: 3, stragglers: 1, liars: 0 };
const PARM = { scheme: "parm", queriesPerGroup: 4, stragglers: 1, liars: 0 };
const PARITIES = { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 0, spares: "parities" };

function begun(submission: object, rows: number, tabs: number, options: RowsStoryOptions = {}): RowsStory {
  const story = new RowsStory(options);
  story.crowd(tabs);
  story.submit("job", rows, LARGE, submission);
  return story;
}

/** One tab is slow with rows. In a fast job mixtures go out before these. */
const isSlow = ({ sessionId, payload }: { sessionId: string; payload: unknown }) =>
  sessionId === "s1" && (payload as RowClaim).rows.some(({ as, of }) => as === "answer" && of === undefined);

/** All answer but one tab, and those that have its rows beside: half a median response passes. */
function answerBesideSlow(story: RowsStory): void {
  const placesAt = (sent: ReturnType<RowsStory["out"]>[number]) =>
    story.rowsOf(sent).flatMap(({ place, as }) => (as === "answer" ? [place] : []));
  story.answerAll((sent) => {
    const slow = new Set(story.out().filter(isSlow).flatMap(placesAt));
    return placesAt(sent).some((place) => slow.has(place));
  });
  story.pass(2_500);
}

const marksIn = (story: RowsStory) => [...new Set(story.durableRows("job").map(({ mark }) => mark))].sort();
const isLiar = (volunteerId: string) => volunteerId === "v1";

describe("votes", () => {
  test("a third volunteer decides where two differ: every row has a majority at the end", () => {
    // Rows that the coordinator knows it has right, so that it votes at all.
    const story = begun(VOTES, 60, 4, { lies: (volunteerId, place) => isLiar(volunteerId) && place % 7 === 5 });
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job")).toHaveLength(60);
    const decoded = story.asked("decodeGroups").flatMap(({ groups }) => groups.map(({ group }) => group));
    expect(decoded.length).toBeGreaterThan(new Set(decoded).size);
  });

  test("no volunteer votes twice on a row", () => {
    const story = begun(VOTES, 60, 4, { lies: isLiar });
    story.answerAll();
    const votes = story.asked("takeMixtures").flatMap(({ volunteerId, mixtures }) => {
      return mixtures.map(({ group }) => `${group} ${volunteerId}`);
    });
    expect(new Set(votes).size).toBe(votes.length);
  });

  test("a job whose rows need three volunteers waits with two, says for how many, and ends with a third", () => {
    const story = begun({ ...VOTES, stragglers: 0 }, 60, 2);
    story.answerAll();
    expect(story.stateOf("job")).toBe("running");
    const { waitingFor } = rowsWaits(story.state, story.job("job"));
    const { scheme } = story.job("job").stored.submission;
    expect(waitingFor).toContain(`waiting for tabs: ${scheme} needs 3 different volunteers, 2 are ready`);
    expect(story.effects.filter(({ type }) => type === "sendAssignment")).toEqual([]);
    story.join(3);
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
  });

  test("of a volunteer that is named no vote stands: rows that hung on it have no answer, and are voted on anew", () => {
    const story = begun(VOTES, 60, 5);
    const isOver = () => story.asked("takeMixtures").filter(({ volunteerId }) => volunteerId === "v2").length > 2;
    while (!isOver()) story.answer(story.out()[0]!);
    // A row that it is known to have wrong, in another job.
    story.state.volunteers.get("v2")!.quarantine = { atMs: story.nowMs } as never;
    purgeRows({ state: story.state, nowMs: story.nowMs, effects: [] } as never, story.job("job"), "v2");
    story.answerAll();
    const dropped = story.asked("dropMixtures").flatMap(({ items }) => items);
    expect(dropped.length).toBeGreaterThan(0);
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job").filter(({ author }) => author !== null)).toHaveLength(60);
  });

  test("[JB3] a vote that comes while a decode without it is at work is counted: no row is left without an answer", () => {
    type WorkEffect = Extract<RowsStory["effects"][number], { type: "work" }>;
    const held: WorkEffect[] = [];
    let isHeld = true;
    const holds = (effect: RowsStory["effects"][number]) =>
      isHeld && effect.type === "work" && (effect.work as RowsWork).type === "decodeGroups" && held.push(effect) > 0;
    const story = begun(VOTES, 60, 5, { holds });
    story.answerAll();
    isHeld = false;
    expect(held.length).toBeGreaterThan(0);
    for (const { effectId, jobId, kind, work } of held) {
      const { groups } = work as Extract<RowsWork, { type: "decodeGroups" }>;
      const differ = groups.map(({ group }) => ({ group, answered: [], undecided: 2, rejected: [] }));
      story.happen({
        type: "outcome",
        kind,
        jobId,
        effectId,
        outcome: { type: "groupsDecoded", groups: differ },
      } as never);
    }
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job").filter(({ author }) => author !== null)).toHaveLength(60);
  });

  test("[RS1] after a restart what a majority or a code said is an answer, and neither final nor the coordinator's", () => {
    for (const submission of [VOTES, { scheme: "approxifer", queriesPerGroup: 3, stragglers: 1 }]) {
      const story = begun(submission, 60, 6);
      const ofCode = () =>
        story.durableRows("job").filter(({ author, mark }) => author === COORDINATOR && mark !== "exact");
      for (let n = 0; n < 30 && ofCode().length < 3; n++) story.answer(story.out()[0]!);
      const byCode = ofCode();
      expect(byCode.length).toBeGreaterThan(0);
      const { ledger } = story.restart().job("job");
      for (const { place } of byCode)
        expect([ledger?.stateOf(place), ledger?.authorOf(place)]).toEqual(["answered", null]);
    }
  });

  test("[RS1] after a restart rows that had a majority are not asked again", () => {
    const story = begun(VOTES, 60, 4);
    for (let n = 0; n < 8; n++) story.answer(story.out()[0]!);
    const answered = story.durableRows("job").length;
    expect(answered).toBeGreaterThan(0);
    const after = story.restart();
    after.crowd(4);
    after.answerAll();
    expect(after.stateOf("job")).toBe("done");
    expect(after.durableRows("job")).toHaveLength(60);
    const again = after.asked("decodeGroups").flatMap(({ groups }) => groups.flatMap(({ places }) => places));
    expect(again.length).toBeLessThanOrEqual(60 - answered);
  });
});

test("of two copies the first answers, and its row is its volunteer's", () => {
  const story = begun(COPIES, 60, 4);
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
  const byTabs = story.durableRows("job").filter(({ mark }) => mark === "unchecked");
  expect(byTabs.length).toBeGreaterThan(40);
  expect(byTabs.every(({ author }) => author?.startsWith("v"))).toBe(true);
});

test("[SC3] mixtures alone: of a spline's estimates a drawn share is computed here, and says what the others are worth", () => {
  const story = begun({ scheme: "spline", queriesPerGroup: 3, stragglers: 2, liars: 0 }, 600, 6);
  story.answerAll();
  story.pass(60_000);
  const { state, heldOutAgreed, heldOutTotal } = story.job("job").stored;
  const drawn = story.asked("recompute").flatMap(({ rows }) => rows.filter(({ why }) => why === "estimate"));
  expect([state, heldOutTotal]).toEqual(["done", drawn.length]);
  expect(heldOutAgreed).toBe(drawn.filter(({ place }) => place % 2 === 0).length);
  // 600 rows at .05: 30, within five standard errors.
  expect(Math.abs(heldOutTotal - 30)).toBeLessThan(27);
  const exact = new Set(story.durableRows("job").flatMap(({ place, mark }) => (mark === "exact" ? [place] : [])));
  expect(drawn.every(({ place }) => exact.has(place))).toBe(true);
});

test("[SC3] of a spline of few rows one is computed here", () => {
  const story = begun({ scheme: "spline", queriesPerGroup: 3, stragglers: 2, liars: 0 }, 12, 6);
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
  expect(story.job("job").stored.heldOutTotal).toBeGreaterThan(0);
});

test("mixtures alone: a job whose claims came back from most of those who are there does not stand still", () => {
  const story = begun(APPROXIFER, 60, 5);
  const isOfThree = ({ sessionId }: { sessionId: string }) => ["s1", "s2", "s3"].includes(sessionId);
  for (let n = 0; n < 12; n++) {
    const sent = story.out().find(isOfThree);
    if (sent === undefined) break;
    const { sessionId, assignmentId } = sent;
    story.happen({ type: "assignmentReturned", sessionId, assignmentId });
  }
  for (let n = 0; n < 20 && story.stateOf("job") === "running"; n++) {
    story.answerAll();
    story.pass(60_000);
  }
  expect(story.stateOf("job")).toBe("done");
  expect(story.durableRows("job").filter(({ author }) => author !== null)).toHaveLength(60);
});

describe("mixtures beside rows", () => {
  test("[ES4] estimates are told after half a median response, and a row's own answer takes the place of its estimate", () => {
    const story = begun(PARITIES, 400, 6);
    answerBesideSlow(story);
    expect(marksIn(story)).toContain("estimated");
    expect(story.asked("takeDecoded").length).toBeGreaterThan(0);
    story.answerAll();
    for (let n = 0; n < 40 && story.stateOf("job") === "running"; n++) {
      story.pass(10_000);
      story.answerAll(isSlow);
    }
    expect(story.stateOf("job")).toBe("done");
    expect(marksIn(story)).not.toContain("estimated");
  });

  test("one mixture of each part is computed again before a decoder sees any of it", () => {
    const story = begun(PARITIES, 400, 6);
    story.answerAll(({ sessionId }) => sessionId === "s1");
    const looked = story.asked("recompute").flatMap(({ rows }) => rows.filter(({ why }) => why === "mixture"));
    expect(looked.length).toBeGreaterThan(0);
    expect(looked.every(({ of, words }) => of !== undefined && words.length === 1)).toBe(true);
  });

  test("who computes mixtures wrongly is named for it", () => {
    const story = begun(PARITIES, 400, 6, { lies: (volunteerId, place) => isLiar(volunteerId) && place >= 2 ** 40 });
    story.answerAll();
    for (let n = 0; n < 40 && story.stateOf("job") === "running"; n++) {
      story.pass(10_000);
      story.answerAll();
    }
    expect(story.stateOf("job")).toBe("done");
    const tookMixtures = story.asked("takeMixtures").some(({ volunteerId }) => isLiar(volunteerId));
    expect([...story.state.crowd.named]).toEqual(tookMixtures ? ["v1"] : []);
  });
});

describe("[SC6] estimates that stay", () => {
  const FAST = { ...PARITIES, completion: "fast" };
  /** Its block stays open: its sample is never answered. */
  const OPEN: RowsStoryOptions = {
    holds: (effect) => {
      const work = effect.type === "work" ? (effect.work as RowsWork) : null;
      return work?.type === "recompute" && work.rows.some(({ why }) => why === "sample");
    },
  };
  const estimated = (story: RowsStory) => story.durableRows("job").filter(({ mark }) => mark === "estimated");

  test("a row of a slow tab is answered by the code, and nobody is asked for it any more", () => {
    const story = begun(FAST, 400, 6, OPEN);
    answerBesideSlow(story);
    const byCode = estimated(story).map(({ place }) => place);
    expect(byCode.length).toBeGreaterThan(0);
    const { ledger } = story.job("job");
    for (const place of byCode) expect([ledger?.stateOf(place), ledger?.authorOf(place)]).toEqual(["answered", null]);
    const asked = story.effects.length;
    story.answerAll();
    const since = story.effects.slice(asked).flatMap((effect) => {
      return effect.type === "sendAssignment" ? story.rowsOf(effect).map(({ place }) => place) : [];
    });
    for (const place of byCode) expect(since).not.toContain(place);
  });

  test("the job ends with them, and all else is final", () => {
    const story = begun(FAST, 400, 6);
    answerBesideSlow(story);
    for (let n = 0; n < 40 && story.stateOf("job") === "running"; n++) {
      story.pass(10_000);
      story.answerAll(isSlow);
    }
    expect(story.stateOf("job")).toBe("done");
    expect(marksIn(story)).toContain("estimated");
    const finals = story.durableRows("job").filter(({ isFinal }) => isFinal);
    expect(finals).toHaveLength(400 - estimated(story).length);
  });

  test("[SC4] rows that were estimated with what a named volunteer answered are asked for themselves", () => {
    const story = begun(FAST, 400, 6, OPEN);
    answerBesideSlow(story);
    const before = estimated(story).map(({ place }) => place);
    expect(before.length).toBeGreaterThan(0);
    const { ledger } = story.job("job");
    const groups = new Set(before.map((place) => ledger!.groupOf(place)));
    const members = [...groups].flatMap((group) => ledger!.placesOf(group!));
    const author = members.map((place) => ledger!.authorOf(place)).find((one) => one !== null && one !== "v1")!;
    story.state.volunteers.get(author)!.quarantine = { atMs: story.nowMs } as never;
    const hung = [...groups].filter((group) => ledger!.placesOf(group!).some((at) => ledger!.authorOf(at) === author));
    const lost = before.filter((place) => hung.includes(ledger!.groupOf(place)));
    purgeRows({ state: story.state, nowMs: story.nowMs, effects: [] } as never, story.job("job"), author);
    story.leave(`s${author.slice(1)}`);
    expect(lost.length).toBeGreaterThan(0);
    for (const place of lost) expect(["waiting", "out"]).toContain(ledger!.stateOf(place));
    story.answerAll();
    const after = new Map(story.durableRows("job").map((row) => [row.place, row]));
    for (const place of lost)
      expect([after.get(place)?.attempt, after.get(place)?.author === null]).toEqual([1, false]);
  });

  test("[RS1] after a restart estimates stand, are never final, and no device is measured by them", () => {
    const story = begun(FAST, 400, 6);
    answerBesideSlow(story);
    const before = estimated(story).map(({ place }) => place);
    expect(before.length).toBeGreaterThan(0);
    const after = story.restart();
    after.crowd(6);
    for (let n = 0; n < 40 && after.stateOf("job") === "running"; n++) {
      after.answerAll();
      after.pass(10_000);
    }
    expect(after.stateOf("job")).toBe("done");
    const asked = after.effects.flatMap((effect) =>
      effect.type === "sendAssignment" ? after.rowsOf(effect).map(({ place }) => place) : [],
    );
    for (const place of before) expect(asked).not.toContain(place);
    expect(estimated(after).map(({ place }) => place)).toEqual(before);
    for (const row of after.durableRows("job")) expect(row.isFinal).toBe(row.mark !== "estimated");
  });
});

describe("[SC2] a parity model", () => {
  const PARITY = { parity: { modelSha256: "pa".repeat(32), macsPerQuery: 3e9 }, ...LARGE };
  function parm(options: RowsStoryOptions = {}, submission: object = {}): RowsStory {
    const story = new RowsStory(options);
    story.crowd(6);
    story.submit("job", 400, PARITY, { ...PARM, ...submission });
    return story;
  }
  const claimOf = ({ payload }: { payload: unknown }) => payload as RowClaim;

  test("computes sums alone: a claim has rows of the model, or sums for the other one", () => {
    const story = parm();
    story.answerAll();
    const claims = story.effects.flatMap((effect) => (effect.type === "sendAssignment" ? [claimOf(effect)] : []));
    const ofModel = (sha256: string) => claims.filter(({ modelSha256 }) => modelSha256 === sha256);
    const { modelSha256 } = story.job("job").stored;
    expect(ofModel(PARITY.parity.modelSha256).length).toBeGreaterThan(0);
    expect(ofModel(modelSha256).length + ofModel(PARITY.parity.modelSha256).length).toBe(claims.length);
    for (const { rows } of ofModel(modelSha256)) expect(rows.every(({ of }) => of === undefined)).toBe(true);
    for (const { rows } of ofModel(PARITY.parity.modelSha256))
      expect(rows.every(({ of }) => of !== undefined)).toBe(true);
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job").every(({ isFinal }) => isFinal)).toBe(true);
  });

  test("one sum of each part is computed again, and who is wrong there is named", () => {
    const story = parm({ lies: (volunteerId, place) => volunteerId !== "v1" && place >= 2 ** 40 });
    answerBesideSlow(story);
    for (let n = 0; n < 40 && story.stateOf("job") === "running"; n++) {
      story.pass(10_000);
      story.answerAll();
    }
    const looked = story.asked("recompute").flatMap(({ rows }) => rows.filter(({ why }) => why === "mixture"));
    expect(looked.length).toBeGreaterThan(0);
    expect(story.state.crowd.named.size).toBeGreaterThan(0);
    expect(story.state.crowd.named).not.toContain("v1");
  });

  test("in a fast job its estimates stay", () => {
    const story = parm({}, { completion: "fast" });
    answerBesideSlow(story);
    for (let n = 0; n < 40 && story.stateOf("job") === "running"; n++) {
      story.answerAll(isSlow);
      story.pass(2_000);
    }
    expect(story.stateOf("job")).toBe("done");
    expect(marksIn(story)).toContain("estimated");
  });
});

test("[SC5] groups are made of the places that were found alike", () => {
  const order = Array.from({ length: 60 }, (_, at) => (at * 7) % 60);
  const story = begun(PARITIES, 60, 6, { order });
  story.answerAll();
  const groups = story.asked("decodeGroups").flatMap((asked) => asked.groups);
  for (const { group, places } of groups) expect(places).toEqual(order.slice(4 * group, 4 * group + 4));
  expect(story.job("job").stored.state).toBe("done");
});
