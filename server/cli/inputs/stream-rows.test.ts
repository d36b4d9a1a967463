import { describe, expect, test } from "vitest";
import { linesOf } from "../../../shared/inputs/lines.ts";
import { type StreamRow, streamRows } from "./stream-rows.ts";

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

describe("lines as queries", () => {
  async function read(text: string, inputSize: number | null, labelColumn: string | null = null) {
    const [rows, refused]: [StreamRow[], string[]] = [[], []];
    async function* bytes() {
      yield new TextEncoder().encode(text);
    }
    const refuse = (message: string) => void refused.push(message);
    for await (const row of streamRows(bytes(), { name: "f", inputSize, labelColumn, refuse })) rows.push(row);
    return { rows, refused };
  }

  test("are passed over where they are none, whatever the first one was", async () => {
    const { rows, refused } = await read("1\n1,2\n\n3,x\n4,5,6\n7,8", 2);
    expect(rows).toEqual([
      { line: 2, numbers: [1, 2], label: null },
      { line: 6, numbers: [7, 8], label: null },
    ]);
    expect(refused).toEqual([
      "f, line 1: expected 2 cells, got 1",
      'f, line 4, column 2: expected a finite number, got "x"',
      "f, line 5: expected 2 cells, got 3",
    ]);
  });

  test("are left to the coordinator where nobody knows how long they are to be", async () => {
    const { rows, refused } = await read("a,b\n1\n1,2\n", null);
    expect([rows.map(({ numbers }) => numbers), refused]).toEqual([[[1], [1, 2]], []]);
  });

  test("may have a label, which is no part of the query", async () => {
    const { rows, refused } = await read("x,label,y\n1,7,2\n3,0.5,4\n5,0,6\n", 2, "label");
    expect(rows).toEqual([
      { line: 2, numbers: [1, 2], label: 7 },
      { line: 4, numbers: [5, 6], label: 0 },
    ]);
    expect(refused).toEqual(["f, line 3: expected a whole number as label, got 0.5"]);
    await expect(read("1,2,3\n", 2, "label")).rejects.toThrow(/expected a column out of 0 to 2/);
  });
});
