/**
 * Server-sent events out of the pieces of a response, as far as a coordinator uses them: a name and data. Own code, for this
 * library is to need nothing but `fetch`.
 */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** An event that is cut off in the middle is none. */
export async function* serverEvents(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent, void, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of pieces) {
    text += decoder.decode(piece, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop()!;
    for (const block of blocks) {
      const fields = block.split("\n").map(fieldOf);
      const data = fields.filter(([name]) => name === "data").map(([, value]) => value);
      // Lines that begin with a colon keep the connection open, and say nothing.
      if (data.length === 0) continue;
      yield { event: fields.findLast(([name]) => name === "event")?.[1] ?? "message", data: data.join("\n") };
    }
  }
}

function fieldOf(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}
