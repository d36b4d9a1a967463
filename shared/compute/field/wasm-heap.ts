/**
 * Memory of one WebAssembly instance: first fit, freed neighbours are joined. One instance serves all matrices of a thread,
 * for a browser gives a process only about a hundred. WebAssembly memory never shrinks; what is freed is used again.
 */
import { FieldError } from "../../field/field-error.ts";

const PAGE_BYTES = 65_536;
/** 4 GiB less a page: pointers have 32 bits, and the end of an array must still be one. */
const PAGES_MAX = 65_535;
/** Kernels load 16 bytes at a time. */
const ALIGNMENT_BYTES = 16;

interface Gap {
  start: number;
  end: number;
}

export class WasmHeap {
  readonly memory: WebAssembly.Memory;
  /** Ascending, none touching the next. */
  readonly #gaps: Gap[] = [];
  readonly #lengths = new Map<number, number>();
  /** From here on nothing was ever given out. Pointer 0 is never given. */
  #end = ALIGNMENT_BYTES;

  constructor() {
    this.memory = new WebAssembly.Memory({ initial: 1 });
  }

  /** Bytes given out and not freed. */
  get heldBytes(): number {
    return [...this.#lengths.values()].reduce((sum, length) => sum + length, 0);
  }

  /**
   * Memory views made before may be dead after this: growing moves the buffer.
   * @returns a pointer aligned to 16 bytes
   * @throws FieldError where neither the machine nor the 4 GiB of WebAssembly have so much
   */
  allocate(byteLength: number): number {
    const length = Math.ceil(Math.max(byteLength, 1) / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    const at = this.#gaps.findIndex(({ start, end }) => end - start >= length);
    const gap = this.#gaps[at];
    const start = gap?.start ?? this.#end;
    if (gap === undefined) this.#extend(length);
    else if (gap.end - gap.start === length) this.#gaps.splice(at, 1);
    else gap.start += length;
    this.#lengths.set(start, length);
    return start;
  }

  /** @throws FieldError where the pointer is not held */
  free(pointer: number): void {
    const length = this.#lengths.get(pointer);
    if (length === undefined) throw new FieldError(`free: expected a pointer that is held, got ${pointer}`);
    this.#lengths.delete(pointer);
    const after = this.#gaps.findIndex(({ start }) => start > pointer);
    this.#gaps.splice(after < 0 ? this.#gaps.length : after, 0, { start: pointer, end: pointer + length });
    for (let i = this.#gaps.length - 1; i > 0; i--) {
      const [left, right] = [this.#gaps[i - 1]!, this.#gaps[i]!];
      if (left.end === right.start) {
        left.end = right.end;
        this.#gaps.splice(i, 1);
      }
    }
    const last = this.#gaps.at(-1);
    if (last?.end === this.#end) {
      this.#gaps.pop();
      this.#end = last.start;
    }
  }

  #extend(length: number): void {
    const end = this.#end + length;
    const missing = Math.ceil(end / PAGE_BYTES) - this.memory.buffer.byteLength / PAGE_BYTES;
    if (end > PAGES_MAX * PAGE_BYTES) throw new FieldError(`allocate: expected at most 4 GiB in all, got ${end} bytes`);
    if (missing > 0) {
      try {
        this.memory.grow(missing);
      } catch (error) {
        throw new FieldError(`allocate: expected ${length} bytes of memory, got none`, { cause: error });
      }
    }
    this.#end = end;
  }
}
