/** Settings of a code that jobs on coded data share. */

export const CODED_SCHEMES = ["uncoded", "replication", "lcc", "avcc", "avcc-static"] as const;
export type CodedScheme = (typeof CODED_SCHEMES)[number];
