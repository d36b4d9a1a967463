import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ParquetWriter } from "../outputs/parquet.ts";
import { readTexts } from "./read-texts.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paritab-texts-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += 3) yield bytes.subarray(at, at + 3);
}
const read = (path: string, column: string | null = null) => readAs(path, column === null ? [] : [column]);
const readAs = (path: string, columns: readonly string[]) => readTexts(path, { columns, stdin: pieces("") });
function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("texts", () => {
  test("are lines of a .txt, or of standard input", async () => {
    const path = file("a.txt", "one\r\ntwo, and more\n\nlast");
    const { texts, whereIs } = await read(path);
    expect(texts).toEqual(["one", "two, and more", "", "last"]);
    expect(whereIs(3)).toBe(`${path}, line 4`);
    expect((await readTexts("-", { columns: [], stdin: pieces("größer\nb") })).texts).toEqual(["größer", "b"]);
  });

  const tables: [string, string, string | null, string[]][] = [
    [
      "a.csv",
      'id,text\n1,plain\n2,"with, comma"\n3,"two\nlines and ""quotes"""\n',
      null,
      ["plain", "with, comma", 'two\nlines and "quotes"'],
    ],
    ["a.csv", "body;n\nfirst;1\nsecond;2\n", "body", ["first", "second"]],
    ["a.tsv", "a, b\t1\nc\t2\n", "0", ["a, b", "c"]],
    ["a.csv", "one\ntwo\n", null, ["one", "two"]],
    ["a.csv", '\uFEFFtext\r\none\r\n"two"\r\n', null, ["one", "two"]],
    ["a.csv", 'id,text\n1,a 5" pipe\n2,between\n3,a 6" pipe\n', null, ['a 5" pipe', "between", 'a 6" pipe']],
    ["a.tsv", 'n\ttext\n1\tsay "no"\n2\t"a\n\tb ""c"" d"\n', null, ['say "no"', 'a\n\tb "c" d']],
    ["a.jsonl", '{"id": 1, "text": "one"}\n\n{"text": "two"}\n', "text", ["one", "two"]],
    ["a.jsonl", '"one"\n{"title": "two"}\n', null, ["one", "two"]],
    ["a.jsonl", '{"text": "x", "title": "one"}\n', "title", ["one"]],
  ];
  test.each(tables)("of %s: %j", async (name, content, column, expected) => {
    expect((await read(file(name, content), column)).texts).toEqual(expected);
  });

  test("of a Parquet file are a column, over its row groups", async () => {
    const path = join(folder, "a.parquet");
    const handle = await open(path, "w");
    const writer = new ParquetWriter(handle, [
      { name: "id", type: "float" },
      { name: "title", type: "text" },
      { name: "text", type: "text" },
    ]);
    const expected = Array.from({ length: 5_000 }, (_, i) => `text ${i}`);
    for (const [id, text] of expected.entries()) await writer.add({ id, text, title: `title ${id}` });
    await writer.end();
    await handle.close();
    const { texts, whereIs } = await read(path);
    expect(texts).toEqual(expected);
    expect(whereIs(4_999)).toBe(`${path}, row 5000`);
    expect((await read(path, "title")).texts[4_500]).toBe("title 4500");
    await expect(read(path, "id")).rejects.toThrow(/a column of texts named "id", got title, text/);
  });
});

const bad: [string, string, string | null, RegExp][] = [
  ["a.csv", "id,body,title\n1,a,b\n", null, /a.csv: expected --column to name one with texts, got id, body, title/],
  ["a.csv", "id,text\n1,a\n2\n", null, /a.csv, line 3: expected 2 cells, as in the first line, got 1/],
  ["a.csv", 'text\n"a\nb\n', null, /a.csv, line 2: expected a quote to end/],
  ["a.csv", 'id,text\n,a"b,"c\n', null, /a.csv, line 2: expected a quote to end/],
  ["a.csv", 'id,text\n1,"a"b\n', null, /line 2: expected "," behind a cell in quotes, got "b"/],
  ["a.tsv", "a\tb\n", "2", /expected a column from 0 to 1, got 2/],
  ["a.jsonl", '{"text": "a"}\nhello\n', null, /a.jsonl, line 2: expected JSON, got "hello"/],
  ["a.jsonl", '{"n": 1}\n', null, /a.jsonl, line 1: expected a text in "n", got a number/],
  ["a.jsonl", '{"text": 1}\n', null, /a.jsonl, line 1: expected a text in "text", got a number/],
  ["a.jsonl", '[\n{"text": "a"}\n]', null, /a.jsonl, line 1: expected JSON, got the beginning of an array/],
  ["a.txt", "", null, /a.txt: expected texts, got none/],
  ["a.docx", "x", null, /a.docx: expected a file ending in .txt, .csv, .tsv, .jsonl or .parquet/],
  ["a.parquet", "PAR1 and nothing", null, /a.parquet: expected a Parquet file that can be read/],
];
test("texts that are no UTF-8 are refused by their line, in whichever piece they come", async () => {
  const latin1 = Buffer.from("one\ntwo\ngr\xFC\xDFe\n", "latin1");
  for (const size of [1, 5, 9, 100]) {
    async function* stream() {
      for (let at = 0; at < latin1.length; at += size) yield latin1.subarray(at, at + size);
    }
    const reading = readTexts("-", { columns: [], stdin: stream() });
    await expect(reading).rejects.toThrow(
      /^standard input, line 3: expected UTF-8, got other bytes; convert it: iconv/,
    );
  }
  const utf16 = join(folder, "a.csv");
  writeFileSync(utf16, Buffer.from("\uFEFFtext\none\n", "utf16le"));
  await expect(read(utf16)).rejects.toThrow(/a.csv, line 1: expected UTF-8/);
  writeFileSync(utf16, Buffer.from([0x61, 0x0a, 0xc3]));
  await expect(read(utf16)).rejects.toThrow(/a.csv, line 2: expected UTF-8/);
});

