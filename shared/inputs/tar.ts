/**
 * The entries of a .tar file as it streams by (POSIX.1-2001: ustar, and of pax headers the path; GNU's long names). One entry is in
 * memory at a time.
 */
import { PHOTO_FILE_BYTES_MAX } from "../protocol/limits.ts";
import type { ArchiveEntry } from "./archive-entry.ts";
import { InputError } from "./input-error.ts";

const BLOCK_BYTES = 512;
/** A pax header or a long name. */
const HEADER_BYTES_MAX = 64 * 1024;

/**
 * @param unpacked the file's bytes, out of gzip
 * @param path of the file, for errors
 * @param bodyBytesMax of an entry whose bytes are asked for
 * @throws InputError where it is no such file, or ends too early
 */
export async function* tarEntries(
  unpacked: AsyncIterable<Uint8Array>,
  path: string,
  bodyBytesMax = PHOTO_FILE_BYTES_MAX,
): AsyncGenerator<ArchiveEntry> {
  const bytes = new ByteReader(unpacked, path);
  let longName: string | null = null;
  try {
    for (;;) {
      const header = await bytes.take(BLOCK_BYTES);
      if (header === null || header.every((byte) => byte === 0)) return;
      if (text(header, 257, 262) !== "ustar") {
        throw new InputError(`${path}: expected a .tar file, got other bytes`);
      }
      const byteCount = sizeIn(header, path);
      const type = String.fromCharCode(header[156]!);
      const padded = Math.ceil(byteCount / BLOCK_BYTES) * BLOCK_BYTES;
      if (type === "x" || type === "L") {
        const body = await wholeBody(bytes, byteCount, padded, HEADER_BYTES_MAX, path);
        longName = (type === "x" ? paxPath(body) : text(body, 0, body.length)) ?? longName;
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
            return wholeBody(bytes, byteCount, padded, bodyBytesMax, `${path}: ${name}`);
          },
        };
      }
      if (!isTaken) await bytes.skip(padded);
    }
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: it cannot be read: ${(error as Error).message}`);
  }
}

async function wholeBody(bytes: ByteReader, byteCount: number, padded: number, bytesMax: number, what: string) {
  if (byteCount > bytesMax) throw new InputError(`${what}: expected at most ${bytesMax} bytes, got ${byteCount}`);
  const body = await bytes.take(padded);
  if (body === null && padded > 0)
    throw new InputError(`${what}: expected ${byteCount} bytes, got the end of the file`);
  return (body ?? new Uint8Array()).subarray(0, byteCount);
}

const decoder = new TextDecoder();
/** Up to the first NUL. */
const text = (bytes: Uint8Array, from: number, to: number) =>
  decoder.decode(bytes.subarray(from, to)).replace(/\0.*$/s, "");

/** Octal; GNU writes large ones as big-endian bytes behind a set bit. */
function sizeIn(header: Uint8Array, path: string): number {
  const field = header.subarray(124, 136);
  if ((field[0]! & 0x80) !== 0) return field.subarray(4).reduce((size, byte) => size * 256 + byte, 0);
  const size = Number.parseInt(text(field, 0, field.length).trimEnd(), 8);
  if (Number.isInteger(size) && size >= 0) return size;
  throw new InputError(`${path}: expected the size of an entry, got other bytes`);
}

function nameIn(header: Uint8Array): string {
  const prefix = text(header, 345, 500);
  return prefix === "" ? text(header, 0, 100) : `${prefix}/${text(header, 0, 100)}`;
}

/** Records of "LENGTH KEY=VALUE\n", the length in bytes. */
function paxPath(body: Uint8Array): string | null {
  for (let at = 0; at < body.length; ) {
    const space = body.indexOf(0x20, at);
    const length = Number(text(body, at, space));
    if (space < 0 || !(length > 0)) return null;
    const record = text(body, space + 1, at + length - 1);
    if (record.startsWith("path=")) return record.slice("path=".length);
    at += length;
  }
  return null;
}

/** A stream as as many bytes as somebody asks for. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #what: string;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: AsyncIterable<Uint8Array>, what: string) {
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#what = what;
  }

  /** @returns null at the end of the stream @throws InputError where it ends within */
  async take(count: number): Promise<Uint8Array | null> {
    const parts: Uint8Array[] = [];
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
    if (parts.length === 1) return parts[0]!;
    const whole = new Uint8Array(count);
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
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
