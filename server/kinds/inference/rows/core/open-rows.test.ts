/** [SM] [CK14] Stories of open jobs on the ledger: rows are posted one by one and in bursts, windows end, somebody lies, the coordinator is killed. */
import { expect, test } from "vitest";
import type { StoredJob } from "../../records.ts";
import { RowsStory, type RowsStoryOptions, rowsStoredJob } from "../testing/rows-story.ts";

const SOURCE = { kind: "stream", modelSha256: "0".repeat(64), closeAfterMs: 5, idleMs: 7 * 24 * 3_600_000 };

function opened(options: RowsStoryOptions = {}, tabs = 8, submission: object = {}): RowsStory {
  const story = new RowsStory(options);
  story.crowd(tabs);
  const source = { ...SOURCE, finalWithinMs: 60_000, dtype: "float32" };
  const changes: Partial<StoredJob> = { queriesSha256: null, isOpen: true };
  story.happen({ type: "jobSubmitted", job: rowsStoredJob("job", 0, changes, { source, ...submission }) });
  return story;
}

function post(story: RowsStory, queryCount: number): void {
  const firstQuery = story.job("job").stream!.received;
  story.happen({
    type: "request",
    kind: "inference",
    jobId: "job",
    request: { type: "queriesPosted", firstQuery, queryCount } as never,
  });
}

const close = (story: RowsStory) => story.happen({ type: "stopRequested", jobId: "job" });
const accountIn = (story: RowsStory) => [...story.durable.accounts.values()][0]!.account;

test("rows that are posted one by one are answered as they come, and all of them are final when the job is closed", () => {
  const story = opened();
  for (let n = 0; n < 30; n++) {
    post(story, 1);
    story.answerAll();
    const { answered, rows } = story.job("job").ledger!.counts;
    expect([answered, rows]).toEqual([n + 1, n + 1]);
  }
  expect(story.stateOf("job")).toBe("running");
  close(story);
  expect(story.stateOf("job")).toBe("done");
  expect(story.finalCount("job")).toBe(30);
  expect(accountIn(story)).toMatchObject({ places: 30, charged: 0 });
  expect(accountIn(story).held).toBeCloseTo(0, 9);
});

test("[CK14] of a stream that asks for it an answer is final before the next query is posted", () => {
  const source = { ...SOURCE, finalWithinMs: 3_600_000, dtype: "float32", crossChecks: "no" };
  const story = opened({}, 8, { source });
  for (let n = 0; n < 30; n++) {
    post(story, n === 20 ? 40 : 1);
    story.answerAll();
    const { rows } = story.job("job").ledger!.counts;
    expect(story.finalCount("job")).toBe(rows);
  }
  expect(story.stateOf("job")).toBe("running");
  expect(story.job("job").checked?.trustedRows).toBeLessThanOrEqual(69);
  close(story);
  expect(story.stateOf("job")).toBe("done");
  expect(accountIn(story)).toMatchObject({ places: 69, charged: 0 });
});

test("the coordinator computes less of each window, as the account grows by what came before", () => {
  const story = opened();
  const trusted: number[] = [];
  for (let n = 0; n < 4; n++) {
    const before = story.job("job").checked?.trustedRows ?? 0;
    for (let post1 = 0; post1 < 20; post1++) {
      post(story, 50);
      story.answerAll();
    }
    trusted.push((story.job("job").checked?.trustedRows ?? 0) - before);
  }
  expect(trusted[0]).toBeGreaterThan(500);
  expect(trusted[3]).toBeLessThan(350);
  close(story);
  expect(story.finalCount("job")).toBe(4_000);
});

test("[CK14] of an audited one each answer is final by itself, and nobody gives a second word", () => {
  const source = { ...SOURCE, crossChecks: "no", dtype: "float32" };
  const story = opened({}, 8, { source });
  for (let n = 0; n < 30; n++) {
    post(story, 1);
    story.answerAll();
    expect(story.job("job").ledger!.counts.final).toBe(n + 1);
  }
  expect(story.job("job").block!.block.terms.duplicateShare).toBe(0);
});

