import { Server } from "socket.io";
import { expect, test } from "vitest";
import { writeShortAnswer } from "../kinds/inference/short-answer.ts";
import { encodeFrame } from "./frame.ts";
import { bothPackets, type Packet, type PacketParser, shortPacket, shortPackets } from "./short-packets.ts";

const OWN = new Server()._parser as unknown as PacketParser;
const [SHORT, BOTH] = [shortPackets(OWN), bothPackets(OWN)];
/** Of Socket.IO: 2 is an event, 3 an acknowledgement. */
const event = (name: string, bytes: unknown, id?: number): Packet => ({
  ...{ type: 2, nsp: "/", data: [name, bytes] },
  ...(id === undefined ? {} : { id }),
});

/** What comes of messages as a network delivers them. */
function decoded(messages: readonly unknown[]): Packet[] {
  const decoder = new BOTH.Decoder();
  const packets: Packet[] = [];
  decoder.on("decoded", (packet) => packets.push(packet));
  for (const message of messages) decoder.add(message);
  return packets;
}

test("[PR105] an event that is bytes is one message, and comes as it went", () => {
  const encoder = new SHORT.Encoder();
  const bytes = Uint8Array.of(1, 2, 255);
  for (const packet of [
    event("next", bytes),
    event("rows", bytes),
    event("answer", bytes, 0),
    event("answer", bytes, 127),
    event("answer", bytes, 2 ** 31 - 1),
  ]) {
    const messages = encoder.encode(packet);
    expect(messages.length).toBe(1);
    expect(decoded(messages)).toEqual([packet]);
    // As browsers deliver it.
    expect(decoded([Uint8Array.from(messages[0] as Uint8Array).buffer])).toEqual([packet]);
  }
});

test("[PR105] every other packet is as Socket.IO has it, among short ones too", () => {
  const [short, plain] = [new SHORT.Encoder(), new BOTH.Encoder()];
  const bytes = Buffer.from([1, 2]);
  const others: Packet[] = [
    event("result", { output: bytes }, 3),
    event("answer", "text", 4),
    event("cancel", { token: "t" }),
    { ...event("answer", bytes, 5), nsp: "/other" },
    { type: 3, nsp: "/", data: [], id: 6 },
  ];
  for (const other of others)
    expect(short.encode(structuredClone(other))).toEqual(plain.encode(structuredClone(other)));
  const mixed = [event("next", bytes), ...others, event("answer", bytes, 7)];
  const names = decoded(mixed.flatMap((packet) => short.encode(packet))).map(({ data }) => (data as unknown[])[0]);
  expect(names).toEqual(["next", "result", "answer", "cancel", "answer", undefined, "answer"]);
});

test("[PR105] bytes that are no packet are refused", () => {
  for (const bytes of [[], [3], [0x7f], [0x80], [0x80, 0x80], [0x80, 255, 255, 255, 255, 255, 1]]) {
    expect(() => decoded([Uint8Array.from(bytes)]), String(bytes)).toThrow(/^packet: expected/);
  }
  expect(() => decoded([7])).toThrow(/expected text or bytes/);
});

test("[PR105] an answer of ten numbers a row takes at most 1.15 times its numbers from 14 rows a batch on", () => {
  /** A frame of WebSocket from a browser: its head, and the key of its mask. */
  const WEBSOCKET_BYTES = 8;
  const wireBytes = (rows: number) => {
    const outputs = { dtype: "F32", shape: [rows, 10], data: new Float32Array(rows * 10) } as const;
    const output = { kind: "inline", frame: encodeFrame({ outputs }) } as const;
    const answer = writeShortAnswer({ token: "t".repeat(22), computeMs: 100, signature: new Uint8Array(64), output });
    return WEBSOCKET_BYTES + shortPacket("answer", answer, 100)!.length;
  };
  expect(wireBytes(14) - 14 * 40).toBe(82);
  expect(wireBytes(14)).toBeLessThanOrEqual(1.15 * 14 * 40);
  expect(wireBytes(13)).toBeGreaterThan(1.15 * 13 * 40);
});
