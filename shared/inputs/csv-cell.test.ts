import fc from "fast-check";
import { expect, test } from "vitest";
import { defused, quoted } from "./csv-cell.ts";
import { csvRecords } from "./csv-records.ts";

/** As a spreadsheet reads it back. */
async function cellsIn(text: string): Promise<readonly string[]> {
  async function* bytes() {
    yield new TextEncoder().encode(`a,b\n${text}`);
  }
  let last: readonly string[] = [];
  for await (const { cells } of csvRecords(bytes(), "f.csv")) last = cells;
  return last;
}

const sign = fc.constantFrom("=", "+", "-", "@", "\t", "\r", "\n", " =", "\uFF1D", "");
const text = fc.tuple(sign, fc.string({ unit: "grapheme" })).map(([first, rest]) => `${first}${rest}`);

test("whatever a text is, its cell begins no formula, and is the text or the text behind an apostrophe", async () => {
  await fc.assert(
    fc.asyncProperty(text, async (given) => {
      const [, cell] = await cellsIn(`${["first", defused(given)].join()}\n`);
      expect([given, `'${given}`]).toContain(cell);
      const isNumber = /\d/.test(given) && Number.isFinite(Number(given));
      if (/^\s*[=+\-@]|^[\t\r\n]/.test(cell!)) expect(isNumber, JSON.stringify(cell)).toBe(true);
    }),
  );
});

test("numbers stay numbers, and what begins otherwise stays what it is", () => {
  for (const number of ["-1.5", "+2", "-.5e-3", "-0", "1e9", "+49123456"]) expect(defused(number)).toBe(number);
  for (const plain of ["cat", "a=b", "x-1", "", "'=1", "snow leopard, ounce"])
    expect(defused(plain)).toBe(quoted(plain));
});

test("what a spreadsheet may run is behind an apostrophe", () => {
  const formulas = [
    "=cmd|'/C calc'!A0",
    "@SUM(1)",
    "+1+cmd",
    "-1+1",
    "-",
    "\t=1",
    "\r=1",
    " =1",
    "\uFF1D1",
    "-0x10",
    "+Infinity",
  ];
  for (const formula of formulas) expect(defused(formula)).toBe(quoted(`'${formula}`));
});
