import { beforeAll, describe, expect, test } from "vitest";
import { DUPLICATE_BUDGET_SHARE } from "../../../../../shared/verify/cross-checks/parameters.ts";
import { quarantine } from "../../../../coordinator/reputation.ts";
import type { AskedOf, Story } from "../../../../coordinator/testing/story.ts";
import {
  begun,
  checkedJob,
  crowd,
  idsOf,
  judge,
  quarantineOf,
  toCheckBatches,
  toEnd,
} from "../../testing/cross-checked-story.ts";
import type { Batch } from "../job.ts";
import { NO_ROUND, type OutcomeOf } from "../work.ts";

type Sent = AskedOf<"sendAssignment">;

const isCheckBatch = ({ roundIndex }: Pick<Sent, "roundIndex">) => roundIndex === NO_ROUND;
const duplicatesOf = ({ payload }: Sent) => (payload as Batch).duplicates;
const checksOf = (story: Story) => story.job("job").checks!;

/** The audit of what this assignment came with. */
const auditOf = (story: Story, { assignmentId }: Sent) =>
  story.asked("audit").findLast((audit) => audit.assignmentId === assignmentId)!;

describe("[CC4] batches of duplicates alone", () => {
  test("go out when every fresh row is out, to the partners of their rows, and the job waits for them", () => {
    const story = begun();
    const out = toCheckBatches(story);
    expect(out.length).toBeGreaterThan(2);
    expect(story.job("job").finishedRounds.size).toBe(20);
    expect(story.jobState("job")).toBe("running");
    const sent = story.asked("sendAssignment");
    const first = sent.findIndex(isCheckBatch);
    expect(new Set(sent.slice(0, first).map(({ roundIndex }) => roundIndex)).size).toBe(20);
    for (const batch of sent.filter(isCheckBatch)) {
      expect(duplicatesOf(batch).length).toBeGreaterThan(0);
      expect(duplicatesOf(batch).length).toBeLessThanOrEqual(10);
    }
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
    expect(checksOf(story).pool.size).toBe(0);
    expect(story.asked("settle")).toEqual([]);
  });

  test("[DP12] have no more rows than rounds of the size that suits their partner have groups", () => {
    const roundSizes = [10, 1].map((groupsPerRound, size) => ({
      ...{ fromRound: 15 * size, firstPlace: 600 * size, groupsPerRound },
    }));
    const story = begun({}, 12, checkedJob({ roundSizes }));
    for (let next = freshOut(story); next !== undefined; next = freshOut(story)) story.answer(next, 4_000);
    const sent = story.out();
    expect(sent.length).toBeGreaterThan(2);
    const rows = sent.map((batch) => duplicatesOf(batch).length);
    for (const count of rows) expect(count).toBe(1);
  });

  test("[CC5] check whoever answered first, and not whoever knew that it would be compared", () => {
    const story = begun({ hold: ["audit"] });
    const [batch] = toHeldCheckBatches(story);
    story.answer(batch!, 1);
    const audit = auditOf(story, batch!);
    const authors = audit.crossChecked!.duplicates.map((of) => of!.volunteerId);
    const { counts } = checksOf(story);
    const sum = (volunteerId: string) =>
      [...(counts.get(volunteerId)?.partners.values() ?? [])].reduce((total, count) => total + count, 0);
    const before = new Map([...authors, audit.volunteerId].map((id) => [id, sum(id)] as const));
    judge(story, audit, "agrees");
    expect(sum(audit.volunteerId)).toBe(before.get(audit.volunteerId));
    for (const author of new Set(authors))
      expect(sum(author)).toBe(before.get(author)! + authors.filter((other) => other === author).length);
  });

  test("[PC7] are measured as what the tab computes the model on", () => {
    const story = crowd();
    const job = checkedJob();
    const onBackend = (backend: string) => {
      for (const sessionId of story.state.sessions.keys())
        story.happen({ type: "modelOnBackend", sessionId, modelSha256: job.modelSha256, backend });
    };
    onBackend("webgpu");
    story.submitJob(job);
    const out = toCheckBatches(story);
    expect(out.length).toBeGreaterThan(2);
    for (const { payload } of out) expect(payload).toMatchObject({ isCheckBatch: true, backend: "webgpu" });
    const keys = [...story.state.volunteers.values()].flatMap(({ classes }) => [...classes.keys()]);
    expect(new Set(keys)).toEqual(new Set([`${job.modelSha256} webgpu`]));
    // Said while one is out.
    onBackend("wasm");
    for (const { payload } of story.out()) expect(payload).toMatchObject({ backend: "wasm" });
  });

  test("[CR1] earn credit, durable with the job's end", () => {
    const story = begun();
    const [batch] = toCheckBatches(story);
    const { volunteerId } = batch!;
    const { creditMacs: before } = story.state.volunteers.get(volunteerId)!;
    const works = new Map<number, number>();
    for (const [id, { volunteerId: of, work }] of story.state.assignments) if (of === volunteerId) works.set(id, work);
    toEnd(story);
    expect(story.state.volunteers.get(volunteerId)!.creditMacs).toBeGreaterThanOrEqual(
      before + works.get(batch!.assignmentId)!,
    );
    const written = story.asked("persist").flatMap(({ records }) => records);
    expect(written.some((record) => record.kind === "volunteer" && record.volunteer.volunteerId === volunteerId)).toBe(
      true,
    );
  });

  test("[VF4] whoever is named meanwhile is at none any more, and its answer changes nothing", () => {
    const story = begun({ hold: ["voidAssignment"] });
    const [batch] = toCheckBatches(story);
    const { assignmentId, volunteerId } = batch!;
    quarantine(story.step(), story.state.volunteers.get(volunteerId)!, { jobId: "job", roundIndex: 0 }, "a lie");
    expect(checksOf(story).batchesOut).not.toContain(assignmentId);
    expect(story.state.assignments.get(assignmentId)).toMatchObject({ state: "dropped" });
    const audits = story.asked("audit").length;
    story.answer(batch!, 1);
    expect(story.asked("audit").length).toBe(audits);
  });

  test("whoever is late with one, or leaves, has its rows go to other partners", () => {
    const story = begun();
    const [late, left, ...others] = toCheckBatches(story);
    for (const other of others) story.answer(other, 1);
    story.happen({ type: "sessionClosed", sessionId: left!.sessionId });
    story.pass(60_000);
    const again = story.asked("sendAssignment").filter(({ assignmentId }) => assignmentId > left!.assignmentId);
    const placesOf = (sent: readonly Sent[]) => new Set(sent.flatMap(duplicatesOf).map((row) => JSON.stringify(row)));
    const wanted = placesOf([late!, left!]);
    expect(placesOf(again)).toEqual(new Set([...placesOf(again), ...wanted]));
    for (const { sessionId } of again) expect(sessionId).not.toBe(left!.sessionId);
    toEnd(story);
    expect(story.jobState("job")).toBe("done");
  });

  test("whoever is off there is named, its part is done again, and the job ends then", () => {
    const story = begun({ hold: ["audit"] });
    const [batch] = toHeldCheckBatches(story);
    story.answer(batch!, 1);
    const audit = auditOf(story, batch!);
    const liar = audit.crossChecked!.duplicates[0]!.volunteerId;
    judge(story, audit, { author: "wrong", sender: "fine" });
    expect(quarantineOf(story, liar)).toMatchObject({ jobId: "job" });
    toHeldEnd(story);
    expect(story.jobState("job")).toBe("done");
    for (const { sources } of story.job("job").finishedRounds.values())
      for (const source of sources) expect(source?.volunteerId).not.toBe(liar);
  });

  test("[VF14] are let go of where the job turns out to be one that cannot be checked", () => {
    const story = begun({ hold: ["audit", "confirm"] });
    const [batch] = toHeldCheckBatches(story);
    story.answer(batch!, 1);
    judge(story, auditOf(story, batch!), { author: "wrong", sender: "fine" });
    const confirm = story.asked("confirm").at(-1)!;
    const [volunteerId] = confirm.volunteerIds;
    const judged: OutcomeOf<"confirmed">["judged"] = [{ volunteerId: volunteerId!, verdict: "unstable", spread: 1 }];
    story.happen({ type: "confirmed", ...idsOf(confirm), assignmentId: confirm.assignmentId, judged });
    expect(story.job("job").stored.suspended).not.toBeNull();
    expect(story.out()).toEqual([]);
  });
});

