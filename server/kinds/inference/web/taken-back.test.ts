/** Answers that were final and are not any more, told over HTTP and the SDK: while their job runs, after its end, after a restart. */
import type { AddressInfo } from "node:net";
import type { FastifyInstance } from "fastify";
import { afterEach, expect, test, vi } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../../e2e/crowd/shell-with-tabs.ts";
import { createPlainRuntime } from "../../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { AnswerView, TakenBackNotice } from "../../../../shared/kinds/inference/answers.ts";
import type { InferenceJobView } from "../../../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../../../shared/kinds/inference/receipt.ts";
import { ANSWER_READER_BEAT_MS } from "../../../../shared/protocol/limits.ts";
import { createParitabClient, type ParitabClient } from "../../../../shared/sdk/paritab-client.ts";
import type { TakenBackEvent } from "../../../../shared/sdk/taken-back.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../../shell/testing/small-job.ts";
import { createApi } from "../../../web/api.ts";
import { createHostRules } from "../../../web/host-rules.ts";

let desk: ShellWithTabs;
let app: FastifyInstance;
let client: ParitabClient;
afterEach(async () => {
  app.server.closeAllConnections();
  await app.close();
  desk.close();
});

async function open(tabs: readonly TabBehaviour[]): Promise<void> {
  desk = await ShellWithTabs.open(tabs);
  const hostRules = createHostRules(null, "127.0.0.1");
  const directories = { client: null, swarm: null };
  app = await createApi({ port: desk.shell, store: desk.store, hostRules, directories, isHttps: false });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  client = createParitabClient({ baseUrl: `http://127.0.0.1:${port}` });
}

/** One audit makes answers final, and of a batch of six rows some are nobody's but its volunteer's. */
const QUICKLY_FINAL = {
  ...SYSTEMATIC,
  stragglers: 0,
  liars: 0,
  answerBound: 0.3,
};
const TIMES = 4;
const ROWS = TIMES * QUERIES;
/** Queries that are posted together. */
const WINDOW = 24;
const rows = Float32Array.from({ length: ROWS * INPUT_SIZE }, (_, i) => queries[i % queries.length]!);

async function small(settings: object = {}) {
  const [modelSha256, queriesSha256] = await Promise.all([
    desk.store.putBlob(model),
    desk.upload({ dtype: "F32", shape: [ROWS, INPUT_SIZE], data: rows }),
  ]);
  return { ...QUICKLY_FINAL, ...settings, source: { kind: "uploads", modelSha256, queriesSha256 } };
}

async function submitted(settings: object = {}): Promise<string> {
  const reply = await desk.submit(await small(settings));
  if (!("jobId" in reply)) throw new Error(reply.message);
  return reply.jobId;
}

async function own(): Promise<Float32Array> {
  return (await createPlainRuntime().load(model)).run(rows, ROWS);
}
const outputsOf = (rows: Float32Array, query: number) => [...rows.subarray(3 * query, 3 * query + 3)];
const viewOf = (jobId: string) => desk.shell.jobView(jobId) as InferenceJobView;
const named = () => desk.shell.volunteers().filter(({ quarantine }) => quarantine !== null);
const JOBS_MAX = 30;
/** A reader looks again with each beat, told or not. */
const BEFORE_A_BEAT = { timeout: ANSWER_READER_BEAT_MS / 2 };

/** A tab that turns: the first one of which this is true, by default one that comes to its third batch, lies in every row from then on. */
function turningCrowd(turns = (_tab: number, batches: number) => batches > 2): TabBehaviour[] {
  let liar: number | null = null;
  return Array.from({ length: 7 }, (_, tab): TabBehaviour => {
    let batches = 0;
    return {
      answers({ outputs }) {
        if (turns(tab, ++batches)) liar ??= tab;
        return liar === tab ? outputs.map((value) => -value) : outputs;
      },
    };
  });
}

