/** Stories of a stream that is cross-checked, in a crowd of twelve: windows of one query each. */

import { streamChainRows } from "../../../../shared/verify/cross-checks/stream-ledgers.ts";
import { type Story, type StoryOptions, storedJob } from "../../../coordinator/testing/story.ts";
import { caughtIn, checkedStream } from "../core/cross-checks/stream-ledgers.ts";
import type { StoredJob } from "../records.ts";
import { crowd } from "./cross-checked-story.ts";

/** So loose that a ledger has some hundred rows. */
export const STREAM_BOUND = 0.05;

/** @param source of the stream, beside what it takes to be one that is cross-checked */
export function streamJob(changes: object = {}, source: object = {}): StoredJob {
  const crossChecks = { secretHex: "5e".repeat(32), terms: null, anchors: 0, certificate: null };
  const stream = {
    ...{ kind: "stream", modelSha256: "0".repeat(64), closeAfterMs: 0, idleMs: 7 * 24 * 3_600_000 },
    ...{ crossChecks: "yes", ...source },
  };
  const code = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, groupsPerRound: 1 };
  const submission = { ...code, roundsInFlight: 4, answerBound: STREAM_BOUND, ...changes, source: stream };
  return { ...storedJob("job", submission, 0, 1_000), queriesSha256: null, isOpen: true, crossChecks };
}

/** Answers that the service has behind it: hardly a row of the stream is an anchor. */
export const ROWS_BEFORE = 1_000_000;

export function begunStream(options: StoryOptions = {}, addresses = 12, job = streamJob()): Story {
  const story = crowd(options, addresses);
  story.state.crowdLately.rowsSinceAlarm = ROWS_BEFORE;
  story.submitJob(job);
  return story;
}

/** Queries are posted one by one, and everybody answers what is out. @param until looked at after each */
export function ask(story: Story, queries: number, until: () => boolean = () => false): void {
  for (let n = 0; n < queries && !until(); n++) {
    const firstQuery = story.job("job").stream!.received;
    story.happen({ type: "queriesPosted", jobId: "job", firstQuery, queryCount: 1 });
    answerOut(story);
  }
}

export function answerOut(story: Story): void {
  for (let next = story.out()[0]; next !== undefined; next = story.out()[0]) story.answer(next, 1);
}

export const ledgersOf = (story: Story) => story.job("job").stored.crossChecks!.ledgers ?? [];
const termsOf = (story: Story) => story.job("job").stored.crossChecks!.terms!.stream!;
/** Of the first ledger of a chain. */
export const ledgerRowsOf = (story: Story) => termsOf(story).ledgerRows;
/** Of a full chain, by what is believed of colluders now. */
export const chainRowsOf = (story: Story) => {
  const job = story.job("job");
  const caught = caughtIn(story.state, job, checkedStream(job)!, streamOf(story).current);
  return Math.max(termsOf(story).chainRows!, streamChainRows(job.stored.submission.answerBound, caught));
};
export const streamOf = (story: Story) => story.job("job").checks!.stream!;
