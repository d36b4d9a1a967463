import { expect, test } from "vitest";
import { STREAM_CHECK_SHARE } from "../../../../../shared/verify/cross-checks/stream-ledgers.ts";
import { crowd } from "../../testing/cross-checked-story.ts";
import {
  ask,
  begunStream,
  ledgerRowsOf,
  ledgersOf,
  ROWS_BEFORE,
  STREAM_BOUND,
  streamJob,
} from "../../testing/cross-checked-stream.ts";
import { classKeyFor } from "../model-classes.ts";
import { type PricedStream, priceOfStream, streamPriceInWords } from "./stream-price.ts";

const WHERE_BETTER = { settings: { crossChecks: "where better", firstAuditedRows: 400 } } as const;
const stream = (changes: Partial<PricedStream> = {}): PricedStream => ({
  ...{ answerBound: 1e-3, queryCount: null, batchRows: 1, isStrict: false, mayBeCrossChecked: true },
  ...changes,
});

test("[CC11] [CC14] a stream's price is that of one ledger unless it is told how many queries come, and its last rows are completed", () => {
  const { state } = crowd(WHERE_BETTER);
  const ledger = priceOfStream(state, stream());
  expect(ledger).toMatchObject({ checks: "cross-checks", auditedBecause: null, rowsAtEnd: 0, isWithinReach: true });
  expect(ledger.queryCount).toBe(ledger.ledgerRows);
  expect(ledger.duplicateRows).toBeCloseTo(STREAM_CHECK_SHARE * ledger.ledgerRows, -1);
  expect(ledger.boundIfNobodyLies).toBeLessThanOrEqual(1e-3);
  const few = priceOfStream(state, stream({ queryCount: 2_000 }));
  expect(few).toMatchObject({ isWithinReach: true, rowsForBound: 2_000 });
  expect(few.rowsAtEnd).toBeGreaterThan(300);
  expect(few.coordinatorRows).toBeGreaterThan(few.rowsAtEnd);
  expect(streamPriceInWords(few, stream())).toMatch(/within reach/);
  // A looser bound makes smaller ledgers.
  expect(priceOfStream(state, stream({ answerBound: 1e-2 })).ledgerRows).toBeLessThan(ledger.ledgerRows / 9);
});

test("[CC14] the more answers a service has behind it, the fewer rows of a stream the coordinator computes", () => {
  const price = (rowsSinceAlarm: number) => {
    const { state } = crowd(WHERE_BETTER);
    state.crowdLately.rowsSinceAlarm = rowsSinceAlarm;
    const { coordinatorRows, rowsAtEnd, queryCount } = priceOfStream(state, stream());
    return (coordinatorRows - rowsAtEnd) / queryCount;
  };
  expect(price(100_000)).toBeLessThan(0.003);
  expect(price(0)).toBeGreaterThan(1.5 * price(100_000));
});

test("[CC14] after 100,000 answers a stream of 100,000 costs the coordinator less than .2 %, and nothing at its end; a shorter one some hundred rows", () => {
  const { state } = crowd(WHERE_BETTER);
  state.crowdLately.rowsSinceAlarm = 100_000;
  const priceOfRows = (queryCount: number) => priceOfStream(state, stream({ queryCount }));
  const long = priceOfRows(100_000);
  expect(long).toMatchObject({ rowsAtEnd: 0, isWithinReach: true });
  expect(long.boundIfNobodyLies).toBeLessThanOrEqual(1e-3);
  expect(long.coordinatorRows).toBeLessThan(200);
  expect(priceOfRows(20_000).rowsAtEnd).toBeGreaterThan(100);
  // A chain that goes on lacks less than one that begins.
  expect(priceOfRows(long.ledgerRows + 100).rowsAtEnd).toBeLessThan(200);
  expect(priceOfRows(100).rowsAtEnd).toBe(100);
  // As docs/verification.md says, without the rows of tabs that are new.
  const shareOf = (queryCount: number) => (priceOfRows(queryCount).coordinatorRows - 3 * 12) / queryCount;
  expect([53_000, 60_000, 80_000].map(shareOf).every((share) => share < 0.002)).toBe(true);
  expect([20_000, 45_000, 52_000].map(shareOf).every((share) => share > 0.002)).toBe(true);
  const million = priceOfRows(1_000_000);
  expect(million.boundIfNobodyLies).toBeLessThan(2e-4);
  expect(million.coordinatorRows / 1_000_000).toBeLessThan(1e-3);
});

