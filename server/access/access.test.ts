import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSqliteStore, type SqliteStore } from "../store/sqlite-store.ts";
import { someJob } from "../store/store.contract.ts";
import { StoreError } from "../store/store.ts";
import { AccessTokenError, AccessTokens } from "./access-tokens.ts";
import { Belongings, QuotaError } from "./belongings.ts";
import { ANYBODY, type Identity } from "./identity.ts";

const DAY_MS = 86_400_000;
const START_MS = 1_700_000_000_000;

let directory: string;
let store: SqliteStore;
let nowMs: number;
const clock = () => nowMs;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "paritab-access-"));
  store = await openSqliteStore(directory);
  nowMs = START_MS;
});
afterEach(async () => {
  await store.close();
  rmSync(directory, { recursive: true, force: true });
});

async function reopen(): Promise<void> {
  await store.close();
  store = await openSqliteStore(directory);
}

const asked = { submitter: "ada", scopes: ["submit", "read"] as const, days: null };
const request = { ...asked, scopes: [...asked.scopes] };

describe("tokens", () => {
  it("[AC1] a token opens what its scopes say, in its submitter's name, after a restart too", async () => {
    const { token, tokenId } = await (await AccessTokens.open(store.submitters, clock)).create(request);
    expect(token).toMatch(/^ptb_[A-Za-z0-9_-]{43}$/);
    await reopen();
    const tokens = await AccessTokens.open(store.submitters, clock);
    expect(tokens.identify(token)).toEqual({ tokenId, submitter: "ada", scopes: ["submit", "read"] });
    for (const other of [
      "",
      "ptb_",
      `${token}x`,
      token.slice(0, -1),
      token.replace("ptb_", "PTB_"),
      "ptb_".padEnd(47, "a"),
    ]) {
      expect(tokens.identify(other)).toBeNull();
    }
  });

  it("[AC2] neither the text of a token nor half of it is anywhere on the disk", async () => {
    const { token } = await (await AccessTokens.open(store.submitters, clock)).create(request);
    await store.close();
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(0);
    for (const { parentPath, name } of files) {
      const bytes = readFileSync(join(parentPath, name), "latin1");
      expect(bytes).not.toContain(token.slice(4, 28));
      expect(bytes).not.toContain(token.slice(28));
    }
    store = await openSqliteStore(directory);
  });

  it("[AC3] a revoked or expired token opens nothing at once, and after a restart", async () => {
    const tokens = await AccessTokens.open(store.submitters, clock);
    const admin = await tokens.create({ ...request, scopes: ["admin"] });
    const revoked = await tokens.create(request);
    const expiring = await tokens.create({ ...request, days: 2 });
    const revoking = tokens.revoke(revoked.tokenId);
    expect(tokens.identify(revoked.token)).toBeNull();
    expect((await revoking)?.revokedMs).toBe(START_MS);
    nowMs += 2 * DAY_MS - 1;
    expect(tokens.identify(expiring.token)).not.toBeNull();
    nowMs += 1;
    expect(tokens.identify(expiring.token)).toBeNull();
    await reopen();
    const reopened = await AccessTokens.open(store.submitters, clock);
    for (const { token } of [revoked, expiring]) expect(reopened.identify(token)).toBeNull();
    expect(reopened.identify(admin.token)).not.toBeNull();
    expect(await reopened.revoke("unknown")).toBeNull();
  });

  it("[AC3] the last token that may administer is not revoked; an expired one does not count", async () => {
    const tokens = await AccessTokens.open(store.submitters, clock);
    expect(tokens.hasAdmin()).toBe(false);
    const first = await tokens.create({ ...request, scopes: ["admin"] });
    const second = await tokens.create({ ...request, scopes: ["admin"], days: 1 });
    await tokens.create(request);
    nowMs += DAY_MS;
    await expect(tokens.revoke(first.tokenId)).rejects.toThrow(AccessTokenError);
    expect(tokens.identify(first.token)).not.toBeNull();
    nowMs -= DAY_MS;
    await tokens.revoke(first.tokenId);
    expect(tokens.hasAdmin()).toBe(true);
    await expect(tokens.revoke(second.tokenId)).rejects.toThrow(/admin/);
  });

  it("[AC2] the list tells who, what and since when, and holds nothing that opens", async () => {
    const tokens = await AccessTokens.open(store.submitters, clock);
    const { token, ...view } = await tokens.create({ ...request, days: 30 });
    expect(tokens.list()).toEqual([view]);
    expect(view).toMatchObject({ createdMs: START_MS, expiresMs: START_MS + 30 * DAY_MS, lastUsedMs: null });
    nowMs += 5;
    tokens.identify(token);
    expect(tokens.list()[0]?.lastUsedMs).toBe(START_MS + 5);
    expect(JSON.stringify(tokens.list())).not.toMatch(/[0-9a-f]{64}|ptb_/);
  });
});

