/** Parquet files (github.com/apache/parquet-format), read a row group at a time. The reader is loaded with the first such file. */
import { InputError } from "./input-error.ts";

/** A file, on a disk, in memory or dropped on a page. */
export interface SlicedFile {
  /** As people are told of it. */
  readonly name: string;
  readonly byteCount: number;
  slice(start: number, end: number): Promise<ArrayBuffer>;
}

/** What a file may be packed with beside Snappy, by the names of the format. */
/** @param byteCount that the file says come out: no more has to be unpacked */
type Unpacker = (packed: Uint8Array, byteCount: number) => Uint8Array;
export type Unpackers = Readonly<Partial<Record<"GZIP" | "BROTLI", Unpacker>>>;

export interface ParquetField {
  readonly name: string;
  readonly isText: boolean;
}

export type ParquetRecord = Readonly<Record<string, unknown>>;

export interface ParquetFile {
  readonly columns: readonly ParquetField[];
  /** @param columns their names; null: all */
  rows(columns: readonly string[] | null): AsyncGenerator<ParquetRecord>;
}

/** By its first bytes. */
export const isParquet = (bytes: Uint8Array) =>
  bytes[0] === 0x50 && bytes[1] === 0x41 && bytes[2] === 0x52 && bytes[3] === 0x31;

/** @throws InputError where it cannot be read; so do its rows */
export async function openParquet(file: SlicedFile, compressors: Unpackers): Promise<ParquetFile> {
  const { name, byteCount } = file;
  const buffer = {
    byteLength: byteCount,
    slice: (start: number, end = byteCount) => file.slice(start, Math.max(start, end < 0 ? byteCount + end : end)),
  };
  const { parquetMetadataAsync, parquetReadObjects, parquetSchema } = await import("hyparquet");
  const metadata = await parquetMetadataAsync(buffer).catch((error: Error) => unreadable(name, error));
  return {
    columns: parquetSchema(metadata).children.map(({ element }) => ({
      name: element.name,
      isText: element.type === "BYTE_ARRAY",
    })),
    async *rows(columns) {
      let rowStart = 0;
      for (const { num_rows } of metadata.row_groups) {
        const rowEnd = rowStart + Number(num_rows);
        const part = { file: buffer, metadata, compressors, rowStart, rowEnd };
        yield* await parquetReadObjects(columns === null ? part : { ...part, columns: [...columns] }).catch(
          (error: Error) => unreadable(name, error),
        );
        rowStart = rowEnd;
      }
    },
  };
}

function unreadable(name: string, { message }: Error): never {
  throw new InputError(`${name}: expected a Parquet file that can be read, got another one: ${message}`);
}
