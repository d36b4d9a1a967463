import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keptModels } from "./kept-models.ts";

const [one, other] = ["1".repeat(64), "2".repeat(64)];

/** What a browser keeps under addresses, in the order in which it came. */
class MemoryCache {
  readonly held = new Map<string, Response>();
  readonly match = async (address: string) => this.held.get(urlOf(address))?.clone();
  readonly put = async (address: string, response: Response) => void this.held.set(urlOf(address), response);
  readonly keys = async () => [...this.held.keys()].map((url) => new Request(url));
  readonly delete = async ({ url }: Request) => this.held.delete(url);
}
const urlOf = (address: string) => new URL(address, "https://here.example").href;

let cache: MemoryCache;
beforeEach(() => {
  cache = new MemoryCache();
  vi.stubGlobal("caches", { open: async () => cache });
  vi.stubGlobal("navigator", { locks: {} });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

test("[PR94] room is made of the pieces that came first", async () => {
  const kept = keptModels(10)!;
  for (const piece of [0, 1, 2]) await kept.keep(one, piece, new Uint8Array(4).fill(piece));
  expect(await kept.piece(one, 0, 4)).toBeNull();
  expect(await kept.piece(one, 1, 4)).toEqual(new Uint8Array(4).fill(1));
  await kept.keep(other, 0, new Uint8Array(10));
  expect(await kept.piece(one, 2, 4)).toBeNull();
  expect(await kept.piece(other, 0, 10)).toEqual(new Uint8Array(10));
});

test("[PR94] a model that is forgotten takes no other with it, and a piece of another length is none", async () => {
  const kept = keptModels(100)!;
  await kept.keep(one, 0, new Uint8Array(4));
  await kept.keep(other, 0, new Uint8Array(5));
  await kept.forget(one);
  expect(await kept.piece(one, 0, 4)).toBeNull();
  expect(await kept.piece(other, 0, 4)).toBeNull();
  expect(await kept.piece(other, 0, 5)).toEqual(new Uint8Array(5));
});
