/** What Parquet files may be packed with beside Snappy. */
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import type { Unpackers } from "../../../shared/inputs/parquet.ts";

export const UNPACKERS: Unpackers = {
  GZIP: (bytes, byteCount) => gunzipSync(bytes, { maxOutputLength: Math.max(1, byteCount) }),
  BROTLI: (bytes, byteCount) => brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, byteCount) }),
};
