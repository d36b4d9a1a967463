/** What a model's rows are predicted to take of a process: bytes from inspection, time from inspection and from what was measured. */
import { unpackFormat } from "../../shared/compute/model-bundle.ts";
import type { Implementation, ModelFacts } from "../../shared/compute/model-runtime.ts";
import type { RuntimeDescription } from "../../shared/compute/runtimes/runtime-description.ts";
import { runtimeOfFormat } from "../../shared/compute/runtimes/runtimes.ts";
import {
  TRUSTED_BESIDE_WEIGHTS_BYTES_MAX,
  TRUSTED_PIECE_BYTES_MAX,
  TRUSTED_PIECE_MACS_MAX,
  TRUSTED_PIECE_MS_MIN,
  TRUSTED_PIECE_OVERRUN_FACTOR_MAX,
  TRUSTED_PIECE_ROWS_MAX,
  TRUSTED_PROCESS_BYTES_MAX,
  TRUSTED_PROCESS_MEMORY_SHARE,
  TRUSTED_UNFORESEEN_BYTES,
} from "../../shared/protocol/limits.ts";
import { MACHINE_BYTES } from "./machine-memory.ts";
import { bytesInWords } from "./model-run-error.ts";
import { modelName } from "./process-messages.ts";

export interface TrustedModel {
  readonly sha256: string;
  readonly bundle: Uint8Array;
  /** What goes behind the bundle to whoever runs the model as its files came (shared/compute/source-files.ts). */
  readonly behind?: Uint8Array;
}

export interface InspectedModel extends TrustedModel, ProcessRoom {
  readonly implementation: Implementation;
  readonly facts: ModelFacts;
}

/** What a process takes beyond what inspection counts, of memory and time: of its runtime (runtime-description.ts). */
export type ProcessRoom = Pick<
  RuntimeDescription,
  "memorySlack" | "weightCopies" | "processBytesMax" | "secondSlowness"
>;

export function processRoomOf(bundle: Uint8Array): ProcessRoom {
  const { memorySlack, weightCopies, processBytesMax, secondSlowness } = runtimeOfFormat(unpackFormat(bundle));
  return { memorySlack, weightCopies, processBytesMax, secondSlowness };
}

/** A process with its runtime and no model. */
const PROCESS_BYTES = 224 * 1024 * 1024;
const FLOAT_BYTES = 4;
/** Rows go in and out by way of messages. */
const MESSAGE_COPIES = 3;

/** What is predicted of memory is the same for both implementations. */
type Sizes = Pick<InspectedModel, "facts" | keyof ProcessRoom>;

/** Of a loaded model, whatever runs through it. */
export function loadedBytes({ facts, memorySlack, weightCopies }: Sizes): number {
  return facts.weightBytes * weightCopies + facts.numbersPerRun * FLOAT_BYTES * memorySlack;
}

/** Of each row that goes through it at once. */
export function rowBytes({ facts, memorySlack }: Sizes): number {
  const { activationsPerQuery, inputSize, outputSize } = facts;
  return FLOAT_BYTES * (activationsPerQuery * memorySlack + (inputSize + outputSize) * MESSAGE_COPIES);
}

export function runBytes(model: Sizes, rowCount: number): number {
  return PROCESS_BYTES + loadedBytes(model) + rowCount * rowBytes(model);
}

/** What any model's process may hold here, however large its weights: what its runtime bears, and this machine. */
function processBytesMost({ processBytesMax }: Pick<ProcessRoom, "processBytesMax">, ofMachine: number): number {
  return Math.max(TRUSTED_PROCESS_BYTES_MAX, Math.min(processBytesMax, ofMachine * TRUSTED_PROCESS_MEMORY_SHARE));
}

/** [VF19] A process that runs this model is ended beyond it: it follows from the weights, so that a small model gets no more than it ever did. */
export function processBytesMax(model: Sizes, ofMachine = MACHINE_BYTES): number {
  const wanted = PROCESS_BYTES + ofWeights(model) + TRUSTED_BESIDE_WEIGHTS_BYTES_MAX + TRUSTED_UNFORESEEN_BYTES;
  return Math.max(TRUSTED_PROCESS_BYTES_MAX, Math.min(processBytesMost(model, ofMachine), wanted));
}

/** What it may be predicted to take. */
function runBytesMax(model: Sizes, ofMachine: number): number {
  return processBytesMax(model, ofMachine) - TRUSTED_UNFORESEEN_BYTES;
}

/** Bytes of weights that a model of that runtime may have here, with some rows of it. */
export function largestWeights(room: ProcessRoom, ofMachine: number): number {
  const left =
    processBytesMost(room, ofMachine) - TRUSTED_UNFORESEEN_BYTES - PROCESS_BYTES - TRUSTED_BESIDE_WEIGHTS_BYTES_MAX;
  return Math.floor(left / room.weightCopies);
}

const ofWeights = ({ facts, weightCopies }: Sizes): number => facts.weightBytes * weightCopies;

