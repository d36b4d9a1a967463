/**
 * Who did what, appended and never changed: starts and stops, tokens, submissions and their ends, quarantines, collections.
 * `npm run audit-log -- verify` checks the chain (audit-chain.ts). No addresses and no token are ever in it.
 */
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { AUDIT_LINE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { sync } from "../durable-files.ts";
import { type ChainBreak, ChainCheck, type ChainHead, chainedLine, EMPTY_CHAIN } from "./audit-chain.ts";
import { wholeLinesOf } from "./lines-of.ts";

export const AUDIT_LOG_NAME = "audit.log";
const RETRY_MS = 1_000;
/** Entries that a full disk keeps waiting; what comes then is counted and left out. */
const WAITING_BYTES_MAX = 4 * 1024 * 1024;

export interface AuditLog {
  /** Takes its place in the chain at once; written and synced in the order of the calls. */
  note(what: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Everything noted so far is on the disk, or was refused by it. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Continues the chain in the file. A last line without an end, which a crash leaves, is cut off and noted; a chain that is
 * broken is continued behind its last line, and noted at every start, for `verify` to find.
 * @param onProblem the chain is broken; or the disk refused entries: they wait, and the coordinator goes on
 */
export async function openAuditLog(
  path: string,
  nowMs: () => number,
  onProblem: (message: string, error: unknown) => void,
): Promise<AuditLog> {
  const file = await open(path, "a+", 0o600);
  // A new file survives a power cut once its directory has been synced.
  await sync(dirname(path));
  const { head: found, wholeBytes, tornBytes, broken } = await readHead(file);
  let head = found;
  let size = wholeBytes;
  let waiting = "";
  let dropped = 0;
  let writing: Promise<void> | null = null;
  let retry: NodeJS.Timeout | null = null;

  async function write(): Promise<void> {
    while (waiting !== "" && retry === null) {
      const lines = waiting;
      waiting = "";
      try {
        await file.appendFile(lines);
        await file.datasync();
        size += Buffer.byteLength(lines);
      } catch (error) {
        // The chain may have no gap: what was refused goes first when the disk is asked again.
        await file.truncate(size).catch(() => {});
        waiting = lines + waiting;
        onProblem("the audit log refused entries", error);
        retry = setTimeout(retryLater, RETRY_MS);
        retry.unref();
      }
    }
    writing = null;
  }

  function retryLater(): void {
    retry = null;
    writing ??= write();
  }

  const log: AuditLog = {
    note(what, fields = {}) {
      if (waiting.length > WAITING_BYTES_MAX) {
        dropped++;
        return;
      }
      const atMs = Math.round(nowMs());
      let next = chainedLine(head, atMs, what, dropped === 0 ? fields : { ...fields, droppedBefore: dropped });
      if (next.line.length > AUDIT_LINE_BYTES_MAX) {
        next = chainedLine(head, atMs, what, { leftOut: `fields of ${next.line.length} bytes` });
      }
      dropped = 0;
      head = next.head;
      waiting += next.line;
      if (retry === null) writing ??= write();
    },
    async settled() {
      await writing;
    },
    async close() {
      if (retry !== null) {
        clearTimeout(retry);
        retryLater();
      }
      await writing;
      await file.close();
    },
  };
  if (tornBytes > 0) log.note("torn-line-cut", { bytes: tornBytes });
  if (broken !== null) {
    log.note("chain-found-broken", { ...broken });
    onProblem(`the audit log is broken at line ${broken.line}: keep a copy of it`, new Error(broken.problem));
  }
  return log;
}

interface Found {
  readonly head: ChainHead;
  readonly wholeBytes: number;
  readonly tornBytes: number;
  /** Where the chain breaks first; null: nowhere. */
  readonly broken: ChainBreak | null;
}

/** The head of what is in the file; whatever follows its last newline is cut off. */
async function readHead(file: FileHandle): Promise<Found> {
  const { size } = await file.stat();
  const check = new ChainCheck();
  let wholeBytes = 0;
  let head = EMPTY_CHAIN;
  let broken: ChainBreak | null = null;
  for await (const { line, isWhole } of wholeLinesOf(file.createReadStream({ start: 0, autoClose: false }))) {
    if (!isWhole) break;
    wholeBytes += Buffer.byteLength(line) + 1;
    const found = check.add(line);
    // Behind a broken line the chain goes on from what the last line says of itself.
    head = found === null ? check.head : (headOf(line) ?? head);
    broken ??= found;
  }
  if (wholeBytes < size) await file.truncate(wholeBytes);
  return { head, wholeBytes, tornBytes: size - wholeBytes, broken };
}

function headOf(line: string): ChainHead | null {
  const seq = /^\{"seq":(\d{1,15}),/.exec(line)?.[1];
  const hash = /"hash":"([0-9a-f]{64})"\}$/.exec(line)?.[1];
  return seq === undefined || hash === undefined ? null : { seq: Number(seq) + 1, hash };
}
