import { expect, test } from "vitest";
import { PRODUCT_MS_MAX, SHARD_FETCH_MS_MAX } from "../../../shared/protocol/limits.ts";
import { flat, Story } from "../../coordinator/testing/story.ts";
import { answerShare, fetchAll, iterate, runOf, sharesOut, storedRun, submitRun } from "../testing/coded-story.ts";
import { runView } from "../views.ts";

/** K = 2, S = 1, M = 1: four volunteers, results of two decode. */
const SMALL = { iterations: 10 };

test("[JB1] nothing of a coded run begins before it is durable", () => {
  const story = new Story({ hold: ["persist"] });
  story.crowd(4);
  const job = submitRun(story, "job", SMALL);
  expect(job.run).toBeNull();
  expect(story.asked("run")).toEqual([]);
  story.happen({ type: "persisted", effectId: story.asked("persist")[0]!.effectId });
  expect(story.asked("answerSubmission")).toMatchObject([{ jobId: "job", problem: null }]);
  expect(story.asked("run")[0]!.run).toMatchObject({ type: "prepare", weightsOf: null });
});

test("[JB1] a coded run that cannot be written down is refused, and gone", () => {
  const story = new Story({ hold: ["persist"] });
  submitRun(story, "job", SMALL);
  story.happen({ type: "persistFailed", effectId: story.asked("persist")[0]!.effectId, message: "full" });
  expect(story.asked("answerSubmission")).toMatchObject([{ jobId: "job", problem: "full" }]);
  expect(story.state.jobs.size).toBe(0);
});

test("[JB2] a run says whether any tab would help it, or more of them", () => {
  const story = new Story();
  const job = submitRun(story, "job", SMALL);
  expect(runView(story.state, job).lacksTabs).toBe("any");
  story.crowd(3);
  expect(runView(story.state, job).lacksTabs).toBe("more");
  story.join(4);
  expect(runView(story.state, job)).toMatchObject({ waitingFor: "volunteers fetch their shares of the data" });
  expect(runView(story.state, job)).not.toHaveProperty("lacksTabs");
});

test("[JB2] [GR14] a run says how many tabs it needs, how many are here, why others are not, and which code they are enough for", () => {
  const story = new Story();
  const job = submitRun(story, "job", SMALL);
  const says = () => runView(story.state, job).waitingFor;
  expect(says()).toMatch(/^waiting for 4 more tabs: avcc needs 4, 0 are here$/);
  story.join(1);
  story.join(1, "s1b");
  expect(says()).toBe(
    "waiting for 3 more tabs: avcc needs 4, 1 is here; with --data-volunteers 1 --stragglers 0 --liars 0, 1 is enough",
  );
  for (const sessionId of ["s1", "s1b"])
    story.happen({ type: "availabilityChanged", sessionId, available: false, because: "busy" });
  expect(says()).toBe(
    "waiting for 4 more tabs: avcc needs 4, 0 are here; the one tab that is connected pauses by its busy rule; if it is yours, change that rule on its page",
  );
});

test("[GJ1] whoever is ready, available and not resting sits; who pauses leaves, and comes back to its own shards", () => {
  const story = new Story();
  story.crowd(3);
  const job = submitRun(story, "job", SMALL);
  expect(job.run!.waitingFor).toMatch(/^1 more tab:/);
  story.join(4);
  fetchAll(story);
  expect([...job.seats.keys()]).toEqual(["v1", "v2", "v3", "v4"]);
  const held = job.run!.active!.shards.filter(({ volunteerId }) => volunteerId === "v2");
  story.happen({ type: "availabilityChanged", sessionId: "s2", available: false });
  expect(job.seats.has("v2")).toBe(false);
  expect(job.run!.volunteers.get("v2")!.isPresent).toBe(false);
  story.happen({ type: "availabilityChanged", sessionId: "s2", available: true });
  expect(job.seats.get("v2")).toBe("s2");
  const again = sharesOut(story, "shard").filter(({ sessionId }) => sessionId === "s2");
  expect(again.map(({ workerIndex }) => workerIndex)).toEqual(held.map(({ shardIndex }) => shardIndex));
});

