import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { piecesOf } from "../../shared/protocol/blob-pieces.ts";
import { MODEL_IN_PIECES_BYTES_MIN, TAB_TRANSFER_TRIES_MAX } from "../../shared/protocol/limits.ts";
import type { BlobTransfer } from "./blobs.ts";
import { fetchModel } from "./fetch-model.ts";
import type { KeptModels } from "./kept-models.ts";

const bytes = new Uint8Array(randomBytes(MODEL_IN_PIECES_BYTES_MIN + 100));
const model = { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.length };
const pieces = piecesOf(bytes.length);

let server: Server;
let asked: number[];
/** The piece whose connection ends in its middle, and how often. */
let broken: number | null;
let breaks: number;
let moved: number;

beforeEach(async () => {
  [asked, broken, breaks, moved] = [[], null, Number.POSITIVE_INFINITY, 0];
  server = createServer((request, response) => {
    const piece = Number(request.url!.split("/").at(-1));
    asked.push(piece);
    const { start, end } = pieces[piece]!;
    response.setHeader("content-length", end - start);
    if (piece !== broken || breaks-- <= 0) return void response.end(bytes.subarray(start, end));
    response.write(bytes.subarray(start, start + 1_000), () => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
});
afterEach(() => new Promise((closed) => server.close(closed)));

const transfer = (signal = new AbortController().signal): BlobTransfer => ({
  origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  token: "t",
  signal,
  onMoved: (count) => {
    moved += count;
  },
});

/** What a browser's disk does, in memory. */
function disk() {
  const held = new Map<string, Uint8Array>();
  const models: KeptModels = {
    piece: async (sha256, piece) => held.get(`${sha256}/${piece}`) ?? null,
    keep: async (sha256, piece, bytes) => void held.set(`${sha256}/${piece}`, bytes),
    forget: async (sha256) => {
      for (const name of [...held.keys()]) if (name.startsWith(sha256)) held.delete(name);
    },
    alone: (_sha256, _signal, work) => work(),
  };
  return { held, models };
}

const all = [...pieces.keys()];

test("[PR94] a model that breaks off is fetched on from there, and not at all by the next job", async () => {
  const { models } = disk();
  broken = 2;
  await expect(fetchModel(model, transfer(), models)).rejects.toThrow();
  expect(asked).toEqual([0, 1, ...Array.from({ length: TAB_TRANSFER_TRIES_MAX }, () => 2)]);
  [asked, broken] = [[], null];
  expect(Buffer.from(await fetchModel(model, transfer(), models)).equals(bytes)).toBe(true);
  expect(asked).toEqual(all.slice(2));
  expect(moved).toBe(bytes.length);
  asked = [];
  expect(Buffer.from(await fetchModel(model, transfer(), models)).equals(bytes)).toBe(true);
  expect(asked).toEqual([]);
});

test("[PR94] a connection that breaks off once is tried again, and fails nothing", async () => {
  [broken, breaks] = [2, 1];
  const { models } = disk();
  expect(Buffer.from(await fetchModel(model, transfer(), models)).equals(bytes)).toBe(true);
  expect(asked).toEqual([0, 1, 2, ...all.slice(2)]);
  expect(moved).toBe(bytes.length);
});

test("[PR94] pieces that spoilt on the disk are forgotten, and all are fetched once more", async () => {
  const { held, models } = disk();
  await fetchModel(model, transfer(), models);
  held.set(`${model.sha256}/1`, new Uint8Array(pieces[1]!.end - pieces[1]!.start));
  asked = [];
  expect(Buffer.from(await fetchModel(model, transfer(), models)).equals(bytes)).toBe(true);
  expect(asked).toEqual(all);
  // One of another length is none.
  held.set(`${model.sha256}/1`, new Uint8Array(3));
  asked = [];
  await fetchModel(model, transfer(), models);
  expect(asked).toEqual([1]);
});

test("[PR94] other bytes than were named are no model, with a disk and without", async () => {
  const other = { ...model, sha256: "0".repeat(64) };
  await expect(fetchModel(other, transfer(), null)).rejects.toThrow("expected sha-256 0000");
  const { held, models } = disk();
  await expect(fetchModel(other, transfer(), models)).rejects.toThrow("expected sha-256 0000");
  expect(held.size).toBe(0);
  // Once each: what came anew is not fetched again.
  expect(asked).toEqual([...all, ...all]);
});

test("[PR94] what is no longer needed ends between two pieces", async () => {
  const gone = new AbortController();
  const { models } = disk();
  const stopping: KeptModels = {
    ...models,
    async keep(...kept) {
      await models.keep(...kept);
      gone.abort(new Error("no longer needed"));
    },
  };
  await expect(fetchModel(model, transfer(gone.signal), stopping)).rejects.toThrow("no longer needed");
  expect(asked).toEqual([0]);
});
