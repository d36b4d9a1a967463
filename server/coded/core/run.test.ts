/** A coded run, event by event. One file, though long: rounds, codes and ends are told as stories of the same runs. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RunStory, type RunStoryOptions } from "../testing/run-story.ts";
import { startRun, stepRun } from "./run.ts";
import { nextBlockCount, slackOf } from "./run-adapt.ts";
import { planRun, type RunParameters } from "./run-plan.ts";
import { RETURN_GRACE_MS, SMALL_CROWD_MS } from "./run-settings.ts";
import { shardsEachMax, shareOut } from "./run-shards.ts";
import { initialRunState } from "./run-state.ts";

const AVCC: RunParameters = { scheme: "avcc", dataVolunteers: 3, stragglers: 1, liars: 1, colluders: 0 };
const story = (options: Partial<RunStoryOptions> = {}) => new RunStory({ code: AVCC, ...options });
const code = (changes: Partial<RunParameters>): RunParameters => ({ ...AVCC, ...changes });

describe("events and effects", () => {
  test("[GR1] the same events give the same effects and the same state, and the state is plain data", () => {
    const told = story({ liars: ["v1"], settings: { iterations: 12 } }).join(6);
    told.iterate(4, ["v2"]).leave("v3").iterate(3).join(1, { from: 7 }).iterate(5);
    const state = initialRunState(planRun(AVCC), { iterations: 12 });
    const effects = [...startRun(state), ...told.events.flatMap((event) => stepRun(state, event))];
    expect(effects).toHaveLength(told.effects.length);
    expect(new Set(effects.map((effect) => JSON.stringify(effect)))).toEqual(
      new Set(told.effects.map((effect) => JSON.stringify(effect))),
    );
    expect(state).toEqual(told.state);
  });

  test("[GR2] nothing but numbers and words of bounded length goes out", () => {
    const told = story({ settings: { iterations: 3 } }).join(5);
    told.iterate(3);
    for (const effect of told.effects) expect(JSON.stringify(effect).length).toBeLessThan(300);
  });

  test("[GR3] outcomes of effects, rounds and generations that nobody waits for change nothing", () => {
    const told = story().join(5);
    told.answer("v0");
    const before = JSON.stringify([...told.state.round!.asked], null);
    const { iteration } = told.state;
    told.happen({ type: "linked", effectId: 999, loss: 0 });
    told.happen({ type: "updated", effectId: 999, validationLoss: null });
    told.happen({ type: "verified", effectId: 999, isRight: false });
    told.happen({ type: "decoded", effectId: 999, verdict: { kind: "undecodable" } });
    told.happen({ type: "effectFailed", effectId: 999, message: "old" });
    told.happen({ type: "resultArrived", roundId: 77, shardIndex: 1, volunteerId: "v1" });
    told.happen({ type: "resultArrived", roundId: told.state.round!.roundId, shardIndex: 1, volunteerId: "v2" });
    told.happen({ type: "resultArrived", roundId: told.state.round!.roundId, shardIndex: 0, volunteerId: "v0" });
    told.happen({ type: "shardHeld", generation: 9, shardIndex: 0, volunteerId: "v0" });
    expect(JSON.stringify([...told.state.round!.asked], null)).toBe(before);
    expect(told.state.iteration).toBe(iteration);
    expect(told.all("verify")).toHaveLength(1);
  });
});

describe("rounds", () => {
  test("[GR4] only verified results enter a decode, each checked once", () => {
    const told = story({ hold: ["verify"] }).join(5);
    for (const volunteer of ["v0", "v1", "v2", "v3"]) told.answer(volunteer);
    expect(told.all("verify")).toHaveLength(4);
    expect(told.all("decode")).toHaveLength(0);
    const [first, second, third, fourth] = told.all("verify");
    told.happen({ type: "verified", effectId: first!.effectId, isRight: false });
    for (const { effectId } of [second!, third!]) told.happen({ type: "verified", effectId, isRight: true });
    expect(told.all("decode")).toHaveLength(0);
    told.happen({ type: "verified", effectId: fourth!.effectId, isRight: true });
    expect(told.last("decode").shardIndices).toEqual([1, 2, 3]);
  });

  test("[GR5] avcc decodes from the first K, lcc waits for all but S, uncoded for all", () => {
    const cases = [
      { code: AVCC, crowd: 5, needed: 3 },
      { code: code({ scheme: "lcc" }), crowd: 6, needed: 5 },
      { code: code({ scheme: "uncoded", stragglers: 0, liars: 0 }), crowd: 3, needed: 3 },
    ];
    for (const { code: parameters, crowd, needed } of cases) {
      const told = new RunStory({ code: parameters, hold: ["decode"] }).join(crowd);
      for (let i = 0; i < needed; i++) {
        expect(told.all("decode")).toHaveLength(0);
        told.answer(`v${i}`);
      }
      expect(told.last("decode").shardIndices).toHaveLength(needed);
    }
  });

  test("[GR5] replication waits for M+1 votes of each block, and for more where they did not agree", () => {
    const told = new RunStory({ code: code({ scheme: "replication", stragglers: 0 }), hold: ["decode"] }).join(9);
    for (const i of [0, 1, 2, 3, 4]) told.answer(`v${i}`);
    expect(told.all("decode")).toHaveLength(0);
    told.answer("v5");
    const { effectId } = told.last("decode");
    told.happen({ type: "decoded", effectId, verdict: { kind: "undecided" } });
    expect(told.all("decode")).toHaveLength(1);
    told.answer("v6");
    expect(told.last("decode").shardIndices).toHaveLength(7);
  });

  test("[GR5] a slow volunteer's finished shards count: two of its four", () => {
    const told = story({ code: code({ shardsPerVolunteer: 4 }), hold: ["decode"] }).join(5);
    // K = 12 of 20: three whole volunteers would do; here two answer, and two half.
    told.answer("v0");
    told.answer("v1");
    for (const volunteer of ["v2", "v3"]) {
      for (const { roundId, shardIndex } of told
        .asked()
        .filter(({ volunteerId }) => volunteerId === volunteer)
        .slice(0, 2)) {
        told.happen({ type: "resultArrived", roundId, shardIndex, volunteerId: volunteer });
      }
    }
    expect(told.last("decode").shardIndices).toHaveLength(12);
  });

  test("[GR6] the first wrong result names its volunteer, who is asked nothing more; what it had verified stays", () => {
    const told = story({ code: code({ shardsPerVolunteer: 2 }), hold: ["verify"] }).join(5);
    told.answer("v1");
    const [first, second] = told.all("verify");
    told.happen({ type: "verified", effectId: first!.effectId, isRight: true });
    told.happen({ type: "verified", effectId: second!.effectId, isRight: false });
    expect(told.last("nameLiar")).toMatchObject({ volunteerId: "v1", shardIndex: second!.shardIndex });
    expect(told.state.round!.accepted).toEqual([first!.shardIndex]);
    told.hold.clear();
    told.iterate(3);
    expect(told.all("sendProduct").filter(({ volunteerId, roundId }) => volunteerId === "v1" && roundId > 1)).toEqual(
      [],
    );
    expect(told.state.liars).toEqual([{ volunteerId: "v1", iteration: 0, roundId: 1, shardIndex: second!.shardIndex }]);
  });

  test("[GR6] what a liar sent and was not checked yet is void, right or wrong, and so is what it had not answered", () => {
    for (const isRight of [true, false]) {
      const told = story({ code: code({ shardsPerVolunteer: 3 }), hold: ["verify"] }).join(5);
      const [first, second, third] = told.asked().filter(({ volunteerId }) => volunteerId === "v1");
      for (const { roundId, shardIndex } of [first!, second!])
        told.happen({ type: "resultArrived", roundId, shardIndex, volunteerId: "v1" });
      const [wrong, unchecked] = told.all("verify");
      told.happen({ type: "verified", effectId: wrong!.effectId, isRight: false });
      told.happen({ type: "verified", effectId: unchecked!.effectId, isRight });
      const { roundId, shardIndex } = third!;
      told.happen({ type: "resultArrived", roundId, shardIndex, volunteerId: "v1" });
      expect(told.state.round!.accepted).toEqual([]);
      expect(told.all("nameLiar")).toHaveLength(1);
      expect(told.all("verify")).toHaveLength(2);
    }
  });

  test("[GR7] a liar that leaves and comes back is given nothing", () => {
    const told = story({ liars: ["v1"] }).join(5);
    told.iterate(1).leave("v1");
    const sent = told.effects.length;
    told.join(1, { from: 1 }).iterate(2);
    const later = told.effects.slice(sent);
    expect(later.some((effect) => "volunteerId" in effect && effect.volunteerId === "v1")).toBe(false);
  });

  test("[GR8] three products in a row without an answer of the right shape: asked no more, not named", () => {
    const told = story().join(5);
    for (let i = 0; i < 3; i++) {
      const { roundId } = told.state.round!;
      told.happen({ type: "resultFailed", roundId, shardIndex: 0, volunteerId: "v0" });
      for (const volunteer of ["v1", "v2", "v3"]) told.answer(volunteer);
    }
    const { roundId } = told.state.round!;
    expect(told.asked().map(({ volunteerId }) => volunteerId)).toEqual(["v1", "v2", "v3", "v4"]);
    expect(roundId).toBe(4);
    expect(told.state.liars).toEqual([]);
  });

  test("[GR15] forward, link, backward, update, one round at a time", () => {
    const told = story({ settings: { iterations: 2 } }).join(5);
    told.iterate(2);
    const steps = told.effects.filter(({ type }) => ["broadcast", "link", "update", "finish"].includes(type));
    expect(steps.map((step) => ("product" in step ? step.product : step.type))).toEqual([
      "forward",
      "link",
      "backward",
      "update",
      "forward",
      "link",
      "backward",
      "update",
      "finish",
    ]);
  });
});

describe("the code follows the crowd", () => {
  test("[GR9] three slow rounds make no straggler, four in a row do, three prompt ones unmake it", () => {
    const told = story({ code: code({ scheme: "uncoded", stragglers: 0, liars: 0 }) }).join(3);
    const isSlow = () => told.state.volunteers.get("v2")!.pace.isSlow;
    const play = (lateMs: number) => {
      told.nowMs += 10;
      told.answer("v0");
      told.answer("v1");
      told.nowMs += lateMs;
      told.answer("v2");
    };
    for (let round = 0; round < 3; round++) play(100);
    expect(isSlow()).toBe(false);
    play(1);
    for (let round = 0; round < 3; round++) play(100);
    expect(isSlow()).toBe(false);
    play(100);
    expect(isSlow()).toBe(true);
    play(1);
    play(1);
    expect(isSlow()).toBe(true);
    play(1);
    expect(isSlow()).toBe(false);
  });

  test("[GR9] who was merely not needed is no straggler", () => {
    const told = story({ settings: { iterations: 20 } }).join(5);
    for (let round = 0; round < 12; round++) {
      told.nowMs += 10;
      // Each is left out in turn.
      for (let i = 0; i < 3; i++) told.answer(`v${(round + i) % 5}`);
    }
    expect([...told.state.volunteers.values()].filter(({ pace }) => pace.isSlow)).toEqual([]);
  });

  test("[GR10] the formula: slack = N - M - S - (K+T-1) - 1, and floor rounds down", () => {
    const told = story({ code: code({ liars: 2, stragglers: 1, dataVolunteers: 9 }), liars: ["v4"] }).join(12);
    expect(slackOf(told.state, told.state.active!)).toBe(3);
    told.iterate(1);
    expect(slackOf(told.state, told.state.active!)).toBe(2);
    told.state.volunteers.get("v7")!.pace.isSlow = true;
    expect(slackOf(told.state, told.state.active!)).toBe(1);
    expect([nextBlockCount(9, -2), nextBlockCount(9, 2), nextBlockCount(2, -5)]).toEqual([7, 11, 1]);
  });

  test("[GR10] while the slack lasts liars are dropped and K stays", () => {
    const told = story({ liars: ["v1", "v3"], settings: { iterations: 6 } }).join(5);
    told.iterate(6);
    expect(told.state.end?.kind).toBe("done");
    expect(told.state.codeChanges).toEqual([]);
    expect(told.all("encodeShards")).toHaveLength(1);
  });

  test("[GR10] with no slack left a spare shard is used before data moves", () => {
    const parameters = code({ stragglers: 0, liars: 1 });
    const told = story({ code: parameters, liars: ["v0", "v1"], settings: { spareShards: 1 } }).join(4);
    told.join(1, { from: 9 });
    told.iterate(2);
    // v9 took the spare shard that was encoded ahead: index 4.
    expect(told.all("sendShard").at(-1)).toMatchObject({ volunteerId: "v9", shardIndex: 4, generation: 1 });
    expect(told.state.codeChanges).toEqual([]);
  });

  test("[GR10] [GR11] beyond the slack K shrinks by what is missing, and the old code goes on until the new one is placed", () => {
    const told = story({ code: code({ dataVolunteers: 9, stragglers: 2 }), settings: { iterations: 30 } }).join(12);
    told.hold.add("encodeShards");
    const slow = ["v0", "v1", "v2", "v3"];
    told.iterate(3, slow);
    expect(told.state.codeChanges).toEqual([expect.objectContaining({ blockCount: 8, generation: 2 })]);
    const { iteration } = told.state;
    told.iterate(2, slow);
    expect(told.state.iteration).toBe(iteration + 2);
    expect(told.state.active!.generation).toBe(1);
    told.happen({ type: "encoded", effectId: told.last("encodeShards").effectId });
    told.iterate(1, slow);
    expect(told.state.active).toMatchObject({ generation: 2, blockCount: 8 });
    expect(told.last("releaseCode").generation).toBe(1);
    // From now on nobody waits for the slow.
    const beforeMs = told.nowMs;
    told.iterate(5, slow);
    expect(told.nowMs - beforeMs).toBe(5 * 20);
  });

  test("[GR11] a round that cannot end any more is asked anew with the new code", () => {
    const told = story({ settings: { iterations: 4 } }).join(5);
    told.iterate(1);
    const { roundId } = told.state.round!;
    told.leave("v0", "v1", "v2").pass(RETURN_GRACE_MS);
    expect(told.state.active).toMatchObject({ generation: 2, blockCount: 2 });
    expect(told.all("endRound").some((effect) => effect.roundId === roundId)).toBe(true);
    told.iterate(3);
    expect(told.state.end).toMatchObject({ kind: "done", weightsOf: 4 });
  });

  test("[GR11] nothing moves because of volunteers that reload: all leave, and are back within the grace", () => {
    const told = story({ settings: { iterations: 4 } }).join(5);
    told
      .iterate(2)
      .leave("v0", "v1", "v2", "v3", "v4")
      .pass(RETURN_GRACE_MS - 1);
    told.join(5).iterate(2);
    expect(told.state.end?.kind).toBe("done");
    expect(told.all("encodeShards")).toHaveLength(1);
  });

  test("[GR11] who is back before the new code is placed makes it needless", () => {
    const told = story({ settings: { iterations: 9 } }).join(5);
    told.hold.add("encodeShards");
    told.leave("v0", "v1", "v2").pass(RETURN_GRACE_MS);
    expect(told.state.coming).toMatchObject({ generation: 2, blockCount: 2 });
    told.join(3).iterate(2);
    expect(told.state.coming).toBeNull();
    expect(told.state.active!.generation).toBe(1);
    expect(told.last("releaseCode").generation).toBe(2);
  });

  test("[GR12] K grows again, to the plan's and not beyond, when more volunteers are here for a while", () => {
    const told = story({ settings: { iterations: 60 } }).join(5);
    told.leave("v0", "v1", "v2").pass(RETURN_GRACE_MS).iterate(2);
    expect(told.state.active!.blockCount).toBe(2);
    told.join(4, { from: 20 }).iterate(4);
    expect(told.state.active!.blockCount).toBe(2);
    told.iterate(8);
    expect(told.state.active!.blockCount).toBe(3);
    const changes = told.state.codeChanges.length;
    told.iterate(20);
    expect(told.state.codeChanges).toHaveLength(changes);
  });

  test("[GR13] a volunteer that joins gets the next unused point, and nobody else's shards move", () => {
    const told = story().join(5);
    told.iterate(1);
    const before = told.all("sendShard").length;
    told.leave("v2").join(1, { from: 8 });
    expect(told.all("sendShard").slice(before)).toEqual([
      expect.objectContaining({ volunteerId: "v8", shardIndex: 5, generation: 1 }),
    ]);
    // And is asked in the round that is open.
    expect(told.asked().map(({ volunteerId }) => volunteerId)).toContain("v8");
  });

  test("[GR13] T = 0: small shards in proportion to speed, all of them given out, nobody with more than four times the average", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 2, max: 8 }),
        (speeds, g) => {
          const counts = shareOut(speeds, speeds.length * g, 4 * g);
          expect(counts.reduce((sum, count) => sum + count, 0)).toBe(speeds.length * g);
          expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
          expect(Math.max(...counts)).toBeLessThanOrEqual(4 * g);
          const [slowest, fastest] = [speeds.indexOf(Math.min(...speeds)), speeds.indexOf(Math.max(...speeds))];
          expect(counts[fastest]!).toBeGreaterThanOrEqual(counts[slowest]!);
        },
      ),
      { seed: 40_001 },
    );
    expect(shareOut([1, 1, 2], 12, 16)).toEqual([3, 3, 6]);
  });

  test("[GR13] four times the average is most that a volunteer holds, less where its tab has no room for shards of two codes", () => {
    const planOf = (shardsPerVolunteer: number) =>
      planRun({ scheme: "avcc", dataVolunteers: 4, stragglers: 1, liars: 1, colluders: 0, shardsPerVolunteer });
    const gib = 1024 ** 3;
    expect(shardsEachMax(planOf(4), 0, 16)).toBe(16);
    expect(shardsEachMax(planOf(4), gib, 16)).toBe(8);
    expect(shardsEachMax(planOf(4), 2 * gib, 16)).toBe(4);
    expect(shardsEachMax(planOf(4), 8 * gib, 16), "the average is never refused").toBe(4);
    expect(shardsEachMax(planOf(1), 0, 4)).toBe(1);
  });

  test("[GR13] T > 0: one point a volunteer, the same on return, never another's, and invited ones alone", () => {
    const told = story({ code: code({ colluders: 2, stragglers: 2 }) });
    told.join(3, { from: 50, isInvited: false }).join(8);
    told.iterate(1).leave("v3", "v4").iterate(1).join(2, { from: 3 }).join(2, { from: 30 }).iterate(2);
    const pointsOf = new Map<string, Set<string>>();
    const holderOf = new Map<string, string>();
    for (const { volunteerId, generation, shardIndex } of told.all("sendShard")) {
      const point = `${generation}/${shardIndex}`;
      pointsOf.set(volunteerId, (pointsOf.get(volunteerId) ?? new Set()).add(point));
      expect(holderOf.get(point) ?? volunteerId).toBe(volunteerId);
      holderOf.set(point, volunteerId);
    }
    expect(pointsOf.size).toBe(10);
    for (const points of pointsOf.values()) expect(points.size).toBe(1);
    for (const volunteer of told.state.volunteers.values()) {
      expect(volunteer.pointsIssued).toBe(volunteer.isInvited ? 1 : 0);
    }
  });

  test("[GR14] with too few volunteers a job waits and says what is missing; then it begins", () => {
    const told = story({ code: code({ colluders: 1 }) }).join(4);
    told.join(2, { from: 50, isInvited: false });
    expect(told.state.phase).toBe("waiting");
    expect(told.state.waitingFor).toBe("2 more invited volunteers: avcc needs 6, 4 are here");
    told.join(2, { from: 4 });
    expect(told.state.phase).toBe("running");
    expect(told.state.waitingFor).toBeNull();
  });

  test("[GR23] a job whose crowd stays small begins with those who are here, K being what is left, and grows when others come", () => {
    const told = story({ settings: { iterations: 30 } }).join(4);
    const waits = "1 more tab: avcc needs 5, 4 are here; within 30 s it begins with these, and K = 2";
    expect([told.state.phase, told.state.waitingFor]).toEqual(["waiting", waits]);
    // Whoever comes and goes sets the run's one timer anew.
    told.pass(SMALL_CROWD_MS - 1_000).leave("v3");
    expect(told.state.waitingFor).toContain("and K = 1");
    told.join(1, { from: 3 });
    expect(told.last("wakeAt").wakeMs).toBe(told.state.beginsSmallMs);
    told.pass(1_000);
    expect(told.state).toMatchObject({ phase: "running", waitingFor: null, active: { blockCount: 2 } });
    expect(told.state.codeChanges).toEqual([
      { iteration: 0, generation: 1, blockCount: 2, reason: "4 volunteers came, 5 were needed" },
    ]);
    told.iterate(2);
    expect(told.state.iteration).toBe(2);
    told.join(3, { from: 4 }).iterate(20);
    expect(told.state.active!.blockCount).toBe(3);
  });

  test("[GR23] masked data waits for those who were invited, static codes for all, and too few for S + M wait", () => {
    const masked = story({ code: code({ colluders: 1 }) }).join(4);
    const still = story({ code: code({ scheme: "avcc-static" }) }).join(4);
    const few = story().join(2);
    for (const told of [masked, still, few]) {
      told.pass(10 * SMALL_CROWD_MS);
      expect(told.state.phase).toBe("waiting");
      expect(told.state.waitingFor).not.toContain("begins");
    }
  });

  test("[GR14] a job whose crowd left waits, says so, and goes on when somebody comes", () => {
    const told = story({ settings: { iterations: 3 } }).join(5);
    told.iterate(1).leave("v0", "v1", "v2", "v3", "v4");
    expect(told.state.waitingFor).toBe("3 more volunteers: avcc with 3 blocks has 0 at work");
    told.join(3, { from: 10 }).iterate(2);
    expect(told.state.end).toMatchObject({ kind: "done", weightsOf: 3 });
  });
});

describe("the ends", () => {
  test("[GR16] a loss that is not finite ends the job with the best weights", () => {
    const told = story({ lossOf: (iteration) => (iteration === 4 ? Number.NaN : 1 / (1 + iteration)) }).join(5);
    told.iterate(10);
    expect(told.last("restoreWeights").iteration).toBe(3);
    expect(told.state.end).toEqual({
      kind: "diverged",
      reason: expect.stringMatching(
        /^the loss is NaN after 4 iterations; submit it again with a smaller learning rate/,
      ),
      weightsOf: 3,
    });
  });

  test("[GR16] a large first step may recover; one that stays high does not", () => {
    const recovers = story({ lossOf: (i) => (i > 0 && i < 6 ? 40 : 1 / (1 + i)), settings: { iterations: 20 } }).join(
      5,
    );
    recovers.iterate(20);
    expect(recovers.state.end?.kind).toBe("done");
    const stays = story({ lossOf: (i) => (i > 2 ? 40 : 1 / (1 + i)), settings: { iterations: 50 } }).join(5);
    stays.iterate(50);
    expect(stays.state.end).toMatchObject({ kind: "diverged", weightsOf: 2 });
    expect(stays.state.end?.reason).toMatch(/grew from 1\.000 to 40\.00 in 12 iterations/);
  });

  test("[GR17] as soon as the master says that the weights are near enough, with its reason and their distance", () => {
    const told = story({ hold: ["update"] }).join(5);
    told.iterate(1);
    const standing = { distance: 3e-5, stop: "each weight is within 0.00003" };
    told.happen({ type: "updated", effectId: told.last("update").effectId, validationLoss: null, ...standing });
    expect(told.state.end).toEqual({
      kind: "done",
      reason: "1 iteration: each weight is within 0.00003",
      weightsOf: 1,
    });
    expect(told.state.history.at(-1)).toMatchObject({ distance: 3e-5 });
  });

  test("[GR17] on request, and without a better loss for a while; held-out rows decide where there are any", () => {
    const asked = story().join(5);
    asked.iterate(2).happen({ type: "stopRequested" });
    expect(asked.state.end).toMatchObject({ kind: "stopped", weightsOf: 2 });
    const atWork = story({ hold: ["update"] }).join(5);
    atWork.iterate(1);
    atWork.happen({ type: "stopRequested" });
    expect(atWork.state.end).toBeNull();
    atWork.happen({ type: "updated", effectId: atWork.last("update").effectId, validationLoss: null });
    expect(atWork.state.end).toMatchObject({ kind: "stopped", weightsOf: 1 });
    const patient = story({ validationLossOf: (i) => Math.abs(i - 5) + 1, settings: { patience: 3 } }).join(5);
    patient.iterate(40);
    expect(patient.state.end).toMatchObject({
      kind: "stopped",
      reason: "no better loss since iteration 5",
      weightsOf: 9,
    });
    expect(patient.state.best).toEqual({ iteration: 5, loss: 1 });
  });

  test("[GR18] weights are kept when they are the best, every few iterations, and at the end", () => {
    const told = story({ settings: { iterations: 7, checkpointEvery: 3 } }).join(5);
    told.iterate(7);
    const of = (reason: string) =>
      told
        .all("checkpoint")
        .filter((effect) => effect.reason === reason)
        .map(({ iteration }) => iteration);
    expect([of("periodic"), of("final"), of("best")]).toEqual([[3, 6], [7], [0, 1, 2, 3, 4, 5, 6]]);
  });

  test("[GR20] a job ends once: bad data, a failed step, cancellation; later events change nothing", () => {
    const bad = story({ hold: ["prepare"] });
    bad.happen({ type: "effectFailed", effectId: bad.last("prepare").effectId, message: "X: NaN in row 3" });
    expect(bad.state.end).toEqual({ kind: "failed", reason: "X: NaN in row 3", weightsOf: null });
    const failed = story({ hold: ["update"] }).join(5);
    failed.iterate(1);
    failed.happen({ type: "effectFailed", effectId: failed.last("update").effectId, message: "out of memory" });
    expect(failed.state.end).toMatchObject({ kind: "failed", weightsOf: 0 });
    const cancelled = story().join(5);
    cancelled.happen({ type: "cancelled" });
    expect(cancelled.all("releaseCode")).toHaveLength(1);
    for (const told of [bad, failed, cancelled]) {
      const count = told.effects.length;
      told.join(3, { from: 20 }).iterate(2);
      told.happen({ type: "cancelled" });
      expect(told.effects).toHaveLength(count);
      expect(told.all("finish")).toHaveLength(1);
    }
  });
});

describe("[GR19] the baselines", () => {
  test("lcc with too many liars goes on with what it has, and counts the round", () => {
    const told = new RunStory({ code: code({ scheme: "lcc" }), hold: ["decode"] }).join(6);
    for (let i = 0; i < 5; i++) told.answer(`v${i}`);
    const { effectId } = told.last("decode");
    told.happen({ type: "decoded", effectId, verdict: { kind: "undecodable" } });
    expect(told.last("decode")).toMatchObject({ believes: true, shardIndices: [0, 1, 2, 3, 4] });
    expect(told.state.undecodedRounds).toBe(1);
  });

  test("uncoded believes everybody, and hands a lost block to whoever is free", () => {
    const parameters = code({ scheme: "uncoded", stragglers: 0, liars: 0 });
    const told = new RunStory({ code: parameters, liars: ["v1"], settings: { iterations: 3 } }).join(4);
    told.iterate(1);
    expect(told.all("verify")).toEqual([]);
    told.leave("v1");
    expect(told.all("sendShard").at(-1)).toMatchObject({ volunteerId: "v3", shardIndex: 1 });
    told.iterate(2);
    expect(told.state.end?.kind).toBe("done");
  });

  test("avcc-static drops liars and never changes its code", () => {
    const parameters = code({ scheme: "avcc-static", dataVolunteers: 9, stragglers: 1, liars: 2 });
    const told = new RunStory({ code: parameters, liars: ["v9"], settings: { iterations: 8 } }).join(12);
    told.iterate(8, ["v0", "v1", "v2", "v3"]);
    expect(told.state.end?.kind).toBe("done");
    expect(told.state.liars.map(({ volunteerId }) => volunteerId)).toEqual(["v9"]);
    expect(told.state.codeChanges).toEqual([]);
  });
});

describe("whatever happens", () => {
  test("a crowd that comes, goes, straggles and lies: no unverified result decodes, points are never another's, it ends", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ what: fc.integer({ min: 0, max: 5 }), who: fc.integer({ min: 0, max: 9 }) }), {
          maxLength: 60,
        }),
        fc.constantFrom(0, 1),
        (moves, colluders) => {
          const parameters = code({ colluders, dataVolunteers: 3, stragglers: 1, liars: 1 });
          const told = story({ code: parameters, liars: ["v8", "v9"], settings: { iterations: 30 } }).join(6);
          for (const { what, who } of moves) {
            told.nowMs += 7;
            if (what === 0) told.join(1, { from: who });
            else if (what === 1) told.leave(`v${who}`);
            else if (what === 2) told.iterate(1, [`v${who}`]);
            else told.answer(`v${who}`);
          }
          told.join(8).iterate(200);
          expect(told.state.end?.kind).toBe("done");
          const verified = new Set(told.all("verify").map(({ roundId, shardIndex }) => `${roundId}/${shardIndex}`));
          for (const { roundId, shardIndices } of told.all("decode")) {
            for (const index of shardIndices) expect(verified.has(`${roundId}/${index}`)).toBe(true);
            expect(new Set(shardIndices).size).toBe(shardIndices.length);
          }
          const holders = new Map<string, string>();
          for (const { generation, shardIndex, volunteerId } of told.all("sendShard")) {
            const point = `${generation}/${shardIndex}`;
            expect(holders.get(point) ?? volunteerId).toBe(volunteerId);
            holders.set(point, volunteerId);
          }
          for (const { volunteerId } of told.state.liars) expect(["v8", "v9"]).toContain(volunteerId);
        },
      ),
      { seed: 40_002, numRuns: 200 },
    );
  });
});