test("[GJ1] another session of the same volunteer takes the place of one that closes", () => {
  const story = new Story();
  story.crowd(4);
  story.join(1, "second");
  const job = submitRun(story, "job", SMALL);
  fetchAll(story);
  story.happen({ type: "sessionClosed", sessionId: "s1" });
  expect(job.seats.get("v1")).toBe("second");
  expect(sharesOut(story, "shard").map(({ sessionId }) => sessionId)).toEqual(["second"]);
});

test("[GJ2] a session with a share to answer is sent no batch, and none before it has let go of one that is over", () => {
  const story = new Story({ hold: ["voidAssignment"] });
  story.crowd(4);
  const job = submitRun(story, "job", SMALL);
  fetchAll(story);
  story.submit("batches", { scheme: "uncoded", queriesPerGroup: 2 }, 40);
  expect(story.out()).toEqual([]);
  const [first, second, third, fourth] = sharesOut(story, "product");
  answerShare(story, first!);
  answerShare(story, second!);
  // Two results decode: the round is over for the other two, who are told, and are asked the next product.
  expect(story.asked("voidAssignment").map(({ assignmentId, tell }) => [assignmentId, tell])).toEqual([
    [third!.assignmentId, true],
    [fourth!.assignmentId, true],
  ]);
  expect(job.run!.stage).toBe("backward");
  expect(story.state.sessions.get(third!.sessionId)!.holds.has(third!.assignmentId)).toBe(true);
  story.happen({ type: "assignmentReturned", sessionId: third!.sessionId, assignmentId: third!.assignmentId });
  expect(story.state.sessions.get(third!.sessionId)!.holds.has(third!.assignmentId)).toBe(false);
});

test("[GJ3] a product given back takes its volunteer out; it sits again and is asked again", () => {
  const story = new Story();
  story.crowd(4);
  const job = submitRun(story, "job", SMALL);
  fetchAll(story);
  const [given] = sharesOut(story, "product");
  story.happen({ type: "assignmentReturned", sessionId: given!.sessionId, assignmentId: given!.assignmentId });
  expect(job.seats.size).toBe(4);
  const [shard] = sharesOut(story, "shard");
  expect(shard).toMatchObject({ sessionId: given!.sessionId, workerIndex: given!.workerIndex });
  answerShare(story, shard!);
  expect(sharesOut(story, "product").filter(({ sessionId }) => sessionId === given!.sessionId)).toHaveLength(1);
});

test("[GJ4] a product that fails its check quarantines its volunteer at once, and durably", () => {
  const story = new Story({ hold: ["run"] });
  story.crowd(4);
  const job = submitRun(story, "job", SMALL);
  const outcome = (type: "prepared" | "encoded" | "broadcastReady") => {
    const { effectId } = story.asked("run").at(-1)!.run;
    story.happen({ type: "ran", jobId: "job", run: { type, effectId } });
  };
  outcome("prepared");
  outcome("encoded");
  fetchAll(story);
  outcome("broadcastReady");
  const [product] = sharesOut(story, "product");
  answerShare(story, product!);
  const { run: verify } = story.asked("run").at(-1)!;
  expect(verify.type).toBe("verify");
  const lied = { type: "verified", effectId: verify.effectId, isRight: false } as const;
  story.happen({ type: "ran", jobId: "job", run: lied });
  const liar = story.state.sessions.get(product!.sessionId)!;
  expect(liar.state).toBe("quarantined");
  expect(story.state.volunteers.get(liar.volunteerId)!.quarantine).toMatchObject({ jobId: "job" });
  expect(job.seats.has(liar.volunteerId)).toBe(false);
  const written = story.asked("persist").flatMap(({ records }) => records);
  expect(written).toContainEqual(
    expect.objectContaining({
      kind: "volunteer",
      volunteer: expect.objectContaining({ volunteerId: liar.volunteerId }),
    }),
  );
  expect(job.stored.progress.liars).toMatchObject([{ volunteerId: liar.volunteerId }]);
});

test.each([
  ["shard", SHARD_FETCH_MS_MAX],
  ["product", PRODUCT_MS_MAX],
] as const)("[GJ5] a %s that is not answered in time closes its session", (kind, limitMs) => {
  const story = new Story();
  story.crowd(5);
  submitRun(story, "job", { ...SMALL, volunteers: 4 });
  if (kind === "product") fetchAll(story);
  const [share] = sharesOut(story, kind);
  story.pass(limitMs);
  expect(story.asked("closeSession")).toContainEqual(
    expect.objectContaining({ sessionId: share!.sessionId, code: "unresponsive" }),
  );
});

