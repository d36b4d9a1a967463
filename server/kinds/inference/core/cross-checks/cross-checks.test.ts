import { describe, expect, test } from "vitest";
import { storedVolunteer } from "../../../../coordinator/persistence.ts";
import { takeBackNamings } from "../../../../coordinator/release.ts";
import { Story, type StoryOptions } from "../../../../coordinator/testing/story.ts";
import {
  begun,
  checkedJob,
  comeBack,
  everybodyLeaves,
  idsOf,
  judge,
  quarantineOf,
  ROWS,
  SETTINGS,
  toCheckBatches,
  toEnd,
  withDuplicates,
} from "../../testing/cross-checked-story.ts";
import { groupsInRound } from "../inference-plan.ts";
import { NO_ROUND } from "../work.ts";
import { checksOfVolunteer } from "./bounds.ts";
import { placeOf } from "./checked-job.ts";
import { colluderShareLately } from "./crowd-lately.ts";
import { namedIn } from "./named-in.ts";

/** @returns a story in which a result came with a duplicate, and waits to be judged */
function withOneDuplicate(options: StoryOptions = {}) {
  const story = begun({ ...options, hold: ["audit", ...(options.hold ?? [])] });
  for (let n = 0; n < 2_000; n++) {
    const waiting = story.asked("audit").filter(({ effectId }) => story.job("job").auditsPending.has(effectId));
    const found = waiting.find(({ crossChecked }) => crossChecked?.duplicates[0] != null);
    if (found !== undefined) {
      const of = found.crossChecked!.duplicates[0]!;
      return { story, audit: found, author: of.volunteerId, sender: found.volunteerId };
    }
    for (const audit of waiting) judge(story, audit, null);
    const next = story.out()[0];
    if (next === undefined) break;
    story.answer(next, 1);
  }
  throw new Error("withOneDuplicate: nothing came with a duplicate");
}

describe("[CC1] rules of a job", () => {
  test("one that was there before is audited to its end: every batch has rows recomputed, and no duplicates", () => {
    const story = begun({}, 12, checkedJob({ crossChecks: null }));
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    expect(story.asked("audit").every(({ randomRows, crossChecked }) => randomRows > 0 && !crossChecked)).toBe(true);
    expect(story.asked("settle")).toEqual([]);
  });

  test("are settled before its first row goes out, and durable then", () => {
    const story = begun();
    const { terms } = story.job("job").stored.crossChecks!;
    expect(terms).toMatchObject({ shares: { records: 0 }, checkShare: 0.15 });
    const written = story.asked("persist").flatMap(({ records }) => records);
    const jobs = written.filter((record) => record.kind === "job");
    expect(jobs.at(-1)).toMatchObject({ job: { crossChecks: { terms } } });
  });

  test("one too small for a certificate is audited, and a large one is not", () => {
    const small = begun({ settings: { crossChecks: "where better" } });
    expect(small.job("job").stored.crossChecks).toBeNull();
    const large = begun({ settings: { crossChecks: "where better" } }, 12, checkedJob({}, 20_000));
    expect(large.job("job").stored.crossChecks?.terms).not.toBeNull();
  });

  test("jobs of other schemes are audited as ever; one that leaves estimates is cross-checked", () => {
    const other = begun({}, 12, checkedJob({}, ROWS, { scheme: "approxifer", stragglers: 1 }));
    expect(other.job("job").stored.crossChecks).toBeNull();
    const fast = begun({}, 12, checkedJob({}, ROWS, { completion: "fast" }));
    toEnd(fast);
    expect(fast.jobState("job")).toBe("done");
    const { terms, certificate } = fast.job("job").stored.crossChecks!;
    expect(terms).not.toBeNull();
    expect(certificate).toMatchObject({ named: 0 });
    expect(fast.asked("audit").every(({ randomRows }) => randomRows === 0)).toBe(true);
  });
});

