import type { BlockAsked } from "../words.ts";

/** A new submitter's block that is alone, of a closed job, without a crowd. */
export function blockAsked(given: Partial<BlockAsked> = {}): BlockAsked {
  return {
    rows: 1_000,
    isOpenJob: false,
    hasCrowd: false,
    submitterRows: 0,
    colluderShare: 1 / 3,
    othersOpenOrWait: false,
    mayWait: false,
    priceMaxRows: null,
    isRetry: false,
    routeOneShare: 0,
    ...given,
  };
}
