/**
 * [PR105] Socket.IO writes an event that is bytes as two messages: words about it, some 50 bytes, then the bytes. Batches, their answers and rows that
 * are handed over before are such events, many and small, so they travel as one message of bytes: which event it is, the number under which it is to
 * be acknowledged, and the bytes. Every other packet is as Socket.IO has it, and a client that knows nothing of these still sends and gets the long form.
 */

/** As Socket.IO has it between its own parts. */
export interface Packet {
  readonly type: number;
  readonly nsp: string;
  readonly data?: unknown;
  readonly id?: number;
}

/** Socket.IO's own encoder and decoder, which come with its sockets: to ask for their package would be one more of ours. */
export interface PacketParser {
  readonly Encoder: new () => { encode(packet: Packet): unknown[] };
  readonly Decoder: new () => {
    add(message: unknown): void;
    on(name: "decoded", hear: (packet: Packet) => void): unknown;
    emit(name: "decoded", packet: Packet): unknown;
  };
}

/** Socket.IO's number of an event. */
const EVENT = 2;
/** By their codes. One that is to be acknowledged has its code and ACKNOWLEDGED, and then the number as a varint. */
const EVENTS: readonly string[] = ["answer", "next", "rows"];
const ACKNOWLEDGED = 0x80;
const VARINT_MAX = 2 ** 31;
const NAMESPACE = "/";

/** Said by a client when it connects: it reads such messages. */
export const SHORT_PACKETS_QUERY = "short";

/** @param id null: it is not to be acknowledged. @returns null: it is no such event, and travels as any other */
export function shortPacket(name: unknown, bytes: unknown, id: number | null = null): Uint8Array<ArrayBuffer> | null {
  const code = EVENTS.indexOf(name as string);
  if (code < 0 || !(bytes instanceof Uint8Array)) return null;
  const head = [id === null ? code : code | ACKNOWLEDGED];
  if (id !== null) {
    if (id >= VARINT_MAX) return null;
    for (let rest = id; ; rest >>>= 7) {
      head.push(rest > 0x7f ? (rest & 0x7f) | 0x80 : rest);
      if (rest <= 0x7f) break;
    }
  }
  const packet = new Uint8Array(head.length + bytes.length);
  packet.set(head);
  packet.set(bytes, head.length);
  return packet;
}

/** @throws Error where it is no such message */
function readShortPacket(packet: Uint8Array): Packet {
  const code = (packet[0] ?? 0xff) & ~ACKNOWLEDGED;
  const name = EVENTS[code];
  if (name === undefined) throw new Error(`packet: expected a code below ${EVENTS.length}, got ${code}`);
  if ((packet[0]! & ACKNOWLEDGED) === 0) return packetOf(name, packet.subarray(1));
  let id = 0;
  for (let at = 1, shift = 0; at < packet.length && shift < 31; at++, shift += 7) {
    id += (packet[at]! & 0x7f) * 2 ** shift;
    if (packet[at]! <= 0x7f) return { ...packetOf(name, packet.subarray(at + 1)), id };
  }
  throw new Error("packet: expected the number of its acknowledgement, got none");
}

const packetOf = (name: string, bytes: Uint8Array): Packet => ({
  type: EVENT,
  nsp: NAMESPACE,
  data: [name, bytes],
});

/** Of a tab's socket. @param own Socket.IO's */
export function shortPackets(own: PacketParser): PacketParser {
  class Encoder extends own.Encoder {
    override encode(packet: Packet): unknown[] {
      const { type, nsp, id, data } = packet;
      const isEvent = type === EVENT && nsp === NAMESPACE && Array.isArray(data) && data.length === 2;
      const short = isEvent ? shortPacket(data[0], data[1], id ?? null) : null;
      return short === null ? super.encode(packet) : [short];
    }
  }
  return { ...bothPackets(own), Encoder };
}

/** Of the coordinator's, which reads both, and writes short ones only to clients that say so. @param own Socket.IO's */
export function bothPackets(own: PacketParser): PacketParser {
  class Decoder extends own.Decoder {
    /** Messages of bytes that belong to the words before them. */
    #attachments = 0;

    override add(message: unknown): void {
      if (typeof message === "string") {
        super.add(message);
        this.#attachments = Number(/^[56](\d+)-/.exec(message)?.[1] ?? 0);
      } else if (this.#attachments > 0) {
        this.#attachments--;
        super.add(message);
      } else {
        const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
        if (!(bytes instanceof Uint8Array)) throw new Error("packet: expected text or bytes, got something else");
        this.emit("decoded", readShortPacket(bytes));
      }
    }
  }
  return { Encoder: own.Encoder, Decoder };
}
