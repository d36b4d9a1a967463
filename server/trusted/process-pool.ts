/**
 * The processes that run models, in slots. Checks and trials have slots of their own, so that no check ever waits for a trial; and each of
 * both has one that takes quick pieces alone, so that nothing quick ever waits for anything slow. A quick trial of a model that runs in a
 * process for checks already is one more quick piece there. Processes start when there is work for them, and end when there was none for a
 * while.
 */
import {
  TRUSTED_IDLE_MS_MAX,
  TRUSTED_LOAD_MS_MAX,
  TRUSTED_PROCESS_BYTES_MAX,
  TRUSTED_QUICK_OVERRUN_MS_MAX,
  TRUSTED_RECYCLE_BYTES_MIN,
  TRUSTED_WORTH_STARTING_MS,
} from "../../shared/protocol/limits.ts";
import { largeModelsBytesMax } from "./machine-memory.ts";
import { type InspectedModel, processBytesMax } from "./model-cost.ts";
import { TrustedProcess } from "./trusted-process.ts";
import type { Lane } from "./trusted-times.ts";

export interface PoolOptions {
  /** Slots for checks, 1 or more. */
  readonly checks: number;
  readonly entry?: URL;
  readonly bytesMax?: number;
  /** What large models may take of the machine together: for tests. */
  readonly largeBytesMax?: number;
  readonly silentMsMax?: number;
}

export interface ProcessSlot {
  readonly lane: Lane;
  readonly isQuickOnly: boolean;
  /** Processor time of a piece, whatever was predicted, and of loading its model. */
  readonly cpuMsMax: number;
  readonly loadMsMax: number;
}

interface HeldSlot extends ProcessSlot {
  process: TrustedProcess | null;
  isBusy: boolean;
  /** What its process may take with the large model that it last ran; of others nothing is reckoned. */
  largeBytes: number;
  idleSinceMs: number;
}

const ENTRY = new URL("./model-process.mjs", import.meta.url);