describe("pairs of texts", () => {
  const PAIRS = { texts: ["a cat", "a dog"], pairs: ["it sits", "it runs"] };

  test.each([
    ["a.jsonl", '{"text": "a cat", "text_pair": "it sits"}\n{"text_pair": "it runs", "text": "a dog"}\n', []],
    ["a.jsonl", '{"question": "a cat", "context": "it sits"}\n{"question": "a dog", "context": "it runs"}\n', []],
    ["a.jsonl", '{"a": "a cat", "b": "it sits", "n": 1}\n{"a": "a dog", "b": "it runs"}\n', ["a", "b"]],
    ["a.csv", "id,text,text_pair\n1,a cat,it sits\n2,a dog,it runs\n", []],
    ["a.csv", "hypothesis,premise\nit sits,a cat\nit runs,a dog\n", []],
    ["a.csv", "x,y\nit sits,a cat\nit runs,a dog\n", ["y", "x"]],
    ["a.csv", "it sits,a cat\nit runs,a dog\n", ["1", "0"]],
  ] as [string, string, string[]][])("of %s %j, columns %j", async (name, content, columns) => {
    expect(await readAs(file(name, content), columns)).toMatchObject(PAIRS);
  });

  test("of Parquet", async () => {
    const path = join(folder, "a.parquet");
    const handle = await open(path, "w");
    const writer = new ParquetWriter(handle, [
      { name: "query", type: "text" },
      { name: "passage", type: "text" },
    ]);
    for (const [i, query] of PAIRS.texts.entries()) await writer.add({ query, passage: PAIRS.pairs[i]! });
    await writer.end();
    await handle.close();
    expect(await read(path)).toMatchObject(PAIRS);
    expect(await readAs(path, ["query"])).toMatchObject({ texts: PAIRS.texts, pairs: null });
  });

  test("a column that is named alone gives single texts, and what nobody named is never left out of JSON", async () => {
    const both = '{"text": "a cat", "text_pair": "it sits"}\n';
    expect(await readAs(file("a.jsonl", both), ["text"])).toMatchObject({ texts: ["a cat"], pairs: null });
    await expect(read(file("b.jsonl", '{"text": "a cat", "text_pairs": "it sits", "id": 7}\n'))).rejects.toThrow(
      /line 1: expected no other fields than "text", got "text_pairs", "id"; name what is to be taken: --column text$/,
    );
    await expect(read(file("c.jsonl", '{"text": "a", "text_pair": "b", "label": 1}\n'))).rejects.toThrow(
      /no other fields than "text" and "text_pair", got "label"; .*: --column text --column text_pair$/,
    );
  });

  test("rows of one text and of two do not mix, and what cannot be a column is refused", async () => {
    const mixed = '{"text": "a", "text_pair": "b"}\n{"text": "c"}\n{"text": "d", "text_pair": null}\n';
    await expect(read(file("a.jsonl", mixed))).rejects.toThrow(
      /2 problems:\n.*line 2: expected two texts, as in the first line, got one\n.*line 3: expected a text in "text_pair", got null$/,
    );
    await expect(read(file("b.jsonl", '{"text": "c"}\n{"text": "a", "text_pair": "b"}\n'))).rejects.toThrow(
      /line 2: expected one text, as in the first line, got two$/,
    );
    await expect(readAs(file("a.csv", "a,b,c\n1,2,3\n"), ["a", "b", "c"])).rejects.toThrow(
      /one column of texts, or two, got 3/,
    );
    await expect(readAs(file("a.csv", "a,b\n1,2\n"), ["a", "z"])).rejects.toThrow(
      /a column of texts named "z", got a, b/,
    );
    await expect(readAs(file("a.txt", "a\n"), ["text"])).rejects.toThrow(
      /expected a table for --column, got lines of text/,
    );
    await expect(readAs("-", ["text"])).rejects.toThrow(/standard input: expected a file for --column/);
  });
});

test("all lines that hold no text are told at once, up to a number of them", async () => {
  const jsonl = '{"text": "a"}\n{"text": "b"\n{"title": "c", "n": "d"}\n{"text": null}\n{"text": "z"}\n';
  await expect(read(file("a.jsonl", jsonl))).rejects.toThrow(
    new RegExp(
      [
        "^3 problems:",
        '\\(1\\) .*a.jsonl, line 2: expected JSON, got "{"text": "b""',
        "\\(2\\) .*a.jsonl, line 3: expected --column to name one with texts, got title, n",
        '\\(3\\) .*a.jsonl, line 4: expected a text in "text", got null$',
      ].join("\n"),
    ),
  );
  const ragged = 'id,text\n1\n2,b\n3,c,d\n4,"e\n';
  await expect(read(file("a.csv", ragged))).rejects.toThrow(
    /^3 problems:\n.*line 2: .*\n.*line 4: .*\n.*line 5: expected a/,
  );
  await expect(read(file("b.jsonl", "no\n".repeat(1_000)))).rejects.toThrow(
    /^1000 problems:[\s\S]*line 20: [\s\S]*\nand 980 more$/,
  );
});

test.each(bad)("%s with %j is refused by name and line", async (name, content, column, message) => {
  await expect(read(file(name, content), column)).rejects.toThrow(message);
  await expect(read(file(name, content), column)).rejects.toMatchObject({ name: "InputError" });
});
