/**
 * Convolutions of tfjs's plain JavaScript back-end, many times as fast and the same to the last bit: each sum is taken in the same order, and
 * rounded as there after each term. Sums stay in registers (assembly/kernels.ts), where tfjs has each of them in memory.
 */
import * as tf from "#tfjs";
import { CONVOLUTION_WASM_BASE64 } from "./wasm-binary.ts";

/** Numbers of one convolution, its weights in 64 bits: a larger one is left to tfjs, for WebAssembly memory never shrinks. */
const CONVOLUTION_BYTES_MAX = 64 * 1024 * 1024;
const PAGE_BYTES = 65_536;
/** Pointers are multiples of it. */
const ALIGNMENT_BYTES = 16;

/** What assembly/kernels.ts exports. */
interface ConvolutionExports {
  readonly LANES: WebAssembly.Global;
  sumPlace(
    ...pointersAndSizes: [
      ...[x: number, xRow: number, xColumn: number, w: number, wRow: number, wColumn: number],
      ...[rows: number, columns: number, depth: number, out: number],
    ]
  ): void;
}

type KernelArguments = Parameters<tf.KernelFunc>[0];

/** What of the back-end "cpu" is used. */
interface PlainBackend {
  readSync(dataId: tf.DataId): Float32Array;
  makeTensorInfo(shape: number[], dtype: tf.DataType, values: Float32Array): tf.TensorInfo;
  disposeIntermediateTensorInfo(tensor: tf.TensorInfo): void;
}

interface ConvolutionAttributes {
  readonly strides: [number, number] | number;
  readonly pad: Parameters<typeof tf.backend_util.computeConv2DInfo>[4];
  readonly dataFormat: string;
  readonly dilations: [number, number] | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly activation?: string;
}

type Convolution = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** As kernels of their own; null: nothing follows. */
const ACTIVATIONS: Readonly<Record<string, string | null>> = { linear: null, relu: "Relu", relu6: "Relu6" };

let isQuick = false;

/** Once for the thread, where the back-end "cpu" has started. Where this machine has no such WebAssembly all stays as it is. */
export async function quickenConvolutions(): Promise<void> {
  if (isQuick) return;
  isQuick = true;
  const binary = Uint8Array.from(atob(CONVOLUTION_WASM_BASE64), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(binary)) return;
  const memory = new WebAssembly.Memory({ initial: 1 });
  const { instance } = await WebAssembly.instantiate(binary, { env: { memory } });
  const convolver = new Convolver(memory, instance.exports as unknown as ConvolutionExports);
  replaceKernel("Conv2D", (args) => convolver.convolve(args));
  replaceKernel("FusedConv2D", (args) => fused(convolver, args));
}

/** @param quick gives null for what it leaves to tfjs */
function replaceKernel(kernelName: string, quick: (args: KernelArguments) => tf.TensorInfo | null): void {
  const own = kernelOf(kernelName);
  tf.unregisterKernel(kernelName, "cpu");
  tf.registerKernel({ ...own, kernelFunc: (args) => quick(args) ?? own.kernelFunc(args) });
}

function kernelOf(kernelName: string): tf.KernelConfig {
  const own = tf.getKernel(kernelName, "cpu");
  if (own === undefined) throw new Error(`tfjs: expected the kernel ${kernelName} on cpu, got none`);
  return own;
}

/** With the bias and the activation as tfjs takes them after it. */
function fused(convolver: Convolver, args: KernelArguments): tf.TensorInfo | null {
  const backend = args.backend as PlainBackend;
  const { bias } = args.inputs;
  const activation = ACTIVATIONS[(args.attrs as unknown as ConvolutionAttributes).activation ?? "linear"];
  if (activation === undefined) return null;
  const convolved = convolver.convolve(args);
  if (convolved === null) return null;
  const then = (kernelName: string, before: tf.TensorInfo, inputs: tf.NamedTensorInfoMap) => {
    const after = kernelOf(kernelName).kernelFunc({ inputs, backend, attrs: {} }) as tf.TensorInfo;
    backend.disposeIntermediateTensorInfo(before);
    return after;
  };
  const sum = bias === undefined || bias === null ? convolved : then("Add", convolved, { a: convolved, b: bias });
  return activation === null ? sum : then(activation, sum, { x: sum });
}

class Convolver {
  readonly #memory: WebAssembly.Memory;
  readonly #exports: ConvolutionExports;
  readonly #lanes: number;

  constructor(memory: WebAssembly.Memory, exports: ConvolutionExports) {
    this.#memory = memory;
    this.#exports = exports;
    this.#lanes = exports.LANES.value as number;
  }

