/**
 * Keeps values up to a total size; whatever was not used for longest goes first.
 * A value larger than the cap is kept alone: the caller has just asked for it and is about to use it.
 */
export interface ByteCappedCache<Value> {
  /** Marks the value as used. */
  get(key: string): Value | undefined;
  has(key: string): boolean;
  set(key: string, value: Value, bytes: number): void;
  /** As if something of that size came in. */
  makeRoom(bytes: number): void;
  drop(key: string): void;
  dropWhere(isMeant: (value: Value) => boolean): void;
  clear(): void;
  readonly bytes: number;
}

/** @param release is called once for every value that leaves, whether it is displaced, replaced or cleared */
export function createByteCappedCache<Value>(
  bytesMax: number,
  release: (value: Value) => void,
): ByteCappedCache<Value> {
  // A Map iterates in insertion order; re-inserting on use keeps the least recently used entry first.
  const entries = new Map<string, { value: Value; bytes: number }>();
  let total = 0;

  function drop(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    total -= entry.bytes;
    release(entry.value);
  }

  function makeRoom(bytes: number): void {
    for (const oldest of entries.keys()) {
      if (total + bytes <= bytesMax) break;
      drop(oldest);
    }
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    has: (key) => entries.has(key),
    set(key, value, bytes) {
      drop(key);
      makeRoom(bytes);
      entries.set(key, { value, bytes });
      total += bytes;
    },
    makeRoom,
    drop,
    dropWhere(isMeant) {
      for (const [key, { value }] of [...entries]) if (isMeant(value)) drop(key);
    },
    clear() {
      for (const key of [...entries.keys()]) drop(key);
    },
    get bytes() {
      return total;
    },
  };
}
