import { expect, test } from "vitest";
import { linesOf } from "./lines.ts";

test("lines are whole, however the bytes are cut, and the last one needs no end", async () => {
  const text = "größe,β\r\n1,2\n\n3,4";
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 3, 7, 100]) {
    async function* cut() {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    const lines: string[] = [];
    for await (const line of linesOf(cut(), "f")) lines.push(line);
    expect(lines).toEqual(text.split("\n"));
  }
});