export class ProcessPool {
  readonly #options: PoolOptions;
  readonly #slots: readonly HeldSlot[];
  readonly #largeBytesMax: number;
  readonly #sweeping: NodeJS.Timeout;
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#largeBytesMax = options.largeBytesMax ?? largeModelsBytesMax();
    const slow = Array.from({ length: Math.max(1, options.checks - 1) }, () => slot("check", false));
    const quick = options.checks > 1 ? [slot("check", true)] : [];
    this.#slots = [...quick, ...slow, slot("trial", true), slot("trial", false)];
    this.#sweeping = setInterval(() => this.#sweep(), TRUSTED_IDLE_MS_MAX / 4);
    this.#sweeping.unref();
  }

  get size(): number {
    return this.#slots.filter(({ process }) => process !== null).length;
  }

  /**
   * Slots of that lane that have nothing to do, those first whose processes are there.
   * @param waitingMs what waits, predicted: for little work no process is started beside one that takes it soon
   */
  *idle(lane: Lane, waitingMs: () => number): Generator<ProcessSlot> {
    if (this.#isClosed) return;
    const own = this.#slots.filter((slot) => slot.lane === lane);
    for (const slot of own) if (!slot.isBusy && (slot.process !== null || slot.isQuickOnly)) yield slot;
    for (const slot of own) {
      // What a quick one that idles has left is nothing for it.
      const isTakenSoon = own.some(({ isQuickOnly, isBusy }) => isQuickOnly && isBusy);
      const isWorthStarting = waitingMs() > TRUSTED_WORTH_STARTING_MS || !isTakenSoon;
      if (!slot.isBusy && slot.process === null && isWorthStarting) yield slot;
    }
  }

  /** Is the model loaded in a process for checks? */
  hasLoaded(model: InspectedModel): boolean {
    return this.#slots.some(
      ({ lane, process }) => lane === "check" && process?.isLost === false && process.holds(model),
    );
  }

  /**
   * [VF19] Has the machine room for the model in that slot, beside the large ones of others? Of those that rest as many are ended as it takes. Of small models
   * there is always room, and of large ones for one.
   */
  hasRoomFor(model: InspectedModel, taken: ProcessSlot): boolean {
    const bytes = largeBytesOf(model);
    const others = this.#slots.filter((slot) => slot !== taken && slot.largeBytes > 0);
    const isEnough = () => {
      const held = others.reduce((sum, { largeBytes }) => sum + largeBytes, 0);
      return bytes === 0 || held === 0 || held + bytes <= this.#largeBytesMax;
    };
    for (const slot of others) if (!isEnough() && !slot.isBusy) this.#end(slot);
    return isEnough();
  }

  /** @param isAlone in a process that has run nothing before */
  take(taken: ProcessSlot, isAlone: boolean, model: InspectedModel): TrustedProcess {
    const slot = taken as HeldSlot;
    slot.isBusy = true;
    if (slot.process !== null && (slot.process.isLost || (isAlone && !slot.process.isFresh))) this.#end(slot);
    // What has grown with another model leaves this one too little.
    if (slot.process !== null && isGrown(slot.process) && !slot.process.holds(model)) this.#end(slot);
    slot.process ??= this.#fromTrials(slot, isAlone, model) ?? this.#start(slot);
    slot.largeBytes = largeBytesOf(model);
    return slot.process;
  }

  /** Work for trials will come soon: a process for quick ones is there by then, and does not end for a while. */
  warm(): void {
    const slot = this.#slots.find(({ lane, isQuickOnly }) => lane === "trial" && isQuickOnly);
    if (slot === undefined || slot.isBusy || this.#isClosed) return;
    slot.idleSinceMs = performance.now();
    slot.process ??= this.#start(slot);
  }

  giveBack(given: ProcessSlot): void {
    const slot = given as HeldSlot;
    slot.isBusy = false;
    slot.idleSinceMs = performance.now();
    // A large model is not loaded anew for each piece: its process stays, and counts as large, until it has nothing to do.
    const isDone = slot.process !== null && isGrown(slot.process) && slot.largeBytes === 0;
    if (slot.process?.isLost === true || isDone) this.#end(slot);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#sweeping);
    for (const slot of this.#slots) this.#end(slot);
  }

  /** A process whose trial is over goes on with checks, its model loaded; the next trial starts another. */
  #fromTrials({ lane, isQuickOnly }: HeldSlot, isAlone: boolean, model: InspectedModel): TrustedProcess | null {
    const idle = this.#slots.find(
      (slot) => slot.lane === "trial" && slot.isQuickOnly === isQuickOnly && !slot.isBusy && slot.process !== null,
    );
    if (lane === "trial" || isAlone || idle === undefined) return null;
    const { process } = idle;
    if (process !== null && isGrown(process) && !process.holds(model)) return null;
    idle.process = null;
    idle.largeBytes = 0;
    return process;
  }

  #start({ isQuickOnly, lane }: HeldSlot): TrustedProcess {
    const { checks, largeBytesMax: _largeBytesMax, entry = ENTRY, ...limits } = this.#options;
    return new TrustedProcess({ entry, isSlow: !isQuickOnly && !(lane === "check" && checks === 1), ...limits });
  }

  #sweep(): void {
    const nowMs = performance.now();
    for (const slot of this.#slots) {
      if (!slot.isBusy && nowMs - slot.idleSinceMs > TRUSTED_IDLE_MS_MAX) this.#end(slot);
    }
  }

  #end(slot: HeldSlot): void {
    slot.process?.end();
    slot.process = null;
    slot.largeBytes = 0;
  }
}

const isGrown = ({ peakBytes }: TrustedProcess): boolean => peakBytes > TRUSTED_RECYCLE_BYTES_MIN;

function largeBytesOf(model: InspectedModel): number {
  const bytes = processBytesMax(model);
  return bytes > TRUSTED_PROCESS_BYTES_MAX ? bytes : 0;
}

function slot(lane: Lane, isQuickOnly: boolean): HeldSlot {
  const [cpuMsMax, loadMsMax] = isQuickOnly
    ? [TRUSTED_QUICK_OVERRUN_MS_MAX, TRUSTED_QUICK_OVERRUN_MS_MAX]
    : [Number.POSITIVE_INFINITY, TRUSTED_LOAD_MS_MAX];
  return {
    lane,
    isQuickOnly,
    cpuMsMax,
    loadMsMax,
    process: null,
    isBusy: false,
    largeBytes: 0,
    idleSinceMs: performance.now(),
  };
}
