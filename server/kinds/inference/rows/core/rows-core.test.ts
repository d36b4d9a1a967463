import { describe, expect, test } from "vitest";
import { COORDINATOR } from "../../core/job.ts";
import { RowsStory, type RowsStoryOptions } from "../testing/rows-story.ts";

/** So much work a row that the coordinator does not compute a job by itself. */
const LARGE = { macsPerQuery: 1e9 };
const accountsOf = ({ durable }: RowsStory) => [...durable.accounts.values()].map(({ account }) => account);
const namedIn = ({ state }: RowsStory) => [...state.crowd.named];

function begun(rows: number, options: RowsStoryOptions = {}, tabs = 6): RowsStory {
  const story = new RowsStory(options);
  story.crowd(tabs);
  story.submit("job", rows, LARGE);
  return story;
}

describe("a job on the ledger of rows", () => {
  test("of 40 rows ends final without tabs: its account carries none, and the coordinator computes it at once", () => {
    const story = new RowsStory();
    story.submit("job", 40);
    expect(story.out()).toEqual([]);
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job").every(({ author, isFinal }) => author === COORDINATOR && isFinal)).toBe(true);
    expect(story.job("job").stored.refusal).toMatchObject({ rowsThatSuffice: expect.any(Number) });
  });

  test("of 40 large rows goes to six tabs, and ends without a bound: it says how many rows would suffice", () => {
    const story = begun(40);
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job")).toHaveLength(40);
    expect(story.finalCount("job")).toBeLessThan(40);
    expect(story.job("job").stored.refusal?.rowsThatSuffice).toBeGreaterThan(40);
  });

  test("[CK6] a job that is too dear counts when the coordinator has computed it, once; one that nobody computes does not, however often it is asked for", () => {
    const story = new RowsStory();
    story.crowd(6);
    story.submit("computed", 40);
    story.answerAll();
    expect(accountsOf(story)).toMatchObject([{ places: 40, held: 0 }]);
    for (const jobId of ["first", "second", "third"]) {
      story.submit(jobId, 40, LARGE);
      expect(story.job(jobId).stored.refusal).toBeDefined();
      story.answerAll();
      expect(story.stateOf(jobId)).toBe("done");
    }
    expect(accountsOf(story)).toMatchObject([{ places: 40, held: 0 }]);
  });

  test("[CK6] a job that goes on unchecked, or ends while nobody can answer its coins, charges its block", () => {
    for (const then of ["goOnUnchecked", "cancel"]) {
      const lies = (volunteerId: string, place: number) => volunteerId === "v2" && place % 4 === 0;
      const story = begun(1_000, { lies, verdict: () => "unstable" });
      const { held } = accountsOf(story)[0]!;
      story.answerAll();
      expect(story.job("job").stored.suspended).not.toBeNull();
      if (then === "cancel") story.happen({ type: "jobCancelled", jobId: "job" });
      else {
        story.happen({ type: "request", kind: "inference", jobId: "job", request: { type: then } as never });
        story.answerAll();
      }
      expect(accountsOf(story)).toMatchObject([{ held: 0, charged: held }]);
    }
  });

  test("of 1,000 rows ends final, and its reserve is free again", () => {
    const story = begun(1_000);
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.finalCount("job")).toBe(1_000);
    expect(accountsOf(story)).toMatchObject([{ places: 1_000, held: 0, charged: 0 }]);
  });

  test("[PS1] its terms and its reserve are durable before its first row goes out", () => {
    let isWritten = false;
    const story = begun(1_000, { holds: (effect) => effect.type === "persist" && isWritten });
    const types = story.effects.map(({ type }) => type);
    const opened = story.effects.findIndex(
      (effect) =>
        effect.type === "persist" && effect.records.some((one) => one.kind === "job" && one.record.type === "block"),
    );
    expect(opened).toBeGreaterThan(-1);
    expect(types.indexOf("sendAssignment")).toBeGreaterThan(opened);
    isWritten = true;
  });

  test("[CR1] credit is durable with the rows that it is for", () => {
    const story = begun(1_000);
    story.answerAll();
    const rowsOf = (volunteerId: string) => story.job("job").contributions.get(volunteerId)?.rows ?? 0;
    for (let n = 1; n <= 6; n++) {
      const { creditMacs = 0 } = story.durable.volunteers.get(`v${n}`) ?? {};
      expect(creditMacs).toBeGreaterThanOrEqual(LARGE.macsPerQuery * rowsOf(`v${n}`));
    }
  });

  test("[AS1] parts count at once, and each row once", () => {
    const story = begun(1_000, {}, 1);
    const [sent] = story.out();
    const places = story.rowsOf(sent!).map(({ place }) => place);
    story.part(sent!, [1]);
    story.part(sent!, [1, 0]);
    story.answer(sent!);
    const taken = story.asked("takeRows").flatMap(({ answers, words }) => [...answers, ...words]);
    expect(new Set(taken.map(({ place }) => place)).size).toBe(taken.length);
    expect(taken.length).toBeLessThanOrEqual(places.length);
  });

  test("[EV] the same events give the same effects", () => {
    const one = begun(300, { lies: (volunteerId, place) => volunteerId === "v2" && place % 3 === 0 });
    one.answerAll();
    const other = begun(300, { lies: (volunteerId, place) => volunteerId === "v2" && place % 3 === 0 });
    other.answerAll();
    expect(other.effects).toEqual(one.effects);
  });
});

