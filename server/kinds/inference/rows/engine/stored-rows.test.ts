/** What is stored of rows, in every store that needs no server: read again it is what stood when it was stored, after a crash too. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { initialState } from "../../../../coordinator/state.ts";
import { openSqliteStore } from "../../../../store/sqlite-store.ts";
import type { AppendRecord, Store } from "../../../../store/store.ts";
import { MemoryStore } from "../../../../store/testing/memory-store.ts";
import { COORDINATOR } from "../../core/job.ts";
import { EndedJobs } from "../../ended-jobs.ts";
import { MARK } from "../../engine/job-answers.ts";
import { inferenceCodec, type StoredJob } from "../../records.ts";
import { answersPage } from "../../views.ts";
import { answered, answers, first, QUERIES, rightAt, rowJob, rowWorkspace, WIDTH } from "../testing/row-job.ts";
import type { RowEntry, StoredBlock } from "../work.ts";
import { blockOf, blockRecord } from "./blocks.ts";
import type { RowWorkspace } from "./row-workspace.ts";

const directory = mkdtempSync(join(tmpdir(), "paritab-rows-"));
const sqlite = await openSqliteStore(directory);
afterAll(async () => {
  await sqlite.close();
  rmSync(directory, { recursive: true });
});

const NOBODY_TAKES = () => null;
const BOUND = 1e-3;

/** What happens to a row between two appends. */
type Happening =
  | { readonly type: "answer"; readonly place: number; readonly author: number }
  | { readonly type: "vouch"; readonly place: number; readonly partner: number }
  | { readonly type: "take out"; readonly place: number }
  | { readonly type: "recompute"; readonly place: number }
  | { readonly type: "final"; readonly place: number };

const place = fc.nat(QUERIES - 1);
const who = fc.nat(4);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("answer" as const), place, author: who }) },
  fc.record({ type: fc.constant("vouch" as const), place, partner: who }),
  fc.record({ type: fc.constant("take out" as const), place }),
  fc.record({ type: fc.constant("recompute" as const), place }),
  fc.record({ type: fc.constant("final" as const), place }),
);
const name = (author: number) => `volunteer-${author}`;

/** Lets it happen to the job's engine, as a core would ask. @returns what is to be stored of it; null: nothing */
async function happens(
  workspace: RowWorkspace,
  now: Happening,
  assignmentId: number,
  attempts: Map<number, number>,
): Promise<AppendRecord | null> {
  const { place } = now;
  const attempt = attempts.get(place) ?? 0;
  const { marks, sources } = workspace.answers;
  const author = sources.volunteerOf(place);
  const stands = marks[place] !== MARK.missing;
  const entry = (rest: Pick<RowEntry, "author" | "mark" | "partner">): AppendRecord =>
    workspace.appendRows([{ place, attempt: attempts.get(place) ?? 0, ...rest }]);
  switch (now.type) {
    case "answer":
      if (stands) return null;
      await answered(workspace, assignmentId, name(now.author), [{ place, attempt, as: "answer" }]);
      return entry({ author: name(now.author), mark: "checked" });
    case "vouch":
      return marks[place] === MARK.audited ? entry({ author, mark: "checked", partner: name(now.partner) }) : null;
    case "take out":
      if (marks[place] !== MARK.audited) return null;
      attempts.set(place, attempt + 1);
      workspace.takeOut({ type: "takeOut", rows: [{ place, attempt: attempt + 1 }] }, NOBODY_TAKES);
      return entry({ author: null, mark: "unchecked" });
    case "recompute":
      await workspace.recompute({ type: "recompute", rows: [{ place, attempt, why: "coin", words: [] }] });
      return entry({ author: COORDINATOR, mark: "exact" });
    case "final":
      return marks[place] === MARK.audited ? workspace.appendFinal(0, [place]) : null;
  }
}

function standing({ answers }: Pick<RowWorkspace, "answers">) {
  return Array.from({ length: answers.queryCount }, (_, place) => ({
    mark: answers.marks[place],
    volunteerId: answers.marks[place] === MARK.missing ? null : answers.sources.volunteerOf(place),
    output: [...answers.outputs.subarray(place * WIDTH, (place + 1) * WIDTH)],
    isFinal: answers.marks[place] !== MARK.missing && answers.kinds.kindOf(place).ledger !== null,
    first: [answers.firstLabels[place], answers.firstMarks[place]],
    durable: answers.durableMarks[place],
  }));
}

async function restored(store: Store, jobId: string) {
  const workspace = rowWorkspace(jobId);
  const rows = await workspace.restore(store.appends(jobId), await store.blocks(jobId));
  return { workspace, rows };
}

