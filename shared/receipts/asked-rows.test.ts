/** Which rows of a result had to be computed: found as the rule says it, and in time that does not grow faster than what a receipt has. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { askedRows, type RowsOfBatch } from "./asked-rows.ts";
import type { BatchRecord } from "./batch-lines.ts";
import { bytesOfHex } from "./bytes.ts";
import { anchorDraw, anchorText, drawBatchRows } from "./job-draws.ts";
import { STREAM_QUERIES } from "./sealed-receipt.ts";

const SECRET = bytesOfHex("5a".repeat(32));

interface Case {
  readonly rows: number;
  readonly drawnRows: number;
  readonly isAgreedWith: boolean;
  readonly hasCoins: boolean;
  readonly anchorShare: number | null;
  readonly isStream: boolean;
  readonly isCapped: boolean;
  readonly computed: readonly boolean[];
}

function given(one: Case): [BatchRecord, RowsOfBatch] {
  const { rows, drawnRows, isAgreedWith, hasCoins, anchorShare, isStream, isCapped, computed } = one;
  const batch: BatchRecord = {
    ...{ roundIndex: 3, workerIndex: 1, volunteerId: "v", rows, drawnRows, precision: "float32" },
    opinionBy: isAgreedWith ? "other" : null,
    coins: hasCoins ? { attempt: 0, firstPlace: 7, stride: 2 } : null,
  };
  const queries = isStream ? STREAM_QUERIES : "q";
  const commitment = { commitment: "c", nonce: "", queries };
  const floor = Math.max(1, Math.ceil(rows / 20));
  const ended = { jobId: "j", anchorShare, commitment };
  return [batch, { secret: SECRET, ended, floor, isCapped, isComputed: (row) => computed[row] === true }];
}

/** All sets that would do, written down one by one: [those of the rule, those that a cap allows]. */
function setsThatDo([batch, { ended, floor }]: [BatchRecord, RowsOfBatch]): [number[][], number[][]] {
  const { rows, drawnRows, opinionBy, coins } = batch;
  const draw = (count: number) => drawBatchRows(SECRET, batch, rows, Math.min(rows, Math.max(0, count)));
  const drawn = draw(opinionBy === null ? drawnRows : Math.min(floor, drawnRows));
  if (coins === null || ended.anchorShare === null) return [[drawn], []];
  const draws = Array.from({ length: rows }, (_, row) => anchorDraw(SECRET, anchorText("j", 7 + 2 * row, 0)));
  const lowest = [...draws.keys()].sort((a, b) => draws[a]! - draws[b]!);
  const least = draws.filter((one) => one < ended.anchorShare!).length;
  const isStream = ended.commitment?.queries === STREAM_QUERIES;
  const counts = isStream ? Array.from({ length: rows - least + 1 }, (_, more) => least + more) : [least];
  const anchorsOf = (count: number) => lowest.slice(0, count).sort((a, b) => a - b);
  const beside = (anchors: number[]) => [...anchors, ...(opinionBy === null ? draw(drawnRows - anchors.length) : [])];
  const ruled = counts
    .filter((count) => count === least || count <= drawnRows)
    .map((count) => beside(anchorsOf(count)));
  const cut = counts.flatMap((count) => {
    const anchors = anchorsOf(count).slice(0, drawnRows);
    return Array.from({ length: anchors.length + 1 }, (_, left) => beside(anchors.slice(0, anchors.length - left)));
  });
  return [!isStream && drawnRows >= floor ? [...ruled, drawn] : ruled, cut];
}

const cases = fc.integer({ min: 0, max: 12 }).chain((rows) =>
  fc.record<Case>({
    rows: fc.constant(rows),
    drawnRows: fc.nat(2 * rows),
    isAgreedWith: fc.boolean(),
    hasCoins: fc.boolean(),
    anchorShare: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    isStream: fc.boolean(),
    isCapped: fc.boolean(),
    computed: fc.array(fc.boolean(), { minLength: rows, maxLength: rows }),
  }),
);

test("[RC4] rows that were computed are found as if every set that would do were looked at", () => {
  fc.assert(
    fc.property(cases, (one) => {
      const asked = given(one);
      const isDone = (rows: readonly number[]) => rows.every(asked[1].isComputed);
      const [ruled, cut] = setsThatDo(asked);
      const found = askedRows(...asked);
      const isRuled = ruled.some(isDone);
      const isCut = !isRuled && one.isCapped && cut.some(isDone);
      expect([isDone(found.rows), found.isCut]).toEqual([isRuled || isCut, isCut]);
      const sorted = (rows: readonly number[]) => rows.toSorted((a, b) => a - b).join();
      expect((isCut ? cut : ruled).map(sorted)).toContain(sorted(found.rows));
    }),
    { numRuns: 2_000 },
  );
});

test.each([true, false])(
  "[RC4] of a result of 20,000 rows no set is written down but the one that is told (capped: %s)",
  (isCapped) => {
    const rows = 20_000;
    let looks = 0;
    const [batch, rule] = given({
      ...{ rows, drawnRows: rows, isAgreedWith: false, hasCoins: true, anchorShare: 0.01, isStream: true, isCapped },
      computed: [],
    });
    const { isCut } = askedRows(batch, {
      ...rule,
      isComputed(row) {
        looks++;
        return row % 1_000 !== 999;
      },
    });
    expect(isCut).toBe(false);
    // Of each row once among the anchors, the draws and what a cap leaves.
    expect(looks).toBeLessThanOrEqual(3 * rows);
  },
);
