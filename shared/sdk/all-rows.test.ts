import { expect, test } from "vitest";
import { z } from "zod";
import { CROWD_ROWS_MAX } from "../protocol/limits.ts";
import { allRows } from "./all-rows.ts";

const row = z.object({ id: z.number() });

/** @param knowsPages an earlier coordinator does not, and sends all */
function listOf(count: number, knowsPages: boolean) {
  const all = Array.from({ length: count }, (_, id) => ({ id }));
  const asked: string[] = [];
  const get = async (path: string, schema: z.ZodType) => {
    asked.push(path);
    const query = new URL(path, "http://x").searchParams;
    const [offset, limit] = [Number(query.get("offset")), Number(query.get("limit"))];
    return schema.parse(knowsPages ? all.slice(offset, offset + limit) : all);
  };
  const rows = (rowsMax?: number) => allRows(get as never, "/rows?", row, "id", { signal: undefined, rowsMax });
  return { all, asked, rows };
}

test("a list is put together from its pages, whole or as far as is asked", async () => {
  for (const count of [0, 1, CROWD_ROWS_MAX, CROWD_ROWS_MAX + 1, 3 * CROWD_ROWS_MAX]) {
    const list = listOf(count, true);
    expect(await list.rows()).toEqual(list.all);
    expect(await list.rows(7)).toEqual(list.all.slice(0, 7));
  }
});

test("a coordinator that knows no pages is not asked for ever", async () => {
  for (const count of [5, CROWD_ROWS_MAX, CROWD_ROWS_MAX + 5]) {
    const list = listOf(count, false);
    expect(await list.rows()).toEqual(list.all);
    expect(list.asked.length).toBeLessThanOrEqual(2);
  }
});
