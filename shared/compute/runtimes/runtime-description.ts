/**
 * What a folder of this room says of its model runtime. Whoever reads, inspects or runs models asks for these, and for no
 * runtime by its name. A page holds the description itself, so it is small; what is large comes with loadFormat, and with start-<name>.ts.
 */
import type { ByteSpace } from "../byte-space.ts";
import type { UnpackedModel } from "../model-bundle.ts";
import type { BackendName, ModelInput, ModelRuntime } from "../model-runtime.ts";

export interface RuntimeDescription {
  /** That of its folder. */
  readonly name: string;
  /** What computes in a tab's WebAssembly and in the coordinator's: the library, its version, its threads. Each gives the same model other last bits. */
  readonly library: string;
  /** What its bundles have under `format` (model-bundle.ts). Bundles are stored, so a format that was used once stays. */
  readonly formats: readonly string[];
  readonly files: ModelFileRules;
  /** The back-ends that it has; the first stands in for one that it has not. */
  readonly backends: readonly [BackendName, ...BackendName[]];
  /** Back-ends that a tab tries each model on, beside the one that it computes with; absent: none. */
  readonly perModel?: readonly BackendName[];
  /** What lies between layers in Node, as a multiple of what inspection counts: an allocator's gaps, an arena that grows by doubling. */
  readonly memorySlack: number;
  /** How often the coordinator's process that loads a model holds its weights, at most. */
  readonly weightCopies: number;
  /** What such a process may hold at most, for large weights. */
  readonly processBytesMax: number;
  /** How many times as long as on the first implementation a row takes on the second one (start-trusted.ts), as far as nothing was measured. */
  readonly secondSlowness: number;
  loadFormat(): Promise<ModelFormat>;
  /** Absent: its models do not lie on the Hugging Face Hub. */
  readonly hub?: HubRules;
}

/** Where a model of this runtime lies in a folder of the Hugging Face Hub, and how it is changed for the files that people have. */
export interface HubRules {
  /** Paths of the main file in the folder, the likeliest first. */
  readonly places: readonly string[];
  /** What makes such a file of another framework's, in words. */
  readonly export: string;
  loadEditor(): Promise<ModelEditor>;
}

/** Changes a main file on its submitter's machine, before it is uploaded; weights stay where they lie. Every call throws ModelError where it is none. */
export interface ModelEditor {
  inputs(main: ByteSpace): readonly FileInput[];
  outputs(main: ByteSpace): readonly string[];
  /** Files beside it that it names. */
  companions(main: ByteSpace): readonly string[];
  /** @param outputs names of outputs, or of values within it @returns the model with these alone, without inputs, nodes and weights that none of them needs; see withOutputs */
  withOutputs(main: ByteSpace, outputs: readonly string[]): ByteSpace;
  /** @returns the model with a picture's bytes in place of that input; see withPixels */
  withPixels(main: ByteSpace, input: string, pixels: PixelInput): ByteSpace;
  /** @returns the model with one output, a vector for each text; see withPooling */
  withPooling(main: ByteSpace, pooling: TokenPooling): ByteSpace;
  /** @returns what is uploaded beside it, so that every length that its inputs leave free is this one; empty: none is free */
  withLength(main: ByteSpace, length: number): readonly { name: string; data: Uint8Array<ArrayBuffer> }[];
}

export interface FileInput {
  readonly name: string;
  /** "float32", "int64", ... */
  readonly dtype: string;
  /** With the batch, null for lengths that are free; null: the file does not say. */
  readonly shape: readonly (number | null)[] | null;
}

/** One vector of those of a text's tokens. mean, max: of those that the mask has 1 for; cls: the first; last: the last of those. */
export interface TokenPooling {
  /** The output that has a vector for each token: batch x tokens x numbers. */
  readonly output: string;
  /** The input that says which tokens there are: batch x tokens. */
  readonly mask: string;
  readonly pool: "mean" | "cls" | "last" | "max";
  /** What the pooled vector goes through then, in this order. */
  readonly layers: readonly VectorLayer[];
}

/** y = activation(x W^T + b), as PyTorch's Linear has it. */
export interface VectorLayer {
  readonly inSize: number;
  readonly outSize: number;
  /** outSize x inSize */
  readonly weights: Float32Array;
  readonly bias: Float32Array | null;
  readonly activation: (typeof DENSE_ACTIVATIONS)[number];
}
export const DENSE_ACTIVATIONS = ["Identity", "Tanh", "ReLU", "Sigmoid"] as const;

