/** Several coordinators on one PostgreSQL server: leases and fences, shared records, what each hears of the others. */
import { mkdtempSync, rmSync } from "node:fs";
import { utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { partIdOf, rangesOf } from "../../shared/kinds/inference/parts.ts";
import { CELL_LEASE_MS } from "../../shared/protocol/limits.ts";
import { storedRun } from "../coded/testing/coded-story.ts";
import { regressionCodec } from "../kinds/regression/records.ts";
import { mergedRepute } from "./merge-repute.ts";
import { openPool, openPostgresStore, type PostgresStore } from "./postgres-store.ts";
import { someJob, someRound, someVolunteer } from "./store.contract.ts";
import { LeaseLostError, StoreError } from "./store.ts";
import { PostgresServer, postgresPrograms } from "./testing/postgres-server.ts";

const BAN = {
  banId: "b1",
  who: { kind: "volunteer" as const, volunteerId: "ab".repeat(16) },
  ...{ reason: "asked to stay away", sinceMs: 1, untilMs: null },
};

describe.skipIf(postgresPrograms() === null)("cells on PostgreSQL", () => {
  let server: PostgresServer;
  let url: string;
  let directory: string;
  const stores: PostgresStore[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    url = await server.newDatabase();
    directory = mkdtempSync(join(tmpdir(), "paritab-cells-"));
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  async function cell(name: string): Promise<PostgresStore> {
    const store = await openPostgresStore(url, directory, join(directory, "cells", name));
    stores.push(store);
    return store;
  }
  const say = (statement: string) => server.ask(statement, new URL(url).pathname.slice(1));
  /** As if it had not renewed its lease for long, while the others had. */
  const letLapse = ({ cell: { epoch } }: PostgresStore) =>
    say(`UPDATE cells SET until_ms = CASE WHEN epoch = ${epoch} THEN 0 ELSE until_ms END, steady_ms = 0`);
  /** As if so long had gone by since whatever the database noted. */
  const pass = (ms: number) => say(`UPDATE cells SET until_ms = until_ms - ${ms}, steady_ms = steady_ms - ${ms}`);
  const renew = (store: PostgresStore) => store.cell.renew({ jobs: 0, tabs: 0, share: 0 });
  const living = async () => (await say("SELECT epoch FROM cells ORDER BY epoch")).map(({ epoch }) => Number(epoch));
  const job = (jobId: string, changes = {}) => ({ kind: "job", job: someJob(jobId, changes) }) as const;
  const volunteer = (changes = {}) => ({ kind: "volunteer", volunteer: someVolunteer("v1", changes) }) as const;

  it("[CE4] what several book on one account adds up, written twice or not, whoever has gone and whoever looks", async () => {
    const account = (places: number, charged: number, held: number) =>
      ({
        kind: "account",
        account: { accountKey: "0.001 of Ada", answerBound: 1e-3, places, routeOne: 0, charged, held },
      }) as const;
    const [a, b] = [await cell("a"), await cell("b")];
    expect([await a.accounts(), await b.accounts()]).toEqual([[], []]);
    await a.apply([account(1_000, 0, 1)]);
    await b.apply([account(400, 0.5, 0)]);
    await b.apply([account(400, 0.5, 0)]);
    const c = await cell("c");
    expect(await c.accounts()).toEqual([account(1_400, 0.5, 1).account]);
    // What it writes holds what others had booked when it looked.
    await c.apply([account(1_500, 0.5, 1.25)]);
    await a.apply([account(1_000, 1, 0)]);
    await letLapse(a);
    await b.cell.takeOver();
    for (const store of [b, await cell("d")])
      expect(await store.accounts()).toEqual([account(1_500, 1.5, 0.25).account]);
  });

  it("[CK2] of two that open blocks on one account the second knows of the first, whichever comes first", async () => {
    const booked = (places: number, held: number) => ({
      ...{ accountKey: "0.001 of Ada", answerBound: 1e-3, places, routeOne: 0, charged: 0, held },
    });
    const open = (places: number, held: number, news?: ReturnType<typeof booked>) =>
      ({ kind: "account", account: booked(places, held), news, opens: true }) as const;
    const first = await cell("first");
    await first.apply([{ kind: "account", account: booked(50_000, 0) }]);
    const [a, b] = [await cell("a"), await cell("b")];
    for (const store of [a, b]) expect(await store.accounts()).toEqual([booked(50_000, 0)]);
    // Each alone has room for it.
    const tried = await Promise.allSettled([a, b].map((store) => store.apply([open(51_000, 49)])));
    const refused = tried.findIndex(({ status }) => status === "rejected");
    expect(tried.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const news = booked(1_000, 49);
    expect(tried[refused]).toMatchObject({ reason: { name: "StoreError", news } });
    expect(await first.accounts()).toEqual([booked(51_000, 49)]);
    const [loser, winner] = refused === 0 ? [a, b] : [b, a];
    // Together with what it has heard it takes less, also of what is written twice.
    for (let n = 0; n < 2; n++) await loser.apply([open(52_000, 52, news)]);
    expect(await first.accounts()).toEqual([booked(52_000, 52)]);
    const heard = (await winner.changesElsewhere()).accounts;
    expect(heard).toEqual([booked(1_000, 3)]);
    expect((await winner.changesElsewhere()).accounts).toEqual([]);
  });

  it("[CE1] each life has an epoch that nobody had before, also where nothing of the one before is left", async () => {
    const first = await cell("a");
    const [epoch] = [first.cell.epoch];
    await stores.splice(0)[0]!.close();
    expect((await cell("a")).cell.epoch).toBe(epoch + 1);
    expect((await cell("b")).cell.epoch).toBe(epoch + 2);
  });

  it("[CE1] [CE10] what a request asks of a lease is refused as the store's failure where the database does not answer", async () => {
    const { cell: lease } = await cell("a");
    // As if it were away, for this alone.
    await say("ALTER TABLE cells RENAME TO cells_away");
    const asked = await Promise.allSettled([
      ...[lease.others(), lease.named(), lease.seen(), lease.eldest(), lease.takePart("j1")],
      ...[lease.ownerOf("j1"), lease.cellOfInvitation("ab")],
    ]);
    await say("ALTER TABLE cells_away RENAME TO cells");
    expect(asked.map((one) => one.status === "rejected" && one.reason)).toEqual(
      asked.map(() => expect.any(StoreError)),
    );
  });

  it("[CE2] [CE3] jobs of a cell whose lease is over are taken once, and it writes nothing from then on, whatever it tries", async () => {
    const late = await cell("late");
    await late.apply([job("j1"), job("ended", { state: "done", finishedMs: 9 })]);
    const [b, c] = [await cell("b"), await cell("c")];
    expect(await late.cell.ownerOf("j1")).toEqual({ address: null, isAtWork: true, isWaiting: false });
    await letLapse(late);
    const taken = await Promise.all([b.cell.takeOver(), c.cell.takeOver()]);
    expect(taken.flat()).toEqual(["j1"]);
    const before = await b.jobs();
    const tries = await Promise.allSettled([
      late.apply([job("j1", { state: "failed" })]),
      late.apply([{ kind: "round", round: someRound("j1", 0) }]),
      late.apply([volunteer()]),
      late.apply([job("j2")]),
      late.deleteJob("ended"),
      late.receipts.append({ body: { jobId: "j1", seq: 0, what: "quarantined" }, signature: "s" } as never),
      late.submitters.ownJob("j1", "mallory"),
      late.operator.addBan(BAN, 0),
      late.operator.setIntake({ pausedFor: "asleep", sinceMs: 1 }),
      late.cell.renew({ jobs: 0, tabs: 0, share: 0 }),
    ]);
    for (const tried of tries) expect(tried).toMatchObject({ status: "rejected", reason: expect.any(LeaseLostError) });
    expect(await b.jobs()).toStrictEqual(before);
    expect([await b.rounds("j1"), await b.volunteers(), (await b.submitters.jobOwners()).size]).toEqual([[], [], 0]);
  });

  it("[CE2] a lease that is over and that nobody took is renewed: a server that was away ends no coordinator", async () => {
    const late = await cell("late");
    await letLapse(late);
    await late.cell.renew({ jobs: 0, tabs: 0, share: 0 });
    await late.apply([job("j1")]);
    expect(await (await cell("b")).cell.takeOver()).toEqual([]);
  });

  it.each([5_000, 8_000, 9_900, 10_100, 20_000, 60_000])(
    "[CE3] after a pause of the database of %i ms nobody takes over from anybody who renews within a lease, whoever comes first and whatever it asks first",
    async (pauseMs) => {
      const stores = [await cell("a"), await cell("b"), await cell("c")];
      const epochs = stores.map((one) => one.cell.epoch);
      for (const one of stores) await one.apply([job(`of ${one.cell.epoch}`)]);
      for (const first of stores) {
        // All have been steady for long, and renewed at different moments before the pause.
        for (const [n, one] of stores.entries()) {
          await renew(one);
          await pass((n * CELL_LEASE_MS) / 6);
        }
        await say("UPDATE cells SET steady_ms = 0");
        await pass(pauseMs);
        const others = stores.filter((one) => one !== first);
        expect(await first.cell.takeOver()).toEqual([]);
        for (let n = 0; n < 3; n++) {
          await renew(first);
          expect(await first.cell.takeOver()).toEqual([]);
          await pass(CELL_LEASE_MS / 3 - 200);
        }
        for (const one of others) {
          expect(await one.cell.takeOver()).toEqual([]);
          await renew(one);
          expect(await one.cell.takeOver()).toEqual([]);
        }
        expect(await living()).toEqual(epochs);
      }
    },
  );

  it("[CE3] whoever does not come back within a lease after a pause of the database is taken over from then", async () => {
    const [a, gone] = [await cell("a"), await cell("gone")];
    await gone.apply([job("j1")]);
    await pass(60_000);
    const taken: string[][] = [];
    for (let n = 0; n < 5; n++) {
      await renew(a);
      taken.push(await a.cell.takeOver());
      await pass(CELL_LEASE_MS / 3);
    }
    expect(taken).toEqual([[], [], [], ["j1"], []]);
    await expect(renew(gone)).rejects.toThrow(LeaseLostError);
  });

  it("[CE1] a renewal waits for no write, no takeover and no question, however many of them a lock holds up", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    await a.apply([job("j1")]);
    const pool = openPool(url, 1);
    const locker = await pool.connect();
    const held: Promise<unknown>[] = [];
    try {
      await locker.query("BEGIN");
      await locker.query("LOCK TABLE jobs, job_leases, volunteers, volunteer_shares IN ACCESS EXCLUSIVE MODE");
      for (let n = 0; n < 6; n++)
        held.push(a.cell.ownerOf("j1"), a.cell.takeOver(), a.apply([job(`j${n}`)]), a.job("j1"), b.cell.partsDealt());
      for (const one of held) one.catch(() => {});
      await say("UPDATE cells SET until_ms = 0");
      await Promise.all([renew(a), renew(b)]);
      for (const { leftMs } of [a.cell, b.cell]) {
        expect(leftMs).toBeGreaterThan(CELL_LEASE_MS / 2);
        expect(leftMs).toBeLessThanOrEqual(CELL_LEASE_MS);
      }
      expect(await say("SELECT 1 FROM cells WHERE until_ms > 0")).toHaveLength(2);
      // Of the rows themselves: it is given up, and no connection of the server waits on.
      await locker.query("COMMIT");
      await Promise.all(held);
      await locker.query("BEGIN; LOCK TABLE cells IN ACCESS EXCLUSIVE MODE");
      await expect(renew(a)).rejects.toThrow(/timeout/);
      await locker.query("COMMIT");
      await renew(a);
    } finally {
      locker.release(true);
      await pool.end();
    }
  });

  it("[CE3] a job of a living cell is nobody else's to take or to write", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    await a.apply([job("j1")]);
    await a.cell.announce("http://a:1");
    expect(await b.cell.takeOver()).toEqual([]);
    await expect(b.apply([job("j1", { state: "failed" })])).rejects.toThrow(StoreError);
    expect((await a.job("j1"))?.state).not.toBe("failed");
    expect(await b.cell.ownerOf("j1")).toEqual({ address: "http://a:1", isAtWork: true, isWaiting: false });
    expect(await b.cell.ownerOf("j2")).toBeNull();
    await b.apply([job("j3")]);
    const all = await b.cell.ownersOf(["j1", "j2", "j3"]);
    expect(Object.fromEntries(all)).toEqual({
      j1: { address: "http://a:1", isAtWork: true, isWaiting: false },
      j3: { address: null, isAtWork: true, isWaiting: false },
    });
  });

  it("[CE3] who left, and who starts again in the place that it held, is taken over from at once", async () => {
    const a = await cell("a");
    await a.apply([job("j1")]);
    const b = await cell("b");
    await stores.shift()!.close();
    expect(await b.cell.takeOver()).toEqual(["j1"]);
    await b.apply([job("j1", { state: "done", finishedMs: 4 })]);
    expect(await (await cell("a")).cell.takeOver()).toEqual([]);
  });

  it("[CE4] what each counts of a volunteer is summed, each once, in whatever order it is written and however often", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    await a.changesElsewhere();
    await a.apply([volunteer({ creditMacs: 10, creditAssignments: 1 })]);
    expect(await b.volunteersElsewhere()).toMatchObject([{ creditMacs: 10, creditAssignments: 1 }]);
    const elsewhere = { creditMacs: 10, creditAssignments: 1, auditsPassed: 2, auditsFailed: 0, rowsTaken: 0 };
    const told = volunteer({ ...elsewhere, creditMacs: 15, creditAssignments: 3, elsewhere });
    await b.apply([told]);
    await b.apply([told]);
    await a.apply([volunteer({ creditMacs: 12, creditAssignments: 2 })]);
    const total = { creditMacs: 17, creditAssignments: 4, auditsPassed: 2 };
    expect(await a.volunteers()).toMatchObject([total]);
    expect((await a.changesElsewhere()).volunteers).toMatchObject([{ creditMacs: 5, creditAssignments: 2 }]);
    // A life that is over leaves what it counted.
    await stores.shift()!.close();
    await b.cell.takeOver();
    expect(await b.volunteers()).toMatchObject([total]);
    expect(await b.volunteersElsewhere()).toMatchObject([{ creditMacs: 12, creditAssignments: 2 }]);
  });

  it("[CE4] what a life that is over has counted is counted once, though two cells look for such lives at the same moment", async () => {
    const [late, a, b] = [await cell("late"), await cell("a"), await cell("b")];
    const counted = { creditMacs: 10, creditAssignments: 3, auditsPassed: 2 };
    await late.apply([volunteer(counted)]);
    // Its row is gone: there is nothing else at which one of the others would wait for the other one.
    await late.cell.leave();
    const pool = openPool(url, 1);
    const third = await pool.connect();
    try {
      // Both have begun, and wait for the same row.
      await third.query("BEGIN");
      await third.query("SELECT FROM volunteers FOR UPDATE");
      const both = Promise.all([a.cell.takeOver(), b.cell.takeOver()]);
      const waiting = "SELECT count(*)::int AS n FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
      await vi.waitUntil(async () => (await server.ask(waiting))[0]!.n === 2);
      await third.query("COMMIT");
      await both;
    } finally {
      third.release();
      await pool.end();
    }
    expect(await a.volunteers()).toMatchObject([counted]);
  });

  it("[CE5] a naming outlives what others write who have not heard of it", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    await b.apply([volunteer({ nickname: "Ada" })]);
    const quarantine = { atMs: 5, jobId: "j1", roundIndex: 0, reason: "a wrong row" };
    await a.apply([volunteer({ quarantine })]);
    await b.apply([volunteer({ nickname: "Ada L." })]);
    expect(await a.volunteers()).toMatchObject([{ nickname: "Ada L.", quarantine }]);
    expect((await b.changesElsewhere()).volunteers).toMatchObject([{ quarantine }]);
    const released = { atMs: 9, reason: "mended", from: quarantine };
    await b.apply([volunteer({ released })]);
    await a.apply([volunteer({ quarantine, creditMacs: 1, team: "T" })]);
    expect(await b.volunteers()).toMatchObject([{ quarantine: null, released, team: "T" }]);
  });

  it("[ST8] the eldest collects blobs, and none that another one has put or looked for in between", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    const NEVER = Number.NEGATIVE_INFINITY;
    const [lost, wanted] = [await b.putBlob(Uint8Array.of(1)), await b.putBlob(Uint8Array.of(2))];
    for (let n = 0; n < 3; n++) expect((await b.collectBlobs(new Set(), NEVER)).blobs).toBe(0);
    expect((await a.collectBlobs(new Set(), NEVER)).blobs).toBe(0);
    await utimes(join(directory, "blobs", wanted.slice(0, 2), wanted), 1, 1);
    expect((await a.collectBlobs(new Set(), NEVER)).blobs).toBe(1);
    expect(await b.hasBlob(lost)).toBe(false);
    expect(await b.hasBlob(wanted)).toBe(true);
    expect((await a.collectBlobs(new Set(), NEVER)).blobs).toBe(0);
    expect((await a.collectBlobs(new Set(), NEVER)).blobs).toBe(1);
    expect(await b.putBlob(Uint8Array.of(2))).toBe(wanted);
    expect(await a.getBlob(wanted)).toEqual(Uint8Array.of(2));
  });

  /** A job in so many parts. @returns the ids of the parts, and those of them that are the cell's */
  async function inParts(at: PostgresStore, count: number, wholeId = "W".repeat(24)) {
    const ids = Array.from({ length: count }, (_, index) => partIdOf(wholeId, index));
    const whole = { ...{ wholeId, kind: "inference", name: "", submitter: "" }, submittedMs: 1, submission: {} };
    const parts = rangesOf(3 * count, count).map((range, index) => ({ jobId: ids[index]!, ...range }));
    const records = ids.map((jobId) => someJob(jobId, { state: "preparing", finishedMs: null }));
    return { ids, own: await at.addWhole({ ...whole, parts }, records) };
  }

  it("[CE10] [CE11] one part each is dealt out to the cells that live, the least busy first; a dead one's are taken over, and nobody writes another's", async () => {
    const [a, b, dead] = [await cell("a"), await cell("b"), await cell("dead")];
    for (const one of [a, b, dead]) await one.cell.announce(`http://${one.cell.epoch}`);
    await a.cell.renew({ jobs: 3, tabs: 4, share: 3 });
    await b.cell.renew({ jobs: 0, tabs: 12, share: 0 });
    await dead.cell.renew({ jobs: 0, tabs: 5, share: 0 });
    await letLapse(dead);
    const { ids, own } = await inParts(a, 3);
    expect(own).toEqual([ids[1]]);
    expect(await b.cell.partsDealt()).toEqual([ids[0]]);
    expect(await a.cell.partsDealt()).toEqual([ids[1]]);
    expect(await dead.cell.partsDealt()).toEqual([]);
    await expect(a.apply([job(ids[0]!, { state: "running" })])).rejects.toThrow(/another coordinator's/);
    await b.apply([job(ids[0]!, { state: "done", finishedMs: 9 })]);
    expect(await b.cell.partsDealt()).toEqual([]);
    expect(await b.cell.takeNextPart([])).toEqual([ids[2]]);
    // What one has that dies is somebody else's.
    await letLapse(b);
    expect(await a.cell.takeOver()).toEqual([ids[2]]);
    await a.apply([job(ids[2]!, { state: "running" })]);
  });

  it("[CE15] what two cells reserve for one submitter at once is together no more than one may have, and what a cell that is gone had reserved counts no more", async () => {
    const [a, b, dead] = [await cell("a"), await cell("b"), await cell("dead")];
    const claim = (what: "jobs" | "upload-bytes", amount: number, most: number, submitter = "ada") => ({
      ...{ id: `${what} ${n++}`, submitter, what, amount, most },
    });
    let n = 0;
    const race = async (what: "jobs" | "upload-bytes", amount: number, most: number, submitter?: string) => {
      const claims = Array.from({ length: 24 }, () => claim(what, amount, most, submitter));
      const held = await Promise.all(claims.map((one, i) => [a, b][i % 2]!.submitters.reserve(one)));
      return claims.filter((_, i) => held[i] === null).map(({ id }) => id);
    };
    // Some are there, some are on their way at one that dies, and others race for the rest.
    await a.submitters.ownJob("j1", "ada");
    await a.submitters.ownJob("ended", "ada");
    await a.apply([job("j1"), job("ended", { state: "done", finishedMs: 9 }), job("another's")]);
    await a.submitters.addUpload({ sha256: "x", submitter: "ada", bytes: 2 ** 33, uploadedMs: 1 });
    expect(await dead.submitters.reserve(claim("jobs", 1, 20))).toBeNull();
    expect(await dead.submitters.reserve(claim("upload-bytes", 2 ** 33, 2 ** 34))).toBeNull();
    const jobs = await race("jobs", 1, 20);
    expect(jobs).toHaveLength(18);
    expect(await race("upload-bytes", 1, 2 ** 34)).toEqual([]);
    expect(await race("jobs", 1, 7, "bob")).toHaveLength(7);
    expect(await a.submitters.reserve(claim("upload-bytes", 1, 2 ** 34))).toBe(2 ** 34);
    await letLapse(dead);
    await a.cell.takeOver();
    expect(await race("upload-bytes", 2 ** 31, 2 ** 34)).toHaveLength(4);
    expect(await race("jobs", 1, 20)).toHaveLength(1);
    await b.submitters.release(jobs);
    // One that has become a job, and is not released yet, is one.
    await b.submitters.ownJob("j2", "ada");
    expect(await b.submitters.reserve({ ...claim("jobs", 1, 20), id: "j2" })).toBeNull();
    await b.apply([job("j2")]);
    expect(await race("jobs", 1, 20)).toHaveLength(17);
  });

  it("[CE12] [AC6] a job in parts is one of its submitter's jobs at work, at whichever cells its parts are, until all have ended", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    const count = async () => {
      const held = await b.submitters.reserve({ id: "r", submitter: "ada", what: "jobs", amount: 1, most: 0 });
      return held ?? "reserved";
    };
    const wholeId = "W".repeat(24);
    await a.submitters.ownJob(wholeId, "ada");
    expect(await count()).toBe(0);
    const { ids } = await inParts(a, 3, wholeId);
    await a.cell.takeNextPart(ids);
    await b.cell.takeNextPart(ids);
    expect(await count()).toBe(1);
    for (const [n, jobId] of ids.entries()) {
      expect(await count()).toBe(1);
      const at = (await a.cell.ownerOf(jobId))!;
      const ended = job(jobId, { state: "done", finishedMs: 9 });
      await (n === 2 || at.address !== null ? b : a).apply([ended]).catch(() => b.apply([ended]));
    }
    expect(await count()).toBe(0);
  });

  it("[CE8] each sees the shares of all that tabs can be pointed to, and all draw homes by one key; one of a former version has no share", async () => {
    const [a, b, unnamed] = [await cell("a"), await cell("b"), await cell("unnamed")];
    await a.cell.announce("http://a", "a");
    await b.cell.announce("http://b", "b");
    await a.cell.renew({ jobs: 2, tabs: 7, share: 3 });
    const shares = [
      { name: "a", jobs: 2, tabs: 7, share: 3 },
      { name: "b", jobs: 0, tabs: 0, share: 0 },
    ];
    expect(await a.cell.named()).toEqual({ own: "a", cells: shares });
    expect(await b.cell.named()).toEqual({ own: "b", cells: shares });
    expect(await unnamed.cell.named()).toEqual({ own: "", cells: shares });
    expect(a.cell.placingKey).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set([a, b, unnamed].map((one) => one.cell.placingKey)).size).toBe(1);
    await server.ask(
      "INSERT INTO cells (epoch, place, address, until_ms, name) VALUES (999, 'old', 'http://old', 9e15, 'old')",
      new URL(url).pathname.slice(1),
    );
    expect((await a.cell.named()).cells.at(-1)).toEqual({ name: "old", jobs: 0, tabs: 0, share: null });
    await letLapse(b);
    await a.cell.announce("http://a");
    expect((await a.cell.named()).cells.map(({ name }) => name)).toEqual(["old"]);
  });

  it("[CE16] each sees all: who is at work with what it told last, who is silent, who is gone and has its jobs taken by whom, who was stopped", async () => {
    const [a, b, c] = [await cell("a"), await cell("b"), await cell("c")];
    await a.cell.announce("http://a", "a", "v1");
    await b.cell.announce("http://b", "b", "v2");
    const lines = async () => (await a.cell.seen()).map(({ name, state }) => [name, state]);
    expect(await lines()).toEqual([
      ["a", "at work"],
      ["b", "at work"],
      ["", "starting"],
    ]);
    await c.cell.announce("http://c", "c");
    await b.cell.renew({ jobs: 2, tabs: 9, share: 1, connected: 12, ready: 8, volunteers: 7 });
    const told = { jobs: 2, connected: 12, ready: 8, volunteers: 7, version: "v2", takenOverBy: null };
    expect((await a.cell.seen())[1]).toMatchObject({ name: "b", ...told });
    expect(await c.cell.seen()).toHaveLength(3);
    // As long as half of its lease it is only late.
    await say(`UPDATE cells SET until_ms = until_ms - ${CELL_LEASE_MS * 0.4} WHERE name = 'b'`);
    expect((await lines())[1]).toEqual(["b", "at work"]);
    await say(`UPDATE cells SET until_ms = until_ms - ${CELL_LEASE_MS * 0.2} WHERE name = 'b'`);
    const [, silent] = await a.cell.seen();
    expect(silent).toMatchObject({ name: "b", state: "silent", ...told });
    expect(silent!.heardAgoMs).toBeGreaterThanOrEqual(CELL_LEASE_MS * 0.6);
    expect(silent!.leaseLeftMs).toBeLessThanOrEqual(CELL_LEASE_MS * 0.4);
    await letLapse(b);
    await a.cell.takeOver();
    expect((await c.cell.seen()).at(-1)).toMatchObject({ name: "b", state: "gone", takenOverBy: "a", epoch: null });
    // It begins anew under its name.
    await stores.splice(1, 1)[0]!.close();
    await (await cell("b")).cell.announce("http://b", "b", "v2");
    expect((await lines()).filter(([name]) => name === "b")).toEqual([["b", "at work"]]);
    await c.cell.announce("http://c");
    expect(await lines()).toContainEqual(["c", "stopping"]);
    await stores.splice(stores.indexOf(c), 1)[0]!.close();
    expect((await lines()).at(-1)).toEqual(["c", "stopped"]);
    await say("UPDATE cells_gone SET at_ms = 0");
    expect((await lines()).map(([name]) => name).sort()).toEqual(["a", "b"]);
  });

  it("[CE8] an invitation leads to the living cell that has its job, as long as that is at work", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    const private_ = (changes = {}) => {
      const invitations = ["1", "2"].map((digit) => ({ sha256: digit.repeat(64), volunteerId: null }));
      const run = storedRun("private", {}, { state: "running", invitations, ...changes });
      return { kind: "job", job: regressionCodec.toRecord(run) } as const;
    };
    await b.apply([private_(), job("open")]);
    const [first, second, unknown] = ["1", "2", "3"].map((digit) => digit.repeat(64));
    expect(await a.cell.cellOfInvitation(first!), "tabs cannot be pointed to a cell without a name").toBeNull();
    await b.cell.announce("http://b", "b");
    expect(await a.cell.cellOfInvitation(first!)).toBe("b");
    expect(await a.cell.cellOfInvitation(second!)).toBe("b");
    expect(await a.cell.cellOfInvitation(unknown!)).toBeNull();
    expect(await b.cell.cellOfInvitation(first!), "it is its own").toBeNull();
    await b.apply([private_({ state: "done", finishedMs: 9 })]);
    expect(await a.cell.cellOfInvitation(first!)).toBeNull();
    await b.apply([private_()]);
    await letLapse(b);
    expect(await a.cell.cellOfInvitation(first!)).toBeNull();
  });

  it("[CE11] a cell without tabs is dealt no part while others have tabs; where nobody has any, one begins", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    for (const one of [a, b]) await one.cell.announce(`http://${one.cell.epoch}`);
    await b.cell.renew({ jobs: 9, tabs: 1, share: 9 });
    const { own } = await inParts(a, 3);
    expect([own, (await b.cell.partsDealt()).length]).toEqual([[], 1]);
    await b.cell.renew({ jobs: 9, tabs: 0, share: 9 });
    expect((await inParts(b, 3, "V".repeat(24))).own).toEqual([]);
    expect(await a.cell.partsDealt()).toEqual([partIdOf("V".repeat(24), 0)]);
  });

  it("[CE11] parts that wait are taken one after the other, each once, in their order, and never by a takeover", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    const { ids, own } = await inParts(a, 12);
    expect(own).toEqual([ids[0]]);
    expect(await a.cell.ownerOf(ids[0]!)).toEqual({ address: null, isAtWork: true, isWaiting: false });
    expect(await a.cell.ownerOf(ids[1]!)).toEqual({ address: null, isAtWork: true, isWaiting: true });
    expect(await b.cell.takeOver()).toEqual([]);
    // With a part at work that is not spent it takes no other one.
    expect(await a.cell.takeNextPart([])).toEqual([]);
    expect(await a.cell.takeNextPart([ids[0]!])).toEqual([ids[1]]);
    expect(await a.cell.takeNextPart([ids[0]!])).toEqual([]);
    expect(await b.cell.takePart(ids[1]!)).toEqual([]);
    expect(await b.cell.takePart(ids[11]!)).toEqual([ids[11]]);
    // Many looks at once.
    const looks = await Promise.all(Array.from({ length: 8 }, (_, n) => [a, b][n % 2]!.cell.takeNextPart(ids)));
    const taken = looks.flat();
    expect(new Set(taken).size).toBe(taken.length);
    for (let more = taken; more.length > 0; taken.push(...more)) more = await b.cell.takeNextPart(ids);
    expect(taken.toSorted()).toEqual(ids.slice(2, 11).toSorted());
    expect((await b.cell.ownerOf(ids[5]!))!.isWaiting).toBe(false);
    // What a cell had that is gone does not wait: it is taken over.
    await letLapse(a);
    const left = await b.cell.takeOver();
    expect(left).toContain(ids[0]);
    expect(await b.cell.takeNextPart(ids)).toEqual([]);
  });

  it("[CE2] [CE11] who has lost its lease takes no part", async () => {
    const [late, b] = [await cell("late"), await cell("b")];
    const { ids } = await inParts(b, 2);
    await letLapse(late);
    await b.cell.takeOver();
    await expect(late.cell.takeNextPart([])).rejects.toThrow(LeaseLostError);
    await expect(late.cell.takePart(ids[1]!)).rejects.toThrow(LeaseLostError);
    expect((await b.cell.ownerOf(ids[1]!))!.isWaiting).toBe(true);
  });

  it("[CE4] lists that somebody changed are told to the others, once", async () => {
    const [a, b] = [await cell("a"), await cell("b")];
    await b.changesElsewhere();
    expect((await b.changesElsewhere()).lists).toEqual([]);
    await a.submitters.ownJob("j1", "ada");
    await a.submitters.addUpload({ sha256: "x", submitter: "ada", bytes: 1, uploadedMs: 1 });
    await a.operator.addBan(BAN, 0);
    await a.operator.setIntake({ pausedFor: "we move house", sinceMs: 1 });
    const sheet = { sheetId: "s", name: "7b", prefix: null, believed: false, sinceMs: 1, untilMs: 9, watchKey: "w" };
    await a.seats.addSheet(sheet, ["AAAA-2222"], 1);
    expect((await b.changesElsewhere()).lists).toEqual(["owners", "uploads", "bans", "intake", "seats"]);
    expect([await b.seats.take("AAAA-2222", "v1", 2), await a.seats.take("AAAA-2222", "v2", 2)]).toEqual([true, false]);
    expect([await b.operator.bans(), (await b.operator.intake())?.pausedFor]).toEqual([[BAN], "we move house"]);
    expect(await b.operator.liftBan("b1")).toBe(true);
    expect((await a.changesElsewhere()).lists).toContain("bans");
    await b.changesElsewhere();
    expect((await b.changesElsewhere()).lists).toEqual([]);
  });
});

describe("what stands of a volunteer whom several coordinators know", () => {
  const named = (atMs: number) => ({ atMs, jobId: "j", roundIndex: 0, reason: `${atMs}` });
  const standing = (quarantine: ReturnType<typeof named> | null, releasedFrom: number | null = null) => ({
    ...{ nickname: "", team: "", ownerId: null, choseUntilMs: null, quarantine },
    released: releasedFrom === null ? null : { atMs: releasedFrom + 1, reason: "", from: named(releasedFrom) },
  });

  it("[CE5] a release takes back what was found before it, and nothing that was found after it", () => {
    expect(mergedRepute(standing(named(1)), standing(null)).quarantine).toEqual(named(1));
    expect(mergedRepute(standing(named(1)), standing(null, 1)).quarantine).toBeNull();
    expect(mergedRepute(standing(null, 1), standing(named(1))).quarantine).toBeNull();
    expect(mergedRepute(standing(null, 1), standing(named(7))).quarantine).toEqual(named(7));
    expect(mergedRepute(standing(named(7), 1), standing(null, 1)).quarantine).toEqual(named(7));
    expect(mergedRepute(standing(null, 5), standing(null, 1)).released?.from.atMs).toBe(5);
  });
});