test("[JB2] one that is cancelled while somebody is at it ends, and the account counts what was answered", () => {
  const story = opened();
  post(story, 40);
  for (let n = 0; n < 5; n++) story.answer(story.out()[0]!, 1);
  post(story, 20);
  story.happen({ type: "jobCancelled", jobId: "job" });
  story.answerAll();
  expect(story.stateOf("job")).toBe("cancelled");
  expect(accountIn(story).held).toBeCloseTo(0, 9);
  expect(accountIn(story).places).toBeLessThan(60);
});

test("[CK14] a liar is found, the block is charged, and what came of it is asked again with what comes since", () => {
  const story = opened({ lies: (volunteerId, place) => volunteerId === "v3" && place > 300 });
  for (let n = 0; n < 12; n++) {
    post(story, 50);
    story.answerAll();
  }
  const { quarantine } = story.state.volunteers.get("v3")!;
  expect(quarantine?.jobId).toBe("job");
  expect(story.job("job").blocksBefore.length).toBe(1);
  expect(accountIn(story).charged).toBeGreaterThan(0);
  close(story);
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
  expect([story.finalCount("job"), story.wrongFinal("job")]).toEqual([600, []]);
  expect(accountIn(story)).toMatchObject({ places: 600 });
});

test("[RS1] [SM6] killed at any moment, it goes on with what was durable, counts no row twice, and takes more", () => {
  let story = opened();
  for (let n = 0; n < 6; n++) {
    post(story, 40);
    for (let out = 0; out < 3; out++) story.answer(story.out()[0]!, 1);
    story = story.restart();
    story.crowd(8);
    const { stream, stored } = story.job("job");
    expect([stream!.received, stored.queryCount, stored.isOpen]).toEqual([40 * (n + 1), 40 * (n + 1), true]);
    story.answerAll();
  }
  close(story);
  story.answerAll();
  expect(story.stateOf("job")).toBe("done");
  expect(story.finalCount("job")).toBe(240);
  expect(accountIn(story)).toMatchObject({ places: 240, charged: 0 });
});

test("[CK14] rows that come after a finding, while somebody is still at that block, go into the one after it", () => {
  const story = opened({ lies: (volunteerId, place) => volunteerId === "v3" && place >= 100 });
  post(story, 100);
  story.answerAll();
  post(story, 300);
  const isCharged = () => story.job("job").block!.block.state === "charged";
  const ofLiar = () => story.out().find(({ sessionId }) => sessionId === "s3");
  for (let sent = ofLiar(); sent !== undefined && !isCharged(); sent = ofLiar()) story.answer(sent, 1);
  expect(isCharged()).toBe(true);
  expect(story.job("job").checked?.isOver).toBe(false);
  post(story, 50);
  expect(story.job("job").blocksBefore).toHaveLength(0);
  story.answerAll();
  expect(story.job("job").blocksBefore).toHaveLength(1);
  close(story);
  story.answerAll();
  expect([story.stateOf("job"), story.finalCount("job"), story.wrongFinal("job")]).toEqual(["done", 450, []]);
  expect(accountIn(story)).toMatchObject({ places: 450 });
});

test("[SM1] nothing was posted for as long as it was told: it closes by itself once all is answered, and keeps its answers", () => {
  const idleMs = 60_000;
  const story = opened({}, 8, { source: { ...SOURCE, idleMs, finalWithinMs: 60_000, dtype: "float32" } });
  post(story, 3);
  story.answerAll();
  story.pass(idleMs / 2);
  post(story, 2);
  story.answerAll();
  story.pass(idleMs / 2 + 1_000);
  expect(story.stateOf("job")).toBe("running");
  story.pass(idleMs);
  expect(story.stateOf("job")).toBe("done");
  expect(story.finalCount("job")).toBe(5);
});

test("[SM3] groups of a stream are rows that follow each other", () => {
  const story = opened({}, 8, { scheme: "systematic", queriesPerGroup: 4, stragglers: 1, spares: "parities" });
  for (let n = 0; n < 5; n++) post(story, 4);
  story.answerAll();
  const { ledger } = story.job("job");
  for (let group = 0; group < 5; group++)
    expect(ledger!.placesOf(group)).toEqual([0, 1, 2, 3].map((place) => 4 * group + place));
});