describe("[CC3] which results are cross-checked", () => {
  test("none where the crowd is of fewer than six addresses: each is audited, as ever", () => {
    const story = begun({}, 5);
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    expect(story.asked("audit").every(({ randomRows }) => randomRows > 0)).toBe(true);
    expect(withDuplicates(story)).toEqual([]);
  });

  test("with six addresses a batch has no rows recomputed but for its class and its anchors", () => {
    const story = begun({}, 6);
    toEnd(story);
    const audits = story.asked("audit");
    expect(audits.every(({ randomRows }) => randomRows === 0)).toBe(true);
    // Each volunteer is measured once.
    expect(audits.filter(({ classRows }) => classRows > 0)).toHaveLength(12);
    const anchors = audits.reduce((sum, { crossChecked }) => sum + (crossChecked?.anchors.length ?? 0), 0);
    // .5 / sqrt(800 / 4) of 800 rows are 28.
    expect(anchors).toBeGreaterThan(10);
    expect(anchors).toBeLessThan(60);
  });

  test("the first rows are audited too", () => {
    const story = begun({ settings: { firstAuditedRows: 200 } });
    toEnd(story);
    const audited = story.asked("audit").filter(({ randomRows }) => randomRows > 0);
    expect(audited).toHaveLength(20);
  });

  test("no more of them are where the whole crowd answers before the first of them is judged", () => {
    const story = begun({ hold: ["audit"], settings: { firstAuditedRows: 40 } });
    toEnd(story);
    const audits = story.asked("audit");
    expect(audits.length).toBeGreaterThanOrEqual(12);
    expect(audits.filter(({ randomRows }) => randomRows > 0)).toHaveLength(4);
    // One that fails leaves its rows to others.
    const [first] = audits;
    judge(story, first!, null, 1);
    toEnd(story);
    expect(story.asked("audit").filter(({ randomRows }) => randomRows > 0).length).toBeGreaterThanOrEqual(5);
  });
});

