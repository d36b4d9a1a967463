import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import SqliteDatabase from "better-sqlite3";
import { afterEach, describe, expect, it } from "vitest";
import { inferenceCodec } from "../kinds/inference/records.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { registerStoreContract, someJob, someRound } from "./store.contract.ts";
import { StoreError } from "./store.ts";
import { MemoryStore } from "./testing/memory-store.ts";

const directories: string[] = [];
function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "paritab-store-"));
  directories.push(directory);
  return directory;
}
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

registerStoreContract("memory", async () => {
  const store = new MemoryStore();
  return {
    store,
    reopen: async () => {
      await store.close();
      store.reopen();
      return store;
    },
    dispose: async () => {},
  };
});

registerStoreContract("sqlite", async () => {
  const directory = newDirectory();
  let store = await openSqliteStore(directory);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = await openSqliteStore(directory);
      return store;
    },
    dispose: () => store.close(),
  };
});

describe("memory store", () => {
  it("[ST5] a crash keeps every resolved write and drops the unresolved ones, which never settle", async () => {
    const waiting: (() => void)[] = [];
    const store = new MemoryStore({ settle: () => new Promise((resolve) => waiting.push(resolve)) });
    const first = store.apply([{ kind: "job", job: someJob("j1") }]);
    let secondSettled = false;
    store.apply([{ kind: "job", job: someJob("j2") }]).then(() => {
      secondSettled = true;
    });
    waiting[0]!();
    await first;
    store.crash();
    waiting[1]!();
    await new Promise((resolve) => setImmediate(resolve));
    expect((await store.jobs()).map((job) => job.jobId)).toEqual(["j1"]);
    expect(secondSettled).toBe(false);
  });

  it("[ST5] what survives a crash is a prefix, in the order of the calls, however they would have settled", async () => {
    for (let survivors = 0; survivors <= 3; survivors++) {
      const store = new MemoryStore({ settle: () => new Promise(() => {}) });
      for (const jobId of ["j1", "j2", "j3"]) void store.apply([{ kind: "job", job: someJob(jobId) }]);
      store.crash(survivors);
      expect((await store.jobs()).map((job) => job.jobId)).toEqual(["j1", "j2", "j3"].slice(0, survivors));
    }
  });

  it("[ST6] a refused write rejects with a StoreError, keeps nothing, and lets the next one through", async () => {
    const outcomes = [Promise.reject(new Error("disk full")), Promise.resolve()];
    const store = new MemoryStore({ settle: () => outcomes.shift()! });
    await expect(store.apply([{ kind: "job", job: someJob("j1") }])).rejects.toThrow(StoreError);
    await store.apply([{ kind: "job", job: someJob("j2") }]);
    expect((await store.jobs()).map((job) => job.jobId)).toEqual(["j2"]);
  });
});