test("[GJ5] three failed shares in a row close the session", () => {
  const story = new Story();
  story.crowd(4);
  const job = submitRun(story, "job", SMALL);
  fetchAll(story);
  const sessionId = "s1";
  for (let n = 0; n < 3; n++) {
    const share = sharesOut(story, "product").find((one) => one.sessionId === sessionId);
    story.happen({ type: "assignmentFailed", sessionId, assignmentId: share!.assignmentId, message: "no memory" });
    // The others end the round, and the next one asks everybody again.
    const { roundId } = job.run!.round!;
    for (const other of sharesOut(story, "product")) if (other.roundIndex === roundId) answerShare(story, other);
  }
  expect(story.asked("closeSession")).toMatchObject([{ sessionId, code: "unresponsive" }]);
});

test("[GJ6] weights, history and credit are written together, and a restart goes on from them", () => {
  const story = new Story();
  story.crowd(4);
  const job = submitRun(story, "job", SMALL);
  iterate(story, job, 5);
  const checkpoint = story
    .asked("persist")
    .flatMap(({ records }) => records)
    .findLast((record) => record.kind === "run")!;
  expect(checkpoint).toMatchObject({ weightsOf: 5, bestOf: 4, job: { progress: { iteration: 5 }, weightsOf: 5 } });
  const credited = [...story.state.volunteers.values()].filter(({ creditMacs }) => creditMacs > 0);
  expect(credited.length).toBeGreaterThan(0);

  const restarted = new Story();
  const { job: stored } = checkpoint as Extract<typeof checkpoint, { kind: "run" }>;
  restarted.happen({ type: "restored", jobs: [{ job: structuredClone(stored) }], volunteers: [] });
  expect(restarted.asked("run")[0]!.run).toMatchObject({ type: "prepare", weightsOf: 5 });
  restarted.crowd(4);
  const again = runOf(restarted, "job");
  iterate(restarted, again, 10);
  expect(again.stored).toMatchObject({ state: "done", endKind: "done", weightsOf: 10 });
  expect(again.stored.progress.history.map(({ iteration }) => iteration)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  // Points issued before the restart are counted still.
  expect(again.run!.volunteers.get("v1")!.pointsIssued).toBe(2);
});

test("[GJ6] a liar that is written down between checkpoints brings no credit with it: that of work not durable yet waits", () => {
  const story = new Story({ hold: ["run"] });
  story.crowd(4);
  const job = submitRun(story, "job", SMALL);
  const outcome = (
    outcome: { type: "prepared" | "encoded" | "broadcastReady" } | { type: "verified"; isRight: boolean },
  ) => {
    const { effectId } = story.asked("run").at(-1)!.run;
    story.happen({ type: "ran", jobId: "job", run: { ...outcome, effectId } });
  };
  outcome({ type: "prepared" });
  outcome({ type: "encoded" });
  fetchAll(story);
  outcome({ type: "broadcastReady" });
  const [honest, liar] = sharesOut(story, "product");
  answerShare(story, honest!);
  outcome({ type: "verified", isRight: true });
  answerShare(story, liar!);
  outcome({ type: "verified", isRight: false });
  expect(job.stored.progress.liars).toHaveLength(1);
  expect([...job.credits.values()]).toMatchObject([{ assignments: 1 }]);
  const written = story.asked("persist").flatMap(({ records }) => records);
  const credits = written.flatMap((record) =>
    record.kind === "volunteer" ? [record.volunteer.creditAssignments] : [],
  );
  expect(credits.every((count) => count === 0)).toBe(true);
});

test("[GJ7] an invitation belongs to the first key that comes with it, and shards of T-private jobs go to no other", () => {
  const story = new Story();
  const code = { colluders: 1, stragglers: 0, liars: 0, iterations: 3 };
  const invitations = ["a", "b", "c"].map((letter) => ({ sha256: letter.repeat(64), volunteerId: null }));
  story.happen({ type: "jobSubmitted", job: storedRun("job", code, { invitations }) });
  const job = runOf(story, "job");
  story.crowd(3);
  expect(job.run!.waitingFor).toMatch(/3 more invited volunteers/);
  expect(runView(story.state, job).lacksTabs).toBe("more");
  const invite = (n: number, letter: string) => {
    const opening = { volunteerId: `w${n}`, nickname: `invited ${n}`, backend: "wasm", team: "", addressGroup: null };
    story.happen({ type: "sessionOpened", sessionId: `i${n}`, ...opening, invitationSha256: letter.repeat(64) });
    story.happen({ type: "sessionProbed", sessionId: `i${n}`, precision: "float32" });
  };
  invite(1, "a");
  invite(2, "b");
  invite(3, "a"); // somebody else has it already
  expect(job.run!.waitingFor).toMatch(/1 more invited/);
  expect(runView(story.state, job)).toMatchObject({
    waitingFor: expect.stringMatching(
      /^waiting for 1 more .*; 2 of 3 invitations are used, 1 volunteer came with one that another had used$/,
    ),
    invitations: { issued: 3, used: 2, turnedAway: 1 },
  });
  invite(5, "e"); // of no job here
  invite(4, "c");
  const standing = (n: number) => story.state.sessions.get(`i${n}`)!.invitation;
  expect([1, 2, 3, 4, 5].map(standing)).toEqual(["yours", "yours", "taken", "yours", "unknown"]);
  expect(story.state.sessions.get("s1")!.invitation).toBe(null);
  expect(sharesOut(story, "shard").map(({ sessionId }) => sessionId)).toEqual(["i1", "i2", "i4"]);
  story.happen({ type: "jobCancelled", jobId: "job" });
  invite(6, "a");
  expect(standing(6)).toBe("ended");
});

test("[GJ8] uncoded proves nothing, and earns nothing; a verified product earns its multiply-adds", () => {
  const earned = (scheme: string, counts: Record<string, number>) => {
    const story = new Story();
    story.crowd(4);
    const job = submitRun(story, "job", { ...SMALL, scheme, ...counts });
    iterate(story, job, 10);
    expect(job.stored.state).toBe("done");
    return [...story.state.volunteers.values()].reduce((sum, { creditMacs }) => sum + creditMacs, 0);
  };
  expect(earned("uncoded", { stragglers: 0, liars: 0 })).toBe(0);
  // Every round decodes from two results of 20 x 10 and 5 x 40 multiply-adds.
  expect(earned("avcc", {})).toBe(10 * 2 * (200 + 200));
});

test("[JB2] a cancelled job keeps the weights of its last checkpoint, and is asked of nobody any more", () => {
  const story = new Story();
  story.crowd(4);
  const job = submitRun(story, "job", SMALL);
  iterate(story, job, 6);
  story.happen({ type: "jobCancelled", jobId: "job" });
  expect(job.stored).toMatchObject({ state: "cancelled", weightsOf: 5 });
  expect(sharesOut(story)).toEqual([]);
  expect(story.asked("releaseJob")).toMatchObject([{ jobId: "job" }]);
});

test("[JB2] nothing is written of a coded run after its end: a tab that comes with an invitation does not wake it", () => {
  const story = new Story({ hold: ["persist"] });
  const code = { ...SMALL, colluders: 1 };
  const invitations = ["a", "b"].map((letter) => ({ sha256: letter.repeat(64), volunteerId: null }));
  story.happen({ type: "jobSubmitted", job: storedRun("job", code, { invitations }) });
  story.happen({ type: "persisted", effectId: story.asked("persist")[0]!.effectId });
  const opening = { nickname: "", team: "", backend: "plain", addressGroup: null };
  // The first one's write is refused: it waits in line, and so do the end and whatever comes after it.
  story.happen({
    type: "sessionOpened",
    sessionId: "s1",
    volunteerId: "v1",
    ...opening,
    invitationSha256: "a".repeat(64),
  });
  story.happen({ type: "persistFailed", effectId: story.asked("persist").at(-1)!.effectId, message: "full" });
  story.happen({ type: "jobCancelled", jobId: "job" });
  story.happen({
    type: "sessionOpened",
    sessionId: "s2",
    volunteerId: "v2",
    ...opening,
    invitationSha256: "b".repeat(64),
  });
  const written = story.state.persistQueue.flatMap(({ records }) => records.map(flat));
  const states = written.flatMap((record) => (record.kind === "run" ? [record.job.state] : []));
  expect(states.at(-1)).toBe("cancelled");
});