describe.each([
  ["memory", new MemoryStore() as Store],
  ["sqlite", sqlite as Store],
])("rows in the %s store", (_name, store) => {
  it("whatever happened, what is read again stands as it stood, and the core is told of it", async () => {
    let jobs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (all) => {
        const jobId = `any ${jobs++}`;
        const workspace = rowWorkspace(jobId);
        const attempts = new Map<number, number>();
        for (const [n, now] of all.entries()) {
          const append = await happens(workspace, now, n, attempts);
          if (append === null) continue;
          await store.apply([{ kind: "append", append }]);
          workspace.isStored(append);
        }
        const again = await restored(store, jobId);
        expect(standing(again.workspace)).toEqual(standing(workspace));
        for (const row of again.rows.rows) {
          const { mark, volunteerId, isFinal } = standing(workspace)[row.place]!;
          expect(row.attempt).toBe(attempts.get(row.place) ?? 0);
          expect(row.author).toBe(mark === MARK.missing ? null : (volunteerId ?? COORDINATOR));
          expect(row.isFinal).toBe(isFinal || mark === MARK.exact);
        }
        const told = new Set(again.rows.rows.map((row) => row.place));
        for (const [place, { mark }] of standing(workspace).entries())
          if (mark !== MARK.missing) expect(told).toContain(place);
      }),
      { numRuns: 40 },
    );
  });

  it("an append that is missing is said, and nothing is made of those behind it", async () => {
    const workspace = rowWorkspace("gap");
    for (const place of [1, 2]) await answered(workspace, place, "ann", answers(place));
    const [, second] = [1, 2].map((place) =>
      workspace.appendRows([{ ...first(place), author: "ann", mark: "checked" }]),
    );
    await store.apply([{ kind: "append", append: second! }]);
    await expect(restored(store, "gap")).rejects.toThrow(/expected append 0, got 1/);
  });

  it("blocks come back as the core wrote them", async () => {
    const terms = { rows: 3, checkShare: 0.5 } as StoredBlock["block"]["terms"];
    const block: StoredBlock = {
      ...{ blockId: 1, places: [4, 2], timesAsked: 1, certificate: null },
      block: { terms, state: "open" },
    };
    const closed: StoredBlock = {
      ...block,
      blockId: 0,
      places: "all",
      certificate: { checkShare: 0.5, sampled: 2 },
      block: { terms, state: "closed" },
    };
    await store.apply([block, closed].map((one) => ({ kind: "block", block: blockRecord("blocks", one) }) as const));
    expect((await store.blocks("blocks")).map(blockOf)).toEqual([closed, block]);
  });

  it("[VF9] of a job that has ended final is what its block certified or the coordinator computed, within the bound; another word is not", async () => {
    const job: StoredJob = rowJob("ended", { state: "done", finishedMs: 9 });
    const workspace = rowWorkspace("ended");
    await answered(workspace, 1, "ann", answers(0, 1, 2, 3));
    const entries = [0, 1, 2, 3].map((place): RowEntry => ({ ...first(place), author: "ann", mark: "checked" }));
    const appends = [workspace.appendRows(entries), workspace.appendFinal(0, [0, 1])];
    await workspace.recompute({ type: "recompute", rows: [{ ...first(2), why: "coin", words: [] }] });
    appends.push(workspace.appendRows([{ ...first(2), author: COORDINATOR, mark: "exact" }]));
    await store.apply([
      { kind: "job", job: inferenceCodec.toRecord(job) },
      ...appends.map((append) => ({ kind: "append", append }) as const),
    ]);
    const found = (await new EndedJobs(store).answers("ended"))!;
    const state = initialState();
    const page = answersPage(state, found, 0, 6);
    expect(page.answers.map(({ mark, final, bound }) => [mark, final, bound])).toEqual([
      ["audited", true, BOUND],
      ["audited", true, BOUND],
      ["exact", true, 0],
      ["audited", false, expect.any(Number)],
      ["missing", false, null],
      ["missing", false, null],
    ]);
    expect(page.answers[3]!.bound).toBeGreaterThan(BOUND);
    expect(page.answers[0]).toMatchObject({ volunteerId: "ann", outputs: [...rightAt(0)], first: { mark: "audited" } });
    // Deleted, nothing of it is left.
    await store.deleteJob("ended");
    expect(await new EndedJobs(store).answers("ended")).toBeNull();
    expect((await restored(store, "ended")).rows.rows).toEqual([]);
  });
});

