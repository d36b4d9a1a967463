/** The field kernels in WebAssembly SIMD (assembly/), the same file in tabs and in Node. */
import { FieldError } from "../../field/field-error.ts";
import { requireLength } from "../../field/modulus.ts";
import { entryError, requireShape, requireThin } from "./field-entries.ts";
import type { FieldEntries, FieldKernels, FieldMatrix } from "./field-kernels.ts";
import { KERNELS_WASM_BASE64 } from "./wasm-binary.ts";
import { WasmHeap } from "./wasm-heap.ts";

/** What assembly/kernels.ts exports. */
interface KernelExports {
  readonly VEC_MAT_SCRATCH_BYTES: WebAssembly.Global;
  centreResidues(entries: number, count: number): number;
  areCentred(entries: number, count: number): number;
  matVecs(matrix: number, rows: number, stride: number, vectors: number, width: number, out: number): void;
  vecMat(matrix: number, rows: number, stride: number, vector: number, scratch: number, out: number): void;
}

/** @throws WebAssembly.CompileError where the machine has no SIMD or the page forbids WebAssembly */
export async function createWasmKernels(): Promise<FieldKernels> {
  const heap = new WasmHeap();
  const binary = Uint8Array.from(atob(KERNELS_WASM_BASE64), (character) => character.charCodeAt(0));
  const { instance } = await WebAssembly.instantiate(binary, { env: { memory: heap.memory } });
  const thread = new WasmThread(heap, instance.exports as unknown as KernelExports);
  return {
    backend: "wasm",
    loadMatrix: (entries, rows, columns) => thread.load(entries, rows, columns),
    dispose: () => thread.dispose(),
  };
}

class WasmThread {
  readonly #heap: WasmHeap;
  readonly #kernels: KernelExports;
  readonly #matrices = new Set<FieldMatrix>();

  constructor(heap: WasmHeap, kernels: KernelExports) {
    this.#heap = heap;
    this.#kernels = kernels;
  }

  load(entries: FieldEntries, rows: number, columns: number): FieldMatrix {
    requireShape("loadMatrix", entries, rows, columns);
    const stride = strideOf(columns);
    const pointer = this.#place("loadMatrix", entries, rows, columns, stride);
    let isHeld = true;
    const use = <T>(who: string, work: () => T): T => {
      if (!isHeld) throw new FieldError(`${who}: expected a matrix, got one that was disposed of`);
      return work();
    };
    const multiply = (who: string, thin: FieldEntries, width: number): Uint32Array =>
      use(who, () => {
        requireThin(who, thin, columns, width);
        const vectors = width === 1 ? thin : transposed(thin, columns, width);
        return this.#withPlaced(who, vectors, width, columns, stride, rows * width, (placed, out) =>
          this.#kernels.matVecs(pointer, rows, stride, placed, width, out),
        );
      });
    const matrix: FieldMatrix = {
      rows,
      columns,
      bytes: rows * stride * 4,
      matVec: async (vector) => multiply("matVec", vector, 1),
      matThin: async (thin, width) => multiply("matThin", thin, width),
      vecMat: async (vector) =>
        use("vecMat", () => {
          requireLength("vecMat", "the vector", vector.length, rows);
          return this.#combine(pointer, rows, columns, stride, vector);
        }),
      dispose: () => {
        if (isHeld) this.#heap.free(pointer);
        isHeld = false;
        this.#matrices.delete(matrix);
      },
    };
    this.#matrices.add(matrix);
    return matrix;
  }

  dispose(): void {
    for (const matrix of this.#matrices) matrix.dispose();
  }

  #combine(pointer: number, rows: number, columns: number, stride: number, vector: FieldEntries): Uint32Array {
    const scratch = this.#heap.allocate(this.#kernels.VEC_MAT_SCRATCH_BYTES.value as number);
    try {
      const out = this.#withPlaced("vecMat", vector, 1, rows, strideOf(rows), stride, (placed, to) =>
        this.#kernels.vecMat(pointer, rows, stride, placed, scratch, to),
      );
      return out.slice(0, columns);
    } finally {
      this.#heap.free(scratch);
    }
  }

  /** Runs a kernel on entries that are in memory just for it. @returns the `outLength` residues it left */
  #withPlaced(
    who: string,
    entries: FieldEntries,
    rows: number,
    columns: number,
    stride: number,
    outLength: number,
    kernel: (placed: number, out: number) => void,
  ): Uint32Array {
    const placed = this.#place(who, entries, rows, columns, stride);
    let out = 0;
    try {
      out = this.#heap.allocate(outLength * 4);
      kernel(placed, out);
      return new Uint32Array(this.#heap.memory.buffer, out, outLength).slice();
    } finally {
      this.#heap.free(placed);
      if (out !== 0) this.#heap.free(out);
    }
  }

  /** Copies rows x columns entries, zeros up to the stride, checks them and makes them centred. @returns the pointer */
  #place(who: string, entries: FieldEntries, rows: number, columns: number, stride: number): number {
    const pointer = this.#heap.allocate(rows * stride * 4);
    const memory = new Uint32Array(this.#heap.memory.buffer, pointer, rows * stride);
    // set() takes an Int32Array's bits as they are, mod 2^32.
    if (stride === columns) memory.set(entries);
    else {
      for (let r = 0; r < rows; r++) {
        memory.set(entries.subarray(r * columns, (r + 1) * columns), r * stride);
        memory.fill(0, r * stride + columns, (r + 1) * stride);
      }
    }
    const check = entries instanceof Int32Array ? this.#kernels.areCentred : this.#kernels.centreResidues;
    if (check(pointer, rows * stride) === 1) return pointer;
    this.#heap.free(pointer);
    throw entryError(who, entries);
  }
}

/** Rows begin at multiples of 16 bytes. */
function strideOf(columns: number): number {
  return Math.ceil(columns / 4) * 4;
}

/** Column after column. */
function transposed(thin: FieldEntries, rows: number, columns: number): FieldEntries {
  const vectors = thin instanceof Int32Array ? new Int32Array(thin.length) : new Uint32Array(thin.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) vectors[c * rows + r] = thin[r * columns + c]!;
  }
  return vectors;
}
