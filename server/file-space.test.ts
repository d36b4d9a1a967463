import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ByteSpace, blobOf, inMemory, joinedSpaces, partOf } from "../shared/compute/byte-space.ts";
import { onnxInputs, withPixels } from "../shared/compute/runtimes/onnx/edit-onnx.ts";
import { withPooling } from "../shared/compute/runtimes/onnx/pool-onnx.ts";
import { smallOnnx } from "../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { createParitabClient } from "../shared/sdk/paritab-client.ts";
import { fileSpace } from "./file-space.ts";
import { collectGarbage } from "./shell/testing/collect-garbage.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paritab-space-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function written(bytes: Uint8Array): Promise<ByteSpace> {
  const path = join(folder, "file");
  writeFileSync(path, bytes);
  return fileSpace(path);
}

/** How many bytes of it were read. */
function counted(space: ByteSpace): { space: ByteSpace; read(): number } {
  let read = 0;
  const counting: ByteSpace = {
    ...space,
    subarray(start, end) {
      read += end - start;
      return space.subarray(start, end);
    },
  };
  return { space: counting, read: () => read };
}

/** Below what the coordinator is asked about before. */
const SENT_BYTES = 63 * 1024 * 1024;
const LOOK_EACH_BYTES = 4 * 1024 * 1024;
const EDGE = 600;
const weights = (name: string) => ({
  name,
  shape: [EDGE, EDGE],
  values: Float32Array.from({ length: EDGE * EDGE }, (_, i) => (i % 251) / 251),
});
const PIXELS = { channels: 3, width: 2, height: 2, isChannelsFirst: true, scale: [1, 2, 3], shift: [0, 0, 0] } as const;

test("a small file is read, a large one stays on the disk: whole, in parts and joined with others it has its bytes", async () => {
  expect(await written(Uint8Array.of(1, 2, 3))).toEqual(Uint8Array.of(1, 2, 3));
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, i) => i % 253);
  const space = await written(bytes);
  expect(space).not.toBeInstanceOf(Uint8Array);
  const joined = joinedSpaces([Uint8Array.of(7), partOf(partOf(space, 10, 2_000_000), 5, 1_500_000), space]);
  const expected = Buffer.concat([Uint8Array.of(7), bytes.subarray(15, 1_500_010), bytes]);
  expect(expected.equals(inMemory(joined))).toBe(true);
  expect(expected.equals(Buffer.from(await blobOf(joined).arrayBuffer()))).toBe(true);
  expect(expected.equals(Buffer.from(await blobOf(partOf(joined, 0, joined.length)).arrayBuffer()))).toBe(true);
});

test("a large file is sent without being kept in memory", async () => {
  const path = join(folder, "large.onnx");
  writeFileSync(path, "");
  truncateSync(path, SENT_BYTES);
  const inMemory = () => {
    collectGarbage();
    return process.memoryUsage().arrayBuffers;
  };
  let [received, most] = [0, 0];
  const server = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => {
      const isLooked = Math.floor(received / LOOK_EACH_BYTES) < Math.floor((received + chunk.length) / LOOK_EACH_BYTES);
      received += chunk.length;
      if (isLooked) most = Math.max(most, inMemory());
    });
    request.on("end", () => response.writeHead(400).end("{}"));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  try {
    const before = inMemory();
    const { port } = server.address() as AddressInfo;
    const client = createParitabClient({ baseUrl: `http://127.0.0.1:${port}` });
    const sent = client.uploadModel([{ name: "large.onnx", data: blobOf(await fileSpace(path)) }]);
    await expect(sent).rejects.toMatchObject({ status: 400 });
    expect(received).toBeGreaterThan(SENT_BYTES);
    expect(most).toBeGreaterThan(0);
    expect(most - before).toBeLessThan(SENT_BYTES / 4);
  } finally {
    server.close();
  }
});

test("a model on the disk is changed without its weights being read, and is the one that is made in memory", async () => {
  const file = smallOnnx({
    input: { name: "x", shape: [-1, 3, 2, 2] },
    outputs: ["y"],
    nodes: [{ op: "Neg", inputs: ["x"], outputs: ["y"], attributes: {} }],
    weights: [weights("w"), weights("v")],
  });
  expect(file.length).toBeGreaterThan(2 * 4 * EDGE * EDGE);
  const { space, read } = counted(await written(file));
  expect(onnxInputs(space)).toEqual(onnxInputs(file));
  for (const changed of [
    (one: ByteSpace) => withPixels(one, "x", PIXELS),
    (one: ByteSpace) => withPooling(one, { output: "y", mask: "x", pool: "cls", layers: [] }),
  ]) {
    const expected = Buffer.from(inMemory(changed(file)));
    const made = changed(space);
    expect(read()).toBeLessThan(file.length / 10);
    expect(expected.equals(Buffer.from(await blobOf(made).arrayBuffer()))).toBe(true);
    expect(read()).toBeLessThan(file.length / 10);
  }
});
