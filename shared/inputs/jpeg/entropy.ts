/** The coded part of a JPEG: Huffman codes and the bits between them (ITU-T T.81, F.2.2). */

/** Codes of so many bits at most are found in one step. */
const FAST_BITS = 9;
const CODE_BITS_MAX = 16;

export class HuffmanTable {
  /** By the next FAST_BITS bits: the code's length times 256, and its symbol; 0 where the code is longer. */
  readonly fast = new Uint16Array(1 << FAST_BITS);
  /** By length: above the last code of that length, as CODE_BITS_MAX bits; and where its symbols begin, less its first code. */
  readonly #above = new Int32Array(CODE_BITS_MAX + 2);
  readonly #shift = new Int32Array(CODE_BITS_MAX + 1);
  readonly #symbols: Uint8Array;

  /**
   * @param counts of codes of 1 to 16 bits
   * @throws Error where there is no such code
   */
  constructor(counts: Uint8Array, symbols: Uint8Array) {
    this.#symbols = symbols;
    let [code, place] = [0, 0];
    for (let bits = 1; bits <= CODE_BITS_MAX; bits++) {
      this.#shift[bits] = place - code;
      for (let i = 0; i < counts[bits - 1]!; i++, code++, place++) {
        if (bits > FAST_BITS) continue;
        const first = code << (FAST_BITS - bits);
        this.fast.fill(bits * 256 + symbols[place]!, first, first + (1 << (FAST_BITS - bits)));
      }
      if (code > 1 << bits) throw new Error("a Huffman table with more codes than there can be");
      this.#above[bits] = code << (CODE_BITS_MAX - bits);
      code <<= 1;
    }
    this.#above[CODE_BITS_MAX + 1] = Number.MAX_SAFE_INTEGER;
  }

  /** @param next the next 16 bits, which begin with a code of more than FAST_BITS. @returns as `fast` has it */
  slow(next: number): number {
    for (let bits = FAST_BITS + 1; bits <= CODE_BITS_MAX; bits++) {
      if (next >= this.#above[bits]!) continue;
      return bits * 256 + this.#symbols[(next >> (CODE_BITS_MAX - bits)) + this.#shift[bits]!]!;
    }
    throw new Error("a Huffman code that is not in its table");
  }
}

/** Reads bits, the highest first, up to the next marker. */
export class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;
  /** Zeros that were put behind the last bits: codes are looked up with more bits than they have. */
  #padding = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** @returns a symbol of the table */
  symbol(table: HuffmanTable): number {
    if (this.#count < CODE_BITS_MAX) this.#fill();
    const next = (this.#bits >>> (this.#count - CODE_BITS_MAX)) & 0xffff;
    const found = table.fast[next >> (CODE_BITS_MAX - FAST_BITS)]! || table.slow(next);
    this.#count -= found >> 8;
    return found & 0xff;
  }

  /** @param count 1 to 16 */
  bits(count: number): number {
    if (this.#count < count) this.#fill();
    this.#count -= count;
    return (this.#bits >>> this.#count) & ((1 << count) - 1);
  }

  /** A number of so many bits, whose first one says its sign (T.81, table F.1). @param count 0 to 16 */
  signed(count: number): number {
    if (count === 0) return 0;
    const value = this.bits(count);
    return value < 1 << (count - 1) ? value - (1 << count) + 1 : value;
  }

  /** @throws Error where bits were read behind the last one: the picture is cut off */
  requireWhole(): void {
    if (this.#count < this.#padding) throw new Error("it ends too soon");
  }

  /** Forgets the bits of the last byte. @returns where the next marker is */
  end(): number {
    [this.#count, this.#bits, this.#padding] = [0, 0, 0];
    while (this.#at < this.#bytes.length && !this.#isAtMarker()) this.#at++;
    return this.#at;
  }

  /** Behind a restart marker. */
  goTo(at: number): void {
    this.#at = at;
  }

  #isAtMarker(): boolean {
    const next = this.#bytes[this.#at + 1];
    return this.#bytes[this.#at] === 0xff && next !== 0 && next !== 0xff;
  }

  #fill(): void {
    while (this.#count <= 24) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined || (byte === 0xff && this.#bytes[this.#at + 1] !== 0)) {
        if (byte !== undefined && this.#bytes[this.#at + 1] === 0xff) {
          this.#at++; // Fill bytes before a marker.
          continue;
        }
        this.#bits <<= 8;
        this.#padding += 8;
      } else {
        this.#bits = (this.#bits << 8) | byte;
        this.#at += byte === 0xff ? 2 : 1;
      }
      this.#count += 8;
    }
  }
}