describe("liars", () => {
  const lies = (volunteerId: string, place: number) => volunteerId === "v2" && place % 4 === 0;

  test("[VF3] one that lies often is named, its rows are asked again, and none of its lies is final", () => {
    const story = begun(1_000, { lies });
    story.answerAll();
    expect(namedIn(story)).toEqual(["v2"]);
    expect(story.stateOf("job")).toBe("done");
    expect(story.wrongFinal("job")).toEqual([]);
    // What of it was computed here too, and was right, stays.
    expect(story.durableRows("job").every(({ author, mark }) => author !== "v2" || mark === "exact")).toBe(true);
  });

  test("the first finding charges the reserve, durable before anybody is named", () => {
    const story = begun(1_000, { lies });
    story.answerAll();
    const [account] = accountsOf(story);
    expect(account!.charged).toBeGreaterThan(0);
    const charged = story.effects.findIndex(
      (effect) =>
        effect.type === "persist" &&
        effect.records.some(
          (one) =>
            one.kind === "job" && JSON.stringify(one.record).includes('"charged"') && one.record.type === "block",
        ),
    );
    const confirmed = story.effects.findIndex((effect) => effect.type === "work" && effect.work.type === "confirmRows");
    expect(charged).toBeGreaterThan(-1);
    expect(confirmed).toBeGreaterThan(charged);
  });

  test("[VF14] a row that nobody can judge suspends the job, and names nobody", () => {
    const story = begun(1_000, { lies, verdict: () => "unstable" });
    story.answerAll();
    expect(namedIn(story)).toEqual([]);
    expect(story.job("job").stored.suspended).not.toBeNull();
    expect(story.out()).toEqual([]);
    story.happen({ type: "request", kind: "inference", jobId: "job", request: { type: "goOnUnchecked" } as never });
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
  });

  test("[VF15] who agrees with the second look is not named", () => {
    const story = begun(1_000, { lies, verdict: () => "agrees" });
    story.answerAll();
    expect(namedIn(story)).toEqual([]);
    expect(story.stateOf("job")).toBe("done");
  });

  test("[PC5] a device that computes every row wrong gets no more, is not named, and gives nothing", () => {
    const story = begun(1_000, { lies: (volunteerId) => volunteerId === "v2" });
    story.answerAll();
    expect(namedIn(story)).toEqual([]);
    expect(story.stateOf("job")).toBe("done");
    expect(story.durableRows("job").every(({ author }) => author !== "v2")).toBe(true);
    expect(accountsOf(story)).toMatchObject([{ charged: 0 }]);
  });

  test("[VF4] a naming in one job takes rows out of another", () => {
    const story = new RowsStory({ lies: (volunteerId, place) => volunteerId === "v2" && place % 4 === 0 });
    story.crowd(6);
    story.submit("job", 1_000, LARGE);
    story.submit("other", 1_000, LARGE, { submitter: "somebody else" });
    story.answerAll();
    expect(namedIn(story)).toEqual(["v2"]);
    for (const jobId of ["job", "other"]) {
      expect(story.stateOf(jobId)).toBe("done");
      expect(story.durableRows(jobId).every(({ author, mark }) => author !== "v2" || mark === "exact")).toBe(true);
      expect(story.wrongFinal(jobId)).toEqual([]);
    }
  });
});

