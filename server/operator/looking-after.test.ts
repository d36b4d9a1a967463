/** What the operator's side looks after: blobs, load, disk; and what it tells of steps. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Belongings } from "../access/belongings.ts";
import type { Identity } from "../access/identity.ts";
import type { Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import { initialState } from "../coordinator/state.ts";
import type { Own } from "../coordinator/words.ts";
import { someInferenceJob } from "../kinds/inference/testing/some-inference-job.ts";
import { openTellers } from "../kinds/kinds.ts";
import { StepStream } from "../shell/step-stream.ts";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { someVolunteer } from "../store/store.contract.ts";
import type { AuditLog } from "./audit-log.ts";
import { DiskWatch } from "./disk-watch.ts";
import { Housekeeping } from "./housekeeping.ts";
import { LoadWatch } from "./load-watch.ts";
import { StepLog } from "./step-log.ts";

const DAY_MS = 86_400_000;

let directory: string;
let store: SqliteStore;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-looking-after-"));
  store = await openSqliteStore(directory);
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("housekeeping", () => {
  const ada: Identity = { submitter: "ada", tokenId: "1", scopes: ["submit"] };
  const blob = (n: number) => Uint8Array.of(n, n);

  async function housekeeping(problems: unknown[] = []) {
    const now = { ms: 1_700_000_000_000 };
    const state = initialState();
    const belongings = await Belongings.open(store.submitters, () => now.ms);
    const collected: number[] = [];
    const keeping = new Housekeeping({
      store,
      belongings,
      state,
      nowMs: () => now.ms,
      onCollected: ({ blobs }) => collected.push(blobs),
      onProblem: (message) => problems.push(message),
    });
    keeping.close();
    const upload = async (n: number) => {
      const put = async () => {
        const sha256 = await store.putBlob(blob(n));
        return { sha256, bytes: 2, answer: sha256 };
      };
      return belongings.upload(ada, 2, put);
    };
    return { now, state, keeping, collected, upload };
  }

  it("[ST8] an upload is kept for its days though no job refers to it; a blob that nobody uploaded is not", async () => {
    const { now, keeping, collected, upload } = await housekeeping();
    const uploaded = await upload(1);
    await store.putBlob(blob(2));
    for (let n = 0; n < 3; n++) await keeping.look();
    expect(collected).toEqual([0, 1, 0]);
    now.ms += 7 * DAY_MS + 1;
    for (let n = 0; n < 2; n++) await keeping.look();
    expect(collected).toEqual([0, 1, 0, 0, 1]);
    expect(await store.getBlob(uploaded)).toBeNull();
  });

  it("[ST8] what a job at work refers to stays, though the job is not written yet; while the store refuses nothing goes", async () => {
    const { now, state, keeping, collected, upload } = await housekeeping();
    const modelSha256 = await upload(3);
    now.ms += 8 * DAY_MS;
    state.jobs.set("j1", { kind: "inference", stored: someInferenceJob("j1", { modelSha256 }) } as never);
    for (let n = 0; n < 3; n++) await keeping.look();
    state.jobs.clear();
    state.storeProblem = "the disk is full";
    for (let n = 0; n < 3; n++) await keeping.look();
    expect(collected).toEqual([0, 0, 0]);
    expect(await store.hasBlob(modelSha256)).toBe(true);
  });

  it("[OP5] a store that does not answer is told, and tried again the next time", async () => {
    const problems: unknown[] = [];
    const { keeping, collected } = await housekeeping(problems);
    await store.close();
    await keeping.look();
    expect([problems, collected]).toEqual([["housekeeping was not finished"], []]);
    store = await openSqliteStore(directory);
  });
});

describe("load", () => {
  const busy = (ms: number) => {
    const untilMs = performance.now() + ms;
    while (performance.now() < untilMs);
  };
  const turn = () => new Promise((resolve) => setTimeout(resolve, 1));

  it("[PR34] a loop that is busy all the while turns new tabs away, and recovers by itself", async () => {
    const limits = { lagMs: { tabs: 30, jobs: 1e6 }, heapShare: { tabs: 1, jobs: 1 } };
    const watch = new LoadWatch(limits, 500);
    expect(watch.sheds("tabs")).toBeNull();
    while (watch.sheds("tabs") === null) {
      busy(120);
      await turn();
    }
    expect(watch.sheds("tabs")).toMatch(/runs \d+ ms late/);
    expect(watch.sheds("jobs")).toBeNull();
    while (watch.sheds("tabs") !== null) await turn();
    watch.close();
  });

  it.each([
    ["the first of all", 0],
    ["one after nothing happened for a while", 700],
  ])("[PR34] one long task, %s too, turns nobody away", async (_which, idleMs) => {
    const watch = new LoadWatch({ lagMs: { tabs: 100, jobs: 100 }, heapShare: { tabs: 1, jobs: 1 } });
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    for (let looks = 0; looks < 3; looks++) {
      busy(looks === 1 ? 800 : 1);
      await new Promise((resolve) => setTimeout(resolve, 25));
      expect(watch.sheds("tabs")).toBeNull();
    }
    expect(watch.lagMs()).toBeGreaterThan(1);
    watch.close();
  });

  it("[PR34] a full heap turns new tabs away before new jobs", () => {
    const lagMs = { tabs: 1e9, jobs: 1e9 };
    const tabsFirst = new LoadWatch({ lagMs, heapShare: { tabs: 0, jobs: 1 } });
    expect([tabsFirst.sheds("tabs"), tabsFirst.sheds("jobs")]).toEqual([
      expect.stringMatching(/memory is \d+ % full/),
      null,
    ]);
    tabsFirst.close();
  });
});

describe("disk", () => {
  it("[OP5] less room than the reserve is said, and so is a disk that does not answer", async () => {
    const enough = await DiskWatch.open(directory, 0);
    expect([enough.problem, enough.freeBytes]).toEqual([null, expect.any(Number)]);
    const low = await DiskWatch.open(directory, Number.MAX_SAFE_INTEGER);
    expect(low.problem).toMatch(/^expected \d+ bytes of free disk .*, got \d+$/);
    const gone = await DiskWatch.open(join(directory, "gone"), 0);
    expect([gone.problem, gone.freeBytes]).toEqual([expect.stringMatching(/does not answer/), null]);
    for (const watch of [enough, low, gone]) watch.close();
  });
});

describe("what is told of steps", () => {
  const lines: { level: number; msg: string; [field: string]: unknown }[] = [];
  const notes: [string, unknown][] = [];
  const ended: string[] = [];
  const log = () => {
    for (const list of [lines, notes, ended]) list.length = 0;
    const audit = { note: (what: string, fields: unknown) => notes.push([what, fields]) } as unknown as AuditLog;
    const logger = pino({ level: "trace" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const stepLog = new StepLog(logger, audit, (kind, state) => ended.push(`${kind} ${state}`));
    return new StepStream(initialState(), openTellers(), [stepLog]);
  };
  const persist = (...records: Extract<Effect, { type: "persist" }>["records"]): Effect[] => [
    { type: "persist", effectId: 1, records },
  ];
  const tick: CoordinatorEvent = { atMs: 1, type: "timerFired", timerId: 1 };

  it("[OP4] a job's states are told once each, though a refused write comes again", () => {
    const told = log();
    const states = ["accepting", "running", "running", "done", "done"] as const;
    for (const state of states) {
      const job = someInferenceJob("j1", { state, finishedMs: state === "done" ? 5 : null });
      told.stepped(tick, persist({ kind: "job", of: "inference", jobId: "j1", record: { type: "job", job } as Own }));
    }
    expect(lines.map(({ jobId, state }) => [jobId, state])).toEqual([
      ["j1", "accepting"],
      ["j1", "running"],
      ["j1", "done"],
    ]);
    expect(notes.map(([what]) => what)).toEqual(["job-submitted", "job-ended"]);
    expect(ended).toEqual(["inference done"]);
  });

  it("[OP4] a quarantine is told once, with whose, where and why; one of an earlier run is not told again", () => {
    const told = log();
    const quarantine = { atMs: 1, jobId: "j1", roundIndex: 3, reason: "audit: row 4 differs" };
    const restored = { atMs: 1, type: "restored", jobs: [], volunteers: [someVolunteer("old-liar", { quarantine })] };
    told.stepped(restored as unknown as CoordinatorEvent, []);
    lines.length = 0;
    for (const volunteerId of ["old-liar", "new-liar", "new-liar"]) {
      told.stepped(tick, persist({ kind: "volunteer", volunteer: someVolunteer(volunteerId, { quarantine }) }));
    }
    const fields = { volunteerId: "new-liar", jobId: "j1", roundIndex: 3, reason: "audit: row 4 differs" };
    expect(notes).toEqual([["volunteer-quarantined", fields]]);
    expect(lines).toEqual([expect.objectContaining({ ...fields, level: 40 })]);
  });

  it("[OP5] a store that refuses is one line, and so is its recovery", () => {
    const told = log();
    const refused: CoordinatorEvent = { atMs: 1, type: "persistFailed", effectId: 1, message: "full" };
    for (const event of [refused, refused, { atMs: 2, type: "persisted", effectId: 2 } as const])
      told.stepped(event, []);
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      [50, "the store refuses writes; finished work is kept"],
      [30, "the store accepts writes again"],
    ]);
  });
});
