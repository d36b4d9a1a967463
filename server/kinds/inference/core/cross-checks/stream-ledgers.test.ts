import { describe, expect, test } from "vitest";
import { COME_BACK_MS } from "../../../../../shared/protocol/limits.ts";
import {
  catchChance,
  STREAM_CHECK_SHARE,
  streamChainBound,
  streamSampleRows,
} from "../../../../../shared/verify/cross-checks/stream-ledgers.ts";
import { Story, storedJob } from "../../../../coordinator/testing/story.ts";
import { judge, quarantineOf, SETTINGS, withDuplicates } from "../../testing/cross-checked-story.ts";
import {
  answerOut,
  ask,
  begunStream,
  chainRowsOf,
  ledgerRowsOf,
  ledgersOf,
  STREAM_BOUND,
  streamJob,
  streamOf,
} from "../../testing/cross-checked-stream.ts";
import { NO_ROUND } from "../work.ts";
import { colluderShareIn } from "./crowd-lately.ts";
import { anchorShareNow, caughtIn, checkedStream } from "./stream-ledgers.ts";
import { leastAnchorShare, takesCrossChecks } from "./stream-terms.ts";
import { isCertified, ledgerOver } from "./windows.ts";

const sourcesOf = (story: Story) =>
  [...story.job("job").finishedRounds.values()].flatMap(({ sources }) => sources.flatMap((source) => source ?? []));
const randomRowsOf = (story: Story, from = 0) =>
  story
    .asked("audit")
    .slice(from)
    .reduce((sum, { randomRows, crossChecked }) => sum + randomRows + (crossChecked?.anchors.length ?? 0), 0);

/** Queries are asked until a duplicate comes back, whose author is found to be off. @returns the author */
function nameSomebody(story: Story): string {
  for (let n = 0; n < 2_000; n++) {
    const waiting = story.asked("audit").filter(({ effectId }) => story.job("job").auditsPending.has(effectId));
    const found = waiting.find(({ crossChecked }) => crossChecked?.duplicates[0] != null);
    if (found !== undefined) {
      const author = found.crossChecked!.duplicates[0]!.volunteerId;
      judge(story, found, { author: "wrong", sender: "fine" });
      return author;
    }
    for (const audit of waiting) judge(story, audit, null);
    ask(story, 1);
  }
  throw new Error("nameSomebody: nothing came with a duplicate");
}

/** The audits that wait are well, until nothing is left of them. */
function settle(story: Story): void {
  for (let n = 0; n < 100; n++) {
    const waiting = story.asked("audit").filter(({ effectId }) => story.job("job").auditsPending.has(effectId));
    if (waiting.length === 0) return answerOut(story);
    for (const audit of waiting) judge(story, audit, "agrees");
    answerOut(story);
  }
}

