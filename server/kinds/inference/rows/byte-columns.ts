/** Bytes written one behind the other, and read again: numbers of any size as LEB128 (seven bits a byte, the lowest first). */

/** Seven bits a byte: 2^53 takes eight. */
const VARINT_BYTES_MAX = 8;

export class ColumnWriter {
  #room: Uint8Array;
  #end = 0;

  /** @param bytes that will probably do; there may be more */
  constructor(bytes: number) {
    this.#room = new Uint8Array(Math.max(16, bytes));
  }

  byte(value: number): this {
    this.#fit(1);
    this.#room[this.#end++] = value;
    return this;
  }

  /** @param value a whole number from 0 to 2^53 - 1 */
  varint(value: number): this {
    this.#fit(VARINT_BYTES_MAX);
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) this.#room[this.#end++] = (rest % 0x80) | 0x80;
    this.#room[this.#end++] = rest;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#fit(bytes.length);
    this.#room.set(bytes, this.#end);
    this.#end += bytes.length;
    return this;
  }

  /** Zeros up to a multiple of that. */
  align(to: number): this {
    const end = Math.ceil(this.#end / to) * to;
    this.#fit(end - this.#end);
    this.#end = end;
    return this;
  }

  /** @returns a view of what was written */
  written(): Uint8Array {
    return this.#room.subarray(0, this.#end);
  }

  #fit(more: number): void {
    if (this.#end + more <= this.#room.length) return;
    const room = new Uint8Array(Math.max(2 * this.#room.length, this.#end + more));
    room.set(this.#room);
    this.#room = room;
  }
}

export class ColumnReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @throws RangeError where nothing is left */
  byte(): number {
    this.has(1);
    return this.#bytes[this.#at++]!;
  }

  /** @throws RangeError where it is cut off, or above 2^53 - 1 */
  varint(): number {
    let [value, factor] = [0, 1];
    for (let n = 0; n < VARINT_BYTES_MAX; n++, factor *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80 && Number.isSafeInteger(value)) return value;
    }
    throw new RangeError("records: expected a number below 2^53, got a longer one");
  }

  /** @returns a view */
  bytes(length: number): Uint8Array {
    this.has(length);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** @returns so many bytes in a buffer of their own, so that arrays over it are aligned */
  copy(length: number): ArrayBuffer {
    return Uint8Array.from(this.bytes(length)).buffer;
  }

  align(to: number): void {
    this.bytes((to - (this.#at % to)) % to);
  }

  /** @throws RangeError where something is left */
  end(): void {
    if (this.#at < this.#bytes.length)
      throw new RangeError(`records: expected ${this.#at} bytes, got ${this.#bytes.length}`);
  }

  /** @throws RangeError where fewer bytes are left */
  has(length: number): void {
    if (this.#at + length > this.#bytes.length)
      throw new RangeError(`records: expected ${this.#at + length} bytes, got ${this.#bytes.length}`);
  }
}
