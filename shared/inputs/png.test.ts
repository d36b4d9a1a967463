import { crc32 } from "node:zlib";
import { encode } from "fast-png";
import { zlibSync } from "fflate";
import { expect, test } from "vitest";
import { readPng } from "./png.ts";

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  new DataView(bytes.buffer).setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(type), 4);
  bytes.set(data, 8);
  new DataView(bytes.buffer).setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

const joined = (parts: readonly Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const HEAD_BYTES = 8 + 25;
let noise = 1;
const data = Uint8Array.from({ length: 300 * 200 * 3 }, () => {
  noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
  return noise >>> 24;
});
const png = encode({ width: 300, height: 200, channels: 3, data });

test("texts and profiles beside a picture are not unpacked", () => {
  const bomb = new Uint8Array([...Buffer.from("x\0\0"), ...zlibSync(new Uint8Array(1e6))]);
  bomb.fill(0xff, 3);
  const withProfile = joined([
    png.subarray(0, HEAD_BYTES),
    chunk("iCCP", bomb),
    chunk("zTXt", bomb),
    png.subarray(HEAD_BYTES),
  ]);
  expect(readPng(withProfile, "x.png").pixels).toEqual(data);
});

test("a picture with more pixels than its size says is refused before they are in memory, a large one is read", () => {
  expect(png.length).toBeGreaterThan(64 * 1024);
  expect(readPng(png, "x.png").pixels).toEqual(data);
  const large = zlibSync(new Uint8Array(128 * 1024 * 1024), { level: 6 });
  const small = encode({ width: 10, height: 10, channels: 3, data: new Uint8Array(300) });
  const bomb = joined([small.subarray(0, HEAD_BYTES), chunk("IDAT", large), small.subarray(-12)]);
  expect(() => readPng(bomb, "bomb.png")).toThrow(/^bomb.png: .*\(more pixels than 10 x 10\)/);
});

test("a picture whose bytes changed on their way is refused", () => {
  const changed = Uint8Array.from(png);
  changed[HEAD_BYTES + 40]! ^= 1;
  expect(() => readPng(changed, "x.png")).toThrow(/the checksum of its IDAT does not match/);
  expect(() => readPng(png.subarray(0, 1000), "x.png")).toThrow(/it ends too soon/);
});
