import { describe, expect, test } from "vitest";
import { CsvReader } from "./csv.ts";
import { tableOf } from "./table.ts";

describe("CSV", () => {
  test("rows of numbers become one array, with or without a header", () => {
    const plain = tableOf("1,2\n3,4\n", "f", null);
    expect(plain).toEqual({
      features: { dtype: "F32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      columnNames: null,
      labels: null,
      notes: [],
    });
    for (const text of [
      "a,b\n1,2\n3,4",
      '"a","b"\r\n1,2\r\n\r\n3,4\r\n',
      "\uFEFFa;b\n1;2\n3;4\n",
      "a\tb\n 1\t2 \n3\t4",
    ]) {
      expect(tableOf(text, "f", null)).toEqual({ ...plain, columnNames: ["a", "b"] });
    }
    expect(tableOf("a,b,c\n1,2,3\n", "f", "b").columnNames).toEqual(["a", "c"]);
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

test("a reader tells the columns once it has seen a line", () => {
  const reader = new CsvReader("f");
  expect(reader.columns).toBeNull();
  expect(reader.read("a,b")).toBeNull();
  expect(reader.columns).toEqual({ names: ["a", "b"], count: 2 });
  expect(reader.read("1,2")).toEqual([1, 2]);
});

test("numbers are wide, and labels any, where that is asked for", () => {
  const text = "x,y\n16777217,0.5\n3,4\n";
  const { features, labels } = tableOf(text, "f", "y", { isWide: true, anyLabels: true });
  expect(features).toEqual({ dtype: "F64", shape: [2, 1], data: Float64Array.of(16_777_217, 3) });
  expect(labels).toEqual({ dtype: "F64", shape: [2], data: Float64Array.of(0.5, 4) });
  expect(tableOf("1,2\n", "f", "1", { anyLabels: true }).labels).toMatchObject({ dtype: "I32" });
  expect(() => tableOf(text, "f", "y")).toThrow("f, row 1: expected a whole number as label, got 0.5");
});
