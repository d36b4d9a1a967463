/**
 * The disk that a power cut leaves. What POSIX promises and no more: a file's bytes are there once the file was synced, its
 * name once its directory was. Of the rest anything may be there: names in the order of the calls up to some point, as
 * journals keep them; writes in any choice, the last of them torn in a sector.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { RandomSource } from "../../../../shared/random/random.ts";
import type { WriteRecord } from "./write-log.ts";

const SECTOR_BYTES = 512;

interface DiskFile {
  durable: Buffer;
  pending: WriteRecord[];
}

export class DiskImage {
  readonly #root: string;
  readonly #names = new Map<string, DiskFile>();
  readonly #directories = new Set<string>();
  readonly #byInode = new Map<bigint, DiskFile>();
  #pendingNames: { readonly record: WriteRecord; readonly file: DiskFile | null }[] = [];

  /** All that lies below the directory now counts as durable. */
  constructor(root: string) {
    this.#root = root;
    this.#directories.add(root);
    for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isDirectory()) {
        this.#directories.add(path);
        continue;
      }
      const file: DiskFile = { durable: readFileSync(path), pending: [] };
      this.#names.set(path, file);
      this.#byInode.set(statSync(path, { bigint: true }).ino, file);
    }
  }

  add(record: WriteRecord): void {
    switch (record.kind) {
      case "created": {
        const file: DiskFile = { durable: Buffer.alloc(0), pending: [] };
        this.#byInode.set(record.inode, file);
        this.#pendingNames.push({ record, file });
        return;
      }
      case "written":
      case "truncated":
        this.#fileOf(record).pending.push(record);
        return;
      case "synced": {
        const file = this.#fileOf(record);
        file.durable = file.pending.reduce(applied, file.durable);
        file.pending = [];
        return;
      }
      case "directorySynced": {
        const isHere = ({ record: { path, to } }: { record: WriteRecord }) =>
          dirname(path) === record.path || (to !== "" && dirname(to) === record.path);
        const here = this.#pendingNames.filter(isHere);
        this.#pendingNames = this.#pendingNames.filter((pending) => !isHere(pending));
        for (const pending of here) this.#name(pending);
        return;
      }
      case "renamed":
        this.#pendingNames.push({ record, file: this.#fileOf(record) });
        return;
      default:
        this.#pendingNames.push({ record, file: null });
    }
  }

  /** Bytes and names that no sync has made durable. */
  get atRisk(): number {
    const files = new Set(this.#byInode.values());
    return [...files].reduce((sum, { pending }) => sum + pending.length, this.#pendingNames.length);
  }

  /** The power goes: what is at risk is there, gone or torn, as is drawn. Rewrites the directory so. */
  cut(random: RandomSource): void {
    const names = this.#pendingNames.splice(0);
    for (const pending of names.slice(0, random.integer(names.length + 1))) this.#name(pending);
    // Now and then everything that was not synced is gone, which is what some disks do.
    const kept = [0, 0.5, 0.9][random.integer(3)]!;
    rmSync(this.#root, { recursive: true, force: true });
    mkdirSync(this.#root);
    for (const directory of [...this.#directories].sort()) {
      if (this.#isThere(dirname(directory)) || directory === this.#root) mkdirSync(directory, { recursive: true });
    }
    for (const [path, file] of this.#names) {
      if (!this.#isThere(dirname(path))) continue;
      const survivors = file.pending.filter(() => random.uniform() < kept).map((record) => torn(record, random));
      writeFileSync(path, survivors.reduce(applied, file.durable), { mode: 0o600 });
    }
  }

  #isThere(directory: string): boolean {
    if (directory === this.#root) return true;
    return directory.startsWith(this.#root) && this.#directories.has(directory) && this.#isThere(dirname(directory));
  }

  #name({ record, file }: { readonly record: WriteRecord; readonly file: DiskFile | null }): void {
    const { kind, path, to } = record;
    if (kind === "created") this.#names.set(path, file!);
    else if (kind === "unlinked") this.#names.delete(path);
    else if (kind === "directoryMade") this.#directories.add(path);
    else if (kind === "directoryRemoved") this.#directories.delete(path);
    else if (kind === "renamed") {
      this.#names.delete(path);
      this.#names.set(to, file!);
      // A journal that has the new name has had the old one before it.
      this.#pendingNames = this.#pendingNames.filter(
        ({ record: other }) => other.kind !== "created" || other.path !== path,
      );
    }
  }

  #fileOf(record: WriteRecord): DiskFile {
    const file = this.#byInode.get(record.inode);
    if (file === undefined)
      throw new Error(`${record.path}: expected a file whose creation was seen, got ${record.kind}`);
    return file;
  }
}

function applied(content: Buffer, { kind, offset, data }: WriteRecord): Buffer {
  if (kind === "truncated") {
    return offset <= content.length
      ? content.subarray(0, offset)
      : Buffer.concat([content, Buffer.alloc(offset - content.length)]);
  }
  const end = offset + data.length;
  const changed = Buffer.alloc(Math.max(end, content.length));
  content.copy(changed);
  data.copy(changed, offset);
  return changed;
}

/** Some writes reach the disk up to a sector's end alone. */
function torn(record: WriteRecord, random: RandomSource): WriteRecord {
  const sectors = Math.floor(record.data.length / SECTOR_BYTES);
  if (record.kind !== "written" || sectors < 2 || random.integer(4) > 0) return record;
  return { ...record, data: record.data.subarray(0, (1 + random.integer(sectors - 1)) * SECTOR_BYTES) };
}
