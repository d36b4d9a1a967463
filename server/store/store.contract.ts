/**
 * What every store promises (store.ts). `registerStoreContract(name, factory)` runs it against one implementation. One file, though long:
 * whoever writes a store keeps all of it.
 *
 * ST1 every field comes back to the bit             ST5 a crash keeps what has resolved, and whole transactions only
 * ST2 upserts by key, in order, all or nothing      ST6 a refused write is a StoreError and keeps nothing
 * ST3 nobody shares memory with the store           ST7 what cannot be opened says why; one coordinator a directory
 * ST4 blobs by hash, whole or not there
 * ST8 collection: what a record refers to stays, what somebody is about to refer to stays, the rest goes
 * ST9 what an earlier version stored is there after the upgrade
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CodedEndKind } from "../../shared/coded/run-view.ts";
import { partIdOf, rangesOf } from "../../shared/kinds/inference/parts.ts";
import { JOB_STATES } from "../../shared/protocol/job-api.ts";
import type { FileBeside, Statement } from "../../shared/receipts/sealed-receipt.ts";
import { checkpointRecord, noProgress, runCheckpoint } from "../coded/records.ts";
import { storedRun } from "../coded/testing/coded-story.ts";
import { inferenceCodec, type StoredJob } from "../kinds/inference/records.ts";
import { someInferenceJob } from "../kinds/inference/testing/some-inference-job.ts";
import { regressionCodec } from "../kinds/regression/records.ts";
import {
  type AppendRecord,
  type JobRecord,
  type Store,
  type StoredContribution,
  type StoredJobQuery,
  type StoredRound,
  type StoredVolunteer,
  type StoredWhole,
  StoreError,
} from "./store.ts";

export interface StoreUnderTest {
  store: Store;
  /** Closes the store and opens what it kept, as the next process would. */
  reopen(): Promise<Store>;
  dispose(): Promise<void>;
}

/** An inference job as it is stored. */
export function someJob(jobId: string, changes: Partial<StoredJob> = {}): JobRecord {
  return inferenceCodec.toRecord(someInferenceJob(jobId, changes));
}

export function someRound(jobId: string, roundIndex: number, changes: Partial<StoredRound> = {}): StoredRound {
  return {
    jobId,
    roundIndex,
    generation: 0,
    queryIndices: Uint32Array.of(7, 2 ** 32 - 1),
    outputs: Float32Array.of(0.1, -0, Number.NaN, 3.4e38, 1, 2),
    marks: Uint8Array.of(3, 2),
    sources: Uint8Array.of(0, 255),
    volunteers: ["c".repeat(32)],
    firstLabels: Int32Array.of(1, -1),
    firstMarks: Uint8Array.of(2, 0),
    plan: Uint8Array.of(1, 2, 3),
    firstMs: 12.5,
    exactMs: null,
    estimatedAtFirst: 1,
    redispatched: 2,
    ...changes,
  };
}

/** As far as a store looks at it. */
export function someStatement(jobId: string, seq: number, files: readonly FileBeside[] = []): Statement {
  return { body: { jobId, seq, what: seq === 0 ? "ended" : "quarantined", files }, signature: `${seq}` } as never;
}

export function someVolunteer(volunteerId: string, changes: Partial<StoredVolunteer> = {}): StoredVolunteer {
  return {
    volunteerId,
    nickname: "Ada",
    creditMacs: 2 ** 53 - 1,
    creditAssignments: 3,
    auditsPassed: 2,
    auditsFailed: 0,
    rowsTaken: 0,
    choseUntilMs: null,
    ownerId: null,
    quarantine: null,
    team: "",
    released: null,
    ...changes,
  };
}

export function someContribution(volunteerId: string, changes: Partial<StoredContribution> = {}): StoredContribution {
  return {
    jobId: "j1",
    volunteerId,
    assignments: 3,
    rows: 30,
    auditedRows: 6,
    failedRows: 1,
    rejectedRows: 0,
    withdrawnAssignments: 3,
    withdrawnRows: 30,
    auditsPassedAtEnd: null,
    ...changes,
  };
}

/** All of a job's rows that are stored. */
export async function allAppends(store: Pick<Store, "appends">, jobId: string): Promise<AppendRecord[]> {
  const found: AppendRecord[] = [];
  for await (const some of store.appends(jobId)) found.push(...some);
  return found;
}