describe("[CC4] [CC5] duplicates", () => {
  test("each row below h goes out again where nobody knows where windows of wide queries end: their rows may stand out", () => {
    const roundSizes = [10, 5].map((groupsPerRound, size) => ({
      ...{ fromRound: 10 * size, firstPlace: 400 * size, groupsPerRound },
    }));
    const counted = (inputSize: number) => {
      const story = begun({}, 12, checkedJob({ roundSizes, inputSize }));
      toEnd(story);
      expect(story.jobState("job")).toBe("done");
      const { finishedRounds, schedule, checks } = story.job("job");
      let below = 0;
      for (const [roundIndex, { sources }] of finishedRounds) {
        const rows = groupsInRound(schedule.planOf(roundIndex), roundIndex);
        sources.forEach((source, workerIndex) => {
          for (let row = 0; row < rows; row++) {
            const place = placeOf(story.job("job"), { roundIndex, workerIndex, row });
            const { attempt } = source!.coins!;
            if (checks!.draws.coin({ place, attempt }) < story.job("job").stored.crossChecks!.terms!.checkShare)
              below++;
          }
        });
      }
      return { below, sent: checks!.duplicatesSent };
    };
    // All of its queries are dealt in secret: a batch with duplicates needs fewer of its own rows checked.
    const ofOneWindow = counted(8);
    expect(ofOneWindow.sent).toBeLessThan(ofOneWindow.below);
    // Some three hundred of these are a window.
    const ofSeveral = counted(200_000);
    expect(ofSeveral.sent).toBeGreaterThanOrEqual(ofSeveral.below);
  });

  test("travel with a batch of somebody else at another address, a few at a time, and come back to be compared", () => {
    const story = begun({}, 6);
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    const audits = withDuplicates(story);
    expect(audits.length).toBeGreaterThan(8);
    for (const { volunteerId, roundIndex, crossChecked } of audits) {
      expect(crossChecked!.duplicates.length).toBeLessThanOrEqual(roundIndex === NO_ROUND ? 10 : 2);
      for (const of of crossChecked!.duplicates) {
        if (of === null) continue;
        expect(Number(of.volunteerId.slice(1)) % 6).not.toBe(Number(volunteerId.slice(1)) % 6);
      }
    }
    const { counts } = story.job("job").checks!;
    const compared = [...counts.values()].flatMap(({ partners }) => [...partners.values()]);
    expect(compared.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
  });

  test("a difference in which the author is off names the author, once it is confirmed, and takes its part out", () => {
    const { story, audit, author, sender } = withOneDuplicate({ hold: ["confirm"] });
    judge(story, audit, { author: "wrong", sender: "fine" });
    expect(quarantineOf(story, author)).toBeNull();
    const confirm = story.asked("confirm").at(-1)!;
    expect(confirm.volunteerIds).toEqual([author]);
    const judged = [{ volunteerId: author, verdict: "differs" as const, spread: 1e-6 }];
    story.happen({ type: "confirmed", ...idsOf(confirm), assignmentId: confirm.assignmentId, judged });
    expect(quarantineOf(story, author)).toMatchObject({ jobId: "job" });
    expect(quarantineOf(story, sender)).toBeNull();
    expect(story.state.assignments.get(audit.assignmentId)?.state).toBe("accepted");
    for (const row of story.job("job").checks!.pool.values())
      expect(row.author === author && row.at === null).toBe(false);
    expect(story.job("job").checks!.caught).toBe(1);
  });

  test("a difference in which the sender is off names the sender, and nothing of its batch is taken in", () => {
    const { story, audit, author, sender } = withOneDuplicate();
    judge(story, audit, { author: "fine", sender: "wrong" }, 1);
    expect(quarantineOf(story, sender)).toMatchObject({ jobId: "job" });
    expect(quarantineOf(story, author)).toBeNull();
    expect(story.state.assignments.get(audit.assignmentId)).toBeUndefined();
  });

  test("a difference within the tolerance names nobody", () => {
    const { story, audit, author, sender } = withOneDuplicate();
    judge(story, audit, { author: "fine", sender: "fine" });
    expect([quarantineOf(story, author), quarantineOf(story, sender)]).toEqual([null, null]);
    expect(story.asked("confirm")).toEqual([]);
  });

  test("whoever had agreed with an answer that was taken out is named where its word was the same lie, and beta rises", () => {
    const { story, audit } = withOneDuplicate({ hold: ["confirm"] });
    const before = colluderShareLately(story.state);
    const coverer = story.asked("audit").find(({ volunteerId }) => volunteerId !== audit.volunteerId)!.volunteerId;
    judge(story, audit, "agrees", 0, [{ volunteerId: coverer, word: "wrong", sender: "fine" }]);
    const confirm = story.asked("confirm").at(-1)!;
    expect(confirm.volunteerIds).toEqual([coverer]);
    const judged = [{ volunteerId: coverer, verdict: "differs" as const, spread: 1e-6 }];
    story.happen({ type: "confirmed", ...idsOf(confirm), assignmentId: confirm.assignmentId, judged });
    expect(quarantineOf(story, coverer)).toMatchObject({ jobId: "job" });
    expect(colluderShareLately(story.state)).toBeGreaterThan(before);
    expect(story.state.assignments.get(audit.assignmentId)?.state).toBe("accepted");
  });

  test("a row whose partner leaves waits for another one", () => {
    const story = begun();
    for (let n = 0; n < 60; n++) story.answer(story.out()[0]!, 1);
    const { pool } = story.job("job").checks!;
    const queued = [...pool.values()].flatMap(({ at }) => (at !== null && "queueOf" in at ? [at.queueOf] : []));
    const gone = queued[0]!;
    story.happen({ type: "sessionClosed", sessionId: `s${gone.slice(1)}` });
    for (let n = 0; n < 40 && story.out().length > 0; n++) story.answer(story.out()[0]!, 1);
    const waiting = [...pool.values()].filter(({ at }) => at !== null && "queueOf" in at && at.queueOf === gone);
    expect(waiting).toEqual([]);
  });
});

describe("[CC6] what counts", () => {
  test("comparisons with somebody who was named since count for nothing", () => {
    const story = begun();
    for (let n = 0; n < 70; n++) story.answer(story.out()[0]!, 1);
    const job = story.job("job");
    const { counts } = job.checks!;
    const [checked, { partners }] = [...counts].find(([, of]) => of.partners.size > 1)!;
    const reckoning = { colluderShare: 1 / 3, rowsNeeded: 1 };
    const before = checksOfVolunteer(story.state, job.checks!, checked, reckoning);
    const partner = story.state.volunteers.get([...partners.keys()][0]!)!;
    partner.quarantine = { atMs: 1, jobId: "another", roundIndex: 0, reason: "a wrong row" };
    story.state.crowd.named.add(partner.volunteerId);
    expect(checksOfVolunteer(story.state, job.checks!, checked, reckoning)).toBeLessThan(before);
    // And it is one of the job's namings, wherever it was named.
    expect(namedIn(story.state, job, job.checks!)).toBe(1);
  });

  test("comparisons with a newcomer do not count until it is established", () => {
    const story = begun();
    for (let n = 0; n < 70; n++) story.answer(story.out()[0]!, 1);
    const { checks } = story.job("job");
    const [checked] = [...checks!.counts].find(([, of]) => of.partners.size > 1)!;
    const reckoning = { colluderShare: 1 / 3, rowsNeeded: 1_000_000 };
    const { trusted } = checks!.counts.get(checked)!;
    expect(checksOfVolunteer(story.state, checks!, checked, reckoning)).toBe(trusted);
  });

  test("who was named weighs in the share of liars by its rows, and beta falls with those that partners brought out", () => {
    const { story, audit } = withOneDuplicate();
    expect(colluderShareLately(story.state)).toBeCloseTo(0.527, 3);
    judge(story, audit, { author: "wrong", sender: "fine" });
    expect(colluderShareLately(story.state)).toBeLessThan(0.5);
    expect(story.state.crowdLately.window.hasNamings).toBe(true);
  });
});

describe("[CC7] after a restart", () => {
  test("durable rows have the coins that they had, and all that are to go out wait again", () => {
    const story = begun({}, 12, checkedJob({}, 400));
    for (let n = 0; n < 24; n++) story.answer(story.out()[0]!, 1);
    const before = story.job("job");
    const durable = [...before.finishedRounds];
    expect(durable.length).toBeGreaterThan(2);
    const wanted = pooledEver(story);
    const again = new Story({ settings: SETTINGS });
    const rounds = durable.map(([roundIndex, { openedMs: _opened, ...round }]) => ({ roundIndex, ...round }));
    again.happen({
      type: "restored",
      jobs: [{ job: { ...before.stored }, rounds, contributions: [] }],
      volunteers: [],
    });
    const { pool } = again.job("job").checks!;
    expect(pool.size).toBeGreaterThan(0);
    const isDurable = (place: number) => durable.some(([roundIndex]) => Math.floor(place / 40) === roundIndex);
    expect([...pool.keys()].sort((a, b) => a - b)).toEqual(wanted.filter(isDurable));
  });

  test("[CC2] answers have other coins than those that a crash forgot, and none goes out before that is durable", () => {
    const story = begun({}, 12, checkedJob({}, 400));
    for (let n = 0; n < 24; n++) story.answer(story.out()[0]!, 1);
    const { stored } = story.job("job");
    const again = new Story({ settings: SETTINGS, hold: ["persist"] });
    again.happen({ type: "restored", jobs: [{ job: { ...stored }, rounds: [], contributions: [] }], volunteers: [] });
    expect(again.job("job").stored.crossChecks!.run).toBe(1);
    for (let n = 1; n <= 12; n++) again.join(n, `s${n}`, { addressGroup: `address ${n}` });
    expect(again.asked("prepare")).toEqual([]);
    expect(again.out()).toEqual([]);
    again.happen({ type: "persisted", effectId: again.asked("persist")[0]!.effectId });
    expect(again.asked("prepare")).toHaveLength(1);
    for (let n = 0; n < 8; n++) again.answer(again.out()[0]!, 1);
    const accepted = [...again.job("job").openRounds.values()].flatMap(({ slots }) =>
      slots.flatMap(({ accepted }) => accepted ?? []),
    );
    expect(accepted.length).toBeGreaterThan(0);
    for (const { coins } of accepted) expect(coins!.attempt).toBeGreaterThan(1_000_000);
  });

  test("[CC6] who has a record keeps it, and who was named lately weighs as it did", () => {
    const { story, audit } = withOneDuplicate();
    judge(story, audit, { author: "wrong", sender: "fine" });
    const written = story.asked("persist").flatMap(({ records }) => records);
    const kept = written.findLast((record) => record.kind === "crowd");
    const volunteers = [...story.state.volunteers.values()].map(storedVolunteer);
    expect(volunteers.some(({ rowsTaken }) => rowsTaken > 0)).toBe(true);
    const again = new Story({ settings: SETTINGS });
    again.happen({ type: "restored", jobs: [], volunteers, ...(kept?.kind === "crowd" ? { crowd: kept.crowd } : {}) });
    expect(again.state.crowdLately.window.hasNamings).toBe(true);
    expect(again.state.crowdLately.window.liarShare("newcomer")).toBe(
      story.state.crowdLately.window.liarShare("newcomer"),
    );
    expect(colluderShareLately(again.state)).toBe(colluderShareLately(story.state));
    for (const { volunteerId, rowsTaken } of volunteers)
      expect(again.state.volunteers.get(volunteerId)!.rowsTaken).toBe(rowsTaken);
  });
});

test("[VF14] whoever is believed again weighs in nothing that is reckoned with", () => {
  const { story, audit, author } = withOneDuplicate();
  const { window } = story.state.crowdLately;
  const before = { beta: colluderShareLately(story.state), f: window.liarShare("newcomer") };
  judge(story, audit, { author: "wrong", sender: "fine" });
  expect(colluderShareLately(story.state)).toBeLessThan(before.beta);
  takeBackNamings(story.step(), "job", "nobody can tell");
  expect(quarantineOf(story, author)).toBeNull();
  expect({ beta: colluderShareLately(story.state), f: window.liarShare("newcomer") }).toEqual(before);
  expect(window.hasNamings).toBe(false);
});

/** Places of rows that ever waited, or still do: those that were compared, and those in the pool. */
function pooledEver(story: Story): number[] {
  const job = story.job("job");
  const compared = story.asked("audit").flatMap(({ crossChecked }) => crossChecked?.duplicates ?? []);
  const places = compared.flatMap((of) => (of === null ? [] : [of.roundIndex * 40 + of.row * 4 + of.workerIndex]));
  const sent = story
    .asked("sendAssignment")
    .flatMap(({ payload }) => (payload as { duplicates: typeof compared }).duplicates);
  const out = sent.flatMap((of) => (of === null ? [] : [of.roundIndex * 40 + of.row * 4 + of.workerIndex]));
  return [...new Set([...places, ...out, ...job.checks!.pool.keys()])].sort((a, b) => a - b);
}

describe("[CC8] [CC9] at the end", () => {
  test("coins that nobody is there to answer are answered by the coordinator before the job ends", () => {
    const story = begun({ hold: ["settle"] });
    toCheckBatches(story);
    expect(story.asked("settle")).toEqual([]);
    everybodyLeaves(story);
    expect(story.jobState("job")).toBe("auditing");
    const { pool } = story.job("job").checks!;
    const settle = story.asked("settle")[0]!;
    expect(settle.rows).toHaveLength(pool.size);
    const found = [{ volunteerId: "v1", checked: settle.rows.length, failed: 0 }];
    story.happen({ type: "settled", ...idsOf(settle), found });
    expect(pool.size).toBe(0);
    expect(story.jobState("job")).toBe("done");
  });

  test("whoever lies there is named, its part is done again, and the job ends then", () => {
    const story = begun({ hold: ["settle"] });
    toCheckBatches(story);
    everybodyLeaves(story);
    const settle = story.asked("settle")[0]!;
    const found = [{ volunteerId: "v2", checked: 3, failed: 1 }];
    story.happen({ type: "settled", ...idsOf(settle), found });
    expect(quarantineOf(story, "v2")).toMatchObject({ jobId: "job" });
    expect(story.jobState("job")).toBe("running");
    comeBack(story);
    for (let n = 0; n < 50 && story.jobState("job") !== "done"; n++) {
      toEnd(story);
      for (const again of story.asked("settle"))
        if (story.job("job").checks!.closing?.effectId === again.effectId)
          story.happen({ type: "settled", ...idsOf(again), found: [] });
    }
    expect(story.jobState("job")).toBe("done");
    const { certificate } = story.job("job").stored.crossChecks!;
    expect(certificate).toMatchObject({ named: 1 });
    for (const { sources } of story.job("job").finishedRounds.values())
      for (const source of sources) expect(source?.volunteerId).not.toBe("v2");
    // [CC2] Whose coins are known to be safe by now are not tossed again: rows that were done again have others.
    const attempts = new Map<number, Set<number>>();
    for (const { generation, sources } of story.job("job").finishedRounds.values()) {
      for (const source of sources) {
        const ofGeneration = attempts.get(Math.min(1, generation)) ?? new Set();
        attempts.set(Math.min(1, generation), ofGeneration.add(source!.coins!.attempt));
      }
    }
    expect([...attempts.get(0)!]).toEqual([0]);
    expect(Math.max(...attempts.get(1)!)).toBeGreaterThan(0);
  });

  test("where the operator's cap leaves coins unanswered, no answer has a bound, and none is final", () => {
    const story = begun({ settings: { auditShareMax: 0.001 } }, 12, checkedJob({}, 4_000));
    toCheckBatches(story);
    everybodyLeaves(story);
    expect(story.jobState("job")).toBe("done");
    expect(story.job("job").checks!.pool.size).toBeGreaterThan(0);
    for (const { boundAtEnd } of story.job("job").contributions.values()) expect(boundAtEnd).toBe(1);
  });

  test("a clean job that misses few checks has them drawn from all that stand, once, and each answer has its bound", () => {
    const story = begun({ hold: ["sample"] }, 12, checkedJob({}, 2_600));
    toEnd(story);
    expect(story.jobState("job")).toBe("auditing");
    const sample = story.asked("sample")[0]!;
    expect(sample.rows).toBeGreaterThan(100);
    expect(sample.rows).toBeLessThanOrEqual(500);
    const found = [{ volunteerId: "v1", checked: sample.rows, failed: 0 }];
    story.happen({ type: "settled", ...idsOf(sample), found });
    expect(story.jobState("job")).toBe("done");
    expect(story.asked("sample")).toHaveLength(1);
    const bounds = [...story.job("job").contributions.values()].map(({ boundAtEnd }) => boundAtEnd);
    expect(bounds).toHaveLength(12);
    for (const bound of bounds) expect(bound).toBeLessThanOrEqual(1e-3);
  });

  test("after a naming the certificate of the same job is not completed, and its answers stay above the bound", () => {
    const story = begun({ hold: ["settle"] }, 12, checkedJob({}, 4_000));
    toCheckBatches(story);
    everybodyLeaves(story);
    const settle = story.asked("settle")[0]!;
    story.happen({ type: "settled", ...idsOf(settle), found: [{ volunteerId: "v2", checked: 3, failed: 1 }] });
    comeBack(story);
    for (let n = 0; n < 50 && story.jobState("job") !== "done"; n++) {
      toEnd(story);
      for (const again of story.asked("settle"))
        if (story.job("job").checks!.closing?.effectId === again.effectId)
          story.happen({ type: "settled", ...idsOf(again), found: [] });
    }
    expect(story.asked("sample")).toEqual([]);
    for (const { volunteerId, boundAtEnd } of story.job("job").contributions.values())
      if (volunteerId !== "v2") expect(boundAtEnd).toBeGreaterThan(1e-3);
  });
});
