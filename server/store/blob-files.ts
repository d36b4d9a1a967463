/**
 * Blobs as files: <directory>/<first two hex digits>/<sha-256>. Written to a temporary name, synced, renamed, and the
 * directories synced, so that a blob is whole and durable or not there at all. The hash is checked on every read.
 */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, unlink, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { sync, writeSynced } from "../durable-files.ts";
import { type BlobFile, StoreError } from "./store.ts";
import { Suspects } from "./suspects.ts";

const SHA256_HEX = /^[0-9a-f]{64}$/;
const SLICE_BYTES = 4 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
const SHARED_BYTES_MIN = 32 * 1024 * 1024;
const SYNCED_BYTES = 64 * 1024 * 1024;

export class BlobFiles {
  readonly #directory: string;
  readonly #temporary: string;
  readonly #isShared: boolean;
  /** Of blobs that nothing refers to, where others use the directory: what their files said at the last collection. */
  readonly #timesSeen = new Map<string, number>();
  readonly #suspects = new Suspects();
  /** Blobs that are being unlinked: whoever wants one of them waits and then finds it gone. */
  readonly #unlinking = new Map<string, Promise<void>>();
  readonly #putting = new Set<Promise<string>>();
  /** Written or read whole by this process, and found to be what their names say. */
  readonly #hashed = new Set<string>();
  #isClosed = false;

