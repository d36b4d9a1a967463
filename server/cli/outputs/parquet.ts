/**
 * Writes Parquet files (github.com/apache/parquet-format): texts, float32 numbers and lists of them, none of them missing, plain and
 * not compressed. A row group is in memory at a time.
 */
import type { FileHandle } from "node:fs/promises";
import { type ThriftValue, thriftStruct, unsignedVarint } from "./thrift.ts";

export interface ParquetColumn {
  readonly name: string;
  readonly type: "text" | "float" | "floats";
}

type Cell = string | number | ArrayLike<number>;
/** Under the names of the columns; every list of a column has at least one number. */
export type ParquetRow = Readonly<Record<string, Cell>>;

const MAGIC = Buffer.from("PAR1");
const TYPE = { float: 4, byteArray: 6 };
const REQUIRED = 0;
const REPEATED = 2;
const UTF8 = 0;
const LIST = 3;
const PLAIN = 0;
const RLE = 3;
const GROUP_ROWS = 4_096;

interface Chunk {
  readonly column: ParquetColumn;
  readonly offset: number;
  readonly byteCount: number;
  readonly valueCount: number;
}

export class ParquetWriter {
  readonly #file: FileHandle;
  readonly #columns: readonly ParquetColumn[];
  readonly #groups: { chunks: Chunk[]; rowCount: number }[] = [];
  #rows: ParquetRow[] = [];
  #offset = 0;

  /** @param file empty, and to be closed by whoever opened it */
  constructor(file: FileHandle, columns: readonly ParquetColumn[]) {
    this.#file = file;
    this.#columns = columns;
  }

  async add(row: ParquetRow): Promise<void> {
    if (this.#rows.push(row) === GROUP_ROWS) await this.#endGroup();
  }

  /** Writes what is left, and the footer without which the file is none. */
  async end(): Promise<void> {
    await this.#endGroup();
    if (this.#offset === 0) await this.#write(MAGIC);
    const footer = thriftStruct({
      1: { i32: 1 },
      2: { list: this.#schema() },
      3: { i64: this.#groups.reduce((sum, { rowCount }) => sum + rowCount, 0) },
      4: { list: this.#groups.map((group) => groupOf(group.chunks, group.rowCount)) },
      6: { text: "paritab" },
    });
    const length = Buffer.alloc(4);
    length.writeUInt32LE(footer.length);
    await this.#write(Buffer.concat([footer, length, MAGIC]));
  }

  async #endGroup(): Promise<void> {
    const rows = this.#rows;
    if (rows.length === 0) return;
    this.#rows = [];
    if (this.#offset === 0) await this.#write(MAGIC);
    const chunks: Chunk[] = [];
    for (const column of this.#columns) {
      const cells = rows.map((row) => row[column.name]!);
      const { values, valueCount } = pageOf(column, cells);
      const page = Buffer.concat([pageHead(values.length, valueCount), values]);
      chunks.push({ column, offset: this.#offset, byteCount: page.length, valueCount });
      await this.#write(page);
    }
    this.#groups.push({ chunks, rowCount: rows.length });
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.#file.write(bytes);
    this.#offset += bytes.length;
  }

  #schema(): ThriftValue[] {
    const text = (value: string): ThriftValue => ({ text: value });
    const number = (value: number): ThriftValue => ({ i32: value });
    const root: ThriftValue = { struct: { 4: text("schema"), 5: number(this.#columns.length) } };
    const fields = this.#columns.flatMap(({ name, type }): ThriftValue[] => {
      if (type === "floats") {
        return [
          { struct: { 3: number(REQUIRED), 4: text(name), 5: number(1), 6: number(LIST) } },
          { struct: { 3: number(REPEATED), 4: text("list"), 5: number(1) } },
          { struct: { 1: number(TYPE.float), 3: number(REQUIRED), 4: text("element") } },
        ];
      }
      const isText = type === "text";
      const logical = isText ? { 6: number(UTF8) } : {};
      return [
        { struct: { 1: number(isText ? TYPE.byteArray : TYPE.float), 3: number(REQUIRED), 4: text(name), ...logical } },
      ];
    });
    return [root, ...fields];
  }
}

function pageOf({ type }: ParquetColumn, cells: readonly Cell[]): { values: Buffer; valueCount: number } {
  if (type === "text") {
    const parts = cells.flatMap((cell) => {
      const bytes = Buffer.from(cell as string);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(bytes.length);
      return [length, bytes];
    });
    return { values: Buffer.concat(parts), valueCount: cells.length };
  }
  if (type === "float") return { values: floatBytes(cells as number[]), valueCount: cells.length };
  const lists = cells as ArrayLike<number>[];
  const valueCount = lists.reduce((sum, { length }) => sum + length, 0);
  // Where a list begins the level is 0, within it 1; nothing is missing, so the other level is 1 throughout.
  const repetition = lists.flatMap(({ length }) => [run(1, 0), ...(length > 1 ? [run(length - 1, 1)] : [])]);
  const numbers = lists.map((list) => floatBytes(list));
  return { values: Buffer.concat([levels(repetition), levels([run(valueCount, 1)]), ...numbers]), valueCount };
}

function floatBytes(values: ArrayLike<number>): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (let i = 0; i < values.length; i++) bytes.writeFloatLE(values[i]!, i * 4);
  return bytes;
}

/** Of the hybrid encoding: `count` times the same level. */
const run = (count: number, level: 0 | 1) => Buffer.concat([unsignedVarint(count * 2), Buffer.of(level)]);

function levels(runs: readonly Buffer[]): Buffer {
  const all = Buffer.concat(runs);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(all.length);
  return Buffer.concat([length, all]);
}

function pageHead(byteCount: number, valueCount: number): Buffer {
  const data: ThriftValue = {
    struct: { 1: { i32: valueCount }, 2: { i32: PLAIN }, 3: { i32: RLE }, 4: { i32: RLE } },
  };
  return thriftStruct({ 1: { i32: 0 }, 2: { i32: byteCount }, 3: { i32: byteCount }, 5: data });
}

function groupOf(chunks: readonly Chunk[], rowCount: number): ThriftValue {
  const columns = chunks.map(({ column, offset, byteCount, valueCount }): ThriftValue => {
    const path = column.type === "floats" ? [column.name, "list", "element"] : [column.name];
    const facts: ThriftValue = {
      struct: {
        1: { i32: column.type === "text" ? TYPE.byteArray : TYPE.float },
        2: { list: [{ i32: PLAIN }, { i32: RLE }] },
        3: { list: path.map((text) => ({ text })) },
        4: { i32: 0 },
        5: { i64: valueCount },
        6: { i64: byteCount },
        7: { i64: byteCount },
        9: { i64: offset },
      },
    };
    return { struct: { 2: { i64: offset }, 3: facts } };
  });
  const byteCount = chunks.reduce((sum, chunk) => sum + chunk.byteCount, 0);
  return { struct: { 1: { list: columns }, 2: { i64: byteCount }, 3: { i64: rowCount } } };
}
