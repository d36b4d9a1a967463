/** The numbers that the rules of cross-checks were measured with (`npm run bench -- crowd-size`, docs/verification.md). */

/** Checks that each row of an answered batch meets: h lies between the two. One duplicate is two checks, where it is hidden. */
export const CHECK_SHARE = { base: 0.04, most: 0.15 } as const;

/** Of a batch's rows so many are duplicates at most while there are fresh ones. */
export const BATCH_DUPLICATE_SHARE_MAX = 0.2;

/** Rows of its own after which a volunteer's word counts for others, at most; in small jobs a quarter of a fair share. */
export const ESTABLISHED_ROWS = 100;

/** Of those who may be drawn as partners so many are established before the first of them is drawn. */
export const ESTABLISHED_SHARE_MIN = 2 / 3;

/** Of h, the least chance that a row goes out again, however many duplicates travelled with it. */
export const THRESHOLD_SHARE_MIN = 0.4;

/** What is believed of the share of colluders among checkers before anything was seen, and never fallen below. */
export const COLLUDERS = { prior: { alpha: 1, beta: 4 }, confidence: 0.95, shareMin: 1 / 3 } as const;

/** The least share of liars that bounds reckon with, by work. */
export const LIAR_SHARE_MIN = 0.2;

/** Rows that the trusted side computes unasked, as a share of all: between the two. */
export const ANCHOR_SHARE = { least: 0.0002, most: 0.05 } as const;

/** Estimates look at so many rows of the service, and at none before. */
export const WINDOW_ROWS = 100_000;

/** Of the address groups so many say how large a group is, the smallest ones: no coalition that is reckoned with has more than the others. */
export const TYPICAL_GROUPS_SHARE = 0.8;
