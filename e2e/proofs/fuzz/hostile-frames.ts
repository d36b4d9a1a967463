/**
 * What strangers can put on the wire of a live coordinator, below all libraries: pieces of HTTP, and WebSocket frames with
 * packets of Engine.IO and Socket.IO in them that no client would send.
 */
import type { RandomSource } from "../../../shared/random/random.ts";

const pick = <T>(random: RandomSource, choices: readonly T[]): T => choices[random.integer(choices.length)]!;
const bytes = (random: RandomSource, count: number) =>
  Buffer.from(Array.from({ length: count }, () => random.integer(256)));

const PATHS = [
  "/",
  "/api/jobs",
  "/api/tensors",
  "/api/models",
  "/results",
  "/blobs/x",
  "/socket.io/?EIO=4&transport=websocket",
  "/%00",
  "/../..",
  "//x",
];
const METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "PRI", ""];
const HEADERS = [
  "content-length: 18446744073709551616",
  "content-length: -1",
  "content-length: 5\r\ncontent-length: 6",
  "transfer-encoding: chunked",
  "transfer-encoding: chunked, identity",
  "content-type: application/json",
  "content-type: multipart/form-data; boundary=",
  "expect: 100-continue",
  "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: x",
  "authorization: Bearer \u0000",
  "origin: null",
  "idempotency-key: __proto__",
  "x-forwarded-for: 1, 2, 3",
  `cookie: ${"a".repeat(4_000)}`,
  "host: [::1",
  ": no name",
  "a b: c",
];
const BODIES = [
  '{"__proto__":{"polluted":1}}',
  "[".repeat(30_000),
  '{"kind":"inference","constructor":{"prototype":{}}}',
  "ffffffff\r\nx",
  "0\r\n\r\n",
  "",
  '{"a":1e400}',
  "\u0000",
];

/** One request, or something like it. */
export function hostileRequest(random: RandomSource, host: string): Buffer {
  const lines = [
    `${pick(random, METHODS)} ${pick(random, PATHS)} HTTP/${pick(random, ["1.1", "1.0", "2.0", "9.9", ""])}`,
  ];
  if (random.integer(8) > 0) lines.push(`host: ${host}`);
  for (let n = random.integer(4); n > 0; n--) lines.push(pick(random, HEADERS));
  const body = random.integer(4) === 0 ? bytes(random, random.integer(2_000)) : Buffer.from(pick(random, BODIES));
  const request = Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), body]);
  return random.integer(3) === 0 ? spoilt(random, request) : request;
}

/** A few bytes of it are others. */
function spoilt(random: RandomSource, input: Buffer): Buffer {
  const changed = Buffer.from(input);
  for (let n = 1 + random.integer(8); n > 0; n--) changed[random.integer(changed.length)] = random.integer(256);
  return changed;
}

const TOKEN = "t".repeat(22);
const EVENTS = [
  "identify",
  "result",
  "failed",
  "returned",
  "availability",
  "connect",
  "disconnect",
  "error",
  "__proto__",
  "constructor",
  "newListener",
];
const ARGUMENTS = [
  "{}",
  "null",
  "[]",
  '{"available":1}',
  `{"token":"${TOKEN}"}`,
  '{"__proto__":{"polluted":1}}',
  '{"constructor":{"prototype":{"polluted":1}}}',
  `{"token":"${TOKEN}","computeMs":1,"output":{"kind":"inline","frame":{"_placeholder":true,"num":0}}}`,
  '{"_placeholder":true,"num":4294967295}',
  '{"_placeholder":true,"num":"__proto__"}',
  '{"publicKey":{"_placeholder":true,"num":-1}}',
  "1e999",
  '"\\ud800"',
];

/** The text of one Engine.IO packet. */
function hostilePacket(random: RandomSource): string {
  const event = `["${pick(random, EVENTS)}",${pick(random, ARGUMENTS)}]`;
  switch (random.integer(10)) {
    case 0:
      return pick(random, ["0", "1", "2probe", "3", "5", "6", "9", "x", ""]);
    case 1:
      return pick(random, [
        "40",
        "41",
        "44",
        "40/other,",
        '40{"token":"x"}',
        '40{"__proto__":1}',
        "42",
        "45",
        "46",
        "47",
      ]);
    case 2: // Binary events: attachments announced, and none, or fewer, or more follow.
      return `45${pick(random, ["1", "0", "2", "10000", "99999999999", "-1", "1e3", ""])}-${event}`;
    case 3: // Acknowledgements of what was never asked.
      return `43${pick(random, ["0", "1", "9007199254740993", "-1", ""])}${event}`;
    case 4:
      return `42${pick(random, ["0", "123456789012345678901234567890"])}${event}`;
    case 5:
      return `42${"[".repeat(1 + random.integer(20_000))}`;
    case 6:
      return `42${spoilt(random, Buffer.from(event)).toString("latin1")}`;
    case 7:
      return `42/${"n".repeat(random.integer(3_000))},${event}`;
    default:
      return `42${event}`;
  }
}

/** Frames to send after the upgrade, masked as clients must, or not. */
export function hostileFrames(random: RandomSource): Buffer {
  const frames = Array.from({ length: 1 + random.integer(6) }, () => {
    const isBinary = random.integer(5) === 0;
    const payload = isBinary ? bytes(random, random.integer(3_000)) : Buffer.from(hostilePacket(random), "latin1");
    const opcode = random.integer(12) === 0 ? random.integer(16) : isBinary ? 2 : 1;
    return webSocketFrame(random, opcode, payload);
  });
  const all = Buffer.concat(frames);
  return random.integer(6) === 0 ? spoilt(random, all) : all;
}

function webSocketFrame(random: RandomSource, opcode: number, payload: Buffer): Buffer {
  const isLast = random.integer(10) > 0;
  const isMasked = random.integer(20) > 0;
  const reserved = random.integer(25) === 0 ? random.integer(8) << 4 : 0;
  // A length that is a lie, now and then: up to what no memory holds.
  const announced =
    random.integer(25) === 0 ? pick(random, [2 ** 16, 2 ** 31, 2 ** 40, Number.MAX_SAFE_INTEGER]) : payload.length;
  const head = [(isLast ? 0x80 : 0) | reserved | opcode];
  const maskBit = isMasked ? 0x80 : 0;
  if (announced < 126) head.push(maskBit | announced);
  else if (announced < 65_536) head.push(maskBit | 126, announced >> 8, announced & 255);
  else {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(BigInt(announced));
    head.push(maskBit | 127, ...length);
  }
  if (!isMasked) return Buffer.concat([Buffer.from(head), payload]);
  const mask = bytes(random, 4);
  return Buffer.concat([Buffer.from(head), mask, payload.map((byte, i) => byte ^ mask[i & 3]!)]);
}