describe("[CC10] rows that are done again", () => {
  /** @param records of the volunteers 1, 2, ...: rows taken in */
  function redone(records: readonly number[]): Sent[] {
    const story = begun({ hold: ["audit"] });
    const [batch] = toHeldCheckBatches(story);
    story.answer(batch!, 1);
    const audit = auditOf(story, batch!);
    records.forEach((rows, n) => {
      story.state.volunteers.get(`v${n + 1}`)!.rowsTaken = rows;
    });
    const before = story.asked("sendAssignment").length;
    judge(story, audit, { author: "wrong", sender: "fine" });
    toHeldEnd(story);
    expect(story.jobState("job")).toBe("done");
    return story
      .asked("sendAssignment")
      .slice(before)
      .filter((sent) => !isCheckBatch(sent));
  }

  test("go to volunteers with a record, as long as these are of six addresses", () => {
    // One of them may be the liar.
    const again = redone([0, 0, 0, 0, 900, 900, 900, 900, 900, 900, 900, 900]);
    expect(again.length).toBeGreaterThan(2);
    for (const { volunteerId } of again) expect(Number(volunteerId.slice(1))).toBeGreaterThan(4);
  });

  test("go to anybody where fewer have one: nobody is waited for who is not there", () => {
    const again = redone([900, 900, 900, 900, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(again.some(({ volunteerId }) => Number(volunteerId.slice(1)) > 4)).toBe(true);
  });
});

describe("[CC8] volunteers above the bound", () => {
  const ROWS = 10_000;
  let story: Story;

  beforeAll(() => {
    // Somebody was named in this service lately: most of the bound is for each volunteer's own checks.
    story = crowd();
    story.state.crowdLately.window.addNaming("established", { rows: 1, typicalRows: 1, byPartner: true });
    story.submitJob(checkedJob({}, ROWS));
    toEnd(story);
  }, 60_000);

  test("have more of their rows answered by others, within the budget, before the coordinator computes any", () => {
    expect(story.job("job").stored.crossChecks!.terms!.shares.volunteers).toBe(0.9);
    expect(story.jobState("job")).toBe("done");
    const { raised, duplicatesSent, looksAtEnd } = checksOf(story);
    expect(looksAtEnd).toBeGreaterThan(0);
    expect(raised.size).toBeGreaterThan(0);
    // The budget, and what had come to wait before.
    expect(duplicatesSent).toBeLessThan((DUPLICATE_BUDGET_SHARE + 0.03) * ROWS);
    const lastCheck = story.effects.findLastIndex((effect) => effect.type === "sendAssignment");
    const firstTopUp = story.effects.findIndex(({ type }) => type === "topUp");
    expect(firstTopUp).toBeGreaterThan(lastCheck);
  });

  test("whom that does not bring there have rows done again by those within it", () => {
    const { rowsReplaced, within } = checksOf(story);
    expect(rowsReplaced).toBeGreaterThan(0);
    expect(rowsReplaced).toBeLessThanOrEqual(0.05 * ROWS);
    const again = story.asked("sendAssignment").filter(({ payload }) => (payload as Batch).generation > 0);
    expect(again.length).toBeGreaterThan(0);
    for (const { volunteerId } of again) expect(within!.has(volunteerId)).toBe(true);
    // Nobody was named, and nothing of it is anybody's fault.
    expect(story.state.quarantinedCount).toBe(0);
  });
});

const freshOut = (story: Story) => story.out().find((sent) => !isCheckBatch(sent));

/** As toCheckBatches, of a story that judges audits itself: all of them are right. */
function toHeldCheckBatches(story: Story): Sent[] {
  for (let n = 0; n < 4_000; n++) {
    judgeAll(story);
    const next = story.out().find((sent) => !isCheckBatch(sent));
    if (next === undefined) break;
    story.answer(next, 1);
  }
  return story.out();
}

function toHeldEnd(story: Story): void {
  for (let n = 0; n < 4_000; n++) {
    judgeAll(story);
    const next = story.out()[0];
    if (next === undefined) break;
    story.answer(next, 1);
  }
}

function judgeAll(story: Story): void {
  const { auditsPending } = story.job("job");
  for (const audit of story.asked("audit")) if (auditsPending.has(audit.effectId)) judge(story, audit, "agrees");
}
