/**
 * What the rules of cross-checks cost in crowds of 10 to 10,000 honest volunteers, by the rules alone, without sessions:
 *
 *     npm run bench -- crowd-size [--seed N] [--json FILE] [--most VOLUNTEERS] [--rows-each N]
 */
import { ANSWER_BOUND_DEFAULT } from "../../shared/protocol/limits.ts";
import { countFlag } from "./flags.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";
import { simulateRows } from "./row-level/simulate-rows.ts";

const ROWS_EACH = 1_000;
const BATCH_ROWS = 40;
/** R of a service that known volunteers have worked for. */
const ROWS_BEFORE = 1_000_000;

/** Trusted rows of a crowd of this size, before any top-up, and duplicates where nobody was named: what they may be at most. */
const SIZES = [
  { volunteers: 10, trustedMost: 0.014, duplicatesMost: null },
  { volunteers: 100, trustedMost: 0.0042, duplicatesMost: 0.03 },
  { volunteers: 1_000, trustedMost: 0.0015, duplicatesMost: 0.03 },
  { volunteers: 10_000, trustedMost: 0.0005, duplicatesMost: 0.03 },
] as const;

const NOTES = [
  "Trusted rows before any top-up: audits of the first 400 rows, anchors, samples, settled differences. known: all are established, and the",
  `service has ${ROWS_BEFORE.toLocaleString("en")} answers behind it; new: neither. The bound is split as in a service where nobody was named lately, and nothing`,
  "leans on ended jobs. One job, batches of 40, speeds lognormal with sigma .5, each volunteer at an address of its own.",
];

export async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  const most = countFlag(flags, "most") ?? Number.POSITIVE_INFINITY;
  const rowsEach = countFlag(flags, "rows-each") ?? ROWS_EACH;
  const rows: Measurement["rows"][number][] = [];
  for (const { volunteers, trustedMost, duplicatesMost } of SIZES) {
    if (volunteers > most) continue;
    for (const isKnown of [false, true]) {
      const total = volunteers * rowsEach;
      const tally = simulateRows({
        ...{ seed, volunteers, rows: total, batchRows: BATCH_ROWS, bound: ANSWER_BOUND_DEFAULT },
        ...{ plan: "honest", liarShare: 0, lieRate: 0, isKnown, rowsSinceAlarm: isKnown ? ROWS_BEFORE : 0 },
        wasSomebodyNamed: false,
      });
      progress(`${volunteers} volunteers, ${isKnown ? "known" : "new"}`);
      const trustedShare = (tally.trustedRows - tally.toppedUpRows) / total;
      const duplicateShare = tally.duplicateRows / total;
      rows.push({
        ...{
          volunteers,
          rowsEach,
          known: isKnown ? "yes" : "no",
          trustedShare,
          trustedMost,
          duplicateShare,
          duplicatesMost,
        },
        ...{ toppedUpShare: tally.toppedUpRows / total, finalShare: tally.final / total, boundSum: tally.boundSum },
        ...{ met: trustedShare <= trustedMost && duplicateShare <= (duplicatesMost ?? 1) ? "yes" : "no" },
      });
    }
  }
  return {
    name: "crowd-size",
    title: `The rules of cross-checks in honest crowds: what the trusted side computes, and what volunteers compute twice`,
    columns: [
      { key: "volunteers", title: "volunteers" },
      { key: "rowsEach", title: "rows each" },
      { key: "known", title: "known" },
      { key: "trustedShare", title: "trusted", digits: 5 },
      { key: "trustedMost", title: "at most", digits: 5 },
      { key: "toppedUpShare", title: "top-up", digits: 5 },
      { key: "duplicateShare", title: "duplicates", digits: 4 },
      { key: "duplicatesMost", title: "at most", digits: 4 },
      { key: "finalShare", title: "final", digits: 3 },
      { key: "met", title: "met" },
    ],
    rows,
    notes: NOTES,
  };
}

export const crowdSize: Measurer = {
  name: "crowd-size",
  title: "cross-checks in honest crowds of 10 to 10,000: trusted rows, duplicates",
  flags: ["most", "rows-each"],
  run,
};
