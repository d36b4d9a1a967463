/**
 * One process that runs models, as the coordinator sees it: what it has loaded, what it takes, and its end. It does one thing at a time.
 * Once anything went wrong in it, it is ended and never used again.
 */
import { type ChildProcess, fork } from "node:child_process";
import { writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { constants, setPriority } from "node:os";
import {
  TRUSTED_HEAP_MIB_MAX,
  TRUSTED_MODELS_BYTES_MAX,
  TRUSTED_PROCESS_BYTES_MAX,
  TRUSTED_SILENT_MS_MAX,
  TRUSTED_WATCH_MS,
} from "../../shared/protocol/limits.ts";
import { type InspectedModel, loadedBytes, processBytesMax } from "./model-cost.ts";
import { bytesInWords, secondsInWords } from "./model-run-error.ts";
import { PROCESS_FLAGS } from "./process-flags.ts";
import { type FromProcess, modelName, type ToProcess } from "./process-messages.ts";
import { processUsage } from "./process-usage.ts";

/** What went wrong with it: `refused` is the model's own fault as far as its library says, the others broke the process. */
export type LossKind = "memory" | "time" | "trap" | "died" | "silent" | "refused";

export class ProcessLost extends Error {
  override readonly name = "ProcessLost";
  readonly kind: LossKind;
  /** Processor time that it had spent on what it was asked. */
  readonly cpuMs: number;
  /** It had computed no row yet: it was loading the model. */
  readonly isLoading: boolean;

  constructor(kind: LossKind, message: string, { cpuMs, isLoading }: Pick<ProcessLost, "cpuMs" | "isLoading">) {
    super(message);
    this.kind = kind;
    this.cpuMs = cpuMs;
    this.isLoading = isLoading;
  }
}

export interface ProcessOptions {
  /** The script that it runs. */
  readonly entry: URL;
  /** Gives way to everything else on this machine. */
  readonly isSlow: boolean;
  readonly bytesMax?: number;
  readonly silentMsMax?: number;
}

export interface PieceRun {
  readonly model: InspectedModel;
  /** rowCount x D */
  readonly rows: Float32Array;
  readonly rowCount: number;
  /** Rows that go through at once. */
  readonly batch: number;
  /** Processor time, loading apart. */
  readonly cpuMsMax: number;
  readonly loadMsMax: number;
}

const PART_BYTES = 8 * 1024 * 1024;
const START_MS_MAX = 60_000;
/** Of what it said on its standard error, for whoever looks for the reason of its end. */
const LAST_WORDS_LENGTH = 400;
/** What a child may know of its parent's environment. */
const ENVIRONMENT = ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot"];

interface Waiting {
  resolve(answer: FromProcess): void;
  reject(error: ProcessLost): void;
}

export class TrustedProcess {
  readonly #child: ChildProcess;
  /** For tests; null: what its model may take. */
  readonly #fixedBytesMax: number | null;
  #bytesMax: number;
  readonly #silentMsMax: number;
  readonly #ready: Promise<unknown>;
  /** What it is asked and has not answered. */
  #waiting: Waiting | null = null;
  /** Loaded models by their names, and what they take, the least recently used first. */
  readonly #models = new Map<string, { readonly model: InspectedModel; readonly bytes: number }>();
  #lost: ProcessLost | null = null;
  #cpuMs = 0;
  /** Processor time of the whole process when the present request began. */
  #cpuMsBefore = 0;
  /** Of the present request, as last seen, and when it was last seen to grow. */
  #cpuMsSeen = 0;
  #progressAtMs = 0;
  #isLoading = false;
  /** Has it run anything yet? */
  isFresh = true;
  /** The most that it was seen to hold: WebAssembly heaps never shrink. */
  peakBytes = 0;

  constructor({ entry, isSlow, bytesMax, silentMsMax = TRUSTED_SILENT_MS_MAX }: ProcessOptions) {
    this.#fixedBytesMax = bytesMax ?? null;
    this.#bytesMax = bytesMax ?? TRUSTED_PROCESS_BYTES_MAX;
    this.#silentMsMax = silentMsMax;
    const environment = ENVIRONMENT.flatMap((name) => (name in process.env ? [[name, process.env[name]]] : []));
    this.#child = fork(entry, {
      serialization: "advanced",
      execArgv: [`--max-old-space-size=${TRUSTED_HEAP_MIB_MAX}`, ...PROCESS_FLAGS],
      env: Object.fromEntries(environment) as NodeJS.ProcessEnv,
      stdio: ["ignore", "ignore", "pipe", "ipc"],
    });
    this.#child.on("message", (answer: FromProcess) => this.#answered(answer));
    this.#child.on("error", (error) => this.#lose("died", `its process could not be used: ${error.message}`));
    let lastWords = "";
    this.#child.stderr?.on("data", (said: Buffer) => {
      lastWords = `${lastWords}${said}`.slice(-LAST_WORDS_LENGTH);
    });
    this.#child.on("close", (code, signal) => {
      const why = `its process ended (${signal ?? `exit code ${code}`}) ${lastWords.trim()}`;
      this.#lose(/out of memory/.test(lastWords) ? "memory" : "died", why.trim());
    });
    this.#child.unref();
    (this.#child.stderr as Socket | null)?.unref();
    this.#child.channel?.unref();
    this.#giveWay(isSlow);
    this.#ready = this.#ask(null, START_MS_MAX);
    this.#ready.catch(() => {});
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  /** Is that model loaded here? */
  holds(model: InspectedModel): boolean {
    return this.#models.has(modelName(model));
  }

  /**
   * Loads the model where it is not here yet, and runs the rows.
   * @returns rowCount x C, and the processor time of loading and running
   * @throws ProcessLost, after which nothing can be asked of it
   */
  async run({
    model,
    rows,
    rowCount,
    batch,
    cpuMsMax,
    loadMsMax,
  }: PieceRun): Promise<{ outputs: Float32Array; cpuMs: number; runMs: number }> {
    await this.#ready;
    this.isFresh = false;
    this.#bytesMax = this.#fixedBytesMax ?? processBytesMax(model);
    this.#cpuMs = 0;
    await this.#load(model, loadMsMax);
    const loadMs = this.#cpuMs;
    const { inputSize, outputSize } = model.facts;
    const outputs = new Float32Array(rowCount * outputSize);
    for (let first = 0; first < rowCount; first += batch) {
      const count = Math.min(batch, rowCount - first);
      // A view: what goes to a process is copied on its way, and no more than the view.
      const part = rows.subarray(first * inputSize, (first + count) * inputSize);
      const leftMs = cpuMsMax - (this.#cpuMs - loadMs);
      const request: ToProcess = { type: "run", ...namesOf(model), rows: part, rowCount: count };
      const answer = await this.#ask(request, leftMs);
      if (answer.type !== "ran") throw this.#lose("died", "its process answered something else than was asked");
      outputs.set(answer.outputs, first * outputSize);
    }
    return { outputs, cpuMs: this.#cpuMs, runMs: this.#cpuMs - loadMs };
  }

  /** Ends it. Whoever waits for it is told. */
  end(): void {
    this.#lose("died", "the coordinator is stopping");
  }

  async #load(model: InspectedModel, msMax: number): Promise<void> {
    const name = modelName(model);
    const bytes = loadedBytes(model);
    const isHere = this.#models.delete(name);
    if (!isHere) {
      this.#makeRoom(bytes);
      this.#isLoading = true;
      await this.#send(model, msMax);
      this.#isLoading = false;
    }
    this.#models.set(name, { model, bytes });
  }

  #makeRoom(bytes: number): void {
    const held = () => [...this.#models.values()].reduce((sum, each) => sum + each.bytes, bytes);
    for (const [name, { model }] of [...this.#models]) {
      if (held() <= TRUSTED_MODELS_BYTES_MAX) return;
      this.#models.delete(name);
      this.#child.send({ type: "drop", ...namesOf(model) } satisfies ToProcess, () => {});
    }
  }

  /** In parts, so that the event loop is never long at one. */
  async #send(model: InspectedModel, msMax: number): Promise<void> {
    const bundle = model.behind === undefined ? model.bundle : Buffer.concat([model.bundle, model.behind]);
    for (let at = 0; at < bundle.length; at += PART_BYTES) {
      const part = bundle.slice(at, at + PART_BYTES);
      const request: ToProcess = { type: "model", ...namesOf(model), bytes: bundle.length, at, part };
      if (at + part.length === bundle.length) await this.#ask(request, msMax);
      else await new Promise((resolve) => this.#child.send(request, resolve));
    }
  }

  /** @param request null: it says by itself that it has started */
  async #ask(request: ToProcess | null, cpuMsMax: number): Promise<FromProcess> {
    if (this.#lost !== null) throw this.#lost;
    const answered = new Promise<FromProcess>((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
    if (request !== null) {
      this.#child.send(request, (error) => {
        if (error !== null) this.#lose("died", `its process could not be asked: ${error.message}`);
      });
    }
    this.#cpuMsSeen = 0;
    this.#progressAtMs = performance.now();
    const watch = setInterval(() => void this.#look(cpuMsMax), TRUSTED_WATCH_MS);
    this.#hold(true);
    try {
      return await answered;
    } finally {
      clearInterval(watch);
      this.#hold(false);
    }
  }

  async #look(cpuMsMax: number): Promise<void> {
    const { pid } = this.#child;
    const waiting = this.#waiting;
    const usage = pid === undefined ? null : await processUsage(pid);
    // Answered meanwhile: this look belongs to a request that is over.
    if (waiting === null || this.#waiting !== waiting) return;
    if (usage !== null) {
      this.peakBytes = Math.max(this.peakBytes, usage.bytes);
      const cpuMs = usage.cpuMs - this.#cpuMsBefore;
      // On a machine that is busy with other things it may get little; nothing at all is another matter.
      if (cpuMs > this.#cpuMsSeen) this.#progressAtMs = performance.now();
      this.#cpuMsSeen = Math.max(0, cpuMs);
    }
    if (this.peakBytes > this.#bytesMax) this.#lose("memory", this.#tooMuch());
    else if (this.#cpuMsSeen > cpuMsMax) {
      this.#lose("time", `it took more than ${secondsInWords(cpuMsMax)} of processor time`);
    } else if (performance.now() - this.#progressAtMs > this.#silentMsMax) {
      this.#lose("silent", `its process did nothing for ${secondsInWords(this.#silentMsMax)}`);
    }
  }

  #answered(answer: FromProcess): void {
    this.#cpuMsBefore = answer.totalCpuMs;
    if (answer.type !== "ready") {
      this.#cpuMs += answer.cpuMs;
      this.#cpuMsSeen = 0;
      // Between two looks it may have been above the limit: what it computed then is worth nothing.
      this.peakBytes = Math.max(this.peakBytes, answer.peakBytes);
      if (this.peakBytes > this.#bytesMax) return void this.#lose("memory", this.#tooMuch());
    }
    if (answer.type === "failed") return void this.#lose(answer.isBroken ? "trap" : "refused", answer.message);
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve(answer);
  }

  #tooMuch(): string {
    return `its process took ${bytesInWords(this.peakBytes)} of memory, the limit is ${bytesInWords(this.#bytesMax)}`;
  }

  #lose(kind: LossKind, message: string): ProcessLost {
    if (this.#lost !== null) return this.#lost;
    const cpuMs = this.#cpuMs + this.#cpuMsSeen;
    this.#lost = new ProcessLost(kind, message, { cpuMs, isLoading: this.#isLoading });
    this.#child.kill("SIGKILL");
    this.#waiting?.reject(this.#lost);
    this.#waiting = null;
    return this.#lost;
  }

  /** While it is asked something this program must not end for want of anything else to do. */
  #hold(isAsked: boolean): void {
    if (this.#lost !== null) return;
    if (isAsked) this.#child.channel?.ref();
    else this.#child.channel?.unref();
  }

  #giveWay(isSlow: boolean): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      if (isSlow) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // It ended at once, or the system does not let us: it runs like the others.
    }
    // Where Linux itself runs out of memory it takes this process, and not the coordinator.
    if (process.platform === "linux") writeFile(`/proc/${pid}/oom_score_adj`, "1000").catch(() => {});
  }
}

function namesOf({ sha256, implementation }: InspectedModel): Pick<InspectedModel, "sha256" | "implementation"> {
  return { sha256, implementation };
}
