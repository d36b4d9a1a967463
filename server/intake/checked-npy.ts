/** A `.npy` file on its way to the disk: looked at piece by piece, and passed on as it is. */
import { TENSOR_BYTES_MAX, TENSOR_FILE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { NpyError, type NpyHeader, readNpyHeader, requireNpyBytes } from "../../shared/protocol/npy.ts";

/** More than this is no header, whatever it says. */
const HEADER_ROOM_BYTES = 64 * 1024;
/** Types that large files are read in, row by row, as they lie there. */
const READ_AS_STORED: readonly NpyHeader["dtype"][] = ["U8", "U16", "F32"];
const NUMPY_NAMES = "uint8, uint16 or float32";

/** A file that is no array of finite numbers, or larger than is taken. */
export class UnfitTensor extends Error {
  override readonly name = "UnfitTensor";
  readonly isTooLarge: boolean;
  constructor(message: string, isTooLarge = false) {
    super(message);
    this.isTooLarge = isTooLarge;
  }
}

/**
 * @param announced bytes of the whole file; null: its sender does not say
 * @param onHeader is told what it is, once
 * @returns the same bytes
 * @throws UnfitTensor where it is no array of finite numbers with exactly its bytes
 */
export async function* checkedNpy(
  chunks: AsyncIterable<Uint8Array>,
  announced: number | null,
  onHeader: (header: NpyHeader) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const bytesMax = announced === null ? TENSOR_BYTES_MAX : TENSOR_FILE_BYTES_MAX;
  let total = 0;
  let begun: Uint8Array = new Uint8Array();
  let header: NpyHeader | null = null;
  let numbers: FiniteNumbers | null = null;
  for await (const chunk of chunks) {
    total += chunk.length;
    if (total > bytesMax) throw tooManyBytes(announced, bytesMax);
    if (header !== null) {
      numbers?.look(chunk);
      yield chunk;
      continue;
    }
    begun = begun.length === 0 ? chunk : Buffer.concat([begun, chunk]);
    header = said(() => readNpyHeader(begun));
    if (header === null && begun.length > HEADER_ROOM_BYTES) throw new UnfitTensor("npy: expected a header, got none");
    if (header === null) continue;
    requireFit(header, announced);
    onHeader(header);
    numbers = FiniteNumbers.of(header);
    numbers?.look(begun.subarray(header.dataStart));
    yield begun;
  }
  if (header === null) throw new UnfitTensor(`npy: expected a whole header, got ${begun.length} bytes`);
  const read = header;
  said(() => requireNpyBytes(read, total - read.dataStart));
}

function said<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof NpyError) throw new UnfitTensor(error.message);
    throw error;
  }
}

function tooManyBytes(announced: number | null, bytesMax: number): UnfitTensor {
  const advice = announced === null ? ", because its length was not announced: send content-length" : "";
  return new UnfitTensor(`body: expected at most ${bytesMax} bytes${advice}`, true);
}

function requireFit(header: NpyHeader, announced: number | null): void {
  const { shape, count, width, dtype, dataStart, isBigEndian, isFortran } = header;
  if (count === 0) {
    throw new UnfitTensor(`npy: expected at least one element, got shape (${shape.join(", ")})`);
  }
  if (announced !== null) said(() => requireNpyBytes(header, announced - dataStart));
  if (count * width <= TENSOR_BYTES_MAX || (READ_AS_STORED.includes(dtype) && !isBigEndian && !isFortran)) return;
  const order = isFortran ? "column by column" : isBigEndian ? "big-endian" : dtype;
  throw new UnfitTensor(
    `npy: expected at most ${TENSOR_BYTES_MAX} bytes, or ${NUMPY_NAMES} row by row and little-endian, got ${count * width} bytes, ${order}; ` +
      'convert it with numpy.ascontiguousarray(array, "<f4")',
    true,
  );
}

/** Looks at floats as they come by, which are cut anywhere. */
class FiniteNumbers {
  readonly #header: NpyHeader;
  /** Bytes of an element whose end is still to come. */
  #rest: Uint8Array = new Uint8Array();
  #seen = 0;

  /** null: whole numbers are always finite. */
  static of(header: NpyHeader): FiniteNumbers | null {
    return header.dtype === "F32" || header.dtype === "F64" ? new FiniteNumbers(header) : null;
  }

  private constructor(header: NpyHeader) {
    this.#header = header;
  }

  look(chunk: Uint8Array): void {
    const { width } = this.#header;
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const whole = bytes.length - (bytes.length % width);
    const view = new DataView(bytes.buffer, bytes.byteOffset, whole);
    if (width === 4) this.#look32(view);
    else this.#look64(view);
    this.#seen += whole / width;
    this.#rest = bytes.slice(whole);
  }

  #look32(view: DataView): void {
    const isLittle = !this.#header.isBigEndian;
    for (let at = 0; at < view.byteLength; at += 4) {
      if ((view.getUint32(at, isLittle) & 0x7f80_0000) === 0x7f80_0000)
        this.#refuse(at / 4, view.getFloat32(at, isLittle));
    }
  }

  #look64(view: DataView): void {
    const isLittle = !this.#header.isBigEndian;
    const high = isLittle ? 4 : 0;
    for (let at = 0; at < view.byteLength; at += 8) {
      if ((view.getUint32(at + high, isLittle) & 0x7ff0_0000) === 0x7ff0_0000)
        this.#refuse(at / 8, view.getFloat64(at, isLittle));
    }
  }

  #refuse(place: number, value: number): never {
    const { shape, isFortran } = this.#header;
    const where = indexOf(this.#seen + place, shape, isFortran).join(", ");
    throw new UnfitTensor(`npy: expected finite numbers, got ${value} first at index [${where}]`);
  }
}

/** Of the i-th element as it lies in the file. */
function indexOf(i: number, shape: readonly number[], isFortran: boolean): number[] {
  const index: number[] = [];
  let left = i;
  for (const size of isFortran ? shape : [...shape].reverse()) {
    index.push(left % size);
    left = Math.floor(left / size);
  }
  return isFortran ? index : index.reverse();
}