describe("links", () => {
  it("[AC14] a link reads one job in its submitter's name, after a restart too; a new one ends it, and deleting ends it for good", async () => {
    const tokens = await AccessTokens.open(store.submitters, clock);
    const first = await tokens.createLink("j1", "ada", null);
    expect(tokens.identify(first.token)).toEqual({
      tokenId: first.tokenId,
      submitter: "ada",
      scopes: ["read"],
      jobId: "j1",
    });
    const second = await tokens.createLink("j1", "ada", 2);
    const other = await tokens.createLink("j2", "ada", null);
    expect(tokens.identify(first.token)).toBeNull();
    await reopen();
    const reopened = await AccessTokens.open(store.submitters, clock);
    expect(reopened.identify(first.token)).toBeNull();
    expect(reopened.identify(second.token)).toMatchObject({ jobId: "j1" });
    nowMs += 2 * DAY_MS;
    expect(reopened.identify(second.token)).toBeNull();
    expect([await reopened.deleteLink("j2"), await reopened.deleteLink("j2")]).toEqual([true, false]);
    expect(reopened.identify(other.token)).toBeNull();
  });

  it("[AC14] who comes by a link knows of its job alone, whoever owns others", async () => {
    const belongings = await Belongings.open(store.submitters, clock);
    const byLink: Identity = { submitter: "ada", tokenId: "1", scopes: ["read"], jobId: "j1" };
    const job = { submit: async () => "", isRefused: () => false };
    for (const jobId of ["j1", "j2"]) {
      await belongings.submit({ submitter: "ada", tokenId: "2", scopes: ["submit"] }, { ...job, jobId });
    }
    expect(["j1", "j2"].map((jobId) => belongings.isOf(byLink, jobId))).toEqual([true, false]);
  });
});

