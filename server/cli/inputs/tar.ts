/**
 * The entries of a .tar file as it streams by, packed with gzip or not (POSIX.1-2001: ustar, and of pax headers the path; GNU's long
 * names). One entry is in memory at a time.
 */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { PHOTO_FILE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { ArchiveEntry } from "./archive-entry.ts";

const BLOCK_BYTES = 512;
/** A pax header or a long name. */
const HEADER_BYTES_MAX = 64 * 1024;

/** @throws InputError where it is no such file, or ends too early */
export async function* tarEntries(path: string, isGzip: boolean): AsyncGenerator<ArchiveEntry> {
  const raw = createReadStream(path);
  const unpacked = isGzip ? raw.pipe(createGunzip()) : raw;
  raw.on("error", (error) => unpacked.destroy(error));
  const bytes = new ByteReader(unpacked, path);
  let longName: string | null = null;
  try {
    for (;;) {
      const header = await bytes.take(BLOCK_BYTES);
      if (header === null || header.every((byte) => byte === 0)) return;
      if (header.subarray(257, 262).toString("latin1") !== "ustar") {
        throw new InputError(`${path}: expected a .tar file, got other bytes`);
      }
      const byteCount = sizeIn(header, path);
      const type = String.fromCharCode(header[156]!);
      const padded = Math.ceil(byteCount / BLOCK_BYTES) * BLOCK_BYTES;
      if (type === "x" || type === "L") {
        const body = await wholeBody(bytes, byteCount, padded, HEADER_BYTES_MAX, path);
        longName = (type === "x" ? paxPath(body) : body.toString("utf8").replace(/\0.*$/s, "")) ?? longName;
        continue;
      }
      const name = longName ?? nameIn(header);
      longName = null;
      let isTaken = false;
      if (type === "0" || type === "\0") {
        yield {
          name,
          byteCount,
          bytes() {
            isTaken = true;
            return wholeBody(bytes, byteCount, padded, PHOTO_FILE_BYTES_MAX, `${path}: ${name}`);
          },
        };
      }
      if (!isTaken) await bytes.skip(padded);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: it cannot be read: ${(error as Error).message}`);
  } finally {
    raw.destroy();
    unpacked.destroy();
  }
}

async function wholeBody(bytes: ByteReader, byteCount: number, padded: number, bytesMax: number, what: string) {
  if (byteCount > bytesMax) throw new InputError(`${what}: expected at most ${bytesMax} bytes, got ${byteCount}`);
  const body = await bytes.take(padded);
  if (body === null && padded > 0)
    throw new InputError(`${what}: expected ${byteCount} bytes, got the end of the file`);
  return (body ?? Buffer.alloc(0)).subarray(0, byteCount);
}

/** Octal; GNU writes large ones as big-endian bytes behind a set bit. */
function sizeIn(header: Buffer, path: string): number {
  const text = header.subarray(124, 136);
  if ((text[0]! & 0x80) !== 0) return Number(text.readBigUInt64BE(4));
  const size = Number.parseInt(text.toString("latin1").replace(/[\0 ]+$/, ""), 8);
  if (Number.isInteger(size) && size >= 0) return size;
  throw new InputError(`${path}: expected the size of an entry, got other bytes`);
}

function nameIn(header: Buffer): string {
  const text = (from: number, to: number) => header.subarray(from, to).toString("utf8").replace(/\0.*$/s, "");
  const prefix = text(345, 500);
  return prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`;
}

/** Records of "LENGTH KEY=VALUE\n", the length in bytes. */
function paxPath(body: Buffer): string | null {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = Number(body.subarray(at, space).toString("latin1"));
    if (space < 0 || !(length > 0)) return null;
    const record = body.subarray(space + 1, at + length - 1).toString("utf8");
    if (record.startsWith("path=")) return record.slice("path=".length);
    at += length;
  }
  return null;
}

/** A stream as as many bytes as somebody asks for. */
class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #what: string;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>, what: string) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#what = what;
  }

  /** @returns null at the end of the stream @throws InputError where it ends within */
  async take(count: number): Promise<Buffer | null> {
    const parts: Buffer[] = [];
    let missing = count;
    while (missing > 0) {
      if (!(await this.#fill())) break;
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      parts.push(part);
      missing -= part.length;
    }
    if (missing === count) return null;
    if (missing > 0) throw new InputError(`${this.#what}: expected ${missing} more bytes: is the file whole?`);
    return Buffer.concat(parts);
  }

  async skip(count: number): Promise<void> {
    for (let missing = count; missing > 0 && (await this.#fill()); ) {
      const gone = Math.min(missing, this.#rest.length);
      this.#rest = this.#rest.subarray(gone);
      missing -= gone;
    }
  }

  async #fill(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const step = await this.#chunks.next();
      if (step.done) return false;
      this.#rest = step.value;
    }
    return true;
  }
}