describe("a crash", () => {
  it("[RS1] between an append and its telling leaves what was stored and nothing else; the next run goes on behind it", async () => {
    for (const survivors of [0, 1, 2, 3]) {
      const store = new MemoryStore({ settle: () => new Promise(() => {}) });
      const workspace = rowWorkspace("j1");
      const written: AppendRecord[] = [];
      for (const place of [3, 1, 2]) {
        await answered(workspace, place, "ann", answers(place));
        const append = workspace.appendRows([{ ...first(place), author: "ann", mark: "checked" }]);
        written.push(append);
        // Never told: nobody hears that it is durable.
        void store.apply([{ kind: "append", append }]);
      }
      expect([...workspace.answers.durableMarks].every((mark) => mark === MARK.missing)).toBe(true);
      store.crash(survivors);
      const { workspace: again, rows } = await restored(store, "j1");
      expect(rows.rows.map((row) => row.place)).toEqual([3, 1, 2].slice(0, survivors).sort());
      expect(again.answers.countByMark().audited).toBe(survivors);
      await answered(again, 9, "bob", answers(40));
      const next = again.appendRows([{ ...first(40), author: "bob", mark: "checked" }]);
      expect(next.seq).toBe(survivors);
      // A name that the lost appends had told is told again.
      const third = rowWorkspace("j1");
      for (const append of [...written.slice(0, survivors), next]) await third.restore(of(append), []);
      expect(third.answers.sources.volunteerOf(40)).toBe("bob");
    }
  });

  it("[CK3] coins of answers that were taken out are open, unless somebody agreed, or their block is not at work any more", async () => {
    const workspace = rowWorkspace("j1");
    const appends: AppendRecord[] = [];
    for (const [place, partner] of [[1], [2, "bob"], [3]] as [number, string?][]) {
      await answered(workspace, place, "ann", answers(place));
      appends.push(
        workspace.appendRows([{ ...first(place), author: "ann", mark: "checked", ...(partner && { partner }) }]),
      );
      workspace.takeOut({ type: "takeOut", rows: [{ place, attempt: 1 }] }, () => null);
      appends.push(workspace.appendRows([{ place, attempt: 1, author: null, mark: "unchecked" }]));
    }
    await workspace.recompute({ type: "recompute", rows: [{ place: 3, attempt: 1, why: "coin", words: [] }] });
    appends.push(workspace.appendRows([{ place: 3, attempt: 1, author: COORDINATOR, mark: "exact" }]));
    const openIn = async (all: readonly AppendRecord[]) =>
      (await rowWorkspace("j1").restore(together(all), [])).openCoins;
    expect(await openIn(appends)).toEqual([{ place: 1, attempt: 0, author: "ann" }]);
    expect(workspace.appendOpened()).toBeNull();
    workspace.opened(1);
    appends.push(workspace.appendOpened()!);
    expect(workspace.appendOpened()).toBeNull();
    expect(await openIn(appends)).toEqual([]);
  });

  it("[PC1] an answer in doubt is so after a restart", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "ann", answers(1, 2), (place) =>
      place === 1 ? new Float32Array(WIDTH).fill(1) : rightAt(place),
    );
    const written = workspace.appendRows([1, 2].map((place) => ({ ...first(place), author: "ann", mark: "checked" })));
    const { rows } = await rowWorkspace("j1").restore(of(written), []);
    expect(rows.map(({ isDoubtful = false }) => isDoubtful)).toEqual([true, false]);
  });

  it("[VF9] nobody is told of a certificate before it is stored", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "ann", answers(1));
    const row = workspace.appendRows([{ ...first(1), author: "ann", mark: "checked" }]);
    const certificate = workspace.appendFinal(0, [1]);
    const isCertified = () => workspace.answers.kinds.kindOf(1).ledger !== null;
    workspace.isStored(row);
    expect(isCertified()).toBe(false);
    workspace.isStored(certificate);
    expect(isCertified()).toBe(true);
  });

  it("an answer that was taken out while it was stored is not durable, nor certified by what came before", async () => {
    const workspace = rowWorkspace("j1");
    await answered(workspace, 1, "ann", answers(1));
    const row = workspace.appendRows([{ ...first(1), author: "ann", mark: "checked" }]);
    workspace.takeOut({ type: "takeOut", rows: [{ place: 1, attempt: 1 }] }, () => null);
    workspace.isStored(row);
    expect(workspace.answers.durableMarks[1]).toBe(MARK.missing);
  });

  it("places from which an answer was taken out are known after a restart, though others have answered within the same append", async () => {
    const workspace = rowWorkspace("j1");
    for (const place of [1, 2, 3]) await answered(workspace, place, "ann", answers(place));
    workspace.takeOut({ type: "takeOut", rows: [1, 2].map((place) => ({ place, attempt: 1 })) }, () => null);
    await answered(workspace, 4, "bob", [{ place: 2, attempt: 1, as: "answer" }]);
    const written = workspace.appendRows([
      { place: 1, attempt: 1, author: null, mark: "unchecked" },
      { place: 2, attempt: 1, author: "bob", mark: "checked" },
      { ...first(3), author: "ann", mark: "checked" },
    ]);
    const later = rowWorkspace("j1");
    await later.restore(of(written), []);
    for (const { answers: held } of [workspace, later]) expect([...held.takenOut]).toEqual([1, 2]);
  });
});

async function* together(appends: readonly AppendRecord[]): AsyncGenerator<readonly AppendRecord[]> {
  yield appends;
}

async function* of(append: AppendRecord): AsyncGenerator<readonly AppendRecord[]> {
  yield [append];
}