/** @returns why not even one row of it can be computed here; null: it can, as far as inspection tells */
export function modelTooLarge(model: Sizes, ofMachine = MACHINE_BYTES): string | null {
  const bytes = runBytes(model, 1);
  const most = runBytesMax(model, ofMachine);
  if (bytes <= most) return null;
  const left = Math.max(0, most - PROCESS_BYTES - ofWeights(model));
  const fits = Math.floor(left / FLOAT_BYTES / model.memorySlack);
  return (
    `one row of it is predicted to take ${bytesInWords(bytes)} of memory on the coordinator ` +
    `(${bytesInWords(loadedBytes(model))} once loaded, ${bytesInWords(rowBytes(model))} between its layers), ` +
    `the limit is ${bytesInWords(most)}; with these weights a model that holds at most ${fits} numbers at once fits`
  );
}

/**
 * A number between layers takes as much time as so many multiply-adds, as measured: of 512 x 512 x 64 such numbers and as many multiply-adds a
 * row takes 184 ms in WebAssembly, 1,800 ms on tfjs's cpu back-end.
 */
const MACS_OF_NUMBER = 10;

/** What a row costs, in multiply-adds. */
export function rowMacs({ macsPerQuery, activationsPerQuery }: RowSizes): number {
  return macsPerQuery + MACS_OF_NUMBER * activationsPerQuery;
}

export type RowSizes = Pick<ModelFacts, "macsPerQuery" | "activationsPerQuery">;

/** Rows that go through at once: bounded by memory, by time and by what a message holds; at least one. */
export function rowsAtOnce(model: Sizes & Pick<InspectedModel, "implementation">, ofMachine = MACHINE_BYTES): number {
  const room = Math.min(TRUSTED_PIECE_BYTES_MAX, runBytesMax(model, ofMachine) - runBytes(model, 0));
  const byMemory = Math.floor(room / rowBytes(model));
  const byTime = Math.floor(TRUSTED_PIECE_MACS_MAX / slownessOf(model) / rowMacs(model.facts));
  return Math.max(1, Math.min(byMemory, byTime, TRUSTED_PIECE_ROWS_MAX));
}

const slownessOf = ({ implementation, secondSlowness }: Pick<InspectedModel, "implementation" | "secondSlowness">) =>
  implementation === "second" ? secondSlowness : 1;

/** Before anything of a model was measured: a core of a small machine. */
const MACS_PER_MS = 2_000_000;
const CALL_MS = 0.5;
/** A new measurement counts so much. */
const NEW_SHARE = 0.3;
const MODELS_MEASURED_MAX = 1_000;

/** Processor time of a row of each model, as measured. */
export class MeasuredPace {
  /** By name; the least recently measured first. */
  readonly #rowMs = new Map<string, number>();
  /** By name: those that a process of quick pieces was ended for while it loaded them. */
  readonly #loadedSlowly = new Set<string>();

  isMeasured(model: InspectedModel): boolean {
    return this.#rowMs.has(modelName(model));
  }

  /** Processor milliseconds that so many rows are expected to take. */
  predictedMs(model: InspectedModel, rowCount: number): number {
    const assumed = (rowMacs(model.facts) / MACS_PER_MS) * slownessOf(model);
    return CALL_MS + rowCount * (this.#rowMs.get(modelName(model)) ?? assumed);
  }

  /** Milliseconds of a row of a model, by its hash and the code that runs it. @returns null: no row has run yet */
  rowMs(model: Parameters<typeof modelName>[0]): number | null {
    return this.#rowMs.get(modelName(model)) ?? null;
  }

  measured(model: InspectedModel, rowCount: number, cpuMs: number): void {
    const name = modelName(model);
    const before = this.#rowMs.get(name);
    const now = cpuMs / rowCount;
    this.#rowMs.delete(name);
    this.#rowMs.set(name, before === undefined ? now : before + NEW_SHARE * (now - before));
    if (this.#rowMs.size > MODELS_MEASURED_MAX) this.#rowMs.delete(this.#rowMs.keys().next().value!);
  }

  /** However quick its rows are, a process of quick pieces is not to load it. */
  loadsSlowly(model: InspectedModel): boolean {
    return this.#loadedSlowly.has(modelName(model));
  }

  loadedSlowly(model: InspectedModel): void {
    this.#loadedSlowly.add(modelName(model));
    if (this.#loadedSlowly.size > MODELS_MEASURED_MAX)
      this.#loadedSlowly.delete(this.#loadedSlowly.values().next().value!);
  }

  /** A row takes at least so long: a piece was ended before it was done. */
  atLeast(model: InspectedModel, rowMs: number): void {
    const name = modelName(model);
    this.#rowMs.set(name, Math.max(rowMs, this.#rowMs.get(name) ?? 0));
  }
}

/** Processor time after which a piece is ended. */
export function pieceMsMax(predictedMs: number): number {
  return TRUSTED_PIECE_MS_MIN + TRUSTED_PIECE_OVERRUN_FACTOR_MAX * predictedMs;
}
