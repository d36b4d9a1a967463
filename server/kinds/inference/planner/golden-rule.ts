/** [PC6] How many rows whose answers are known go with a batch: the rule itself, which rehearsals of the dial share. */

/** Rows whose answers are known that go with one batch. */
const GOLDEN_ROWS = 2;
/** As few as that would be known to everybody soon. */
const GOLDEN_POOL_ROWS_MIN = 8;
/** Of the chance of a session's latest answer the part that sends golden rows to whoever is measured. */
const GOLDEN_DRAW_FROM = 0.5;
const GOLDEN_SHARE = 0.05;

/**
 * To a back-end whose class for the model is to be measured, and now and then to any other, so that the size of a batch says nothing.
 * @param knownRows of the job, that the coordinator has computed itself
 * @param draw uniform in [0, 1)
 * @example goldenRowsOf({ knownRows: 8, isMeasured: false, draw: 0 }) // -> 2
 * @example goldenRowsOf({ knownRows: 7, isMeasured: false, draw: 0 }) // -> 0
 */
export function goldenRowsOf({
  knownRows,
  isMeasured,
  draw,
}: {
  readonly knownRows: number;
  readonly isMeasured: boolean;
  readonly draw: number;
}): number {
  if (knownRows < GOLDEN_POOL_ROWS_MIN) return 0;
  const isDrawn = draw >= GOLDEN_DRAW_FROM && draw < GOLDEN_DRAW_FROM + GOLDEN_SHARE;
  return isDrawn || !isMeasured ? GOLDEN_ROWS : 0;
}
