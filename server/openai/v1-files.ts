/** Files of requests, and those that batches write: bytes in the data directory, each with a record beside it. */
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  V1_BYTES_PER_SUBMITTER_MAX,
  V1_FILE_BYTES_MAX,
  V1_FILES_PER_SUBMITTER_MAX,
} from "../../shared/protocol/limits.ts";
import { moveDurably, writeSynced } from "../durable-files.ts";
import { readAllJson, writeDurably } from "./durable-folder.ts";
import { OpenAiFailure } from "./openai-error.ts";
import { latestOf } from "./owned.ts";

export const PURPOSES = ["batch", "batch_output"] as const;

export interface V1File {
  readonly id: string;
  readonly owner: string;
  readonly filename: string;
  readonly purpose: (typeof PURPOSES)[number];
  readonly byteCount: number;
  readonly createdS: number;
}

export class V1Files {
  readonly #root: string;
  readonly #files = new Map<string, V1File>();

  /** Knows of nothing before it has looked. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Whatever is there is known when it resolves. */
  async look(): Promise<void> {
    for (const file of await readAllJson<V1File>(this.#root)) this.#files.set(file.id, file);
  }

  get(id: string): V1File | null {
    return this.#files.get(id) ?? null;
  }

  /** The latest first. */
  of(owner: string | null): V1File[] {
    return latestOf(this.#files.values(), owner);
  }

  /** @throws OpenAiFailure where a submitter has as much as there is for one */
  requireRoom(owner: string, byteCount: number): void {
    const own = this.of(owner);
    const held = own.reduce((sum, file) => sum + file.byteCount, 0);
    if (own.length < V1_FILES_PER_SUBMITTER_MAX && held + byteCount <= V1_BYTES_PER_SUBMITTER_MAX) return;
    throw new OpenAiFailure(
      403,
      "quota",
      `expected at most ${V1_FILES_PER_SUBMITTER_MAX} files of ${V1_BYTES_PER_SUBMITTER_MAX} bytes together, got ${own.length} of ` +
        `${held} bytes; delete some`,
    );
  }

  /**
   * @param id of its own making, so that what is written again after a restart is the same file; by default a fresh one
   * @returns its record; durable
   * @throws OpenAiFailure 413 where it is too large
   */
  async write(
    about: Pick<V1File, "owner" | "filename" | "purpose">,
    bytes: AsyncIterable<Uint8Array>,
    {
      id = `file-${randomBytes(12).toString("hex")}`,
      bytesMax = V1_FILE_BYTES_MAX,
      nowS = Math.floor(Date.now() / 1000),
    } = {},
  ): Promise<V1File> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    const part = join(this.#root, `${id}-${randomBytes(6).toString("hex")}.part`);
    let byteCount = 0;
    const counted = async function* () {
      for await (const chunk of bytes) {
        byteCount += chunk.length;
        if (byteCount > bytesMax) {
          throw new OpenAiFailure(413, "file_too_large", `file: expected at most ${bytesMax} bytes, got more`, "file");
        }
        yield chunk;
      }
    };
    try {
      await writeSynced(part, counted(), 0o600);
      await moveDurably(part, this.#bytesOf(id));
    } finally {
      await rm(part, { force: true });
    }
    const file: V1File = { ...about, id, byteCount, createdS: nowS };
    await writeDurably(join(this.#root, `${id}.json`), JSON.stringify(file));
    this.#files.set(id, file);
    return file;
  }

  read(id: string): NodeJS.ReadableStream & AsyncIterable<Uint8Array> {
    return createReadStream(this.#bytesOf(id));
  }

  async isWhole({ id, byteCount }: V1File): Promise<boolean> {
    return (await stat(this.#bytesOf(id)).catch(() => null))?.size === byteCount;
  }

  async remove(id: string): Promise<void> {
    this.#files.delete(id);
    await rm(join(this.#root, `${id}.json`), { force: true });
    await rm(this.#bytesOf(id), { force: true });
  }

  #bytesOf(id: string): string {
    return join(this.#root, `${id}.bytes`);
  }
}