describe("belongings", () => {
  const ada: Identity = { submitter: "ada", tokenId: "1", scopes: ["submit", "read", "cancel"] };
  const bob: Identity = { submitter: "bob", tokenId: "2", scopes: ["submit", "read", "cancel"] };
  const admin: Identity = { submitter: "root", tokenId: "3", scopes: ["admin"] };
  /** null: it is refused. */
  const job = (jobId: string | null) => ({
    jobId: jobId ?? "refused",
    submit: async () => {
      if (jobId !== null) await write(jobId);
      return jobId;
    },
    isRefused: (answer: string | null) => answer === null,
  });
  const write = (jobId: string, finishedMs: number | null = null) =>
    store.apply([
      { kind: "job", job: someJob(jobId, { state: finishedMs === null ? "running" : "done", finishedMs }) },
    ]);
  const blob = (sha256: string, bytes: number) => async () => ({ sha256, bytes, answer: sha256 });

  it("[AC5] a job is its submitter's and the administrator's, after a restart too", async () => {
    const belongings = await Belongings.open(store.submitters, clock);
    await belongings.submit(ada, job("j1"));
    await belongings.submit(ada, job(null));
    await reopen();
    for (const now of [belongings, await Belongings.open(store.submitters, clock)]) {
      expect([ada, bob, admin, ANYBODY].map((identity) => now.isOf(identity, "j1"))).toEqual([true, false, true, true]);
      expect([ada, bob, admin].map((identity) => now.isOf(identity, "orphan"))).toEqual([false, false, true]);
    }
  });

  it("[AC6] a submitter has so many jobs at work, those being submitted included; others are not held up", async () => {
    const belongings = await Belongings.open(store.submitters, clock, { jobs: 2, bytes: 1e9 });
    let finish = () => {};
    const waiting = new Promise<string>((resolve) => {
      finish = () => resolve("j1");
    });
    const slow = belongings.submit(ada, { ...job("j1"), submit: () => waiting.then(job("j1").submit) });
    await belongings.submit(ada, job("j2"));
    await expect(belongings.submit(ada, job("j3"))).rejects.toThrow(/at most 2 jobs of ada/);
    await belongings.submit(bob, job("j4"));
    finish();
    await slow;
    await expect(belongings.submit(ada, job("j5"))).rejects.toThrow(QuotaError);
    await write("j2", 9);
    await belongings.submit(ada, job("j5"));
    for (let n = 0; n < 5; n++) await belongings.submit(admin, job(`a${n}`));
  });

  it("[AC6] a refused submission gives its place back", async () => {
    const belongings = await Belongings.open(store.submitters, clock, { jobs: 1, bytes: 1e9 });
    const refused = async () => Promise.reject(new Error("no"));
    for (let n = 0; n < 3; n++)
      await expect(belongings.submit(ada, { ...job(null), submit: refused })).rejects.toThrow("no");
    await belongings.submit(ada, job("j1"));
  });

  it("[CE15] what was on its way when a coordinator was killed counts no more; what could not be released is with the next one", async () => {
    const belongings = await Belongings.open(store.submitters, clock, { jobs: 1, bytes: 100 });
    const never = () => new Promise<never>(() => {});
    const [submitting, uploading] = [
      belongings.submit(ada, { ...job("j1"), submit: never }),
      belongings.upload(ada, 60, never),
    ];
    for (const one of [submitting, uploading]) one.catch(() => {});
    await expect(belongings.submit(ada, job("j2"))).rejects.toThrow(QuotaError);
    await expect(belongings.upload(ada, 60, blob("a".repeat(64), 60))).rejects.toThrow(/got 60 and 60 more/);
    await reopen();
    const later = await Belongings.open(store.submitters, clock, { jobs: 1, bytes: 100 });
    await later.upload(ada, 60, blob("a".repeat(64), 60));
    const { release } = store.submitters;
    store.submitters.release = () => Promise.reject(new StoreError("the database is away"));
    await later.submit(ada, { ...job(null), jobId: "j2" });
    await expect(later.submit(ada, job("j3"))).rejects.toThrow(StoreError);
    store.submitters.release = release;
    await later.submit(ada, job("j3"));
  });

  it("[AC5] whose a job is is durable before the job is; where it cannot be written down nothing is submitted", async () => {
    const belongings = await Belongings.open(store.submitters, clock);
    let ownerThen: string | undefined;
    const look = async () => {
      ownerThen = (await store.submitters.jobOwners()).get("j1");
      return "j1";
    };
    await belongings.submit(ada, { ...job("j1"), submit: look });
    expect(ownerThen).toBe("ada");
    await store.close();
    const never = async () => expect.fail("submitted all the same");
    await expect(belongings.submit(ada, { ...job("j2"), submit: never })).rejects.toThrow(StoreError);
    expect(belongings.isOf(ada, "j2")).toBe(false);
    store = await openSqliteStore(directory);
  });

  it("[AC5] what was refused is nobody's", async () => {
    const belongings = await Belongings.open(store.submitters, clock);
    await belongings.submit(ada, job(null));
    const failing = async () => Promise.reject(new Error("no"));
    await expect(belongings.submit(ada, { ...job("j1"), submit: failing })).rejects.toThrow("no");
    expect([belongings.isOf(ada, "refused"), belongings.isOf(ada, "j1")]).toEqual([false, false]);
    expect((await store.submitters.jobOwners()).size).toBe(0);
  });

  it("[AC7] uploads count by submitter until they expire; the same bytes again count once", async () => {
    const belongings = await Belongings.open(store.submitters, clock, { jobs: 9, bytes: 100 });
    await belongings.upload(ada, 60, blob("a".repeat(64), 60));
    await belongings.upload(ada, 40, blob("a".repeat(64), 60));
    await belongings.upload(ada, 40, blob("b".repeat(64), 40));
    await expect(belongings.upload(ada, 1, blob("c".repeat(64), 1))).rejects.toThrow(
      /at most 100 bytes.*got 100 and 1/,
    );
    await belongings.upload(bob, 100, blob("a".repeat(64), 60));
    expect(belongings.hasUploaded(ada, "a".repeat(64))).toBe(true);
    expect(belongings.hasUploaded(bob, "b".repeat(64))).toBe(false);
    expect(belongings.hasUploaded(admin, "b".repeat(64))).toBe(true);
    expect(belongings.retainedUploads()).toEqual(new Set(["a".repeat(64), "b".repeat(64)]));
    nowMs += 7 * DAY_MS + 1;
    await belongings.expireUploads();
    await reopen();
    const later = await Belongings.open(store.submitters, clock, { jobs: 9, bytes: 100 });
    for (const now of [belongings, later]) {
      expect(now.retainedUploads().size).toBe(0);
      expect(now.hasUploaded(ada, "a".repeat(64))).toBe(false);
    }
    await later.upload(ada, 100, blob("d".repeat(64), 100));
  });
});