  /**
   * @param halfWritten a folder in it, this process's own: what an earlier process left half-written there is removed
   * @param isShared other processes use the directory too, of which one at a time collects
   */
  static async open(directory: string, halfWritten = "tmp", isShared = false): Promise<BlobFiles> {
    const files = new BlobFiles(directory, halfWritten, isShared);
    await rm(files.#temporary, { recursive: true, force: true });
    await mkdir(files.#temporary, { recursive: true });
    // The folder of all blobs has to survive a power cut itself.
    await sync(directory);
    await sync(dirname(directory));
    return files;
  }

  private constructor(directory: string, halfWritten: string, isShared: boolean) {
    this.#directory = directory;
    this.#isShared = isShared;
    this.#temporary = join(directory, halfWritten);
  }

  /**
   * The caller leaves the bytes as they are until this resolves: half a gigabyte is not copied to be safe.
   * @throws StoreError after close
   */
  async put(bytes: Uint8Array): Promise<string> {
    return this.#untilDone(() => this.#write(bytes));
  }

  /**
   * Writes what comes as it comes: no more of it is in memory than a piece. Whatever breaks off leaves nothing behind.
   * @throws StoreError after close; what `chunks` throws
   */
  async putStream(chunks: AsyncIterable<Uint8Array>): Promise<string> {
    return this.#untilDone(() => this.#writeStream(chunks));
  }

  /** What close waits for. */
  async #untilDone(write: () => Promise<string>): Promise<string> {
    if (this.#isClosed) throw new StoreError("the store is closed");
    const putting = write();
    this.#putting.add(putting);
    try {
      return await putting;
    } finally {
      this.#putting.delete(putting);
    }
  }

  async #writeStream(chunks: AsyncIterable<Uint8Array>): Promise<string> {
    const temporary = join(this.#temporary, randomUUID());
    try {
      const sha256 = await this.#streamInto(temporary, chunks);
      await this.#touch(sha256);
      const path = this.#path(sha256);
      await mkdir(dirname(path), { recursive: true });
      // In place of one that is there already: the bytes are the same, or those were damaged.
      await rename(temporary, path);
      await this.#settle(sha256);
      this.#hashed.add(sha256);
      return sha256;
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => {});
      throw error;
    }
  }

  /** @returns the hash of what came */
  async #streamInto(path: string, chunks: AsyncIterable<Uint8Array>): Promise<string> {
    const hash = createHash("sha256");
    const file = await open(path, "wx");
    try {
      let unsynced = 0;
      for await (const chunk of chunks) {
        if (this.#isClosed) throw new StoreError("the store is closed");
        hash.update(chunk);
        await file.appendFile(chunk);
        unsynced += chunk.length;
        // Bit by bit, so that the last byte is not followed by a wait for all of them.
        if (unsynced < SYNCED_BYTES) continue;
        await file.datasync();
        unsynced = 0;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    return hash.digest("hex");
  }

  /**
   * For whoever reads parts of a large one. It is hashed once for each process that did not write it.
   * @returns null: it is not there
   * @throws StoreError where it is damaged
   */
  async fileOf(sha256: string): Promise<BlobFile | null> {
    if (!(await this.has(sha256))) return null;
    const path = this.#path(sha256);
    if (!this.#hashed.has(sha256)) {
      const got = await sha256OfFile(path);
      if (got !== sha256) throw corrupt(sha256, got);
      this.#hashed.add(sha256);
    }
    return { path, bytes: (await stat(path)).size };
  }

  /** null: it is not there. */
  async sizeOf(sha256: string): Promise<number | null> {
    return (await this.has(sha256)) ? (await stat(this.#path(sha256))).size : null;
  }

  /** Takes no more blobs; resolves once those under way are on the disk or have failed, which their callers hear. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#putting);
  }

  async #write(bytes: Uint8Array): Promise<string> {
    const sha256 = await sha256InSlices(bytes);
    await this.#touch(sha256);
    const path = this.#path(sha256);
    if (!(await this.#holdsWhole(sha256, path))) {
      await mkdir(dirname(path), { recursive: true });
      const temporary = join(this.#temporary, randomUUID());
      try {
        await writeSynced(temporary, bytes);
        await rename(temporary, path);
      } catch (error) {
        // On a full disk what was half-written would keep the room that others need.
        await rm(temporary, { force: true }).catch(() => {});
        throw error;
      }
    }
    // Also where the blob was there: whoever renamed it may not have come to this line.
    await this.#settle(sha256);
    return sha256;
  }

  /** Its name is durable. */
  async #settle(sha256: string): Promise<void> {
    await sync(dirname(this.#path(sha256)));
    await sync(this.#directory);
    this.#suspects.touch(sha256);
  }

  async get(sha256: string): Promise<Uint8Array | null> {
    if (!SHA256_HEX.test(sha256)) return null;
    await this.#touch(sha256);
    try {
      const { bytes, got } = await readAndHash(this.#path(sha256));
      if (got !== sha256) throw corrupt(sha256, got);
      return bytes;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }

  async has(sha256: string): Promise<boolean> {
    if (!SHA256_HEX.test(sha256)) return false;
    await this.#touch(sha256);
    return this.#isThere(sha256);
  }

  /**
   * Unlinks blobs that nothing refers to, now and at the last collection, and that nobody has put, got or looked for in
   * between. Whoever refers to a blob must have done one of these first.
   * @param isReferenced is asked once for each blob
   */
  async collect(isReferenced: (sha256: string) => boolean): Promise<{ blobs: number; bytes: number }> {
    this.#suspects.begin();
    const collected = { blobs: 0, bytes: 0 };
    for (const folder of await readdir(this.#directory)) {
      if (!/^[0-9a-f]{2}$/.test(folder)) continue;
      for (const sha256 of await readdir(join(this.#directory, folder))) {
        if (!SHA256_HEX.test(sha256)) continue;
        const isNeeded = isReferenced(sha256);
        if (!isNeeded && this.#isShared && (await this.#isTouchedElsewhere(sha256))) this.#suspects.touch(sha256);
        if (!this.#suspects.isCollectable(sha256, isNeeded)) continue;
        collected.bytes += await this.#unlink(sha256);
        collected.blobs++;
      }
    }
    return collected;
  }

  /**
   * Has another process put, got or looked for it since the last collection? Whoever does sets the time of its file: whether that has changed
   * is asked, not what it is, for no clock is believed.
   */
  async #isTouchedElsewhere(sha256: string): Promise<boolean> {
    const { mtimeMs } = await stat(this.#path(sha256));
    const before = this.#timesSeen.get(sha256);
    this.#timesSeen.set(sha256, mtimeMs);
    return before !== undefined && before !== mtimeMs;
  }

  /** @returns its size. Nothing is awaited between the decision to unlink and the entry that others wait for. */
  async #unlink(sha256: string): Promise<number> {
    let bytes = 0;
    const unlinked = (async () => {
      bytes = (await stat(this.#path(sha256))).size;
      await unlink(this.#path(sha256));
    })();
    this.#hashed.delete(sha256);
    this.#timesSeen.delete(sha256);
    this.#unlinking.set(sha256, unlinked);
    try {
      await unlinked;
    } finally {
      this.#unlinking.delete(sha256);
    }
    return bytes;
  }

  async #touch(sha256: string): Promise<void> {
    this.#suspects.touch(sha256);
    await this.#unlinking.get(sha256)?.catch(() => {});
    if (!this.#isShared) return;
    const now = new Date();
    // Where it is not there, there is nothing to touch.
    await utimes(this.#path(sha256), now, now).catch(() => {});
  }

  async #isThere(sha256: string): Promise<boolean> {
    try {
      return (await stat(this.#path(sha256))).isFile();
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** A damaged file counts as not there: putting the blob again repairs it. */
  async #holdsWhole(sha256: string, path: string): Promise<boolean> {
    if (!(await this.#isThere(sha256))) return false;
    return (await sha256OfFile(path)) === sha256;
  }

  #path(sha256: string): string {
    return join(this.#directory, sha256.slice(0, 2), sha256);
  }
}

/** Lower-case hex. In slices, so that a large blob does not hold up the event loop. */
async function sha256InSlices(bytes: Uint8Array): Promise<string> {
  const hash = createHash("sha256");
  for (let start = 0; start < bytes.length; start += SLICE_BYTES) {
    if (start > 0) await nextTurn();
    hash.update(bytes.subarray(start, start + SLICE_BYTES));
  }
  return hash.digest("hex");
}

/** A large one in memory that threads share, for then it is not copied for them: of a model of a gigabyte there is one copy. */
async function readAndHash(path: string): Promise<{ bytes: Uint8Array; got: string }> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = new Uint8Array(size < SHARED_BYTES_MIN ? new ArrayBuffer(size) : new SharedArrayBuffer(size));
    const hash = createHash("sha256");
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, Math.min(SLICE_BYTES, size - at), at);
      // Shorter than it was: its hash will tell.
      if (bytesRead === 0) break;
      hash.update(bytes.subarray(at, at + bytesRead));
      at += bytesRead;
    }
    return { bytes, got: hash.digest("hex") };
  } finally {
    await file.close();
  }
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) hash.update(chunk);
  return hash.digest("hex");
}

function corrupt(sha256: string, got: string): StoreError {
  return new StoreError(`blob ${sha256} is corrupt on disk: expected that hash, got ${got}`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