export function registerStoreContract(name: string, factory: () => Promise<StoreUnderTest>): void {
  describe(`store contract: ${name}`, () => {
    let tested: StoreUnderTest;
    beforeEach(async () => {
      tested = await factory();
    });
    afterEach(() => tested.dispose());

    it("[ST1] a new store is empty", async () => {
      const { store } = tested;
      expect(await store.jobs()).toEqual([]);
      expect(await store.volunteers()).toEqual([]);
      expect(await store.rounds("nobody")).toEqual([]);
      expect(await store.contributions("nobody")).toEqual([]);
      expect(await store.job("nobody")).toBeNull();
    });

    it("[ST1] a job on several outputs of a model keeps the scale of each", async () => {
      const outputScale = [3, 1].map((size) => ({ size, scaleFloor: 0.1 * size }));
      const job = someJob("j1", { outputScale });
      await tested.store.apply([{ kind: "job", job }]);
      expect(await (await tested.reopen()).job("j1")).toStrictEqual(job);
    });

    it("[ST1] queries of a stream come back in their order, in the type that they were kept in", async () => {
      const stream = someJob("j1", { queriesSha256: null, isOpen: true, queryCount: 3 });
      const bytes = { jobId: "j2", firstQuery: 0, queryCount: 1, values: Uint8Array.of(0, 255) };
      const pieces = [
        { jobId: "j1", firstQuery: 0, queryCount: 2, values: Float32Array.of(0.1, -0, 3.4e38, 1) },
        { jobId: "j1", firstQuery: 2, queryCount: 1, values: Float32Array.of(5, 6) },
      ];
      const records = [...pieces].reverse().map((piece) => ({ kind: "piece", piece }) as const);
      await tested.store.apply([
        { kind: "job", job: stream },
        ...records,
        { kind: "piece", piece: bytes },
        records[0]!,
      ]);
      const store = await tested.reopen();
      expect(await store.job("j1")).toStrictEqual(stream);
      expect(await store.pieces("j1")).toStrictEqual(pieces);
      expect(await store.pieces("j2")).toStrictEqual([bytes]);
      expect(await store.pieces("nobody")).toEqual([]);
    });

    it("[ST8] queries of a stream that ended long ago are let go of, its job and its rounds are not", async () => {
      const piece = (jobId: string) => ({ jobId, firstQuery: 0, queryCount: 1, values: Uint8Array.of(1) });
      const ended = { queriesSha256: null, state: "done" } as const;
      await tested.store.apply([
        { kind: "job", job: someJob("old", { ...ended, finishedMs: 10 }) },
        { kind: "job", job: someJob("new", { ...ended, finishedMs: 30 }) },
        { kind: "job", job: someJob("open", { queriesSha256: null, isOpen: true, state: "running" }) },
        { kind: "round", round: someRound("old", 0) },
        ...["old", "new", "open"].map((jobId) => ({ kind: "piece", piece: piece(jobId) }) as const),
      ]);
      await tested.store.collectBlobs(new Set(), 20);
      const store = await tested.reopen();
      expect(await store.pieces("old")).toEqual([]);
      expect(await store.pieces("new")).toStrictEqual([piece("new")]);
      expect(await store.pieces("open")).toStrictEqual([piece("open")]);
      expect(await store.rounds("old")).toHaveLength(1);
    });

    it("[ST1] every field of every record comes back as it was, to the bit", async () => {
      const quarantine = { atMs: 5, jobId: "j1", roundIndex: 3, reason: "audit: row 4 differs" };
      const job = someJob("j1", {
        error: "naïve “text” 日本",
        finishedMs: 9.5,
        orderSha256: "d".repeat(64),
        parity: { modelSha256: "e".repeat(64), macsPerQuery: 0.1 },
        outputScale: 0.1 + 0.2,
      });
      const round = someRound("j1", 0);
      const contribution = someContribution("v1", { auditsPassedAtEnd: 41 });
      const released = {
        atMs: 7,
        reason: "a driver, since mended: “fast” mode",
        from: { ...quarantine, roundIndex: 1 },
      };
      const volunteer = someVolunteer("v1", { quarantine, released, team: "Team Süd" });
      await tested.store.apply([
        { kind: "job", job },
        { kind: "round", round },
        { kind: "volunteer", volunteer },
        { kind: "contribution", contribution },
      ]);
      for (const open of [async () => tested.store, tested.reopen]) {
        const store = await open();
        expect(await store.contributions("j1")).toStrictEqual([contribution]);
        expect(await store.job("j1")).toStrictEqual(job);
        expect(await store.jobs()).toStrictEqual([job]);
        expect(await store.rounds("j1")).toStrictEqual([round]);
        expect(await store.volunteers()).toStrictEqual([volunteer]);
      }
    });

    it("[ST1] what a kind keeps of its jobs comes back as it was, whatever is listed apart from it", async () => {
      const inference = someInferenceJob("j1", {
        error: "naïve “text” 日本",
        parity: { modelSha256: "e", macsPerQuery: 0.1 },
      });
      const progress = { ...noProgress(), iteration: 5, best: { iteration: 4, loss: 0.1 + 0.2 } };
      const regression = storedRun("g1", { name: "naïve 日本" }, { progress, labelOfClass: [-1, 1] });
      await tested.store.apply([
        { kind: "job", job: inferenceCodec.toRecord(inference) },
        { kind: "job", job: regressionCodec.toRecord(regression) },
      ]);
      const store = await tested.reopen();
      expect(inferenceCodec.fromRecord((await store.job("j1"))!)).toStrictEqual(inference);
      expect(regressionCodec.fromRecord((await store.job("g1"))!)).toStrictEqual(regression);
      expect((await store.jobs()).map(({ jobId, kind }) => [jobId, kind])).toEqual([
        ["g1", "regression"],
        ["j1", "inference"],
      ]);
    });

    it("[ST1] [ST2] arrays of a checkpoint come back to the bit, and the latest ones alone stand", async () => {
      const { store } = tested;
      expect(await store.checkpoint("g1")).toBeNull();
      const values = (first: number) => Float64Array.of(first, -0, Number.MIN_VALUE, 1 / 3);
      const earlier = { jobId: "g1", facts: { iteration: 1 }, arrays: { product: values(9), weights: values(8) } };
      const arrays = (first: number) => ({ weights: values(first), lookahead: values(first + 1) });
      const held = { current: { iteration: 5, arrays: arrays(1) }, best: { iteration: 4, arrays: arrays(3) } };
      await store.apply([{ kind: "checkpoint", checkpoint: earlier }]);
      expect(await store.checkpoint("g1")).toStrictEqual(earlier);
      const checkpoint = checkpointRecord("g1", held);
      await store.apply([
        { kind: "checkpoint", checkpoint },
        { kind: "checkpoint", checkpoint: { ...earlier, jobId: "g2" } },
      ]);
      for (const open of [async () => tested.store, tested.reopen]) {
        const opened = await open();
        expect(await opened.checkpoint("g1")).toStrictEqual(checkpoint);
        expect(runCheckpoint((await opened.checkpoint("g1"))!)).toStrictEqual(held);
        expect(await opened.jobs()).toEqual([]);
      }
    });

    it("[ST2] a record replaces the one with its key; applied twice is the same as once", async () => {
      const { store } = tested;
      await store.apply([{ kind: "job", job: someJob("j1") }]);
      const later = [
        { kind: "job" as const, job: someJob("j1", { state: "done", auditedRows: 20 }) },
        { kind: "round" as const, round: someRound("j1", 4, { generation: 1, outputs: Float32Array.of(9) }) },
        { kind: "volunteer" as const, volunteer: someVolunteer("v1", { creditMacs: 10 }) },
        { kind: "contribution" as const, contribution: someContribution("v2", { rows: 40 }) },
        { kind: "contribution" as const, contribution: someContribution("v1") },
        { kind: "contribution" as const, contribution: someContribution("v1", { jobId: "j2" }) },
      ];
      await store.apply(later);
      await store.apply(later);
      expect(await store.jobs()).toStrictEqual([someJob("j1", { state: "done", auditedRows: 20 })]);
      expect((await store.rounds("j1")).map((round) => round.generation)).toEqual([1]);
      expect((await store.volunteers()).map((volunteer) => volunteer.creditMacs)).toEqual([10]);
      expect((await store.contributions("j1")).map(({ volunteerId, rows }) => [volunteerId, rows])).toEqual([
        ["v1", 30],
        ["v2", 40],
      ]);
    });

    it("[ST1] [ST2] rows come back to the bit, in the order in which they were appended, of one job alone", async () => {
      const { store } = tested;
      const body = (seq: number) => Uint8Array.from({ length: 1 + ((seq * 37) % 500) }, (_, n) => (n * seq) & 0xff);
      const append = (seq: number, jobId = "j1") =>
        ({ kind: "append", append: { jobId, seq, body: body(seq) } }) as const;
      await store.apply(Array.from({ length: 700 }, (_, n) => append(699 - n)));
      await store.apply([
        append(3),
        append(0, "j2"),
        { kind: "append", append: { ...append(700).append, body: body(0) } },
      ]);
      await store.apply([append(700)]);
      const reopened = await tested.reopen();
      expect(await allAppends(reopened, "j1")).toStrictEqual(
        Array.from({ length: 701 }, (_, seq) => append(seq).append),
      );
      expect(await allAppends(reopened, "j2")).toStrictEqual([append(0, "j2").append]);
      expect(await allAppends(reopened, "nobody")).toEqual([]);
    });

    it("[ST1] [ST2] blocks come back as they were, and the last of a number stands", async () => {
      const all = { jobId: "j1", blockId: 2, facts: { state: "open", terms: { checkShare: 0.1 + 0.2 } }, places: null };
      const some = { jobId: "j1", blockId: 0, facts: { state: "open" }, places: Uint32Array.of(7, 0, 2 ** 32 - 1) };
      const charged = { ...some, facts: { state: "charged" } };
      await tested.store.apply([all, some, charged].map((block) => ({ kind: "block", block }) as const));
      await tested.store.apply([{ kind: "block", block: charged }]);
      const reopened = await tested.reopen();
      expect(await reopened.blocks("j1")).toStrictEqual([charged, all]);
      expect(await reopened.blocks("j2")).toEqual([]);
    });

    it("[ST1] [ST2] accounts outlive the jobs that are booked on them", async () => {
      const sums = { places: 2 ** 40 + 1, routeOne: 0.1, charged: 0.1 + 0.2, held: 0 };
      const [ada, cy] = ["0.001 of Ada", "0.001 of Cy"].map((accountKey) => ({
        accountKey,
        answerBound: 1e-3,
        ...sums,
      }));
      await tested.store.apply([
        { kind: "job", job: someJob("j1") },
        { kind: "account", account: cy! },
        { kind: "account", account: { ...ada!, held: 19 } },
        { kind: "account", account: ada! },
      ]);
      await tested.store.apply([{ kind: "account", account: ada! }]);
      await tested.store.deleteJob("j1");
      expect(await tested.store.accounts()).toStrictEqual([ada, cy]);
      expect(await (await tested.reopen()).accounts()).toStrictEqual([ada, cy]);
    });

    it("[ST2] within one transaction the last record of a key stands", async () => {
      await tested.store.apply([
        { kind: "job", job: someJob("j1", { state: "running" }) },
        { kind: "job", job: someJob("j1", { state: "failed" }) },
      ]);
      expect((await tested.store.job("j1"))?.state).toBe("failed");
    });

    it("[ST2] rounds come in the order of their index, however many and however large they are", async () => {
      const { store } = tested;
      const outputs = new Float32Array(10_000);
      const rounds = Array.from({ length: 700 }, (_, n) => someRound("large", n, n % 7 === 0 ? { outputs } : {}));
      for (let n = 0; n < rounds.length; n += 100) {
        await store.apply(rounds.slice(n, n + 100).map((round) => ({ kind: "round", round })));
      }
      const read = await store.rounds("large");
      expect(read.map(({ roundIndex }) => roundIndex)).toEqual(rounds.map(({ roundIndex }) => roundIndex));
      expect(read[693]).toEqual(rounds[693]);
    });

    it("[ST2] jobs come in the order of their submission, rounds in the order of their index, of one job alone", async () => {
      const { store } = tested;
      await store.apply([
        { kind: "job", job: someJob("late", { submittedMs: 2 }) },
        { kind: "job", job: someJob("early", { submittedMs: 1 }) },
      ]);
      for (const index of [10, 2, 0]) await store.apply([{ kind: "round", round: someRound("early", index) }]);
      await store.apply([{ kind: "round", round: someRound("late", 1) }]);
      expect((await store.jobs()).map((job) => job.jobId)).toEqual(["early", "late"]);
      expect((await store.rounds("early")).map((round) => round.roundIndex)).toEqual([0, 2, 10]);
    });

    it("jobs are listed page by page, the latest first, by state, by name and among those that are named", async () => {
      const { store } = tested;
      const named = (jobId: string, submittedMs: number, name: string, changes: Partial<StoredJob> = {}) => {
        const job = someInferenceJob(jobId, { submittedMs, ...changes });
        return {
          kind: "job",
          job: inferenceCodec.toRecord({ ...job, submission: { ...job.submission, name } }),
        } as const;
      };
      await store.apply([
        named("a1", 3, "Old letters", { state: "done", finishedMs: 9 }),
        named("a2", 1, "100% of “naïve”", { state: "running" }),
        named("b1", 2, "letters", { state: "failed", finishedMs: 8 }),
        {
          kind: "job",
          job: regressionCodec.toRecord(storedRun("g1", { name: "ten digits", submitter: "Ada" }, { submittedMs: 4 })),
        },
      ]);
      const all = { states: JOB_STATES, search: "", among: null, offset: 0, limit: 10 };
      const ids = async (query: Partial<StoredJobQuery>) => {
        const { matching, jobs } = await store.jobList({ ...all, ...query });
        return [matching, ...jobs.map(({ jobId }) => jobId)];
      };
      expect(await ids({})).toEqual([4, "g1", "a1", "b1", "a2"]);
      expect(await ids({ offset: 1, limit: 2 })).toEqual([4, "a1", "b1"]);
      expect(await ids({ offset: 9 })).toEqual([4]);
      expect(await ids({ states: ["done", "failed"] })).toEqual([2, "a1", "b1"]);
      expect(await ids({ search: "LETTERS" })).toEqual([2, "a1", "b1"]);
      expect(await ids({ search: "%" })).toEqual([1, "a2"]);
      expect(await ids({ search: "naïve" })).toEqual([1, "a2"]);
      expect(await ids({ search: "ada" })).toEqual([1, "g1"]);
      expect(await ids({ search: "a1" })).toEqual([1, "a1"]);
      expect(await ids({ among: ["b1", "a2", "nobody's"] })).toEqual([2, "b1", "a2"]);
      expect(await ids({ among: [] })).toEqual([0]);
      expect((await store.jobList({ ...all, search: "ten" })).jobs).toEqual([
        {
          ...{ jobId: "g1", kind: "regression", state: "accepting", submittedMs: 4, finishedMs: null },
          name: "ten digits",
          submitter: "Ada",
          ...{ endKind: null, whyEnded: null },
        },
      ]);
    });

    it("a list says how jobs ended, and why those that did not do all that was asked", async () => {
      const { store } = tested;
      const training = (jobId: string, endKind: CodedEndKind, endReason: string) => {
        const ended = { state: "done", finishedMs: 9, endKind, endReason } as const;
        return { kind: "job", job: regressionCodec.toRecord(storedRun(jobId, {}, ended)) } as const;
      };
      const failed = { state: "failed", finishedMs: 8, error: "the model gives nothing" } as const;
      await store.apply([
        training("whole", "done", "4 iterations"),
        training("wild", "diverged", "the loss grew from 1 to 9"),
        { kind: "job", job: someJob("refused", failed) },
      ]);
      const all = { states: JOB_STATES, search: "", among: null, offset: 0, limit: 10 };
      const ends = (await store.jobList(all)).jobs.map((job) => [job.jobId, job.endKind, job.whyEnded]);
      expect(ends.sort()).toEqual([
        ["refused", null, "the model gives nothing"],
        ["whole", "done", null],
        ["wild", "diverged", "the loss grew from 1 to 9"],
      ]);
    });

    it("[CE10] [CE12] a job in parts is written at once, listed once, in the state that its parts make, and gone when it is deleted", async () => {
      const { store } = tested;
      const wholeId = "W".repeat(24);
      const partOf = (index: number, changes: Partial<StoredJob> = {}) =>
        someJob(partIdOf(wholeId, index), { submittedMs: 2, ...changes });
      const whole: StoredWhole = {
        ...{ wholeId, kind: "inference", name: "Letters", submitter: "Ada", submittedMs: 2 },
        submission: { kind: "inference", name: "Letters", parts: 2 },
        parts: rangesOf(9, 2).map((range, index) => ({ jobId: partIdOf(wholeId, index), ...range })),
      };
      await store.apply([{ kind: "job", job: someJob("j1", { submittedMs: 1, state: "done", finishedMs: 5 }) }]);
      const own = await store.addWhole(whole, [
        partOf(0, { state: "preparing", finishedMs: null }),
        partOf(1, { state: "preparing", finishedMs: null }),
      ]);
      // [CE11] Of several that share a database nobody has the others yet.
      expect(whole.parts.map(({ jobId }) => jobId).slice(0, own.length)).toEqual(own);
      expect(own).not.toEqual([]);
      await expect(store.addWhole(whole, [])).rejects.toThrow(StoreError);
      tested.store = await tested.reopen();
      expect(await tested.store.whole(wholeId)).toEqual({ ...whole, partsEnded: 0 });
      expect(await tested.store.whole("j1")).toBeNull();
      const all = { states: JOB_STATES, search: "", among: null, offset: 0, limit: 10 };
      const listed = async (query: Partial<StoredJobQuery> = {}) => {
        const { matching, jobs } = await tested.store.jobList({ ...all, ...query });
        return [matching, ...jobs.map(({ jobId, state, finishedMs }) => [jobId, state, finishedMs])];
      };
      expect(await listed()).toEqual([2, [wholeId, "preparing", null], ["j1", "done", 5]]);
      expect(await listed({ search: "letters" })).toEqual([1, [wholeId, "preparing", null]]);
      expect(await listed({ among: [wholeId] })).toEqual([1, [wholeId, "preparing", null]]);
      const end = async (index: number, state: "done" | "failed" | "cancelled", finishedMs: number) =>
        tested.store.apply([{ kind: "job", job: partOf(index, { state, finishedMs }) }]);
      await end(0, "done", 7);
      expect((await tested.store.whole(wholeId))?.partsEnded).toBe(1);
      expect(await listed({ states: ["running"] })).toEqual([1, [wholeId, "running", null]]);
      for (const [state, made] of [
        ["failed", "failed"],
        ["cancelled", "cancelled"],
        ["done", "done"],
      ] as const) {
        await end(1, state, 9);
        expect(await listed({ among: [wholeId] })).toEqual([1, [wholeId, made, 9]]);
      }
      for (const { jobId } of whole.parts) await tested.store.deleteJob(jobId);
      await tested.store.deleteWhole(wholeId);
      expect(await listed()).toEqual([1, ["j1", "done", 5]]);
      expect(await tested.store.whole(wholeId)).toBeNull();
    });

    it("[CE13] of what is signed of a job in parts the first stands", async () => {
      const { store } = tested;
      const wholeId = "W".repeat(24);
      const whole = {
        ...{ wholeId, kind: "inference", name: "", submitter: "" },
        submittedMs: 1,
        submission: {},
        parts: [],
      };
      await store.addWhole(whole, []);
      expect(await store.signedWhole(wholeId)).toBeNull();
      const both = await Promise.all([store.signWhole(wholeId, "a"), store.signWhole(wholeId, "b")]);
      expect(both).toEqual(["a", "a"]);
      tested.store = await tested.reopen();
      expect([await tested.store.signedWhole(wholeId), await tested.store.signWhole(wholeId, "c")]).toEqual(["a", "a"]);
      expect(await tested.store.whole(wholeId)).toEqual({ ...whole, partsEnded: 0 });
    });

    it("[TB4] [JB8] a job's record is changed as it lies there, one change after the other, and none comes back that was deleted", async () => {
      await tested.store.apply([{ kind: "job", job: someJob("j1") }]);
      const adding = (word: string) =>
        tested.store.changeJob("j1", (job) => ({
          ...job,
          data: { ...job.data, words: `${job.data.words ?? ""}${word}` },
        }));
      expect(await Promise.all([adding("a"), adding("b")])).toEqual([true, true]);
      expect((await tested.store.job("j1"))?.data.words).toBe("ab");
      const [, isThere] = await Promise.all([tested.store.deleteJob("j1"), adding("c")]);
      expect(isThere).toBe(false);
      expect(await tested.store.job("j1")).toBeNull();
    });

    it("[JB8] of a job that is deleted nothing is left, after a reopen too; of others and of volunteers everything", async () => {
      const arrays = { weights: Float64Array.of(1) };
      for (const jobId of ["j1", "j2"]) {
        await tested.store.apply([
          { kind: "job", job: someJob(jobId) },
          { kind: "round", round: someRound(jobId, 0) },
          { kind: "piece", piece: { jobId, firstQuery: 0, queryCount: 1, values: Float32Array.of(1) } },
          { kind: "append", append: { jobId, seq: 0, body: Uint8Array.of(1) } },
          { kind: "block", block: { jobId, blockId: 0, facts: {}, places: null } },
          { kind: "contribution", contribution: { ...someContribution("v1"), jobId } },
          { kind: "checkpoint", checkpoint: { jobId, facts: {}, arrays } },
        ]);
      }
      await tested.store.apply([{ kind: "volunteer", volunteer: someVolunteer("v1", { creditMacs: 7 }) }]);
      for (const jobId of ["j1", "j2"]) await tested.store.receipts.append(someStatement(jobId, 0));
      await tested.store.deleteJob("j1");
      for (const open of [async () => tested.store, tested.reopen]) {
        const store = await open();
        const kept = async (jobId: string) => [
          (await store.job(jobId)) === null ? 0 : 1,
          (await store.rounds(jobId)).length,
          (await store.pieces(jobId)).length,
          (await allAppends(store, jobId)).length,
          (await store.blocks(jobId)).length,
          (await store.contributions(jobId)).length,
          (await store.checkpoint(jobId)) === null ? 0 : 1,
          (await store.receipts.statements(jobId)).length,
        ];
        expect([await kept("j1"), await kept("j2")]).toEqual([
          [0, 0, 0, 0, 0, 0, 0, 0],
          [1, 1, 1, 1, 1, 1, 1, 1],
        ]);
        expect((await store.volunteers())[0]?.creditMacs).toBe(7);
      }
    });

    it("[ST2] applies that overlap are kept in the order of their calls", async () => {
      const { store } = tested;
      const states = ["preparing", "running", "auditing", "finishing", "done"] as const;
      await Promise.all(states.map((state) => store.apply([{ kind: "job", job: someJob("j1", { state }) }])));
      expect((await store.job("j1"))?.state).toBe("done");
    });

    it("[ST3] what is stored is what the record held at the call, and what is read is nobody else's", async () => {
      const { store } = tested;
      const round = someRound("j1", 0, { outputs: Float32Array.of(1) });
      const applied = store.apply([{ kind: "round", round }]);
      round.outputs[0] = 2;
      await applied;
      const read = (await store.rounds("j1"))[0]!;
      expect(read.outputs).toEqual(Float32Array.of(1));
      read.outputs[0] = 3;
      expect((await store.rounds("j1"))[0]!.outputs).toEqual(Float32Array.of(1));
    });

    it("[ST4] a blob is named by its sha-256 and comes back whole, after a reopening too", async () => {
      const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31) & 255);
      const expected = createHash("sha256").update(bytes).digest("hex");
      expect(await tested.store.hasBlob(expected)).toBe(false);
      expect(await tested.store.getBlob(expected)).toBeNull();
      expect(await tested.store.putBlob(bytes)).toBe(expected);
      for (const open of [async () => tested.store, tested.reopen]) {
        const store = await open();
        expect(await store.hasBlob(expected)).toBe(true);
        expect(await store.getBlob(expected)).toEqual(bytes);
      }
    });

    it("[ST4] the same blob put many times at once is one blob; the empty one is a blob", async () => {
      const bytes = Uint8Array.of(1, 2, 3);
      const names = await Promise.all(Array.from({ length: 8 }, () => tested.store.putBlob(bytes)));
      expect(new Set(names).size).toBe(1);
      expect(await tested.store.getBlob(names[0]!)).toEqual(bytes);
      expect(await tested.store.getBlob(await tested.store.putBlob(new Uint8Array()))).toEqual(new Uint8Array());
    });

    it("[ST4] a blob that comes piece by piece is the one that is put whole", async () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7) & 255);
      const expected = createHash("sha256").update(bytes).digest("hex");
      async function* pieces() {
        for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
      }
      expect(await tested.store.blobBytes(expected)).toBeNull();
      expect(await tested.store.putBlobStream(pieces())).toBe(expected);
      expect(await tested.store.putBlobStream(pieces())).toBe(expected);
      for (const open of [async () => tested.store, tested.reopen]) {
        const store = await open();
        expect(await store.blobBytes(expected)).toBe(bytes.length);
        expect(Buffer.compare((await store.getBlob(expected))!, bytes)).toBe(0);
        const file = await store.blobFile(expected);
        if (file === null) continue;
        expect(file.bytes).toBe(bytes.length);
        expect(Buffer.compare(await readFile(file.path), bytes)).toBe(0);
      }
    });

    it("[ST4] of a blob whose sender breaks off nothing is kept, and its sender's own error is thrown", async () => {
      const bytes = Uint8Array.of(1, 2, 3);
      async function* broken() {
        yield bytes;
        throw new RangeError("broken off");
      }
      await expect(tested.store.putBlobStream(broken())).rejects.toThrow(RangeError);
      expect(await tested.store.hasBlob(createHash("sha256").update(bytes).digest("hex"))).toBe(false);
    });

    it("[ST4] closing waits for blobs that are being put", async () => {
      const bytes = new Uint8Array(9 * 1024 * 1024).fill(5);
      const putting = tested.store.putBlob(bytes);
      const store = await tested.reopen();
      const hash = createHash("sha256").update(bytes).digest("hex");
      // Not toEqual: with nine million numbers it takes minutes.
      expect(Buffer.compare((await store.getBlob(hash))!, bytes)).toBe(0);
      expect(await putting).toBe(hash);
    });

    it("[ST4] a name that is no sha-256 names no blob", async () => {
      for (const name of ["", "..", "../../paritab.sqlite", "A".repeat(64), `${"a".repeat(63)}/`, "a".repeat(65)]) {
        expect(await tested.store.hasBlob(name)).toBe(false);
        expect(await tested.store.getBlob(name)).toBeNull();
      }
    });

    const blob = (n: number) => Uint8Array.of(n, n, n);
    const NEVER = Number.NEGATIVE_INFINITY;

    it("[ST8] what nothing refers to goes at the second collection that finds it so, and not at the first", async () => {
      const { store } = tested;
      const lost = await store.putBlob(blob(1));
      expect(await store.collectBlobs(new Set(), NEVER)).toEqual({ blobs: 0, bytes: 0 });
      expect(await store.collectBlobs(new Set(), NEVER)).toEqual({ blobs: 1, bytes: 3 });
      expect(await store.getBlob(lost)).toBeNull();
    });

    it("[ST8] whatever a job's record names stays, through a reopening too, and so does what the caller keeps", async () => {
      const names = await Promise.all([2, 3, 4, 5, 6].map((n) => tested.store.putBlob(blob(n))));
      const [modelSha256, queriesSha256, labelsSha256, orderSha256, kept] = names as [
        string,
        string,
        string,
        string,
        string,
      ];
      const job = someJob("j1", { modelSha256, queriesSha256, labelsSha256, orderSha256 });
      await tested.store.apply([{ kind: "job", job }]);
      for (const open of [async () => tested.store, tested.reopen]) {
        const store = await open();
        for (let n = 0; n < 3; n++) expect((await store.collectBlobs(new Set([kept]), NEVER)).blobs).toBe(0);
      }
      const store = await tested.reopen();
      for (const name of names) expect(await store.hasBlob(name)).toBe(true);
    });

    it("[ST8] a job that ended long ago keeps its labels, for its answers, and lets go of its model and queries", async () => {
      const { store } = tested;
      const [modelSha256, queriesSha256, labelsSha256, orderSha256] = (await Promise.all(
        [2, 3, 4, 5].map((n) => store.putBlob(blob(n))),
      )) as [string, string, string, string];
      const ended = {
        modelSha256,
        queriesSha256,
        labelsSha256,
        orderSha256,
        state: "done",
        finishedMs: 1_000,
      } as const;
      await store.apply([{ kind: "job", job: someJob("j1", ended) }]);
      for (const endedBeforeMs of [1_000, 1_000]) {
        expect((await store.collectBlobs(new Set(), endedBeforeMs)).blobs).toBe(0);
      }
      await store.collectBlobs(new Set(), 1_001);
      expect((await store.collectBlobs(new Set(), 1_001)).blobs).toBe(3);
      expect(await store.hasBlob(labelsSha256)).toBe(true);
      expect(await store.getBlob(modelSha256)).toBeNull();
    });

    it("[ST8] whoever puts, gets or looks for a blob between two collections has one more interval to refer to it", async () => {
      const { store } = tested;
      const uses = [
        (name: string) => store.getBlob(name),
        (name: string) => store.hasBlob(name),
        () => store.putBlob(blob(7)),
      ];
      const name = await store.putBlob(blob(7));
      for (const use of uses) {
        expect((await store.collectBlobs(new Set(), NEVER)).blobs).toBe(0);
        await use(name);
      }
      await store.collectBlobs(new Set(), NEVER);
      expect((await store.collectBlobs(new Set(), NEVER)).blobs).toBe(1);
    });

    it("[ST2] what was seen of the crowd is one record, the latest; before the first there is none", async () => {
      const { store } = tested;
      expect(await store.crowd()).toBeNull();
      const none = () => ({ rows: 0, rowsOfNamed: 0, weightOfNamed: 0 });
      const part = {
        newcomer: { rows: 40, rowsOfNamed: 2, weightOfNamed: 8 },
        established: none(),
        covered: 0,
        caught: 1,
      };
      for (const rowsSinceAlarm of [20, 40]) {
        await store.apply([
          { kind: "crowd", crowd: { window: [part], rowsSinceAlarm } },
          {
            kind: "volunteer",
            volunteer: someVolunteer("v1", { rowsTaken: 7, choseUntilMs: Number.MAX_SAFE_INTEGER }),
          },
        ]);
      }
      expect(await store.crowd()).toEqual({ window: [part], rowsSinceAlarm: 40 });
      expect((await store.volunteers()).map(({ rowsTaken, choseUntilMs }) => [rowsTaken, choseUntilMs])).toEqual([
        [7, Number.MAX_SAFE_INTEGER],
      ]);
    });

    it("[ST2] statements of a receipt come back in their order; one of the same number is refused, and changes nothing", async () => {
      const [ended, amended] = [someStatement("j1", 0), someStatement("j1", 1)];
      await tested.store.receipts.append(ended);
      await tested.store.receipts.append(amended);
      const again = { ...ended, signature: "another" };
      await expect(tested.store.receipts.append(again)).rejects.toThrow(StoreError);
      const { receipts } = await tested.reopen();
      expect(await receipts.statements("j1")).toEqual([ended, amended]);
      expect(await receipts.statements("j2")).toEqual([]);
    });

    it("[ST2] keys stand in the order in which they came, each once; jobs are found by who worked for them", async () => {
      const link = (publicKey: string) => ({ publicKey, fromMs: 1, before: null, signature: "s" });
      await tested.store.receipts.addKeys([link("b")]);
      await tested.store.receipts.addKeys([{ ...link("b"), fromMs: 2 }, link("a")]);
      const contribution = someContribution("v1", { jobId: "signed" });
      await tested.store.apply([
        { kind: "contribution", contribution },
        { kind: "contribution", contribution: { ...contribution, jobId: "unsigned" } },
      ]);
      await tested.store.receipts.append(someStatement("signed", 0));
      await tested.store.receipts.append(someStatement("signed", 1));
      const { receipts } = await tested.reopen();
      expect(await receipts.keys()).toEqual([link("b"), link("a")]);
      expect(await receipts.jobsOf("v1")).toEqual(["signed"]);
      expect(await receipts.jobsOf("v2")).toEqual([]);
    });

    it("[ST8] a file beside a receipt stays as long as the receipt", async () => {
      const sha256 = await tested.store.putBlob(blob(9));
      await tested.store.receipts.append(someStatement("j1", 0, [{ name: "rows.bin", bytes: 3, sha256 }]));
      const store = await tested.reopen();
      for (let n = 0; n < 3; n++) expect((await store.collectBlobs(new Set(), 1_000)).blobs).toBe(0);
      expect(await store.getBlob(sha256)).toEqual(blob(9));
    });

    it("[ST8] a blob that was collected can be put again", async () => {
      const { store } = tested;
      const name = await store.putBlob(blob(8));
      await store.collectBlobs(new Set(), NEVER);
      await store.collectBlobs(new Set(), NEVER);
      expect(await store.putBlob(blob(8))).toBe(name);
      expect(await store.getBlob(name)).toEqual(blob(8));
    });
  });
}
