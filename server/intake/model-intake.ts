/**
 * Takes uploaded models in. Their files go to the disk as they come, and are looked through on a thread of its own: neither the event loop nor
 * the audits of jobs at work wait for it, and of a gigabyte of weights no more is in memory than the one that is read.
 */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ByteSpace, piecesInTurn } from "../../shared/compute/byte-space.ts";
import { INTAKE_MS_MAX } from "../../shared/protocol/limits.ts";
import { FairThreads } from "../fair-threads.ts";
import { StoreError } from "../store/store.ts";
import type { HandedOver, IntakeAnswer, IntakeTask } from "./intake-thread.ts";
import { prepareModel, type UsableOutputs } from "./prepare-model.ts";
import type { ReceivedFile } from "./received-file.ts";

/** A thread without uploads goes after so long; the next one takes a moment to start. */
const IDLE_MS_MAX = 30_000;
/** So much of an upload, and a bundle of so much, stays in memory; the rest goes to the disk. */
const IN_MEMORY_BYTES_MAX = 8 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;
const TOO_SLOW = `files: expected a model that is looked through within ${INTAKE_MS_MAX / 1000} s, got one that takes longer`;

/** A blob, once. */
export interface TakenBytes {
  readonly byteCount: number;
  chunks(): AsyncIterable<Uint8Array>;
}

/** byteCount, chunks: of the bundle. */
export interface UsableModel extends TakenBytes {
  readonly outputs: UsableOutputs;
  /** The files as they came; null: they are too large to be kept. */
  readonly source: TakenBytes | null;
}

/** A model that was looked through; problem: what was expected and what came. */
export type PreparedUpload = UsableModel | { readonly problem: string };

export interface ModelIntake {
  /**
   * @param chunks of the file: what they throw is thrown, and nothing of it is kept
   * @param before files of the same upload: many small ones together are as large as a large one
   */
  receive(name: string, chunks: AsyncIterable<Uint8Array>, before: readonly ReceivedFile[]): Promise<ReceivedFile>;
  /**
   * @param files those on the disk that are not kept go
   * @param use what is done with the model: the files and the bundle are gone from the disk afterwards
   * @param party who takes turns with whom
   * @returns what `use` returns
   */
  takeIn<T>(files: readonly ReceivedFile[], use: (taken: PreparedUpload) => Promise<T>, party: string): Promise<T>;
  /** Where somebody may put a file that is taken in then, in this folder: what is not goes with the next start. */
  newPath(): string;
  /** Of files that are not taken in. */
  drop(files: readonly ReceivedFile[]): Promise<void>;
  close(): Promise<void>;
}

/** @param folder of its own: what an earlier process left in it is removed */
export async function openModelIntake(folder: string, inMemoryBytesMax = IN_MEMORY_BYTES_MAX): Promise<ModelIntake> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const filename = new URL("./intake-thread.mjs", import.meta.url).href;
  const threads = new FairThreads<IntakeTask, IntakeAnswer>({
    filename,
    idleMs: IDLE_MS_MAX,
    workMsMax: INTAKE_MS_MAX,
  });

  async function drop(files: readonly ReceivedFile[]): Promise<void> {
    for (const file of files) if ("path" in file && !file.isKept) await rm(file.path, { force: true });
  }

  return {
    async receive(name, chunks, before) {
      const path = join(folder, randomUUID());
      try {
        return await received(name, chunks, { path, inMemoryBytesMax: inMemoryBytesMax - heldBytes(before) });
      } catch (error) {
        await rm(path, { force: true }).catch(() => {});
        throw onDisk(error);
      }
    },
    async takeIn(files, use, party) {
      // Of each turn its own: what was taken back may have begun to write.
      const paths: [string, string][] = [];
      const work = () => {
        const [bundlePath, sourcePath] = [join(folder, randomUUID()), join(folder, randomUUID())];
        paths.push([bundlePath, sourcePath]);
        return { files: ours, bundlePath, sourcePath, inMemoryBytesMax };
      };
      const ours = files.map((file) => ("path" in file ? file : { ...file, bytes: inBufferOfItsOwn(file.bytes) }));
      try {
        const answer = await threads.run({ party, work });
        if (answer === null) return await use({ problem: TOO_SLOW });
        if ("problem" in answer) return await use(answer);
        const { outputs, bundle, source } = answer;
        const [bundlePath, sourcePath] = paths.at(-1)!;
        const taken = source === null ? null : handedOver(source, sourcePath);
        return await use({ ...handedOver(bundle, bundlePath), outputs, source: taken });
      } catch (error) {
        throw onDisk(error);
      } finally {
        for (const path of paths.flat()) await rm(path, { force: true });
        await drop(files);
      }
    },
    newPath: () => join(folder, randomUUID()),
    drop,
    close: () => threads.close(),
  };
}

/** [PR25] A disk that refuses is no mistake of ours, nor of whoever sends. */
function onDisk(error: unknown): unknown {
  const isOfDisk = error instanceof Error && "code" in error && /^(ENOSPC|EDQUOT|EIO|EROFS)$/.test(String(error.code));
  return isOfDisk ? new StoreError(`models cannot be taken in: ${error.message}`, { cause: error }) : error;
}

function heldBytes(files: readonly ReceivedFile[]): number {
  return files.reduce((sum, file) => sum + ("path" in file ? 0 : file.bytes.length), 0);
}

/** In memory, here and now: for tests of what lies around it. */
export function plainIntake(): ModelIntake {
  return {
    receive: (name, chunks) => received(name, chunks, null),
    async takeIn(files, use) {
      const verdict = await prepareModel(files as readonly { name: string; bytes: Uint8Array }[]);
      if ("problem" in verdict) return use(verdict);
      const { outputs, bundle, source } = verdict;
      return use({ ...bytesOf(bundle), outputs, source: source === null ? null : bytesOf(source) });
    },
    newPath: () => join(tmpdir(), randomUUID()),
    drop: async () => {},
    close: async () => {},
  };
}

function handedOver(taken: HandedOver, path: string): TakenBytes {
  if ("bytes" in taken) return bytesOf(taken.bytes);
  return { byteCount: taken.length, chunks: () => createReadStream(path, { highWaterMark: READ_BYTES }) };
}

function bytesOf(space: ByteSpace): TakenBytes {
  const chunks = async function* () {
    yield* piecesInTurn(space);
  };
  return { byteCount: space.length, chunks };
}

interface Place {
  readonly path: string;
  readonly inMemoryBytesMax: number;
}

/** @param place where it goes once it is large; null: nowhere */
async function received(name: string, chunks: AsyncIterable<Uint8Array>, place: Place | null): Promise<ReceivedFile> {
  const held: Uint8Array[] = [];
  let length = 0;
  let file: Awaited<ReturnType<typeof open>> | null = null;
  try {
    for await (const chunk of chunks) {
      length += chunk.length;
      held.push(chunk);
      if (place === null || length <= place.inMemoryBytesMax) continue;
      file ??= await open(place.path, "wx", 0o600);
      for (const one of held.splice(0)) await file.appendFile(one);
    }
  } finally {
    await file?.close();
  }
  return file === null ? { name, bytes: Buffer.concat(held) } : { name, path: place!.path, length };
}

/** Small Buffers of Node share one: a thread would be sent all of it. */
function inBufferOfItsOwn(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.byteLength === bytes.buffer.byteLength;
  return isWhole ? new Uint8Array(bytes.buffer) : Uint8Array.from(bytes);
}