test("[TB1] [TB3] who was given final answers of a running job hears which are taken back, and what takes their place", async () => {
  const held = new Map<number, AnswerView>();
  // It waits until an answer of its is relied on that nobody else computed.
  const isReliedOn = (tab: number) =>
    [...held.values()].some(({ volunteerId, mark }) => volunteerId === `volunteer-0${tab}` && mark !== "exact");
  await open(turningCrowd(isReliedOn));
  // Of a stream: its answers are given out as they come, and relied on long before its end.
  const modelSha256 = await desk.store.putBlob(model);
  const takenBack: TakenBackNotice[] = [];
  const stream = await client.stream({
    ...QUICKLY_FINAL,
    scheme: "systematic",
    model: { modelSha256 },
    accept: "final",
    closeAfterMs: 5,
    onTakenBack: (notice) => void takenBack.push(notice),
    onAnswerAgain: (answer) => void held.set(answer.index, answer),
  });
  const { jobId } = stream;
  const reading = (async () => {
    for await (const answer of stream) held.set(answer.index, answer);
  })();
  for (let from = 0; from < ROWS; from += WINDOW) {
    const end = from + WINDOW;
    await stream.push(
      Array.from({ length: WINDOW }, (_, i) => rows.subarray((from + i) * INPUT_SIZE, (from + i + 1) * INPUT_SIZE)),
    );
    await expect.poll(() => held.size).toBe(end);
  }
  await stream.close();
  await reading;
  const [liar] = named();
  const told = takenBack.flatMap(({ indices }) => indices).sort((a, b) => a - b);
  expect(told.length).toBeGreaterThan(0);
  for (const notice of takenBack) {
    expect(notice).toMatchObject({ jobId, volunteerId: liar!.volunteerId, atMs: liar!.quarantine!.atMs });
  }
  // What was told together is right: nobody who listens is left with an answer of the liar's.
  const right = await own();
  expect(held.size).toBe(ROWS);
  const standing = (await client.answers(jobId, { limit: ROWS })).answers;
  for (const [query, { outputs, volunteerId }] of held) {
    // What it had right before it turned stands where the coordinator computed it too.
    expect(volunteerId !== liar!.volunteerId || standing[query]!.mark === "exact").toBe(true);
    for (const [c, value] of outputsOf(right, query).entries()) expect(outputs[c]).toBeCloseTo(value, 4);
  }
  // All of what was taken back is told by the job, whoever listened.
  const page = await client.answers(jobId, { only: "taken-back", limit: ROWS });
  expect(page.answers.map(({ index }) => index)).toEqual(expect.arrayContaining(told));
  expect(page.matching).toBe(viewOf(jobId).takenBackCount);
  for (const { final, takenBack } of page.answers) {
    expect(final).toBe(true);
    expect(takenBack).toMatchObject({ volunteerId: liar!.volunteerId, reason: liar!.quarantine!.reason });
  }
  const { takings } = await client.takenBack(jobId);
  expect(takings).toMatchObject([{ volunteerId: liar!.volunteerId, count: page.matching, finalAgain: page.matching }]);
  // Durable with the rounds.
  const before = [viewOf(jobId), page];
  await desk.restart();
  expect([viewOf(jobId), await desk.shell.desks.inference.answers(jobId, 0, ROWS, "taken-back")]).toEqual(before);
  const receipt = (await desk.shell.receipt(jobId)) as InferenceReceipt;
  expect(receipt.answers.takenBack).toBe(page.matching);
});

test("[TB1] what a crash interrupts between a naming and the redone round is found to be taken back after it", async () => {
  let isHeld = false;
  let answered = 0;
  const crowd = turningCrowd().map(
    ({ answers }): TabBehaviour => ({
      answers: (batch) => (isHeld && ++answered > 0 ? null : answers!(batch)),
    }),
  );
  await open(crowd);
  // Half of the rows are checked.
  await desk.hasAskedFor(1_000);
  const jobId = await submitted({ answerBound: 1e-3 });
  // As soon as somebody is named nobody answers any more: nothing is redone before the crash.
  await expect
    .poll(
      () => {
        isHeld = named().length > 0;
        return isHeld;
      },
      { interval: 0 },
    )
    .toBe(true);
  await expect
    .poll(async () => (await desk.store.volunteers()).some(({ quarantine }) => quarantine !== null))
    .toBe(true);
  const before = viewOf(jobId).takenBackCount ?? 0;
  isHeld = false;
  await desk.restart();
  await desk.ended(jobId);
  expect(viewOf(jobId).takenBackCount ?? 0).toBeGreaterThanOrEqual(before);
  const [liar] = named();
  for (const { takenBack } of (await desk.shell.desks.inference.answers(jobId, 0, ROWS, "taken-back"))!.answers) {
    expect(takenBack!.volunteerId).toBe(liar!.volunteerId);
  }
});

