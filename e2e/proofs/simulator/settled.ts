/** Everything that waits for nothing but its turn has had it, and so has what asked for one more turn in it (large things go in pieces). */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}
