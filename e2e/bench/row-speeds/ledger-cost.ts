/** What one call of the ledger costs, by how many sessions and rows there are: visits, which are the same everywhere, and processor time. */
import { RowLedger } from "../../../server/rows/ledger.ts";
import type { GroupRule } from "../../../server/rows/words.ts";

export const COST_SIZES = [
  { sessions: 16, rows: 100_000 },
  { sessions: 16, rows: 1_000_000 },
  { sessions: 1_000, rows: 100_000 },
  { sessions: 1_000, rows: 1_000_000 },
  { sessions: 10_000, rows: 100_000 },
  { sessions: 10_000, rows: 1_000_000 },
] as const;

export interface LedgerCost {
  readonly calls: number;
  readonly rowsACall: number;
  readonly microsecondsACall: number;
  readonly microsecondsARow: number;
  readonly visitsARow: number;
  /** The largest share of its bound (EV5) that one call visited. */
  readonly worstOfBound: number;
}

/** Enough calls for a mean, where all rows would take long. */
const CALLS_MAX = 200_000;
/** Sessions have 5 to 24 rows a second. */
const paceOf = (session: number) => (5 + (session % 20)) / 1_000;

/** Visits that a call may make at most, for so many items. [EV5] */
const boundOf = ({ rows, mixtures }: GroupRule, items: number) => 40 * (rows + mixtures + 1) + 6 * items;

/** All sessions take; each answers its claim whole, when its pace says; and again, until every row is answered or there were CALLS_MAX calls. */
export function ledgerCost(rule: GroupRule, sessions: number, rowCount: number): LedgerCost {
  const ledger = new RowLedger({ rowCount, rule, orderKey: Uint8Array.from({ length: 32 }, (_, i) => i) });
  for (let n = 0; n < sessions; n++) {
    ledger.join({ sessionId: `s${n}`, volunteerId: `v${n}`, rowsPerMs: paceOf(n) });
  }
  let [turnMs, calls, items, worstOfBound] = [0, 0, 0, 0];
  const paid = <T>(itemsOf: (result: T) => number, call: () => T): T => {
    const before = ledger.visits;
    const result = call();
    calls++;
    worstOfBound = Math.max(worstOfBound, (ledger.visits - before) / boundOf(rule, itemsOf(result)));
    return result;
  };
  const isOver = () => ledger.counts.answered === rowCount || calls >= CALLS_MAX;
  const visitsBefore = ledger.visits;
  const { user: startUser, system: startSystem } = process.cpuUsage();
  while (!isOver()) {
    const turn: { claimId: number; places: number[]; endMs: number }[] = [];
    for (let n = 0; n < sessions; n++) {
      const claim = paid(
        (taken) => taken?.items.length ?? 0,
        () => ledger.take(`s${n}`, turnMs),
      );
      if (claim === null) continue;
      const places = claim.items.map(({ item }) => item);
      turn.push({ claimId: claim.claimId, places, endMs: turnMs + places.length / paceOf(n) });
      items += places.length;
    }
    for (const { claimId, places, endMs } of turn) {
      paid(
        () => places.length,
        () => ledger.answer(claimId, places, endMs),
      );
      turnMs = Math.max(turnMs, endMs);
    }
    paid(
      () => 0,
      () => ledger.tick(turnMs),
    );
  }
  const { user, system } = process.cpuUsage();
  const microseconds = user - startUser + system - startSystem;
  return {
    calls,
    rowsACall: items / calls,
    microsecondsACall: microseconds / calls,
    microsecondsARow: microseconds / items,
    visitsARow: (ledger.visits - visitsBefore) / items,
    worstOfBound,
  };
}
