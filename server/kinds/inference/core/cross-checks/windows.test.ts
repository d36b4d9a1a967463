import { describe, expect, test } from "vitest";
import { ledgerBound } from "../../../../../shared/verify/cross-checks/ledger.ts";
import { Story, type StoryOptions } from "../../../../coordinator/testing/story.ts";
import {
  begun,
  checkedJob,
  GROUPS_PER_ROUND,
  judge,
  SETTINGS,
  withDuplicates,
} from "../../testing/cross-checked-story.ts";
import { colluderShareIn } from "./crowd-lately.ts";
import { isCertified } from "./windows.ts";

const ROWS = 8_000;
/** So loose that a clean job of as many rows certifies itself while it runs. */
const LOOSE = { answerBound: 0.05 };

function loose(options: StoryOptions = {}, rows = ROWS): Story {
  return begun(options, 12, checkedJob({}, rows, LOOSE));
}

const ledgersOf = (story: Story) => story.job("job").stored.crossChecks!.ledgers ?? [];
const certifiedBelow = (story: Story, ledger = 0) => ledgersOf(story)[ledger]?.below ?? 0;

/** @param until looked at after each answer */
function goOn(story: Story, until: () => boolean, batches = 2_000): void {
  for (let n = 0; n < batches && !until() && story.out().length > 0; n++) story.answer(story.out()[0]!, 1);
}

/** kappa of the first windows. */
function checksBelow(story: Story, below: number): number {
  const job = story.job("job");
  const batches = [
    ...[...job.finishedRounds.values()].flatMap(({ sources }) => sources),
    ...[...job.openRounds.values()].flatMap(({ slots }) => slots.map(({ accepted }) => accepted)),
  ];
  const rows = batches.filter((batch) => (batch?.coins?.window ?? below) < below).length * GROUPS_PER_ROUND;
  return rows * job.stored.crossChecks!.terms!.checkShare * (1 - colluderShareIn(story.state, job.checks!));
}

/** A partner differs from whoever answered first, who is off. */
function nameSomebody(story: Story): string {
  for (let n = 0; n < 2_000; n++) {
    const waiting = story.asked("audit").filter(({ effectId }) => story.job("job").auditsPending.has(effectId));
    const found = waiting.find(({ crossChecked }) => crossChecked?.duplicates[0] != null);
    if (found !== undefined) {
      judge(story, found, { author: "wrong", sender: "fine" });
      return found.crossChecked!.duplicates[0]!.volunteerId;
    }
    for (const audit of waiting) judge(story, audit, null);
    story.answer(story.out()[0]!, 1);
  }
  throw new Error("nameSomebody: nothing came with a duplicate");
}

/** Audits wait to be judged from now on. */
function settle(story: Story): void {
  for (const audit of story.asked("audit"))
    if (story.job("job").auditsPending.has(audit.effectId)) judge(story, audit, "agrees");
}

