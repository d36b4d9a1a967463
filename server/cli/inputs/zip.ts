/**
 * The entries of a .zip file, without reading all of it: its directory stands at its end (PKWARE's APPNOTE, 4.3). Stored and
 * deflated entries; neither encrypted ones nor zip64.
 */
import { type FileHandle, open } from "node:fs/promises";
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import type { ArchiveEntry } from "../../../shared/inputs/archive-entry.ts";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { PHOTO_FILE_BYTES_MAX } from "../../../shared/protocol/limits.ts";

const inflate = promisify(inflateRaw);

const END = { signature: 0x06054b50, bytes: 22, commentBytesMax: 0xffff };
const ENTRY = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const STORED = 0;
const DEFLATED = 8;
/** Names of a million entries. */
const DIRECTORY_BYTES_MAX = 256 * 1024 * 1024;

/** @throws InputError where it is no such file */
export async function* zipEntries(path: string): AsyncGenerator<ArchiveEntry> {
  const file = await open(path);
  try {
    const { directory, count } = await directoryOf(file, path);
    for (let at = 0, n = 0; n < count; n++) {
      if (at + ENTRY.bytes > directory.length || directory.readUInt32LE(at) !== ENTRY.signature) {
        throw new InputError(`${path}: expected ${count} entries in the directory of this .zip file, got ${n}`);
      }
      const [flags, method] = [directory.readUInt16LE(at + 8), directory.readUInt16LE(at + 10)];
      const [packedBytes, byteCount] = [directory.readUInt32LE(at + 20), directory.readUInt32LE(at + 24)];
      const nameBytes = directory.readUInt16LE(at + 28);
      const name = directory.subarray(at + ENTRY.bytes, at + ENTRY.bytes + nameBytes).toString("utf8");
      const start = directory.readUInt32LE(at + 42);
      at += ENTRY.bytes + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
      const what = `${path}: ${name}`;
      yield { name, byteCount, bytes: () => unpacked(file, { what, flags, method, packedBytes, byteCount, start }) };
    }
  } finally {
    await file.close();
  }
}

async function directoryOf(file: FileHandle, path: string): Promise<{ directory: Buffer; count: number }> {
  const { size } = await file.stat();
  const tail = await bytesAt(file, Math.max(0, size - END.bytes - END.commentBytesMax), size, path);
  let at = tail.length - END.bytes;
  while (at >= 0 && tail.readUInt32LE(at) !== END.signature) at--;
  if (at < 0) throw new InputError(`${path}: expected a whole .zip file, got one without its directory`);
  const count = tail.readUInt16LE(at + 10);
  const [length, start] = [tail.readUInt32LE(at + 12), tail.readUInt32LE(at + 16)];
  if (count === 0xffff || start === 0xffffffff || length > DIRECTORY_BYTES_MAX) {
    throw new InputError(`${path}: expected a .zip file below 4 GiB and 65535 entries; use a .tar or a folder`);
  }
  return { directory: await bytesAt(file, start, start + length, path), count };
}

interface Packed {
  readonly what: string;
  readonly flags: number;
  readonly method: number;
  readonly packedBytes: number;
  readonly byteCount: number;
  readonly start: number;
}

async function unpacked(file: FileHandle, packed: Packed): Promise<Uint8Array> {
  const { what, flags, method, packedBytes, byteCount, start } = packed;
  if ((flags & 1) !== 0) throw new InputError(`${what}: expected an entry that is not encrypted`);
  if (method !== STORED && method !== DEFLATED) {
    throw new InputError(`${what}: expected an entry that is stored or deflated, got method ${method}`);
  }
  if (packedBytes > PHOTO_FILE_BYTES_MAX) {
    throw new InputError(`${what}: expected at most ${PHOTO_FILE_BYTES_MAX} bytes, got ${packedBytes}`);
  }
  const local = await bytesAt(file, start, start + LOCAL.bytes, what);
  if (local.readUInt32LE(0) !== LOCAL.signature) throw new InputError(`${what}: expected its entry, got other bytes`);
  const from = start + LOCAL.bytes + local.readUInt16LE(26) + local.readUInt16LE(28);
  const bytes = await bytesAt(file, from, from + packedBytes, what);
  try {
    // One byte more would be a lie of the directory.
    const whole = method === STORED ? bytes : await inflate(bytes, { maxOutputLength: byteCount + 1 });
    if (whole.length === byteCount) return whole;
    throw new InputError(`${what}: expected ${byteCount} bytes, as the .zip file says, got ${whole.length}`);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${what}: it cannot be unpacked: ${(error as Error).message}`);
  }
}

async function bytesAt(file: FileHandle, from: number, to: number, what: string): Promise<Buffer> {
  const bytes = Buffer.alloc(to - from);
  const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
  if (bytesRead === bytes.length) return bytes;
  throw new InputError(`${what}: expected ${bytes.length} bytes at ${from}, got ${bytesRead}: is the file whole?`);
}