describe("sqlite store", () => {
  it("[ST5] closing waits for all that is to be written, turn by turn, and the loop has its turns in between", async () => {
    const directory = newDirectory();
    const store = await openSqliteStore(directory);
    let turns = 0;
    const count = () => {
      turns++;
      counting = setImmediate(count);
    };
    let counting = setImmediate(count);
    // Each takes some ten thousandths of a second: together many times what one turn may last.
    const writes = Array.from({ length: 200 }, (_, n) => store.apply([{ kind: "job", job: someJob(`job-${n}`) }]));
    await store.close();
    clearImmediate(counting);
    await Promise.all(writes);
    expect(turns).toBeGreaterThan(2);
    const again = await openSqliteStore(directory);
    expect(await again.jobs()).toHaveLength(200);
    await again.close();
  });

  it("[LJ4] of a large job rounds are read while others have their turn", async () => {
    const store = await openSqliteStore(newDirectory());
    const outputs = new Float32Array(100_000);
    const rounds = Array.from({ length: 30 }, (_, n) => someRound("j1", n, { outputs }));
    await store.apply(rounds.map((round) => ({ kind: "round", round })));
    let turns = 0;
    const next = () => {
      turns++;
      turn = setImmediate(next);
    };
    let turn = setImmediate(next);
    expect(await store.rounds("j1")).toHaveLength(30);
    clearImmediate(turn);
    expect(turns).toBeGreaterThanOrEqual(5);
    await store.close();
  });

  it("[ST2] a transaction that fails half-way keeps none of its records", async () => {
    const store = await openSqliteStore(newDirectory());
    const broken = { ...someRound("j1", 0), generation: null as unknown as number };
    await expect(
      store.apply([
        { kind: "job", job: someJob("j1") },
        { kind: "round", round: broken },
      ]),
    ).rejects.toThrow(/store: could not write: .*generation/);
    expect(await store.jobs()).toEqual([]);
    await store.apply([{ kind: "job", job: someJob("j2") }]);
    expect((await store.jobs()).map((job) => job.jobId)).toEqual(["j2"]);
    await store.close();
  });

  it("[ST4] a blob that was damaged on disk is an error that says so, and putting it again repairs it", async () => {
    const directory = newDirectory();
    const store = await openSqliteStore(directory);
    const bytes = Uint8Array.of(1, 2, 3, 4);
    const sha256 = await store.putBlob(bytes);
    const path = join(directory, "blobs", sha256.slice(0, 2), sha256);
    writeFileSync(path, Uint8Array.of(1, 2, 3, 5));
    await expect(store.getBlob(sha256)).rejects.toThrow(new RegExp(`blob ${sha256} is corrupt on disk`));
    await store.putBlob(bytes);
    expect(await store.getBlob(sha256)).toEqual(bytes);
    expect(readFileSync(path)).toEqual(Buffer.from(bytes));
    await store.close();
  });

  it("[ST4] a large blob that was damaged on disk is found by a process that did not write it, before it reads a part", async () => {
    const directory = newDirectory();
    const store = await openSqliteStore(directory);
    const sha256 = await store.putBlob(Uint8Array.of(1, 2, 3, 4));
    const path = join(directory, "blobs", sha256.slice(0, 2), sha256);
    await store.close();
    writeFileSync(path, Uint8Array.of(1, 2, 3, 5));
    const other = await openSqliteStore(directory);
    await expect(other.blobFile(sha256)).rejects.toThrow(new RegExp(`blob ${sha256} is corrupt on disk`));
    await other.close();
  });

  it("[ST4] of a blob whose sender breaks off no file stays", async () => {
    const directory = newDirectory();
    const store = await openSqliteStore(directory);
    async function* broken() {
      yield new Uint8Array(100_000);
      throw new Error("broken off");
    }
    await expect(store.putBlobStream(broken())).rejects.toThrow("broken off");
    expect(readdirSync(join(directory, "blobs"))).toEqual(["tmp"]);
    expect(readdirSync(join(directory, "blobs", "tmp"))).toEqual([]);
    await store.close();
  });

  it("[ST4] what an earlier process left half-written is gone after opening, and is no blob", async () => {
    const directory = newDirectory();
    mkdirSync(join(directory, "blobs", "tmp"), { recursive: true });
    writeFileSync(join(directory, "blobs", "tmp", "half"), "half");
    const store = await openSqliteStore(directory);
    expect(readdirSync(join(directory, "blobs", "tmp"))).toEqual([]);
    await store.close();
  });

  it("[ST4] a store that is closed takes no blob", async () => {
    const store = await openSqliteStore(newDirectory());
    await store.close();
    await expect(store.putBlob(Uint8Array.of(1))).rejects.toThrow("the store is closed");
  });

  it("[ST8] collections that race with puts never take a blob away from whoever has just put it", async () => {
    const store = await openSqliteStore(newDirectory());
    const blobs = Array.from({ length: 20 }, (_, n) => new Uint8Array(1_000).fill(n));
    const names = await Promise.all(blobs.map((bytes) => store.putBlob(bytes)));
    let collected = 0;
    for (let round = 0; round < 20; round++) {
      await store.collectBlobs(new Set(), 0);
      // All of them are suspects now, and are put again while they are being unlinked.
      const [{ blobs: gone }] = await Promise.all([
        store.collectBlobs(new Set(), 0),
        ...blobs.map(async (bytes, n) => {
          for (let turn = 0; turn < (n * round) % 31; turn++) await new Promise((resolve) => setImmediate(resolve));
          await store.putBlob(bytes);
          expect(await store.getBlob(names[n]!)).toEqual(bytes);
        }),
      ]);
      collected += gone;
      for (const name of names) expect(await store.getBlob(name)).not.toBeNull();
    }
    expect(collected).toBeGreaterThan(0);
    await store.close();
  });

  it("[ST7] one coordinator at a time holds a data directory", async () => {
    const directory = newDirectory();
    const store = await openSqliteStore(directory);
    await expect(openSqliteStore(directory)).rejects.toThrow(/in use by another coordinator/);
    await store.close();
    await (await openSqliteStore(directory)).close();
  });

  it("[ST7] a directory that cannot be, a file that is no database and a newer database are clear errors", async () => {
    const directory = newDirectory();
    writeFileSync(join(directory, "file"), "x");
    await expect(openSqliteStore(join(directory, "file", "data"))).rejects.toThrow(StoreError);

    const rubbish = newDirectory();
    writeFileSync(
      join(rubbish, "paritab.sqlite"),
      "this is not a database, but it is long enough to look at".repeat(20),
    );
    await expect(openSqliteStore(rubbish)).rejects.toThrow(/not a database/);

    const newer = newDirectory();
    await (await openSqliteStore(newer)).close();
    const database = new SqliteDatabase(join(newer, "paritab.sqlite"));
    database.exec("INSERT INTO kysely_migration (name, timestamp) VALUES ('9999_future', '2100')");
    database.close();
    await expect(openSqliteStore(newer)).rejects.toThrow(/newer version/);
  });

  it("[ST5] what was acknowledged before kill -9 is there afterwards, whole transactions only", async () => {
    const directory = newDirectory();
    const acknowledged = await writeUntilKilled(directory);
    expect(acknowledged).toBeGreaterThan(20);
    const store = await openSqliteStore(directory);
    const jobs = await store.jobs();
    expect(jobs.length).toBeGreaterThanOrEqual(acknowledged);
    for (const job of jobs.map((record) => inferenceCodec.fromRecord(record))) {
      expect((await store.rounds(job.jobId)).map((round) => round.roundIndex)).toEqual([0, 1]);
      expect(await store.getBlob(job.queriesSha256!)).not.toBeNull();
    }
    await store.close();
  });
});

