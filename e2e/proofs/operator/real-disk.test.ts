/** A disk of our own that is really full, or really read-only: a mount in memory, where this machine lets us make one. */
import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSqliteStore } from "../../../server/store/sqlite-store.ts";
import { someJob, someRound } from "../../../server/store/store.contract.ts";
import { DISK_FREE_BYTES_MIN } from "../../../shared/protocol/limits.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { createParitabClient } from "../../../shared/sdk/paritab-client.ts";
import { type CoordinatorProcess, startProcess } from "../../coordinators/coordinator-process.ts";
import { CreditLedger } from "../torture/credit-ledger.ts";
import { Volunteer } from "../torture/volunteer.ts";

const QUIET = { PARITAB_LOG_LEVEL: "error" };
const TEST_MS_MAX = 240_000;
/** Somewhat more than the reserve: jobs are accepted, until something else fills it. */
const DISK_BYTES = DISK_FREE_BYTES_MIN + 48 * 1024 * 1024;

let disk: string;
const running: CoordinatorProcess[] = [];
const volunteers: Volunteer[] = [];

function mount(options: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", disk], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const canMount = (() => {
  disk = mkdtempSync(join(tmpdir(), "paritab-mount-"));
  const made = mount("size=1m");
  if (made) execFileSync("umount", [disk]);
  rmSync(disk, { recursive: true });
  return made;
})();

beforeEach(() => {
  disk = mkdtempSync(join(tmpdir(), "paritab-disk-"));
});
afterEach(async () => {
  for (const volunteer of volunteers.splice(0)) volunteer.stop();
  for (const coordinator of running.splice(0)) await coordinator.end("SIGKILL");
  execFileSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true, force: true });
});

describe.skipIf(!canMount)("a disk of one's own", () => {
  test("[OP5] when others fill it, what was accepted waits and nothing new is taken; when they have gone, it goes on", {
    timeout: TEST_MS_MAX,
  }, async () => {
    mount(`size=${DISK_BYTES}`);
    const coordinator = await startProcess({ dataDirectory: join(disk, "data"), environment: QUIET });
    running.push(coordinator);
    const { url } = coordinator;
    const client = createParitabClient({ baseUrl: url });
    const source = { kind: "sample", sample: "mnist", queryCount: 60 } as const;
    const { jobId } = await client.submit({ kind: "inference", source, queriesPerGroup: 2, stragglers: 1 });
    // To the last byte; what is written next meets ENOSPC.
    fillUp(join(disk, "others"));

    const problems: string[] = [];
    const ledger = new CreditLedger(
      (line) => problems.push(line),
      (line) => problems.push(line),
    );
    for (let n = 0; n < 5; n++) {
      const onProblem = (line: string) => problems.push(line);
      volunteers.push(await Volunteer.open({ url, nickname: `volunteer ${n}`, ledger, onProblem }));
    }
    await expect
      .poll(async () => (await client.inferenceJob(jobId)).waitingFor)
      .toMatch(/the store does not accept writes|grouped/);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(503);
    expect(coordinator.output()).not.toMatch(/rollback/);
    await expect(client.submit({ kind: "inference", source })).rejects.toMatchObject({
      status: expect.toSatisfy(isRefusal),
    });
    await expect(
      client.uploadTensor(encodeNpy({ dtype: "U8", shape: [100_000], data: new Uint8Array(100_000) })),
    ).rejects.toMatchObject({
      status: expect.toSatisfy(isRefusal),
    });
    expect((await client.jobs()).map((job) => job.jobId)).toEqual([jobId]);

    rmSync(join(disk, "others"));
    await expect.poll(async () => (await client.inferenceJob(jobId)).state).toBe("done");
    expect((await client.inferenceJob(jobId)).answersByMark.missing).toBe(0);
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status).toBe(200);
    expect(problems).toEqual([]);
  });

  test("[OP5] whatever a full disk refuses to write says that the disk is full, and nothing else; with room again it is written", {
    timeout: TEST_MS_MAX,
  }, async () => {
    mount("size=48m");
    const store = await openSqliteStore(join(disk, "data"));
    const who = { kind: "volunteer" as const, volunteerId: "v" };
    // What the file of writes ahead has grown to is room already: more each time.
    for (const [kept, count] of [
      [4_096, 64],
      [0, 192],
    ] as const) {
      const plan = new Uint8Array(65_536);
      const rounds = Array.from({ length: count }, (_, n) => someRound(`j${count}`, n, { plan }));
      const upload = { sha256: `${count}`.repeat(9_000), submitter: "ada", bytes: 1, uploadedMs: 1 };
      const ban = { banId: `b${count}`, who, reason: "r".repeat(9_000), sinceMs: 1, untilMs: null };
      const writes = {
        records: () => store.apply([{ kind: "job", job: someJob(`j${count}`) }]),
        "many records": () => store.apply(rounds.map((round) => ({ kind: "round", round }))),
        owner: () => store.submitters.ownJob(`j${count}`, "ada".repeat(10_000)),
        upload: () => store.submitters.addUpload(upload),
        ban: () => store.operator.addBan(ban, 0),
        blob: () => store.putBlob(new Uint8Array(1_000_000).fill(count)),
      };
      fillUp(join(disk, "others"), kept);
      const refused: string[] = [];
      for (const [what, write] of Object.entries(writes)) {
        const error = await write().then(
          () => null,
          (error: unknown) => error as Error,
        );
        if (error === null) continue;
        refused.push(what);
        expect([what, error.message]).toEqual([
          what,
          expect.stringMatching(/^store: could not .*: the disk is full \(/),
        ]);
        expect([what, error.message]).not.toEqual([what, expect.stringMatching(/rollback/)]);
      }
      expect(refused).toEqual(expect.arrayContaining(["many records", "blob"]));
      rmSync(join(disk, "others"));
      for (const write of Object.values(writes)) await write();
    }
    await store.close();
  });

  test("[OP5] a start on a disk that is read-only ends with a sentence that says so", {
    timeout: TEST_MS_MAX,
  }, async () => {
    mount("size=8m,ro");
    const started = startProcess({ dataDirectory: join(disk, "data"), environment: QUIET });
    await expect(started).rejects.toThrow(/ended with 1\n[\s\S]*(read-only|EROFS)/);
  });
});

/** Until the disk takes no more. @param kept so many bytes are given back */
function fillUp(path: string, kept = 0): void {
  const file = openSync(path, "w");
  const chunk = Buffer.alloc(1024 * 1024);
  let written = 0;
  try {
    for (;;) written += writeSync(file, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    if (kept > 0) ftruncateSync(file, written - kept);
  } finally {
    closeSync(file);
  }
}

const isRefusal = (status: unknown) => status === 503 || status === 507;