describe("tabs", () => {
  test("[SE3] what one had not answered when it left is for others", () => {
    const story = begun(1_000);
    story.leave(story.out()[0]!.sessionId);
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.finalCount("job")).toBe(1_000);
  });

  test("[AS6] one that is silent is closed and rests, and the job ends without it", () => {
    const story = begun(3_000);
    const silent = story.out()[0]!.sessionId;
    for (let n = 0; n < 200 && story.state.sessions.has(silent); n++) {
      const next = story.out().find(({ sessionId }) => sessionId !== silent);
      if (next !== undefined && n % 10 === 0) story.answer(next);
      story.pass(10_000);
    }
    expect(story.state.sessions.has(silent)).toBe(false);
    expect(story.stateOf("job")).toBe("running");
    for (let n = 0; n < 20; n++) {
      story.answerAll();
      story.pass(10_000);
    }
    expect(story.stateOf("job")).toBe("done");
  });

  test("[RW7] a job whose rows are all final does not wait for one that is silent, or says to be slow", () => {
    const story = begun(1_000);
    const silent = story.out()[0]!.sessionId;
    const since = story.nowMs;
    for (let n = 0; n < 200 && story.stateOf("job") !== "done"; n++) {
      story.answerAll(({ sessionId }) => sessionId === silent);
      story.pass(1_000);
    }
    expect(story.stateOf("job")).toBe("done");
    expect(story.finalCount("job")).toBe(1_000);
    // It is neither late by the patience of a first claim, 30 s, nor void.
    expect(story.nowMs - since).toBeLessThan(60_000);
    expect(story.state.sessions.has(silent)).toBe(true);
  });

  test("[AS11] rows at which all fail are computed by the coordinator", () => {
    const story = begun(300, {}, 3);
    const failing = new Set<number>();
    for (let n = 0; n < 400 && story.stateOf("job") !== "done"; n++) {
      const next = story
        .out()
        .find(({ assignmentId }) => story.state.assignments.get(assignmentId)?.startedMs !== null);
      if (next === undefined) {
        story.pass(60_000);
        continue;
      }
      const isHard = story.rowsOf(next).some(({ place }) => place < 5);
      if (!isHard) {
        story.answer(next, 1);
        continue;
      }
      failing.add(next.assignmentId);
      const { sessionId, assignmentId } = next;
      story.happen({ type: "assignmentFailed", sessionId, assignmentId, message: "out of memory" });
    }
    expect(failing.size).toBeGreaterThan(0);
    expect(story.asked("recompute").some(({ rows }) => rows.some(({ why }) => why === "failed"))).toBe(true);
    expect(story.stateOf("job")).toBe("done");
  });

  test("[CC5] twelve tabs at addresses of their own give second words, and a partner that differs is settled by the coordinator", () => {
    const story = begun(4_000, { lies: (volunteerId, place) => volunteerId === "v2" && place % 10 === 0 }, 12);
    story.answerAll();
    expect(story.asked("compare").length).toBeGreaterThan(0);
    expect(story.stateOf("job")).toBe("done");
    expect(namedIn(story)).toEqual(["v2"]);
    expect(story.wrongFinal("job")).toEqual([]);
  });

  test("second words of several claims are compared together, and after a quarter of a second alone", () => {
    const story = begun(8_000, {}, 12);
    const compared = () => story.asked("compare").flatMap(({ pairs }) => pairs).length;
    const { toCompare } = story.job("job");
    for (let n = 0; n < 400 && toCompare.length === 0; n++) story.answer(story.out()[0]!, 1);
    const [before, waiting] = [compared(), toCompare.length];
    expect(waiting).toBeGreaterThan(0);
    story.pass(250);
    expect([compared(), toCompare.length]).toEqual([before + waiting, 0]);
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(compared() / story.asked("compare").length).toBeGreaterThan(8);
  });
});

