/** Queries on their way to a tab: as they are stored, in a frame of which the tab makes what its model takes (batch-rows.ts). */
import type { BatchMessage } from "../../../../shared/kinds/inference/batch.ts";
import type { RowPart } from "../../../../shared/kinds/inference/batch-rows.ts";
import { encodeFrame, frameLayout } from "../../../../shared/protocol/frame.ts";
import { gatherRows, isOfBytes, storedBytesInto, storedRows } from "./query-rows.ts";
import type { QuerySource } from "./query-source.ts";
import { partedRows } from "./wire-parts.ts";

/** A frame that need not be held while its batch is out: what it is made of stays, and it is written whenever it is wanted. */
export interface FrameToWrite {
  readonly bytes: number;
  /** @param room of so many bytes, whatever is in it */
  write(room: Uint8Array<ArrayBuffer>): void;
}

/** A batch's rows as they travel, and what its message says of them (batch.ts). */
export interface WireRows extends Pick<BatchMessage, "rowCount" | "inputScale"> {
  readonly frame: Uint8Array | FrameToWrite;
  readonly parts?: readonly RowPart[];
}

/** @param queries in the order in which they travel */
export function wireQueries(source: QuerySource, queries: Uint32Array): WireRows {
  const { inputSize, scale } = source;
  const rowCount = queries.length;
  if (source.inputs !== undefined) {
    const { tensors, parts } = partedRows(storedRows(source, queries), rowCount, source.inputs, scale);
    return { rowCount, frame: encodeFrame(tensors), parts };
  }
  const shape = [rowCount, inputSize];
  if (!isOfBytes(source))
    return { rowCount, frame: encodeFrame({ rows: { dtype: "F32", shape, data: gatherRows(source, queries) } }) };
  const { bytes, begin } = frameLayout({ rows: { dtype: "U8", shape } });
  const write = (room: Uint8Array<ArrayBuffer>) => storedBytesInto(begin(room).rows!, source, queries);
  return { rowCount, frame: { bytes, write }, inputScale: scale };
}
