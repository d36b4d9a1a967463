/**
 * batches.jsonl: the results that stand, one line each, in the order of rounds and worker indices:
 *
 *   [roundIndex, workerIndex, volunteerId, rows, drawnRows, opinionBy or null, "float32" or "float16", null or
 *    [attempt, firstPlace, stride]]
 *
 * canonical JSON and a newline. drawnRows of its rows were drawn at random and recomputed; somebody else, opinionBy, agreed with it. Where
 * its rows are cross-checked their coins are named by attempt and by place: row r has the place firstPlace + r * stride.
 */

import { z } from "zod";
import { jsonOrNull } from "../protocol/json-or-null.ts";
import { canonical } from "./canonical.ts";
import { BATCH_LINE_BYTES_MAX } from "./limits.ts";

export interface BatchRecord {
  readonly roundIndex: number;
  readonly workerIndex: number;
  readonly volunteerId: string;
  readonly rows: number;
  readonly drawnRows: number;
  readonly opinionBy: string | null;
  readonly precision: "float32" | "float16";
  /** How the coins of its rows are named; null: they have none. */
  readonly coins: RowNames | null;
}

export interface RowNames {
  readonly attempt: number;
  readonly firstPlace: number;
  readonly stride: number;
}

const count = z.number().int().min(0);
const lineSchema = z.tuple([
  count,
  count,
  z.string().min(1),
  count,
  count,
  z.string().nullable(),
  z.enum(["float32", "float16"]),
  z.tuple([count, count, count]).nullable(),
]);

/** @returns without the newline, which is no part of the leaf */
export function batchLine(batch: BatchRecord): string {
  const { roundIndex, workerIndex, volunteerId, rows, drawnRows, opinionBy, precision, coins } = batch;
  const names = coins === null ? null : [coins.attempt, coins.firstPlace, coins.stride];
  return canonical([roundIndex, workerIndex, volunteerId, rows, drawnRows, opinionBy, precision, names]);
}

/** @returns null: no coordinator writes such a line */
export function readBatchLine(line: string): BatchRecord | null {
  if (line.length > BATCH_LINE_BYTES_MAX) return null;
  const parsed = lineSchema.safeParse(jsonOrNull(line));
  if (!parsed.success) return null;
  const [roundIndex, workerIndex, volunteerId, rows, drawnRows, opinionBy, precision, names] = parsed.data;
  const coins = names === null ? null : { attempt: names[0], firstPlace: names[1], stride: names[2] };
  const batch = { roundIndex, workerIndex, volunteerId, rows, drawnRows, opinionBy, precision, coins };
  return batchLine(batch) === line && drawnRows <= 2 * rows ? batch : null;
}
