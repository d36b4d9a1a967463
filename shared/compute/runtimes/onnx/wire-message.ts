import { type ByteSpace, inMemory, joinedSpaces } from "../../byte-space.ts";

/** Of what is not in memory so much is read at once, and not left where it lies. */
const READ_BYTES_MAX = 4_096;

/** Writes one protobuf message, field by field. Parts are kept as they are given and joined once, at the end. */
export class WireMessage {
  private readonly parts: ByteSpace[] = [];
  private length = 0;

  integer(field: number, value: number | bigint): this {
    return this.append(varint(BigInt(field << 3))).append(varint(BigInt.asUintN(64, BigInt(value))));
  }

  float(field: number, value: number): this {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    return this.append(varint(BigInt((field << 3) | 5))).append(bytes);
  }

  bytes(field: number, value: ByteSpace): this {
    return this.append(varint(BigInt((field << 3) | 2)))
      .append(varint(BigInt(value.length)))
      .append(value.length <= READ_BYTES_MAX ? inMemory(value) : value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, value: WireMessage): this {
    this.append(varint(BigInt((field << 3) | 2))).append(varint(BigInt(value.length)));
    for (const part of value.parts) this.append(part);
    return this;
  }

  /** @returns all of it, in a buffer of its own */
  join(): Uint8Array<ArrayBuffer> {
    const joined = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      joined.set(inMemory(part), at);
      at += part.length;
    }
    return joined;
  }

  /** @returns all of it; where a part is not in memory nothing is copied yet */
  space(): ByteSpace {
    return this.parts.every((part) => part instanceof Uint8Array) ? this.join() : joinedSpaces(this.parts);
  }

  private append(part: ByteSpace): this {
    this.parts.push(part);
    this.length += part.length;
    return this;
  }
}

/** @param value below 2^64 */
function varint(value: bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}