/** Tab 3 is honest until told. Four tabs for four batches a round: each has some. */
async function endedJob(settings: object = {}): Promise<{ jobId: string; lie(): Promise<void> }> {
  let lies = false;
  const tabs = Array.from({ length: 4 }, (): TabBehaviour => ({}));
  tabs[3] = { answers: ({ outputs }) => (lies ? outputs.map((value) => -value) : outputs) };
  await open(tabs);
  let jobId = "";
  const gave = () => desk.batches.some(({ tab }) => tab === 3);
  for (let job = 0; job < JOBS_MAX && !(gave() && (await givenBy(jobId)) > 0); job++) {
    jobId = await desk.run(await small({ name: `job ${job}`, ...settings }));
  }
  return {
    jobId,
    async lie() {
      lies = true;
      for (let job = 0; job < JOBS_MAX && named().length === 0; job++)
        await desk.run(await small({ name: `later ${job}` }));
    },
  };
}

/** Resolves once somebody listens. */
async function listen(jobId: string): Promise<{ heard: TakenBackEvent[]; stop(): Promise<void> }> {
  const heard: TakenBackEvent[] = [];
  const stopping = new AbortController();
  const asked = vi.spyOn(desk.shell.desks.inference, "takings");
  const listening = (async () => {
    for await (const event of client.watchTakenBack(jobId, stopping.signal)) heard.push(event);
  })().catch(() => undefined);
  await expect.poll(() => asked.mock.results.length).toBe(1);
  return {
    heard,
    async stop() {
      stopping.abort();
      await listening;
    },
  };
}

/** Audited answers of tab 3. */
async function givenBy(jobId: string): Promise<number> {
  const page = await desk.shell.desks.inference.answers(jobId, 0, ROWS);
  return page!.answers.filter(({ volunteerId, mark }) => volunteerId === "volunteer-03" && mark === "audited").length;
}

test("[TB2] [TB3] a job that has ended is looked through when its volunteer is named later, and listeners hear of it; a release is heard too", async () => {
  const { jobId, lie } = await endedJob();
  const { answers } = await client.answers(jobId, { limit: ROWS });
  const theirs = answers.flatMap(({ index, volunteerId, mark }) =>
    volunteerId === "volunteer-03" && mark === "audited" ? [index] : [],
  );
  const { finalCount } = viewOf(jobId);
  const { heard, stop } = await listen(jobId);
  await lie();
  await expect
    .poll(() => heard)
    .toMatchObject([{ event: "taken-back", jobId, volunteerId: "volunteer-03", indices: theirs }]);
  expect(theirs.length).toBeGreaterThan(0);
  expect(viewOf(jobId)).toMatchObject({ finalCount: finalCount - theirs.length, takenBackCount: theirs.length });
  // Nothing but that is different: no answer, and nobody else's.
  const after = await client.answers(jobId, { limit: ROWS });
  for (const [query, answer] of after.answers.entries()) {
    const { takenBack: _taken, ...rest } = answer;
    const isTheirs = theirs.includes(query);
    expect(rest).toEqual(isTheirs ? { ...answers[query], final: false, bound: 1 } : answers[query]);
  }
  await desk.restart();
  expect(viewOf(jobId)).toMatchObject({ finalCount: finalCount - theirs.length, takenBackCount: theirs.length });
  await desk.shell.release("volunteer-03", "its owner wrote to us");
  expect(viewOf(jobId).finalCount).toBe(finalCount);
  expect(viewOf(jobId).takenBackCount).toBeUndefined();
  await stop();
});

test("[TB3] listeners of an ended job hear of a release; whoever comes later hears of nothing that is not so", async () => {
  const { jobId, lie } = await endedJob();
  const { heard, stop } = await listen(jobId);
  await lie();
  await expect.poll(() => heard.length, BEFORE_A_BEAT).toBe(1);
  await desk.shell.release("volunteer-03", "its owner wrote to us");
  await expect
    .poll(() => heard)
    .toMatchObject([{ event: "taken-back" }, { event: "final-again", indices: heard[0]!.indices }]);
  await stop();
  expect((await client.takenBack(jobId)).takings).toEqual([]);
});

test("[TB1] of answers that never were final nothing is taken back, whoever is named", async () => {
  const { jobId, lie } = await endedJob({ answerBound: 1e-9, coordinatorRowsMax: 1 });
  expect(await givenBy(jobId)).toBeGreaterThan(0);
  await lie();
  expect(named()).toHaveLength(1);
  expect((await client.takenBack(jobId)).takings).toEqual([]);
  expect((await client.answers(jobId, { only: "taken-back" })).matching).toBe(0);
  expect(viewOf(jobId).takenBackCount).toBeUndefined();
});
