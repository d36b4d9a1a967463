/** The lines of a text stream, without their newlines; isWhole: one followed it. */
export async function* wholeLinesOf(
  stream: AsyncIterable<Buffer | string>,
): AsyncGenerator<{ line: string; isWhole: boolean }> {
  const decoder = new TextDecoder("utf-8", { fatal: false });
  let rest = "";
  for await (const chunk of stream) {
    rest += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield { line, isWhole: true };
  }
  rest += decoder.decode();
  if (rest !== "") yield { line: rest, isWhole: false };
}