test("[CC11] [PC3] a tab whose class for the model is known has no rows computed for that", () => {
  const { state } = crowd(WHERE_BETTER);
  const rows = () => priceOfStream(state, stream({ queryCount: 50_000, modelSha256: "a model" })).coordinatorRows;
  const before = rows();
  const { volunteerId, backend } = [...state.sessions.values()][0]!;
  state.volunteers.get(volunteerId)!.classes.set(classKeyFor("a model", backend), { fine: 3, coarse: 0, wrong: 0 });
  expect(rows()).toBe(before - 3);
});

test("[CC14] a bound so strict that no sample completes a ledger is out of reach for the last one, and full ledgers would bring it", () => {
  const { state } = crowd(WHERE_BETTER);
  const strict = stream({ answerBound: 1e-4, queryCount: 1_000 });
  const price = priceOfStream(state, strict);
  expect(price).toMatchObject({ isWithinReach: false, rowsAtEnd: 0, rowsForBound: price.ledgerRows });
  expect(price.boundIfNobodyLies).toBeGreaterThan(1e-4);
  const words = streamPriceInWords(price, strict);
  expect(words).toMatch(/are not final/);
  expect(words).toContain(price.rowsForBound.toLocaleString("en"));
  expect(priceOfStream(state, { ...strict, queryCount: price.rowsForBound }).isWithinReach).toBe(true);
});

test("[CC11] where it would be audited the price says why, what that costs, and what would change it", () => {
  const audited = (changes: Partial<PricedStream>, state = crowd(WHERE_BETTER).state) =>
    priceOfStream(state, stream({ queryCount: 500, ...changes }));
  // A window of one query is recomputed in full.
  expect(audited({ mayBeCrossChecked: false })).toMatchObject({
    ...{ checks: "audits", auditedBecause: "asked for", coordinatorRows: 500, duplicateRows: 0 },
    ...{ boundIfNobodyLies: 0, isWithinReach: true },
  });
  expect(audited({}, crowd({ settings: { crossChecks: "off" } }).state).auditedBecause).toBe("operator");
  const few = audited({}, crowd(WHERE_BETTER, 5).state);
  expect(few).toMatchObject({ auditedBecause: "few addresses", addressGroups: 5, addressGroupsNeeded: 6 });
  expect(streamPriceInWords(few, stream())).toContain("6 addresses (now: 5)");
  const { state } = crowd(WHERE_BETTER);
  state.crowdLately.window.addRows("established", 20_000);
  state.crowdLately.window.addNaming("established", { rows: 500, typicalRows: 1_500, byPartner: true });
  expect(audited({}, state).auditedBecause).toBe("named lately");
  expect(audited({ isStrict: true }, state).auditedBecause).toBeNull();
  // Of larger windows a twentieth is recomputed: twelve volunteers without a record have too few audits of 500 rows for the bound.
  const large = audited({ batchRows: 40, mayBeCrossChecked: false });
  expect(large.coordinatorRows).toBe(26);
  expect(large.isWithinReach).toBe(false);
  expect(streamPriceInWords(large, stream())).toContain(large.rowsForBound.toLocaleString("en"));
  expect(audited({ batchRows: 40, mayBeCrossChecked: false, queryCount: large.rowsForBound }).isWithinReach).toBe(true);
});

test("[CC11] [CC14] a clean stream costs tabs and coordinator about what its price says", () => {
  const settings = { crossChecks: "all jobs", firstAuditedRows: 0 } as const;
  const story = begunStream({ settings }, 12, streamJob());
  const { state } = crowd({ settings });
  state.crowdLately.rowsSinceAlarm = ROWS_BEFORE;
  const price = priceOfStream(state, stream({ answerBound: STREAM_BOUND }));
  expect(price.ledgerRows).toBe(ledgerRowsOf(story));
  ask(story, price.ledgerRows);
  expect(ledgersOf(story)).toHaveLength(2);
  const computed = story
    .asked("audit")
    .reduce(
      (sum, { randomRows, classRows, crossChecked }) =>
        sum + randomRows + classRows + (crossChecked?.anchors.length ?? 0),
      0,
    );
  const { duplicatesSent } = story.job("job").checks!;
  // Coins hit a few rows more or fewer.
  const chance = (count: number) => 3 * Math.sqrt(count);
  expect(Math.abs(duplicatesSent - price.duplicateRows)).toBeLessThan(chance(price.duplicateRows));
  expect(Math.abs(computed - price.coordinatorRows)).toBeLessThan(chance(price.coordinatorRows));
});
