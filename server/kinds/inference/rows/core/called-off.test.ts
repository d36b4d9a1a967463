/** [CK6] What a job leaves on its account that ends before its rows are answered: neither an old account, nor a reserve that nobody gives back. */
import { expect, test } from "vitest";
import { free } from "../../../../checks/account.ts";
import type { Account } from "../../../../checks/words.ts";
import type { Effect } from "../../../../coordinator/effects.ts";
import { RowsStory, type RowsStoryOptions } from "../testing/rows-story.ts";
import type { RowsRecord } from "../work.ts";

const LARGE = { macsPerQuery: 1e9 };
const ROWS = 20_000;
const lies = (volunteerId: string, place: number) => volunteerId === "v2" && place % 4 === 0;
const accountOf = ({ state }: RowsStory) => [...state.accounts.values()][0]!;
const unchecked = { type: "request", kind: "inference", jobId: "job", request: { type: "goOnUnchecked" } } as const;

function begun(options: RowsStoryOptions = {}, rows = ROWS): RowsStory {
  const story = new RowsStory(options);
  story.crowd(6);
  story.submit("job", rows, LARGE);
  return story;
}

function answerUntil(story: RowsStory, isSo: () => boolean): void {
  for (let n = 0; n < 400 && !isSo(); n++)
    story.answer(story.out().find(({ assignmentId }) => story.state.assignments.get(assignmentId)?.startedMs != null)!);
  expect(isSo()).toBe(true);
}

const isOpening = (effect: Effect) =>
  effect.type === "persist" &&
  effect.records.some((record) => record.kind === "job" && (record.record as RowsRecord).type === "block");

test("called off while its opening is written, a block costs nothing and leaves nothing", () => {
  let held: Effect | null = null;
  const story = begun({
    holds: (effect) => {
      if (held !== null || !isOpening(effect)) return false;
      held = effect;
      return true;
    },
  });
  expect(accountOf(story).held).toBeGreaterThan(0);
  story.happen({ type: "jobCancelled", jobId: "job" });
  story.happen({ type: "persisted", effectId: (held as unknown as { effectId: number }).effectId });
  expect(story.stateOf("job")).toBe("cancelled");
  expect(accountOf(story)).toMatchObject({ held: 0, charged: 0 });
  expect(accountOf(story).places).toBeLessThanOrEqual(1);
});

test("a job that cannot be checked, and is called off or goes on unchecked, leaves no old account", () => {
  for (const then of [{ type: "jobCancelled", jobId: "job" }, unchecked] as const) {
    const story = begun({ lies, verdict: () => "unstable" });
    answerUntil(story, () => story.job("job").stored.suspended !== null);
    story.happen(then as never);
    expect(accountOf(story).charged).toBeGreaterThan(0);
    expect(free(accountOf(story))).toBeLessThan(0.01);
    expect(free(accountOf(story))).toBeGreaterThan(-1e-6);
    if (then === unchecked) story.answerAll();
    expect(story.stateOf("job")).toBe(then === unchecked ? "done" : "cancelled");
    expect(free(accountOf(story))).toBeGreaterThan(-1e-6);
  }
});

test("a job that fails leaves no old account", () => {
  let isFailing = false;
  const story = begun(
    { holds: (effect) => isFailing && effect.type === "work" && effect.work.type === "recompute" },
    5 * ROWS,
  );
  answerUntil(story, () => story.finalCount("job") > 0);
  isFailing = true;
  const work = () => story.effects.findLast((effect) => effect.type === "work" && effect.work.type === "recompute");
  const before = work();
  answerUntil(story, () => work() !== before);
  const { effectId } = work() as unknown as { effectId: number };
  const outcome = { type: "recomputeFailed", message: "no" };
  story.happen({ type: "outcome", kind: "inference", jobId: "job", effectId, outcome } as never);
  expect(story.stateOf("job")).toBe("failed");
  expect(accountOf(story)).toMatchObject({ held: 0 });
  expect(free(accountOf(story))).toBeLessThan(0.01);
});

test("called off before it is prepared again after a crash, a job leaves neither a reserve nor an old account", () => {
  const story = begun();
  for (let n = 0; n < 10; n++) story.answer(story.out()[0]!);
  const again = story.restart({ holds: (effect) => effect.type === "work" && effect.work.type === "prepareRows" });
  expect(again.stateOf("job")).toBe("preparing");
  again.happen({ type: "jobCancelled", jobId: "job" });
  expect(again.stateOf("job")).toBe("cancelled");
  expect(accountOf(again).held).toBe(0);
  expect(free(accountOf(again))).toBeLessThan(0.01);
});

test("[VF14] a retry that waits is not opened once its job goes on unchecked", () => {
  let isArmed = false;
  // Without a known row nobody works for the other job: its block stays open.
  const isOfOther = (effect: Effect) => effect.type === "work" && effect.jobId === "other";
  const story = new RowsStory({
    lies: (volunteerId, place) => lies(volunteerId, place) || (isArmed && volunteerId === "v3"),
    holds: (effect) => isOfOther(effect) && (effect as { work: { type: string } }).work.type === "recompute",
  });
  story.crowd(6);
  story.submit("job", 2_000, LARGE);
  story.submit("other", 3_000, LARGE);
  const job = story.job("job");
  story.answerAll();
  expect(job.waitsFor).not.toBeNull();
  // Whoever is named elsewhere leaves rows that go out again.
  isArmed = true;
  story.submit("third", 1_000, LARGE, { submitter: "somebody else" });
  story.answerAll();
  // What a claim that is late says may tell so now.
  job.stored.suspended = { atMs: story.nowMs, reason: "its rows differ" };
  story.happen(unchecked as never);
  expect(story.stateOf("job")).toBe("running");
  // As if the other had ended.
  const [[key, account]] = [...story.state.accounts] as [[string, Account]];
  story.state.accounts.set(key, { ...account, held: 0 });
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
  expect(job.blocksBefore).toEqual([]);
});
