/** What Parquet files may be packed with beside Snappy. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Unpackers } from "../../../shared/inputs/parquet.ts";

export const UNPACKERS: Unpackers = {
  GZIP: (bytes) => gunzipSync(bytes),
  BROTLI: (bytes) => brotliDecompressSync(bytes),
};