/** A child writes a blob, then a job with two rounds, and prints one line for each that resolved, until it is killed. */
async function writeUntilKilled(directory: string): Promise<number> {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const script = `
    import { openSqliteStore } from ${JSON.stringify(join(here, "sqlite-store.ts"))};
    const { job, round } = JSON.parse(process.env.RECORDS);
    for (const key of ["queryIndices", "outputs", "marks", "sources", "firstLabels", "firstMarks", "plan"]) {
      round[key] = new Uint8Array(4);
    }
    const store = await openSqliteStore(process.env.DATA);
    for (let i = 0; ; i++) {
      const jobId = "job-" + i;
      const queriesSha256 = await store.putBlob(new TextEncoder().encode(jobId));
      await store.apply([
        { kind: "job", job: { ...job, jobId, data: { ...job.data, queriesSha256 } } },
        { kind: "round", round: { ...round, jobId, roundIndex: 0 } },
        { kind: "round", round: { ...round, jobId, roundIndex: 1 } },
      ]);
      process.stdout.write("ok\\n");
    }`;
  const records = JSON.stringify({ job: someJob("j"), round: someRound("j", 0) });
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", script], {
    cwd: join(here, "../.."),
    env: { ...process.env, DATA: directory, RECORDS: records },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let lines = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    lines += chunk.toString().split("\n").length - 1;
    if (lines > 20) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.on("close", resolve));
  expect(existsSync(join(directory, "paritab.sqlite"))).toBe(true);
  return lines;
}
