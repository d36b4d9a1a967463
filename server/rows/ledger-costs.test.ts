/** Rule 8: which rows wait is found without a walk, however many sessions and rows there are. */
import { describe, expect, test } from "vitest";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { RULES } from "./testing/rules.ts";
import { WatchedLedger } from "./testing/watched-ledger.ts";

const SEED = 20_365;

describe.each(["uncoded", "systematic 4 + 2", "votes, 2 of 3"])(`%s, seed ${SEED}`, (name) => {
  test.each([
    [16, 20_000],
    [10_000, 25_000],
  ])("[EV5] no call of %i sessions visits more than 40 (K + S + 1) + 6 for each of its items", (tabs, rowCount) => {
    const random = simulationRandom(SEED);
    const watched = new WatchedLedger({ rowCount, rule: RULES[name]!, orderKey: new Uint8Array(32).fill(3) });
    const { ledger } = watched;
    for (let tab = 0; tab < tabs; tab++) {
      ledger.join({ sessionId: `s${tab}`, volunteerId: `v${tab}`, rowsPerMs: (1 + random.integer(40)) / 1_000 });
    }
    let [nowMs, items, calls] = [0, 0, 0];
    for (; !ledger.isDone && calls < 25_000; calls++) {
      nowMs += 20_000 / tabs;
      const session = `s${random.integer(tabs)}`;
      if (random.uniform() < 0.02)
        for (const { claimId } of [...ledger.claimsOf(session)]) ledger.release(claimId, nowMs);
      const claim = ledger.claimsOf(session)[0];
      // One in twenty is silent for good.
      if (claim !== undefined && Number(session.slice(1)) % 20 !== 0) {
        watched.answer(
          claim.claimId,
          claim.items.map(({ item }) => item),
          nowMs,
        );
      }
      items += watched.take(session, nowMs)?.items.length ?? 0;
      ledger.tick(nowMs);
    }
    expect(items).toBeGreaterThan(rowCount / 4);
    expect(ledger.visits / items).toBeLessThan(16);
    expect(ledger.passed).toBeLessThan(3 * rowCount);
    expect(watched.worstCost).toBeGreaterThan(0.1);
  });
});

test("[EV5] who may have nothing of a thousand rows that wait looks at a few of them", () => {
  const watched = new WatchedLedger({ rowCount: 1_000, rule: RULES.uncoded!, orderKey: null, sizes: { fairPart: 9 } });
  const { ledger } = watched;
  ledger.join({ sessionId: "ann", volunteerId: "ann", rowsPerMs: 1 });
  const claim = watched.take("ann", 0)!;
  expect(claim.items.length).toBe(1_000);
  ledger.join({ sessionId: "bob", volunteerId: "bob", rowsPerMs: 1 });
  ledger.release(claim.claimId, 1);
  expect(watched.take("ann", 1)).toBe(null);
  expect(watched.take("bob", 1)!.items.length).toBe(1_000);
});
