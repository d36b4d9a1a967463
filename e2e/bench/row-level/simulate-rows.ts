import { statedBound } from "../../../shared/verify/cross-checks/finality.ts";
import { close } from "./row-closing.ts";
import { ANSWERED, EXACT, RowJob } from "./row-job.ts";
import type { RowOptions, RowTally } from "./row-options.ts";

/** Runs one job from its first row to its end. The same options give the same tally. */
export function simulateRows(options: RowOptions): RowTally {
  const job = new RowJob(options);
  job.run();
  const cohorts = close(job);
  const bounds = job.crowd.all.map((volunteer) => {
    if (volunteer.isNamed || volunteer.rows.length === 0) return 1;
    return statedBound({
      bounds: {
        volunteer: job.boundOf(volunteer),
        job: job.isEstablished(volunteer) ? cohorts.established : cohorts.others,
        // Nothing leans on ended jobs.
        record: 1,
        service: 1,
      },
      shares: job.shares,
      hasQuietJob: job.crowd.namedCount === 0,
      agreements: 0,
      colluderShare: job.colluderShare,
    }).bound;
  });

  const tally = { wrongFinal: 0, boundSum: 0, wrong: 0, final: 0, unanswered: 0 };
  for (let row = 0; row < options.rows; row++) {
    if (job.states[row] === EXACT) {
      tally.final++;
      continue;
    }
    if (job.states[row] !== ANSWERED) {
      tally.unanswered++;
      continue;
    }
    const bound = bounds[job.authors[row]!]!;
    tally.wrong += job.isLie[row]!;
    if (bound > options.bound) continue;
    tally.final++;
    tally.boundSum += bound;
    tally.wrongFinal += job.isLie[row]!;
  }

  const named = job.crowd.all.filter(({ isNamed }) => isNamed);
  const lags = named.flatMap(({ firstLieAt, rowsDone }) => (firstLieAt === null ? [] : [rowsDone - firstLieAt]));
  return {
    rows: options.rows,
    ...tally,
    duplicateRows: job.counts.duplicates,
    redoneRows: job.counts.redone,
    trustedRows: job.counts.trusted,
    toppedUpRows: job.counts.toppedUp,
    samples: job.counts.samples,
    liarsMet: job.crowd.all.filter(({ isLiar }) => isLiar).length,
    liarsNamed: named.filter(({ isLiar }) => isLiar).length,
    honestNamed: named.filter(({ isLiar }) => !isLiar).length,
    rowsUntilNamed: lags.length === 0 ? null : lags.reduce((sum, lag) => sum + lag, 0) / lags.length,
    colluderShare: job.colluderShare,
    liarShare: job.liarShare,
  };
}