describe("the service", () => {
  test("[RS1] killed in the middle, it goes on from what is durable, with reserve and attempts", () => {
    const story = begun(1_000);
    for (let n = 0; n < 20; n++) story.answer(story.out()[0]!);
    const before = story.durableRows("job").filter(({ author }) => author !== null).length;
    expect(before).toBeGreaterThan(0);
    const { held } = accountsOf(story)[0]!;
    expect(held).toBeGreaterThan(0);
    const again = story.restart();
    expect(accountsOf(again)).toMatchObject([{ held, places: 1_000 }]);
    again.crowd(6);
    again.answerAll();
    expect(again.stateOf("job")).toBe("done");
    expect(again.finalCount("job")).toBe(1_000);
    expect(accountsOf(again)).toMatchObject([{ held: 0, charged: 0, places: 1_000 }]);
  });

  test("[RS1] killed again and again, and with a liar, it counts its places once", () => {
    let story = begun(1_000, { lies: (volunteerId, place) => volunteerId === "v2" && place % 9 === 0 });
    for (let n = 0; n < 5; n++) {
      for (let m = 0; m < 12 && story.out().length > 0; m++) story.answer(story.out()[0]!);
      story = story.restart();
      story.crowd(6);
    }
    story.answerAll();
    expect(story.stateOf("job")).toBe("done");
    expect(story.wrongFinal("job")).toEqual([]);
    expect(accountsOf(story)).toMatchObject([{ held: 0, places: 1_000 }]);
  });

  test("two jobs of one submitter share an account: both reserves are held within what is free", () => {
    const story = new RowsStory();
    story.crowd(6);
    story.submit("one", 2_000, LARGE);
    story.submit("two", 2_000, LARGE);
    const [account] = [...story.state.accounts.values()];
    expect(story.state.accounts.size).toBe(1);
    expect(account!.held).toBeLessThanOrEqual(account!.answerBound * account!.places);
    story.answerAll();
    expect([story.stateOf("one"), story.stateOf("two")]).toEqual(["done", "done"]);
    expect([story.finalCount("one"), story.finalCount("two")]).toEqual([2_000, 2_000]);
    expect(accountsOf(story)).toMatchObject([{ places: 4_000, held: 0, charged: 0 }]);
  });

  test("[CK2] a strict job has an account of its own", () => {
    const story = new RowsStory();
    story.crowd(6);
    story.submit("one", 1_000, LARGE, { strict: "yes" });
    story.submit("two", 1_000, LARGE);
    expect(story.state.accounts.size).toBe(2);
  });

  test("[JB2] a cancelled job gives its reserve back once its coins are answered", () => {
    const story = begun(1_000);
    for (let n = 0; n < 10; n++) story.answer(story.out()[0]!);
    story.happen({ type: "jobCancelled", jobId: "job" });
    expect(story.out()).toEqual([]);
    expect(story.stateOf("job")).toBe("cancelled");
    const [account] = accountsOf(story);
    expect(account).toMatchObject({ held: 0, charged: 0 });
    expect(account!.places).toBeLessThan(1_000);
  });

  test("[JB2] what was charged stays so when a job is cancelled", () => {
    const story = begun(1_000, { lies: (volunteerId, place) => volunteerId === "v2" && place % 9 === 0 });
    for (let n = 0; n < 400 && story.out().length > 0 && accountsOf(story)[0]!.charged === 0; n++)
      story.answer(story.out()[0]!);
    story.happen({ type: "jobCancelled", jobId: "job" });
    story.pass(1_000);
    expect(story.stateOf("job")).toBe("cancelled");
    expect(accountsOf(story)).toMatchObject([{ held: 0 }]);
    expect(accountsOf(story)[0]!.charged).toBeGreaterThan(0);
  });

  test("a job that fails charges its reserve: nobody will answer its coins", () => {
    const story = begun(1_000, { holds: (effect) => effect.type === "work" && effect.work.type === "recompute" });
    const asked = story.effects.findLast((effect) => effect.type === "work" && effect.work.type === "recompute");
    const outcome = { type: "recomputeFailed", message: "it does not load" } as never;
    story.happen({ type: "outcome", kind: "inference", jobId: "job", effectId: asked!.effectId, outcome });
    expect(story.stateOf("job")).toBe("failed");
    expect(accountsOf(story)).toMatchObject([{ held: 0 }]);
    expect(accountsOf(story)[0]!.charged).toBeGreaterThan(0);
  });

  test("[DP2] two submitters take turns", () => {
    const story = new RowsStory();
    story.crowd(6);
    story.submit("one", 3_000, LARGE);
    story.submit("two", 3_000, LARGE, { submitter: "somebody else" });
    for (let n = 0; n < 60; n++) story.answer(story.out()[0]!, 5);
    const rows = ["one", "two"].map((jobId) => story.job(jobId).ledger?.counts.answered ?? 0);
    expect(Math.min(...rows)).toBeGreaterThan(0.5 * Math.max(...rows));
  });
});
