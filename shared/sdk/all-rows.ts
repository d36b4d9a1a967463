/** Lists that come a page at a time, put together. */
import { z } from "zod";
import { CROWD_ROWS_MAX } from "../protocol/limits.ts";

type Get = <Schema extends z.ZodType>(path: string, schema: Schema, signal?: AbortSignal) => Promise<z.infer<Schema>>;

export interface RowsAsked {
  readonly signal: AbortSignal | undefined;
  /** Absent: all of them. */
  readonly rowsMax: number | undefined;
}

/**
 * @param path up to its last parameter
 * @param key names a row: a coordinator of an earlier version knows no pages, and sends the same list again
 */
export async function allRows<Row extends z.ZodType>(
  get: Get,
  path: string,
  row: Row,
  key: keyof z.infer<Row>,
  { signal, rowsMax = Number.POSITIVE_INFINITY }: RowsAsked,
): Promise<z.infer<Row>[]> {
  const rows: z.infer<Row>[] = [];
  for (;;) {
    const limit = Math.min(CROWD_ROWS_MAX, rowsMax - rows.length);
    const page: z.infer<Row>[] = await get(`${path}offset=${rows.length}&limit=${limit}`, z.array(row), signal);
    const isAgain = rows.length > 0 && page[0]?.[key] === rows[0]?.[key];
    if (!isAgain) rows.push(...page);
    if (isAgain || page.length !== limit || rows.length >= rowsMax) return rows.slice(0, rowsMax);
  }
}