describe("[CC14] streams", () => {
  test("one whose submitter wants it so is audited: each window of one query is recomputed", () => {
    const story = begunStream({}, 12, streamJob({}, { crossChecks: "no" }));
    ask(story, 40);
    expect(story.job("job").stored.crossChecks).toBeNull();
    expect(story.asked("audit").every(({ randomRows, crossChecked }) => randomRows === 1 && !crossChecked)).toBe(true);
  });

  test("its results are cross-checked unless its submitter wants audits; no other job is a stream", () => {
    const takes = (source: object) => takesCrossChecks(streamJob({}, source).submission);
    expect([takes({ crossChecks: undefined }), takes({ crossChecks: "yes" }), takes({ crossChecks: "no" })]).toEqual([
      true,
      true,
      false,
    ]);
    // So small a bound that only full ledgers are certified.
    const small = (source: object) => takesCrossChecks(streamJob({ answerBound: 1e-4 }, source).submission);
    expect([small({ crossChecks: undefined }), small({ crossChecks: "yes" })]).toEqual([false, true]);
    expect(takesCrossChecks(storedJob("job", {}, 10, 1_000).submission)).toBe(false);
  });

  test("[CC1] one that was accepted under audits goes on under audits, whatever is asked for by default since", () => {
    const job = { ...streamJob({}, { crossChecks: undefined }), crossChecks: null };
    const story = begunStream({}, 12, job);
    ask(story, 20);
    expect(story.job("job").stored.crossChecks).toBeNull();
    expect(story.asked("audit").every(({ randomRows, crossChecked }) => randomRows === 1 && !crossChecked)).toBe(true);
  });

  test("rows have coins, about one in fifty goes out again, and hardly any is recomputed", () => {
    const story = begunStream();
    const rows = 600;
    ask(story, rows);
    expect(sourcesOf(story)).toHaveLength(rows);
    expect(sourcesOf(story).every(({ coins }) => coins?.window === 0)).toBe(true);
    const duplicates = story.job("job").checks!.duplicatesSent;
    expect(duplicates / rows).toBeGreaterThan(STREAM_CHECK_SHARE / 2);
    expect(duplicates / rows).toBeLessThan(2 * STREAM_CHECK_SHARE);
    expect(randomRowsOf(story) / rows).toBeLessThan(0.06);
    // They travel by themselves where somebody idles.
    expect(withDuplicates(story).some(({ roundIndex }) => roundIndex === NO_ROUND)).toBe(true);
    // Whoever is asked for an older row knows it: that it agrees says nothing of itself.
    for (const { partners, rows: own } of story.job("job").checks!.counts.values())
      expect([...partners.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(own);
    const checksOfAll = [...story.job("job").checks!.counts.values()].flatMap(({ partners }) => [...partners.values()]);
    expect(checksOfAll.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(duplicates);
  });

  test("each ledger has a share of anchors by the answers behind the service, which a restart does not change", () => {
    const story = begunStream();
    const { terms } = story.job("job").stored.crossChecks!;
    const shares = (of: Story) => ledgersOf(of).map(({ anchorShare }) => anchorShare!);
    expect(shares(story)).toEqual([terms!.anchorShare]);
    story.state.crowdLately.rowsSinceAlarm = 100_000_000;
    ask(story, ledgerRowsOf(story) + 20);
    const [first, second] = shares(story);
    expect(second).toBeLessThan(first! / 2);
    // Of the chain the least counts.
    const caught = caughtIn(story.state, story.job("job"), checkedStream(story.job("job"))!, 1);
    const beta = colluderShareIn(story.state, story.job("job").checks!);
    expect(caught).toBeCloseTo(catchChance(second!, STREAM_CHECK_SHARE, beta), 12);
    expect(leastAnchorShare(story.job("job").stored.crossChecks)).toBe(second);
    // Certified, it keeps its share.
    expect(ledgersOf(story)[0]!.bound).toBeLessThan(1);
    const again = restarted(story);
    expect(shares(again)).toEqual([first, second]);
    expect(anchorShareNow(again.job("job"), terms!)).toBe(second);
  });

  test("one that began before ledgers had shares of their own keeps that of its terms", () => {
    const story = begunStream();
    ask(story, 10);
    const { crossChecks } = story.job("job").stored;
    const { hasOwnAnchors: _own, chainRows: _chain, ...stream } = crossChecks!.terms!.stream!;
    const ledgers = ledgersOf(story).map(({ anchorShare: _share, ...ledger }) => ledger);
    const old = restarted(story, {
      crossChecks: { ...crossChecks!, terms: { ...crossChecks!.terms!, stream }, ledgers },
    });
    old.state.crowdLately.rowsSinceAlarm = 100_000_000;
    for (let n = 1; n <= 12; n++) old.join(n, `s${n}`, { addressGroup: `address ${n}` });
    ask(old, ledgerRowsOf(old));
    expect(streamOf(old).current).toBe(1);
    expect(ledgersOf(old).map(({ anchorShare }) => anchorShare)).toEqual([undefined, undefined]);
    const { terms } = old.job("job").stored.crossChecks!;
    expect(anchorShareNow(old.job("job"), terms!)).toBe(terms!.anchorShare);
  });

  test("the first rows are audited by the row: a twentieth of them, not one of each window", () => {
    const story = begunStream({ settings: { firstAuditedRows: 400 } });
    ask(story, 400);
    const first = story.asked("audit").reduce((sum, { randomRows }) => sum + randomRows, 0);
    expect(first).toBeGreaterThan(5);
    expect(first).toBeLessThan(50);
    const from = story.asked("audit").length;
    ask(story, 100);
    expect(
      story
        .asked("audit")
        .slice(from)
        .every(({ randomRows }) => randomRows === 0),
    ).toBe(true);
  });

  test("a full ledger is certified once all of its coins are answered, and the next one begins", () => {
    const story = begunStream({ hold: ["persist"] });
    const persisted = new Set<number>();
    const write = (isLast: (certified: boolean) => boolean = () => false) => {
      for (const { effectId, records } of story.asked("persist")) {
        const certified = records.some(
          (record) => record.kind === "job" && (record.job.crossChecks?.ledgers?.[0]?.bound ?? 1) < 1,
        );
        if (persisted.has(effectId) || isLast(certified)) continue;
        persisted.add(effectId);
        story.happen({ type: "persisted", effectId });
      }
    };
    for (let n = 0; n < 4; n++) write();
    const rows = ledgerRowsOf(story);
    for (let n = 0; n < rows + 60 && (ledgersOf(story)[0]?.bound ?? 1) === 1; n++) {
      ask(story, 1);
      for (let i = 0; i < 6; i++) {
        write((certified) => certified);
        answerOut(story);
      }
    }
    const [first, second] = ledgersOf(story);
    expect(first!.bound).toBeLessThanOrEqual(STREAM_BOUND);
    expect(first!.below).toBe(25);
    expect(second).toMatchObject({ below: 25, bound: 1 });
    for (const { window } of story.job("job").checks!.pool.values()) expect(window).not.toBe(0);
    // Nobody is told before it is durable.
    expect(story.job("job").checks!.ledgersDurable[0]!.bound).toBe(1);
    write();
    expect(story.job("job").checks!.ledgersDurable[0]!.bound).toBe(first!.bound);
    expect(story.asked("sample")).toEqual([]);
    const { crossChecks } = story.job("job").stored;
    const ofFirst = sourcesOf(story).filter(({ coins }) => coins!.window === 0);
    expect(ofFirst.length).toBeGreaterThanOrEqual(0.95 * rows);
    expect(ofFirst.every(({ coins }) => isCertified(crossChecks, coins))).toBe(true);
  });

  test("one that is not full when its time is over is completed from a sample of it, and of no others", () => {
    const story = begunStream({ hold: ["sample"] }, 12, streamJob({}, { finalWithinMs: 60_000 }));
    ask(story, 100);
    expect(story.asked("sample")).toEqual([]);
    story.pass(60_000);
    answerOut(story);
    expect(streamOf(story).current).toBe(1);
    const [{ effectId, jobId, rows, window }] = story.asked("sample") as [ReturnType<typeof sampleOf>];
    expect(window).toBe(0);
    const checked = checkedStream(story.job("job"))!;
    const caught = caughtIn(story.state, story.job("job"), checked, 0);
    expect(rows).toBe(streamSampleRows([], 100, caught, STREAM_BOUND));
    expect(rows).toBeGreaterThan(0);
    expect(ledgersOf(story)[0]!.bound).toBe(1);
    story.happen({ type: "settled", effectId, jobId, found: [{ volunteerId: "v1", checked: rows, failed: 0 }] });
    expect(ledgersOf(story)[0]!.bound).toBeLessThanOrEqual(STREAM_BOUND);
    expect(ledgersOf(story)[0]).toMatchObject({ rows: 100, sampledShare: rows / 100 });
    // The next one has its own time, and lacks less: what was certified before is at stake in it.
    ask(story, 5);
    story.pass(60_000);
    answerOut(story);
    const next = story.asked("sample").at(-1)!;
    expect(next.window).toBe(25);
    expect(next.rows).toBe(streamSampleRows([{ rows: 100, sampledShare: rows / 100 }], 5, caught, STREAM_BOUND));
    expect(next.rows).toBeLessThan(streamSampleRows([], 5, caught, STREAM_BOUND)!);
  });

  function sampleOf(story: Story) {
    return story.asked("sample")[0]!;
  }

  test("rows that fill up a group make no ledger full, and stand for no check of an answer", () => {
    const code = { queriesPerGroup: 2, groupsPerRound: 10 };
    const story = begunStream({ hold: ["sample"] }, 12, streamJob(code, { finalWithinMs: 60_000 }));
    const queries = 300;
    // Two groups of two.
    for (let firstQuery = 0; firstQuery < queries; firstQuery += 3) {
      story.happen({ type: "queriesPosted", jobId: "job", firstQuery, queryCount: 3 });
      answerOut(story);
    }
    expect(sourcesOf(story).filter(({ coins }) => coins?.window === 0)).toHaveLength((2 * queries) / 3);
    expect(streamOf(story).rows).toBe(queries);
    story.pass(60_000);
    answerOut(story);
    expect(story.asked("sample")).toEqual([expect.objectContaining({ window: 0 })]);
    // Whoever lies need not lie in a row that is no answer.
    const caught = caughtIn(story.state, story.job("job"), checkedStream(story.job("job"))!, 0);
    expect(streamSampleRows([], queries, caught, STREAM_BOUND)).toBe(sampleOf(story).rows);
  });

  test("coins that nobody is there to answer are answered by the coordinator when its time is over", () => {
    const story = begunStream({}, 12, streamJob({}, { finalWithinMs: 60_000 }));
    ask(story, 200, () => story.job("job").checks!.pool.size > 0 && story.asked("audit").length > 100);
    // Only rows that wait for somebody count here.
    for (let n = 0; n < 200 && story.job("job").checks!.pool.size === 0; n++) {
      const firstQuery = story.job("job").stream!.received;
      story.happen({ type: "queriesPosted", jobId: "job", firstQuery, queryCount: 1 });
      const next = story.out()[0]!;
      story.answer(next, 1);
    }
    expect(story.job("job").checks!.pool.size).toBeGreaterThan(0);
    for (const sessionId of [...story.state.sessions.keys()]) story.happen({ type: "sessionClosed", sessionId });
    story.pass(60_001);
    // As after a restart: they may come back.
    expect(story.asked("settle")).toEqual([]);
    story.join(20, "coarse", { addressGroup: "another address", precision: "float16" });
    expect(story.asked("settle")).toHaveLength(1);
    expect(story.job("job").checks!.pool.size).toBe(0);
  });

  test("a naming costs its ledger the certificate, and the rest of its rows are audited; the next one begins when it is full", () => {
    const story = begunStream({ hold: ["audit"] }, 12, streamJob({ answerBound: 0.2 }, { finalWithinMs: 60_000 }));
    const author = nameSomebody(story);
    expect(quarantineOf(story, author)).not.toBeNull();
    expect(streamOf(story)).toMatchObject({ current: 0, wasNamed: true, isAudited: true });
    settle(story);
    const from = story.asked("audit").length;
    for (let n = 0; n < 30; n++) {
      ask(story, 1);
      settle(story);
    }
    const audited = story
      .asked("audit")
      .slice(from)
      .filter(({ roundIndex }) => roundIndex !== NO_ROUND);
    expect(audited.length).toBeGreaterThanOrEqual(30);
    expect(audited.every(({ randomRows }) => randomRows === 1)).toBe(true);
    // Its time ends it no more: else a coalition would try again at once.
    story.pass(600_000);
    expect(streamOf(story).current).toBe(0);
    // Nor does the number of rows that certifies one in which nobody is named: its chain has to be full.
    const left = () => chainRowsOf(story) - streamOf(story).rows;
    expect(left()).toBeGreaterThan(ledgerRowsOf(story));
    while (streamOf(story).current === 0 && left() > 0) {
      ask(story, 1);
      settle(story);
    }
    expect(streamOf(story)).toMatchObject({ current: 1, wasNamed: false, isAudited: false });
    expect(ledgersOf(story)[0]!.bound).toBe(1);
    ask(story, 1);
    settle(story);
    expect(sourcesOf(story).some(({ coins }) => coins?.window === 25)).toBe(true);
  });

  test("ledgers of a chain need fewer rows each, and have one bound together, within that of the stream", () => {
    const story = begunStream();
    const caughtNow = (ledger: number) =>
      caughtIn(story.state, story.job("job"), checkedStream(story.job("job"))!, ledger);
    for (let n = 0; n < 4_000 && ledgersOf(story).filter(({ bound }) => bound < 1).length < 3; n++) ask(story, 1);
    const [first, second, third] = ledgersOf(story);
    expect([second!.chain, third!.chain]).toEqual([0, 0]);
    expect(first!.rows!).toBeGreaterThanOrEqual(0.95 * ledgerRowsOf(story));
    expect(second!.rows!).toBeLessThan(0.6 * first!.rows!);
    const chain = [first, second, third].map((ledger) => ({ rows: ledger!.rows!, sampledShare: 0 }));
    const bound = streamChainBound(chain, caughtNow(2));
    expect(bound).toBeLessThanOrEqual(STREAM_BOUND);
    for (const ledger of [first, second, third]) expect(ledger!.bound).toBe(bound);
    // By itself it is far above: what stands in the others is at stake with it.
    expect(streamChainBound([chain[2]!], caughtNow(2))).toBeGreaterThan(1.5 * STREAM_BOUND);
    expect(story.asked("sample")).toEqual([]);
  });

  test("a naming takes nothing of its chain that is certified, and another chain begins when this one is full", () => {
    const answerBound = 0.2;
    const story = begunStream({ hold: ["audit"] }, 12, streamJob({ answerBound }));
    const goOn = () => {
      ask(story, 1);
      settle(story);
    };
    for (let n = 0; n < 4_000 && (ledgersOf(story)[0]!.bound === 1 || streamOf(story).current === 0); n++) goOn();
    const { bound } = ledgersOf(story)[0]!;
    expect(bound).toBeLessThan(1);
    nameSomebody(story);
    settle(story);
    expect(streamOf(story)).toMatchObject({ current: 1, wasNamed: true, isAudited: true });
    expect(ledgersOf(story)[0]!.bound).toBe(bound);
    const rowsOfChain = () => ledgersOf(story)[0]!.rows! + streamOf(story).rows;
    let before = rowsOfChain();
    for (let n = 0; n < 4_000 && streamOf(story).current === 1; n++) {
      before = rowsOfChain();
      goOn();
    }
    // As many rows as lies before its first naming are within the bound of.
    expect(before).toBeGreaterThanOrEqual(chainRowsOf(story) - 2);
    expect(before).toBeLessThan(chainRowsOf(story) + 2);
    expect(ledgersOf(story)[1]).toMatchObject({ bound: 1, isGivenUp: true, chain: 0 });
    expect(ledgersOf(story)[2]!.chain).toBeUndefined();
    expect(streamOf(story)).toMatchObject({ wasNamed: false, fullRows: ledgerRowsOf(story) });
    // Who was named before is none of its namings.
    for (let n = 0; n < 4_000 && ledgersOf(story)[2]!.bound === 1; n++) goOn();
    expect(ledgersOf(story)[2]!.bound).toBeLessThanOrEqual(answerBound);
    expect(ledgersOf(story).slice(0, 2)).toMatchObject([{ bound }, { bound: 1 }]);
  });

  test("[VF10] where the operator's cap left out an anchor no anchor of that ledger counts, after a restart too", () => {
    const story = begunStream();
    story.state.crowdLately.rowsSinceAlarm = 0;
    const { terms } = story.job("job").stored.crossChecks!;
    // All of its rows would be anchors.
    const { crossChecks } = story.job("job").stored;
    const ledgers = ledgersOf(story).map((ledger) => ({ ...ledger, anchorShare: 1 }));
    story.job("job").stored.crossChecks = { ...crossChecks!, ledgers, terms: { ...terms!, anchorShare: 1 } };
    const caught = (of: Story) => caughtIn(of.state, of.job("job"), checkedStream(of.job("job"))!, 0);
    ask(story, 3);
    expect(caught(story)).toBe(1);
    story.job("job").auditRowsAsked = Number.MAX_SAFE_INTEGER;
    ask(story, 1);
    const beta = colluderShareIn(story.state, story.job("job").checks!);
    expect(caught(story)).toBeCloseTo(STREAM_CHECK_SHARE * (1 - beta), 12);
    expect(caught(restarted(story))).toBeCloseTo(STREAM_CHECK_SHARE * (1 - beta), 12);
  });

  test("somebody that is named when its ledger takes no more rows, and waits for coins, keeps it from being certified", () => {
    const story = begunStream({ hold: ["audit"] });
    const pending = () => story.asked("audit").filter(({ effectId }) => story.job("job").auditsPending.has(effectId));
    // Towards its end what came with duplicates is not looked at.
    const ofFirst = () =>
      pending().find(({ crossChecked }) => {
        const row = crossChecked?.duplicates[0];
        return row != null && story.job("job").finishedRounds.get(row.roundIndex)?.sources[0]?.coins?.window === 0;
      });
    for (let n = 0; n < 2 * ledgerRowsOf(story) && (streamOf(story).current === 0 || !ofFirst()); n++) {
      ask(story, 1);
      const isEarly = n < ledgerRowsOf(story) - 300;
      for (const audit of pending())
        if (isEarly || !audit.crossChecked?.duplicates.length) judge(story, audit, "agrees");
    }
    expect([...streamOf(story).closed.keys()]).toEqual([0]);
    judge(story, ofFirst()!, { author: "wrong", sender: "fine" });
    settle(story);
    expect(streamOf(story).closed.size).toBe(0);
    expect(ledgersOf(story)[0]!.bound).toBe(1);
  });

  test("where somebody was named lately ledgers are audited from the first row on, unless it is strict", () => {
    const named = (job = streamJob()) => {
      const story = begunStream({ settings: { crossChecks: "where better", firstAuditedRows: 0 } }, 12, job);
      const { window } = story.state.crowdLately;
      window.addRows("established", 20_000);
      window.addNaming("established", { rows: 500, typicalRows: 1_500, byPartner: true });
      story.submitJob({ ...job, jobId: "later" });
      return story.job("later");
    };
    expect(named().checks!.stream!.isAudited).toBe(true);
    expect(named().stored.crossChecks!.ledgers![0]).toMatchObject({ isAudited: true });
    expect(named(streamJob({ strict: "yes" })).checks!.stream!.isAudited).toBe(false);
  });

  test("when it ends its last ledger is certified, by a sample, and with it everything", () => {
    const story = begunStream();
    ask(story, 150);
    story.happen({ type: "stopRequested", jobId: "job" });
    answerOut(story);
    expect(story.jobState("job")).toBe("done");
    expect(story.asked("sample")).toHaveLength(1);
    const { crossChecks } = story.job("job").stored;
    expect(sourcesOf(story).every(({ coins }) => isCertified(crossChecks, coins))).toBe(true);
    expect(ledgerOver(crossChecks, { attempt: 0, duplicates: 0, window: 0 })!.bound).toBeLessThanOrEqual(STREAM_BOUND);
    expect(story.job("job").checks!.pool.size).toBe(0);
    expect(story.jobTimers("ledgerDue")).toEqual([]);
  });

  test("after a restart ledgers that are certified stay so, others are counted on, and one with a naming stays audited", () => {
    const story = begunStream();
    const rows = ledgerRowsOf(story);
    ask(story, rows + 50);
    expect(ledgersOf(story)[0]!.bound).toBeLessThan(1);
    const before = story.job("job");
    const again = restarted(story);
    const stream = streamOf(again);
    expect(stream.current).toBe(1);
    expect(stream.rows).toBe(sourcesOf(again).filter(({ coins }) => coins!.window === 25).length);
    expect(stream.closed.size).toBe(0);
    // Their coins are not asked again.
    for (const { window } of again.job("job").checks!.pool.values()) expect(window).toBe(25);
    for (let n = 1; n <= 12; n++) again.join(n, `s${n}`, { addressGroup: `address ${n}` });
    expect(streamOf(again).fullRows).toBe(streamOf(story).fullRows);
    ask(again, streamOf(again).fullRows);
    expect(streamOf(again).current).toBe(2);
    // Rows wait until everybody has had the time to come back.
    again.pass(COME_BACK_MS);
    answerOut(again);
    expect(ledgersOf(again)[1]!.bound).toBeLessThan(1);

    // The certificate of the first was not durable.
    const crossChecks = {
      ...before.stored.crossChecks!,
      ledgers: ledgersOf(story).map((l) => ({ ...l, bound: 1, below: 0 })),
    };
    const lost = restarted(story, { crossChecks });
    expect([...streamOf(lost).closed.keys()]).toEqual([0]);
    for (let n = 1; n <= 12; n++) lost.join(n, `s${n}`, { addressGroup: `address ${n}` });
    ask(lost, 40);
    lost.pass(COME_BACK_MS);
    answerOut(lost);
    expect(ledgersOf(lost)[0]!.bound).toBeLessThan(1);
  });

  test("[CC7] one that was given up stays so after a restart, whatever its sample would cost then", () => {
    const story = begunStream({}, 12, streamJob({}, { finalWithinMs: 60_000 }));
    ask(story, 100);
    // The operator's cap is used up.
    story.job("job").auditRowsAsked = Number.MAX_SAFE_INTEGER;
    story.pass(60_000);
    answerOut(story);
    expect([streamOf(story).current, streamOf(story).closed.size]).toEqual([1, 0]);
    expect(story.asked("sample")).toEqual([]);
    // There is room now: the next ledger has its sample, and this one has none.
    const again = restarted(story);
    for (let n = 1; n <= 12; n++) again.join(n, `s${n}`, { addressGroup: `address ${n}` });
    ask(again, 100);
    again.pass(600_000);
    answerOut(again);
    expect(again.asked("sample").map(({ window }) => window)).toEqual([25]);
    expect(ledgersOf(again).map(({ bound }) => bound < 1)).toEqual([false, true, false]);
  });

  test("[CC7] nor is one in which somebody was named certified after a restart, once that volunteer is believed again", () => {
    const story = begunStream({ hold: ["audit"] }, 12, streamJob({ answerBound: 0.2 }));
    nameSomebody(story);
    settle(story);
    expect(streamOf(restarted(story))).toMatchObject({ current: 0, wasNamed: true, isAudited: true });
    while (streamOf(story).rows < chainRowsOf(story) && streamOf(story).current === 0) {
      ask(story, 1);
      settle(story);
    }
    expect(streamOf(story).current).toBe(1);
    // Nobody is named there.
    const again = restarted(story);
    for (let n = 1; n <= 12; n++) again.join(n, `s${n}`, { addressGroup: `address ${n}` });
    ask(again, 40);
    expect(ledgersOf(again)[0]).toMatchObject({ bound: 1 });
  });

  test("[CC2] names of its rows are of one window alone, though groups are filled up", () => {
    const story = begunStream({}, 12, streamJob({ queriesPerGroup: 4, groupsPerRound: 10, stragglers: 0 }));
    const { schedule } = story.job("job");
    const seen = new Set<number>();
    for (const queryCount of [5, 7, 1, 9]) {
      const firstQuery = story.job("job").stream!.received;
      story.happen({ type: "queriesPosted", jobId: "job", firstQuery, queryCount });
      answerOut(story);
    }
    for (let round = 0; round < schedule.roundCount; round++) {
      const { scheme, groupsPerRound } = schedule.planOf(round);
      for (let row = 0; row < groupsPerRound * scheme.queryCount; row++) {
        const name = schedule.firstNameOf(round) + row;
        expect(seen.has(name)).toBe(false);
        seen.add(name);
      }
    }
  });
});

/** The coordinator stopped and goes on, with what is durable of the stream. Nobody is there yet. */
function restarted(story: Story, changes: object = {}): Story {
  const before = story.job("job");
  const again = new Story({ settings: SETTINGS });
  const rounds = [...before.finishedRounds].map(([roundIndex, { openedMs: _opened, ...round }]) => {
    const { firstPlace, endPlace } = before.schedule.planOf(roundIndex);
    return { roundIndex, ...round, window: { firstPlace, endPlace } };
  });
  again.nowMs = story.nowMs;
  const job = { ...before.stored, ...changes };
  again.happen({ type: "restored", jobs: [{ job, rounds, contributions: [] }], volunteers: [] });
  return again;
}
