/**
 * Models that this browser keeps on its disk, piece by piece: for all its tabs and jobs, and so that a download which broke off goes on
 * where it was.
 */
import { TAB_KEPT_MODELS_BYTES_MAX } from "../../shared/protocol/limits.ts";

/** The service worker, which forgets older shells, leaves it alone. */
const KEPT_MODELS_CACHE = "paritab-models";

export interface KeptModels {
  piece(sha256: string, piece: number, bytes: number): Promise<Uint8Array | null>;
  /** What finds no room is not kept; nobody hears of it. */
  keep(sha256: string, piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  forget(sha256: string): Promise<void>;
  /** One at a time of all tabs of this browser, for each model. */
  alone<T>(sha256: string, signal: AbortSignal, work: () => Promise<T>): Promise<T>;
}

/** @returns null where this place has no such storage: outside of browsers, or of https */
export function keptModels(bytesMax = TAB_KEPT_MODELS_BYTES_MAX): KeptModels | null {
  const { caches, navigator } = globalThis as Partial<typeof globalThis>;
  if (caches === undefined || navigator?.locks === undefined) return null;
  const { locks } = navigator;
  const opened = () => caches.open(KEPT_MODELS_CACHE);

  return {
    async piece(sha256, piece, bytes) {
      try {
        const kept = await (await opened()).match(addressOf(sha256, piece, bytes));
        return kept === undefined ? null : new Uint8Array(await kept.arrayBuffer());
      } catch {
        return null;
      }
    },
    async keep(sha256, piece, bytes) {
      try {
        const cache = await opened();
        await makeRoom(cache, bytesMax - bytes.length);
        await cache.put(addressOf(sha256, piece, bytes.length), new Response(bytes));
      } catch {
        // A full disk, or a browser that keeps nothing: the model is fetched again another time.
      }
    },
    async forget(sha256) {
      try {
        const cache = await opened();
        const mine = (await cache.keys()).filter(({ url }) => new URL(url).pathname.startsWith(folderOf(sha256)));
        await Promise.all(mine.map((request) => cache.delete(request)));
      } catch {
        // What cannot be read cannot be wrong either.
      }
    },
    alone: (sha256, signal, work) => locks.request(`paritab-model-${sha256}`, { signal }, work) as Promise<never>,
  };
}

/** No page or file has such an address. */
const folderOf = (sha256: string) => `/kept-models/${sha256}/`;
/** It says how large the piece is: room is made at each one that comes, and to open all that is kept would take longer than it. */
const addressOf = (sha256: string, piece: number, bytes: number) => `${folderOf(sha256)}${piece}/${bytes}`;
const bytesOf = ({ url }: Request) => Number(url.split("/").at(-1));

/** Keys stand in the order in which they were put in. */
async function makeRoom(cache: Cache, bytesMax: number): Promise<void> {
  const pieces = await cache.keys();
  let total = pieces.reduce((sum, piece) => sum + bytesOf(piece), 0);
  for (const piece of pieces) {
    if (total <= bytesMax) break;
    await cache.delete(piece);
    total -= bytesOf(piece);
  }
}
