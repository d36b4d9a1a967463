/**
 * The logs of jobs as files, one line an entry, appended while a job runs: a crash loses what was noted in the last
 * JOB_LOG_FLUSH_MS. One job's file has a greatest size, and so have all of them together; the oldest go first.
 */
import { appendFile, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { JOB_LOG_BYTES_MAX, JOB_LOG_FLUSH_MS, JOB_LOGS_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { JobLogEntry, JobLogView } from "../../shared/protocol/operator-api.ts";

const CUT: Pick<JobLogEntry, "what"> = { what: "cut" };
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const SUFFIX = ".jsonl";

export interface JobLogLimits {
  readonly jobBytesMax: number;
  readonly allBytesMax: number;
}

interface OpenLog {
  bytes: number;
  waiting: string;
  isCut: boolean;
}

export class JobLogFiles {
  readonly #directory: string;
  readonly #onProblem: (message: string, error: unknown) => void;
  readonly #limits: JobLogLimits;
  readonly #open = new Map<string, OpenLog>();
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;

  /** @param onProblem the disk refused entries: they are lost, and the coordinator goes on */
  static async open(
    directory: string,
    onProblem: (message: string, error: unknown) => void,
    limits: JobLogLimits = { jobBytesMax: JOB_LOG_BYTES_MAX, allBytesMax: JOB_LOGS_BYTES_MAX },
  ): Promise<JobLogFiles> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const logs = new JobLogFiles(directory, onProblem, limits);
    await logs.#removeOldest();
    return logs;
  }

  private constructor(directory: string, onProblem: (message: string, error: unknown) => void, limits: JobLogLimits) {
    this.#directory = directory;
    this.#onProblem = onProblem;
    this.#limits = limits;
  }

  /** @param isLast the job has ended: what is held of its log is let go once it is written */
  note(jobId: string, entry: JobLogEntry, isLast = false): void {
    if (!NAME.test(jobId)) return;
    const log = this.#open.get(jobId) ?? { bytes: -1, waiting: "", isCut: false };
    this.#open.set(jobId, log);
    if (!log.isCut) log.waiting += `${JSON.stringify(entry)}\n`;
    if (isLast) void this.flush().then(() => this.#forget(jobId));
    else this.#timer ??= setTimeout(() => void this.flush(), JOB_LOG_FLUSH_MS).unref();
  }

  /** Everything noted so far is on the disk, or was refused by it. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  /** @returns null where nothing is kept of that job */
  async read(jobId: string): Promise<JobLogView | null> {
    if (!NAME.test(jobId)) return null;
    await this.flush();
    const text = await readFile(this.#pathOf(jobId), "utf8").catch(() => null);
    if (text === null) return null;
    const entries = text.split("\n").flatMap(entryOf);
    const isCut = entries.at(-1)?.what === CUT.what;
    return { jobId, isCut, entries: isCut ? entries.slice(0, -1) : entries };
  }

  /** The job is deleted; where the disk refuses, its log goes with the oldest. */
  async remove(jobId: string): Promise<void> {
    if (!NAME.test(jobId)) return;
    this.#open.delete(jobId);
    const removed = this.#writing.then(() => rm(this.#pathOf(jobId), { force: true }));
    this.#writing = removed.catch((error: unknown) =>
      this.#onProblem(`the log of job ${jobId} could not be removed`, error),
    );
    await this.#writing;
  }

  async close(): Promise<void> {
    await this.flush();
  }

  async #write(): Promise<void> {
    for (const [jobId, log] of this.#open) {
      if (log.waiting === "") continue;
      const lines = log.waiting;
      log.waiting = "";
      try {
        await this.#append(jobId, log, lines);
      } catch (error) {
        this.#onProblem(`the log of job ${jobId} could not be written`, error);
      }
    }
  }

  async #append(jobId: string, log: OpenLog, lines: string): Promise<void> {
    const path = this.#pathOf(jobId);
    // Of an earlier run: the log goes on.
    if (log.bytes < 0)
      log.bytes = await stat(path).then(
        ({ size }) => size,
        () => 0,
      );
    const kept = log.bytes + lines.length <= this.#limits.jobBytesMax ? lines : this.#cutTo(log, lines);
    await appendFile(path, kept, { mode: 0o600 });
    log.bytes += Buffer.byteLength(kept);
  }

  #cutTo(log: OpenLog, lines: string): string {
    const room = Math.max(0, this.#limits.jobBytesMax - log.bytes);
    log.isCut = true;
    const whole = lines.slice(0, lines.lastIndexOf("\n", room - 1) + 1);
    return `${room === 0 ? "" : whole}${JSON.stringify(CUT)}\n`;
  }

  #forget(jobId: string): void {
    if (this.#open.get(jobId)?.waiting === "") this.#open.delete(jobId);
    this.#writing = this.#writing.then(() => this.#removeOldest());
  }

  async #removeOldest(): Promise<void> {
    try {
      const names = (await readdir(this.#directory)).filter((name) => name.endsWith(SUFFIX));
      const files = await Promise.all(
        names.map(async (name) => {
          const path = join(this.#directory, name);
          const { size, mtimeMs } = await stat(path);
          return { path, size, mtimeMs };
        }),
      );
      files.sort((a, b) => b.mtimeMs - a.mtimeMs);
      let bytes = 0;
      for (const { path, size } of files) {
        bytes += size;
        if (bytes > this.#limits.allBytesMax) await rm(path, { force: true });
      }
    } catch (error) {
      this.#onProblem("old job logs could not be removed", error);
    }
  }

  #pathOf(jobId: string): string {
    return join(this.#directory, `${jobId}${SUFFIX}`);
  }
}

/** A line that a crash tore is left out. */
function entryOf(line: string): JobLogEntry[] {
  if (line === "") return [];
  try {
    return [JSON.parse(line) as JobLogEntry];
  } catch {
    return [];
  }
}