  /** @returns null: it is none that is computed here */
  convolve({ inputs, attrs, backend }: KernelArguments): tf.TensorInfo | null {
    const { x, filter } = inputs as { x: tf.TensorInfo; filter: tf.TensorInfo };
    const { strides, pad, dataFormat, dilations, dimRoundingMode } = attrs as unknown as ConvolutionAttributes;
    if (dataFormat !== "NHWC" || x.dtype !== "float32" || filter.dtype !== "float32") return null;
    const [xShape, filterShape] = [x.shape, filter.shape] as [number, number, number, number][];
    const of = tf.backend_util.computeConv2DInfo(xShape!, filterShape!, strides, dilations, pad, dimRoundingMode);
    const plain = backend as PlainBackend;
    const sums = this.#sums(of, plain.readSync(x.dataId), plain.readSync(filter.dataId));
    return sums && plain.makeTensorInfo(of.outShape, "float32", sums);
  }

  /** @returns null: it is too large */
  #sums(of: Convolution, x: Float32Array, filter: Float32Array): Float32Array | null {
    const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, outChannels } = of;
    const { filterHeight, filterWidth, strideHeight, strideWidth, dilationHeight, dilationWidth } = of;
    const lanes = this.#lanes;
    const terms = filterHeight * filterWidth * inChannels;
    const blocks = Math.ceil(outChannels / lanes);
    const out = ALIGNMENT_BYTES;
    const weights = out + lanes * 4;
    const numbers = weights + blocks * terms * lanes * 8;
    if (!this.#hold(numbers + x.byteLength)) return null;
    new Float32Array(this.#memory.buffer, numbers, x.length).set(x);
    pack(filter, outChannels, lanes, new Float64Array(this.#memory.buffer, weights, blocks * terms * lanes));
    const place = new Float32Array(this.#memory.buffer, out, lanes);
    const sums = new Float32Array(batchSize * outHeight * outWidth * outChannels);
    const xBytes = inChannels * 4;
    const wBytes = inChannels * lanes * 8;
    const rows = axis(outHeight, strideHeight, of.padInfo.top, dilationHeight, filterHeight, inHeight);
    const columns = axis(outWidth, strideWidth, of.padInfo.left, dilationWidth, filterWidth, inWidth);
    const [xRow, xColumn, wRow] = [dilationHeight * inWidth * xBytes, dilationWidth * xBytes, filterWidth * wBytes];
    for (let block = 0; block < blocks; block++) {
      const w = weights + block * terms * lanes * 8;
      const channel = block * lanes;
      const isWhole = channel + lanes <= outChannels;
      let at = channel;
      for (let image = 0; image < batchSize; image++) {
        for (const row of rows) {
          const xOfRow = numbers + (image * inHeight + row.from) * inWidth * xBytes;
          for (const column of columns) {
            this.#exports.sumPlace(
              ...([xOfRow + column.from * xBytes, xRow, xColumn] as const),
              ...([w + row.first * wRow + column.first * wBytes, wRow, wBytes] as const),
              ...([row.count, column.count, inChannels, out] as const),
            );
            sums.set(isWhole ? place : place.subarray(0, outChannels - channel), at);
            at += outChannels;
          }
        }
      }
    }
    return sums;
  }

  /** @returns whether there is so much memory */
  #hold(bytes: number): boolean {
    if (bytes > CONVOLUTION_BYTES_MAX) return false;
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    return true;
  }
}

/** Of each place along an axis: the filter's numbers that lie within the picture, and where the first of them lies there. */
function axis(places: number, stride: number, padding: number, dilation: number, filter: number, length: number) {
  return Array.from({ length: places }, (_, place) => {
    const start = place * stride - padding;
    const first = Math.max(0, Math.ceil(-start / dilation));
    const end = Math.min(filter, Math.ceil((length - start) / dilation));
    return { first, count: Math.max(0, end - first), from: start + first * dilation };
  });
}

/** In blocks of so many output channels, the rest of the last one zeros. @param filter term after term, outChannels each */
function pack(filter: Float32Array, outChannels: number, lanes: number, packed: Float64Array): void {
  packed.fill(0);
  for (let channel = 0, to = 0; channel < outChannels; channel += lanes) {
    const width = Math.min(lanes, outChannels - channel);
    for (let from = channel; from < filter.length; from += outChannels, to += lanes) {
      for (let lane = 0; lane < width; lane++) packed[to + lane] = filter[from + lane]!;
    }
  }
}
