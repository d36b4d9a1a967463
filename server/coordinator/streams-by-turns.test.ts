/**
 * [DP2] One submitter's streams beside another's single queries, on virtual time: tabs, the store and the coordinator's processor take
 * turns by submitter in all that a row passes.
 */
import { expect, test } from "vitest";
import { type Takes, TimedCrowd } from "./testing/timed-crowd.ts";

const TABS = 16;
const [STREAMS, POSTED_EACH, POSTED_EVERY_MS] = [19, 1_000, 2_000];
const SECONDS = 8;

interface Played {
  readonly medianMs: number;
  readonly p95Ms: number;
  /** Queries of the streams that were answered. */
  readonly ofStreams: number;
}

/** @param streams of whom the streams are; null: there are none */
function play(takes: Takes, streams: string | null, queryEveryMs = 100): Played {
  const crowd = new TimedCrowd(TABS, takes);
  const names = Array.from({ length: streams === null ? 0 : STREAMS }, (_, n) => `stream ${n}`);
  for (const name of names) crowd.openStream(name, streams!);
  crowd.openStream("ada", "ada");
  const untilMs = crowd.nowMs + SECONDS * 1_000;
  const askedMs: number[] = [];
  for (let atMs = crowd.nowMs; atMs < untilMs; atMs += POSTED_EVERY_MS)
    for (const name of names) crowd.at(atMs, () => void crowd.post(name, POSTED_EACH));
  // The first seconds say how fast tabs are.
  for (let atMs = crowd.nowMs + 2_000; atMs < untilMs - 2_000; atMs += queryEveryMs) {
    crowd.at(atMs, () => {
      askedMs[crowd.post("ada", 1)] = crowd.nowMs;
    });
  }
  const tookMs: number[] = [];
  const counted = new Set<number>();
  while (crowd.nowMs < untilMs) {
    crowd.pass(crowd.nowMs + 1);
    const { finishedRounds, schedule } = crowd.story.job("ada");
    for (const roundIndex of finishedRounds.keys()) {
      if (counted.has(roundIndex)) continue;
      counted.add(roundIndex);
      const { firstPlace, endPlace } = schedule.planOf(roundIndex);
      for (let query = firstPlace; query < endPlace; query++) tookMs.push(crowd.nowMs - askedMs[query]!);
    }
  }
  expect(tookMs).toHaveLength(askedMs.length);
  tookMs.sort((a, b) => a - b);
  const at = (share: number) => tookMs[Math.floor(share * (tookMs.length - 1))]!;
  const ofStreams = names.reduce((sum, name) => {
    const { finishedRounds, schedule } = crowd.story.job(name);
    const rowsOf = (roundIndex: number) =>
      schedule.planOf(roundIndex).endPlace - schedule.planOf(roundIndex).firstPlace;
    return [...finishedRounds.keys()].reduce((rows, roundIndex) => rows + rowsOf(roundIndex), sum);
  }, 0);
  return { medianMs: at(0.5), p95Ms: at(0.95), ofStreams };
}

interface Case extends Takes {
  readonly what: string;
  readonly queryEveryMs: number;
}

/** What there is too little of, and how often single queries come. */
const CASES: readonly Case[] = [
  { what: "tabs", batchMs: 100, rowMs: 2, taskMs: 0.5, writeMs: 4, queryEveryMs: 100 },
  { what: "tabs", batchMs: 100, rowMs: 2, taskMs: 0.5, writeMs: 4, queryEveryMs: 40 },
  { what: "the coordinator's processor", batchMs: 100, rowMs: 0, taskMs: 8, writeMs: 4, queryEveryMs: 100 },
  { what: "the coordinator's processor", batchMs: 20, rowMs: 0, taskMs: 3, writeMs: 4, queryEveryMs: 40 },
  { what: "the store", batchMs: 40, rowMs: 1, taskMs: 1, writeMs: 60, queryEveryMs: 100 },
];

test.each(CASES)(
  "[DP2] a query every $queryEveryMs ms is at most twice as slow beside 19 streams of another, where $what are short",
  ({ queryEveryMs, ...takes }) => {
    const [alone, beside] = [null, "mallory"].map((streams) => play(takes, streams, queryEveryMs));
    expect(beside!.ofStreams).toBeGreaterThan(1_000);
    expect(beside!.medianMs).toBeLessThanOrEqual(2 * alone!.medianMs);
    // A tab ends the batch that it is at, which has ten rows of a stream.
    expect(beside!.p95Ms).toBeLessThanOrEqual(2 * alone!.p95Ms + 10 * takes.rowMs);
  },
);
