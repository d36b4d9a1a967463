import { describe, expect, test } from "vitest";
import { CsvReader } from "./csv.ts";
import { linesOf } from "./lines.ts";
import { type StreamRow, streamRows } from "./stream-rows.ts";
import { tableOf } from "./table.ts";

describe("CSV", () => {
  test("rows of numbers become one array, with or without a header", () => {
    const plain = tableOf("1,2\n3,4\n", "f", null);
    expect(plain).toEqual({
      features: { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      labels: null,
    });
    for (const text of [
      "a,b\n1,2\n3,4",
      '"a","b"\r\n1,2\r\n\r\n3,4\r\n',
      "\uFEFFa;b\n1;2\n3;4\n",
      "a\tb\n 1\t2 \n3\t4",
    ]) {
      expect(tableOf(text, "f", null)).toEqual(plain);
    }
  });

  test("exponents and signs are numbers; a comma in quotes belongs to its cell", () => {
    expect([...tableOf("-1e-3,+2,.5\n", "f", null).features.data]).toEqual([Math.fround(-1e-3), 2, 0.5]);
    expect(tableOf('"a, b","c ""d"""\n1,2\n', "f", 'c "d"').labels!.data).toEqual(Int32Array.of(2));
  });

  test("labels are one column, by name or place, and leave the rows", () => {
    for (const column of ["label", "1"]) {
      const { features, labels } = tableOf("x,label,y\n1,7,2\n3,0,4\n", "f", column);
      expect([...features.data]).toEqual([1, 2, 3, 4]);
      expect(labels).toEqual({ dtype: "I32", shape: [2], data: Int32Array.of(7, 0) });
    }
  });

  const bad: [text: string, column: string | null, message: RegExp][] = [
    ["", null, /^f: expected rows of numbers, got none/],
    ["a,b\n", null, /^f: expected rows of numbers, got none/],
    ["1,2\n3\n", null, /^f, line 2: expected 2 cells, as in the first line, got 1/],
    ["1,2\n3,x\n", null, /^f, line 2, column 2: expected a finite number, got "x"/],
    ["1,2\n3,\n", null, /^f, line 2, column 2: expected a finite number, got ""/],
    ["1,2\n3,Infinity\n", null, /^f, line 2, column 2: expected a finite number, got "Infinity"/],
    ["a,b\nc,d\n", null, /^f, line 2, column 1: expected a finite number, got "c"/],
    ["a,b\n1,2\n", "c", /^f: expected a column out of a, b, got "c"/],
    ["1,2\n", "2", /^f: expected a column out of 0 to 1 \(there is no header\), got "2"/],
    ["a,b\n1,2.5\n", "b", /^f, row 1: expected a whole number as label, got 2.5/],
  ];
  test.each(bad)("%j is refused by line and cell", (text, column, message) => {
    expect(() => tableOf(text, "f", column)).toThrow(message);
  });
});

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

test("a reader tells the columns once it has seen a line", () => {
  const reader = new CsvReader("f");
  expect(reader.columns).toBeNull();
  expect(reader.read("a,b")).toBeNull();
  expect(reader.columns).toEqual({ names: ["a", "b"], count: 2 });
  expect(reader.read("1,2")).toEqual([1, 2]);
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
