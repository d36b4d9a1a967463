/** Facts of a crowd and of a job for tests of the dial: everything known, nothing wrong, unless a test says so. */
import { newAccount, openBlock } from "../../../../checks/account.ts";
import { SETTINGS_DEFAULT } from "../../../../coordinator/state.ts";
import { noVerifiedWork } from "../../../../coordinator/verified-work.ts";
import type { ChecksAhead } from "../../rows/told/rows-ahead.ts";
import type { Code, CodedJob } from "../coded-job.ts";
import type { CrowdFacts, TabFacts } from "../crowd-facts.ts";

export const MACS = 1e6;

export const PLAIN: Code = {
  ...{ scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, spares: "backups" },
};

/** As the account of a new submitter carries it. */
export function checksOf(rows: number, hasCrowd = true): ChecksAhead {
  const opening = openBlock(newAccount(1e-3), {
    ...{ rows, isOpenJob: false, hasCrowd, submitterRows: 0, colluderShare: 1 / 3, othersOpenOrWait: false },
    ...{ mayWait: false, priceMaxRows: null, isRetry: false, routeOneShare: 0 },
  });
  if ("block" in opening) return { by: "account", opening };
  if ("refused" in opening) return { by: "coordinator", refused: opening.refused, settled: { by: "coordinator" } };
  throw new Error("checksOf: expected no block to wait");
}

export function codedJob(queryCount: number, changes: Partial<CodedJob> = {}): CodedJob {
  return {
    ...{ queryCount, macsPerQuery: MACS, inputSize: 10, outputSize: 4, modelBytes: 1_000 },
    ...{ isBytes: false, wholeRowBytes: null, completion: "exact", answerBound: 1e-3, confidenceFloor: 0.9 },
    ...{ rowMs: 0.1, checks: checksOf(queryCount) },
    ...changes,
  };
}

/** Tabs that take so many milliseconds a row, each its own volunteer's, at an address of its own. */
export function knownTabs(rowMs: readonly number[], changes: Partial<TabFacts> = {}): TabFacts[] {
  return rowMs.map((ms, place) => ({
    responses: [0.95, 1, 1.05, 1, 0.98].map((ratio) => ({ ms: 20 + 20 * ms * ratio, work: 20 * MACS, tripMs: null })),
    ...{ tripsMs: [10], auditsPassed: 50, rowsTaken: 2_000, unansweredInRow: 0, rowsMeasured: 3, isAt: null },
    ...{ volunteer: place, address: place, backend: "wasm", precision: "float32", isChooser: false },
    ...changes,
  }));
}

/** Hundreds of answers were seen of it, of which a few were slow. */
export function knownCrowd(rowMs: readonly number[], changes: Partial<CrowdFacts> = {}): CrowdFacts {
  return {
    tabs: knownTabs(rowMs),
    ...{ volunteersReady: rowMs.length, choosers: 0, elsewhere: 0 },
    ratios: Array.from({ length: 100 }, (_, i) => (i % 20 === 0 ? 4 : 0.95 + (i % 9) / 80)),
    ...{ slow: { seen: 15, outOf: 300 }, left: { seen: 0, outOf: 300 }, silent: { seen: 0, outOf: 300 } },
    lying: { seen: 0, outOf: 100 },
    ...{ absencesMs: [], awayCount: 0, otherJobs: 0 },
    standing: {
      ...{ settings: SETTINGS_DEFAULT, crowd: { window: [], rowsSinceAlarm: 0 }, met: rowMs.length },
      ...{ verifiedWork: noVerifiedWork(), answers: knownTabs(rowMs).flatMap(({ responses }) => responses) },
    },
    ...changes,
  };
}
