/** Ways to hold a socket of a server and give nothing for it. */
import { randomBytes } from "node:crypto";
import type { Socket } from "node:net";

export interface SlowKind {
  readonly name: string;
  /** What it sends at once; then `drip`, again and again, where there is one. */
  readonly opening: (host: string) => Buffer;
  readonly drip: Buffer | null;
}

const request = (line: string, headers: readonly string[]) => (host: string) =>
  Buffer.from([line, `host: ${host}`, ...headers].join("\r\n"));
const END = "\r\n\r\n";
const octets = "content-type: application/octet-stream";

const upgrade = (host: string) =>
  request("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1", [
    `origin: http://${host}`,
    "connection: upgrade",
    "upgrade: websocket",
    "sec-websocket-version: 13",
    `sec-websocket-key: ${randomBytes(16).toString("base64")}${END}`,
  ])(host);
/** A text frame of 100 bytes, of which three come. */
const HALF_A_FRAME = Buffer.from([0x81, 0x80 | 100, 1, 2, 3, 4, 0x34]);

export const SLOW_KINDS: readonly SlowKind[] = [
  { name: "says nothing", opening: () => Buffer.alloc(0), drip: null },
  { name: "half a header", opening: request("GET / HTTP/1.1", ["x-slow: "]), drip: null },
  { name: "a header byte by byte", opening: request("GET / HTTP/1.1", ["x-slow: "]), drip: Buffer.from("a") },
  {
    name: "half a body",
    opening: request("POST /api/tensors HTTP/1.1", [octets, `content-length: 100000${END}half`]),
    drip: null,
  },
  {
    name: "a body byte by byte",
    opening: request("POST /api/tensors HTTP/1.1", [octets, `content-length: 100000${END}`]),
    drip: Buffer.from("a"),
  },
  {
    name: "a JSON body byte by byte",
    opening: request("POST /api/jobs HTTP/1.1", ["content-type: application/json", `content-length: 60000${END}{`]),
    drip: Buffer.from(" "),
  },
  { name: "a WebSocket that is mute", opening: upgrade, drip: null },
  {
    name: "a WebSocket with half a frame",
    opening: (host) => Buffer.concat([upgrade(host), HALF_A_FRAME]),
    drip: null,
  },
];

export interface SlowSocket {
  readonly kind: SlowKind;
  readonly socket: Socket;
  readonly openedMs: number;
  /** null: it is still held. */
  cutMs: number | null;
}
