/**
 * SHA-256 (FIPS 180-4), at once and the same in a browser and in Node: trees of millions of small leaves are hashed, and the
 * browser's own digest is a promise each.
 */

const BLOCK_BYTES = 64;
export const DIGEST_BYTES = 32;

interface Constants {
  /** The first 32 bits of the fractional parts of the cube roots of the first 64 primes (section 4.2.2). */
  readonly ofRounds: Int32Array;
  /** The same of the square roots of the first 8 (section 5.3.3). */
  readonly start: Int32Array;
}
let known: Constants | null = null;

/** Made with the first instance: they take some milliseconds, which no page has to spare while it is opened. */
function constants(): Constants {
  known ??= { ofRounds: fractionsOfRoots(64, 3), start: fractionsOfRoots(8, 2) };
  return known;
}

/** First 32 bits of the fractional parts of the roots of the first primes, in whole numbers: floats hold too few bits. */
function fractionsOfRoots(count: number, degree: number): Int32Array {
  const words = new Int32Array(count);
  let found = 0;
  for (let candidate = 2; found < count; candidate++) {
    if (isPrime(candidate))
      words[found++] = Number(rootOf(BigInt(candidate) << BigInt(32 * degree), degree) & 0xffff_ffffn) | 0;
  }
  return words;
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false;
  return true;
}

/** The whole part of the root. */
function rootOf(value: bigint, degree: number): bigint {
  let [low, high] = [0n, 1n << 40n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** BigInt(degree) <= value) low = middle;
    else high = middle;
  }
  return low;
}

/** Takes bytes in pieces. One instance may be used again after each digest. */
export class Sha256 {
  readonly #constants = constants();
  readonly #state = Int32Array.from(this.#constants.start);
  readonly #block = new Uint8Array(BLOCK_BYTES);
  readonly #lengthView = new DataView(this.#block.buffer);
  readonly #words = new Int32Array(64);
  #filled = 0;
  #bytes = 0;

  update(bytes: Uint8Array): this {
    this.#bytes += bytes.length;
    let taken = 0;
    if (this.#filled > 0) {
      taken = Math.min(bytes.length, BLOCK_BYTES - this.#filled);
      this.#block.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), this.#filled);
      this.#filled += taken;
      if (this.#filled < BLOCK_BYTES) return this;
      this.#compress(this.#block, 0);
      this.#filled = 0;
    }
    for (; taken + BLOCK_BYTES <= bytes.length; taken += BLOCK_BYTES) this.#compress(bytes, taken);
    if (taken < bytes.length) {
      this.#block.set(taken === 0 ? bytes : bytes.subarray(taken), 0);
      this.#filled = bytes.length - taken;
    }
    return this;
  }

  /** @returns 32 bytes of its own; the instance begins anew */
  digest(): Uint8Array<ArrayBuffer> {
    const digest = new Uint8Array(DIGEST_BYTES);
    this.digestInto(digest, 0);
    return digest;
  }

  /** The same, written to a place of other bytes. */
  digestInto(into: Uint8Array, at: number): void {
    const block = this.#block;
    block[this.#filled++] = 0x80;
    if (this.#filled > BLOCK_BYTES - 8) {
      block.fill(0, this.#filled);
      this.#compress(block, 0);
      this.#filled = 0;
    }
    block.fill(0, this.#filled, BLOCK_BYTES - 8);
    const view = this.#lengthView;
    view.setUint32(BLOCK_BYTES - 8, Math.floor(this.#bytes / 2 ** 29));
    view.setUint32(BLOCK_BYTES - 4, (this.#bytes * 8) >>> 0);
    this.#compress(block, 0);
    for (let place = 0; place < 8; place++) {
      const [word, from] = [this.#state[place]!, at + 4 * place];
      into[from] = word >>> 24;
      into[from + 1] = word >>> 16;
      into[from + 2] = word >>> 8;
      into[from + 3] = word;
      this.#state[place] = this.#constants.start[place]!;
    }
    this.#filled = 0;
    this.#bytes = 0;
  }

  /** Section 6.2.2. */
  #compress(bytes: Uint8Array, at: number): void {
    const words = this.#words;
    const state = this.#state;
    for (let t = 0; t < 16; t++) {
      const i = at + 4 * t;
      words[t] = (bytes[i]! << 24) | (bytes[i + 1]! << 16) | (bytes[i + 2]! << 8) | bytes[i + 3]!;
    }
    for (let t = 16; t < 64; t++) {
      const x = words[t - 15]!;
      const y = words[t - 2]!;
      const small0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const small1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      words[t] = (words[t - 16]! + small0 + words[t - 7]! + small1) | 0;
    }
    const { ofRounds } = this.#constants;
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    let e = state[4]!;
    let f = state[5]!;
    let g = state[6]!;
    let h = state[7]!;
    for (let t = 0; t < 64; t++) {
      const large1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const first = (h + large1 + ((e & f) ^ (~e & g)) + ofRounds[t]! + words[t]!) | 0;
      const large0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const second = (large0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + first) | 0;
      d = c;
      c = b;
      b = a;
      a = (first + second) | 0;
    }
    state[0] = (state[0]! + a) | 0;
    state[1] = (state[1]! + b) | 0;
    state[2] = (state[2]! + c) | 0;
    state[3] = (state[3]! + d) | 0;
    state[4] = (state[4]! + e) | 0;
    state[5] = (state[5]! + f) | 0;
    state[6] = (state[6]! + g) | 0;
    state[7] = (state[7]! + h) | 0;
  }
}

/** Small texts are hashed by the million: an instance each would cost as much as its hash. */
const once = new Sha256();

/** @returns 32 bytes */
export function digestOf(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  for (const part of parts) once.update(part);
  return once.digest();
}

/** Writes the 32 bytes of the SHA-256 of some bytes to a place of others. */
export type DigestInto = (bytes: Uint8Array, into: Uint8Array, at: number) => void;

export const digestInto: DigestInto = (bytes, into, at) => once.update(bytes).digestInto(into, at);

/** HMAC (RFC 2104) with SHA-256. @param key of at most 64 bytes. @returns 32 bytes */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  if (key.length > BLOCK_BYTES)
    throw new RangeError(`hmacSha256: expected a key of at most 64 bytes, got ${key.length}`);
  const padded = (fill: number) => Uint8Array.from({ length: BLOCK_BYTES }, (_, i) => (key[i] ?? 0) ^ fill);
  return digestOf(padded(0x5c), digestOf(padded(0x36), message));
}