describe("[CC12] rows are certified while their job runs", () => {
  test("once their coins are answered and the ledger has checks enough; nobody is told before that is durable", () => {
    const story = loose();
    goOn(story, () => certifiedBelow(story) > 0);
    const job = story.job("job");
    expect(story.jobState("job")).toBe("running");
    const [ledger] = ledgersOf(story);
    expect(ledger!.bound).toBeLessThanOrEqual(0.05);
    // It is not full: whoever is named next is reckoned with.
    const { terms } = job.stored.crossChecks!;
    expect(ledger!.bound * terms!.shares.job).toBeCloseTo(ledgerBound(0, checksBelow(story, ledger!.below)), 12);
    for (const { window } of job.checks!.pool.values()) expect(window).toBeGreaterThanOrEqual(ledger!.below);
    expect(job.checks!.ledgersDurable).toEqual(ledgersOf(story));

    const held = loose({ hold: ["persist"] });
    for (const { effectId } of held.asked("persist")) held.happen({ type: "persisted", effectId });
    let told = 0;
    goOn(held, () => {
      const waiting = held.asked("persist").slice(told);
      const isLast = waiting.some(({ records }) =>
        records.some((record) => record.kind === "job" && (record.job.crossChecks?.ledgers?.[0]?.below ?? 0) > 0),
      );
      if (isLast) return true;
      told += waiting.length;
      for (const { effectId } of waiting) held.happen({ type: "persisted", effectId });
      return false;
    });
    expect(certifiedBelow(held)).toBeGreaterThan(0);
    expect(held.job("job").checks!.ledgersDurable[0]?.below ?? 0).toBe(0);
    for (const { effectId } of held.asked("persist").slice(told)) held.happen({ type: "persisted", effectId });
    expect(held.job("job").checks!.ledgersDurable[0]!.below).toBe(certifiedBelow(held));
  });

  test("a naming ends it until the checks suffice for one more, and takes nothing back but the liar's own", () => {
    const story = loose({ hold: ["audit"] });
    for (let n = 0; n < 2_000 && certifiedBelow(story) === 0; n++) {
      settle(story);
      story.answer(story.out()[0]!, 1);
    }
    const before = certifiedBelow(story);
    expect(before).toBeGreaterThan(0);
    const author = nameSomebody(story);
    expect(story.state.volunteers.get(author)?.quarantine).not.toBeNull();
    const named = story.job("job").checks!.rowsTaken;
    for (let n = 0; n < 2_000 && story.job("job").checks!.rowsTaken < named + 1_000; n++) {
      settle(story);
      story.answer(story.out()[0]!, 1);
    }
    // kappa of two namings would be twice what the first window that was certified had.
    expect(certifiedBelow(story)).toBe(before);
    expect(withDuplicates(story).length).toBeGreaterThan(0);
  });

  test("a small job, and one that began before there were windows, is certified when it ends", () => {
    const small = begun({}, 12, checkedJob({}, 800));
    goOn(small, () => small.jobState("job") === "done");
    expect(certifiedBelow(small)).toBe(0);

    const { stored } = loose().job("job");
    const { ledger: _none, ...terms } = stored.crossChecks!.terms!;
    const old = new Story({ settings: SETTINGS });
    const crossChecks = { ...stored.crossChecks!, terms };
    old.happen({
      type: "restored",
      jobs: [{ job: { ...stored, crossChecks }, rounds: [], contributions: [] }],
      volunteers: [],
    });
    for (let n = 1; n <= 12; n++) old.join(n, `s${n}`, { addressGroup: `address ${n}` });
    goOn(old, () => old.job("job").checks!.rowsTaken > 6_000);
    expect(old.job("job").checks!.rowsTaken).toBeGreaterThan(6_000);
    expect(ledgersOf(old)).toEqual([]);
    for (const { sources } of old.job("job").finishedRounds.values())
      for (const source of sources) expect(source?.coins?.window).toBeUndefined();
  });

  test("after a restart they stay so, their coins are not asked again, and windows are counted on", () => {
    const story = loose();
    goOn(story, () => certifiedBelow(story) > 0);
    const before = story.job("job");
    const again = new Story({ settings: SETTINGS });
    const rounds = [...before.finishedRounds].map(([roundIndex, { openedMs: _opened, ...round }]) => ({
      roundIndex,
      ...round,
    }));
    again.happen({
      type: "restored",
      jobs: [{ job: { ...before.stored }, rounds, contributions: [] }],
      volunteers: [],
    });
    const { checks, stored } = again.job("job");
    expect(checks!.ledgersDurable).toEqual(stored.crossChecks!.ledgers);
    expect(checks!.pool.size).toBeGreaterThan(0);
    for (const { window } of checks!.pool.values()) expect(window).toBeGreaterThanOrEqual(certifiedBelow(story));
    const windows = rounds.flatMap(({ sources }) => sources.map((source) => source?.coins?.window ?? 0));
    for (let n = 1; n <= 12; n++) again.join(n, `s${n}`, { addressGroup: `address ${n}` });
    for (let n = 0; n < 8; n++) again.answer(again.out()[0]!, 1);
    for (const { slots } of again.job("job").openRounds.values()) {
      for (const { accepted } of slots)
        if (accepted !== null) expect(accepted.coins!.window).toBeGreaterThan(Math.max(...windows));
    }
  });

  test("a long job has several ledgers, each with namings of its own, and at its end all that is left is certified", () => {
    const story = loose({}, 20_000);
    expect(story.job("job").stored.crossChecks!.terms!.ledger!.ledgers).toBeGreaterThan(1);
    for (let n = 0; n < 10 && story.jobState("job") !== "done"; n++) goOn(story, () => false, 4_000);
    expect(story.jobState("job")).toBe("done");
    const { crossChecks } = story.job("job").stored;
    expect(ledgersOf(story).length).toBe(crossChecks!.terms!.ledger!.ledgers);
    for (const { sources } of story.job("job").finishedRounds.values())
      for (const source of sources) expect(isCertified(crossChecks, source?.coins)).toBe(true);
    expect(crossChecks!.certificate!.bound).toBeLessThanOrEqual(crossChecks!.terms!.shares.job * LOOSE.answerBound);
  });
});
