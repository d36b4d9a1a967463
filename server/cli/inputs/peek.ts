/** Looks at the first bytes of a stream without taking them from whoever reads it next. */
export async function peek(
  stream: AsyncIterable<Uint8Array>,
): Promise<{ start: Uint8Array; stream: AsyncIterable<Uint8Array> }> {
  const chunks = stream[Symbol.asyncIterator]();
  const first = await chunks.next();
  const start = first.done ? new Uint8Array() : first.value;
  async function* whole() {
    if (first.done) return;
    yield start;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  return { start, stream: whole() };
}
