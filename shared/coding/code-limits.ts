/** How large a code may be. */

/** K */
export const QUERIES_PER_GROUP_MAX = 64;
/** N, and so S and E */
export const WORKERS_PER_ROUND_MAX = 256;
/** Decode matrices that one scheme keeps, one per set of arrived workers; at the largest K and N each is 128 KiB. */
export const DECODE_MATRICES_HELD_MAX = 128;