/** A picture as bytes, and what the model makes of each: byte * scale + shift, by channel. */
export interface PixelInput {
  readonly channels: 1 | 3;
  readonly width: number;
  readonly height: number;
  readonly isChannelsFirst: boolean;
  readonly scale: readonly number[];
  readonly shift: readonly number[];
  /** Behind the colours a channel more, not 0 where there is a picture; all else becomes 0. Absent: pictures fill their rows. */
  readonly inside?: {
    /** The input that has 1 where there is a picture, and its height and width, null where the file leaves them free; null: the model has none. */
    readonly mask: { readonly name: string; readonly shape: readonly [number | null, number | null] } | null;
  };
}

/** Once it has come nobody waits for the loader again: a simulated run passes no real time. */
export function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | null = null;
  return () => {
    loaded ??= load();
    loaded.catch(() => {
      loaded = null;
    });
    return loaded;
  };
}

/**
 * What the folder's start-<name>.ts exports under `start`. It brings the library, which is large, so descriptions do not name it: only
 * whoever runs models imports start-runtimes.ts, which finds the file by the runtime's name.
 * @param assets addresses of files that it fetches, by their names; without one it looks where the library does by itself
 * @throws Error where this machine cannot run that back-end
 */
export type StartRuntime = (backend: BackendName, assets: RuntimeAssets) => Promise<ModelRuntime>;

export type RuntimeAssets = Readonly<Record<string, string>>;

/** How a model of this runtime looks as files: one main file, and maybe others beside it. */
export interface ModelFileRules {
  /** What is asked for, in words: "an .onnx file" */
  readonly model: string;
  /** The main file, in words: "one .onnx file" */
  readonly main: string;
  /** The name that the main file must have; null: any name with the extension. */
  readonly mainName: string | null;
  readonly mainExtension: string;
  readonly mainBytesMax: number;
  /** May there be files beside the main one? */
  readonly takesOthers: boolean;
}

/** Sizes that a model's own files leave free, as whoever submits it says them: { "sequence_length": 128 }. Folders apart. */
export const INPUT_SIZES_FILE = "input-sizes.json";
/** Inputs that are the same for every row, said the same way: { "sr": 16000, "state": 0 }. */
export const INPUT_VALUES_FILE = "input-values.json";

/** Values within the model that are to be its outputs: { "outputs": ["boxes"] }. */
export const MODEL_OUTPUTS_FILE = "model-outputs.json";

/** The file of that name, whatever folder it lies in. */
export function fileCalled<F extends Pick<NamedFile, "name">>(files: readonly F[], wanted: string): F | undefined {
  return files.find(({ name }) => name.split(/[/\\]/).at(-1) === wanted);
}

export interface NamedFile {
  /** As it was uploaded, folders and all; it is compared, never opened. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** As NamedFile, of what need not be in memory. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: ByteSpace;
}

/** One of the outputs of a model that has several. */
export interface ModelOutput {
  readonly name: string;
  /** The layer, node or tensor that makes it. */
  readonly tensor: string;
}

export interface TopologyFacts {
  /** Without the batch dimension. */
  readonly inputShape: readonly number[];
  /** Of a model with several inputs, or of whole numbers: what a query is made of. Else it is one input of any numbers. */
  readonly inputs?: readonly ModelInput[];
  readonly outputShape: readonly number[];
  /** Multiply-adds for one query. */
  readonly macs: number;
  /** Numbers that are held at once at the worst moment, for one query (live-numbers.ts). */
  readonly activations: number;
  /** Numbers that a run holds whatever its batch. */
  readonly numbersPerRun: number;
  /** Of what a query decides, operators that jump (JUMPING); absent: none. */
  readonly jumps?: readonly string[];
}

/** The careful reader of one library's files. It runs nothing. */
export interface ModelFormat {
  /** Names of the files that the main one wants beside it. @throws ModelError where it is no main file */
  companions(main: ByteSpace): readonly string[];
  /** @returns a bundle (model-bundle.ts), of which nothing is joined yet @throws ModelError that says what was expected and what came */
  pack(main: SourceFile, others: readonly SourceFile[]): ByteSpace;
  /** @throws ModelError where something is not on the allow-list, shapes do not fit, or there is not one output */
  topologyFacts(model: UnpackedModel<ByteSpace>): TopologyFacts;
  /** In the model's own order. */
  outputs(model: UnpackedModel<ByteSpace>): readonly ModelOutput[];
  /** @returns the bundle of a model with that output alone, without what served the others alone */
  keepOutput(model: UnpackedModel<ByteSpace>, output: ModelOutput): ByteSpace;
  /** @param outputs at least two @returns the bundle of a model with one output: these one after another, each flattened */
  joinOutputs(model: UnpackedModel<ByteSpace>, outputs: readonly ModelOutput[]): ByteSpace;
}
