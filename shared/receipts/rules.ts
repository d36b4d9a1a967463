/**
 * The numbers of the rules that bounds rest on, as constants of this version. A coordinator says the hash of its own when a job begins and
 * again in the receipt, so that it cannot tell later that others held.
 */
import { AUDIT_ROW_SHARE, LIAR_SHARE_FLOOR } from "../protocol/limits.ts";
import { ANCHOR_SHARE, LIAR_SHARE_MIN } from "../verify/cross-checks/parameters.ts";
import { hexOf, utf8 } from "./bytes.ts";
import { canonical } from "./canonical.ts";
import { digestOf } from "./sha256.ts";

export const RULES = {
  format: "paritab-rules-1",
  /** Of each audited result so large a share of its rows is computed by the coordinator, one row at least. */
  auditRowShare: AUDIT_ROW_SHARE,
  /** Of a cross-checked job's rows the coordinator computes so large a share unasked, at least. */
  anchorShareMin: ANCHOR_SHARE.least,
  /** Bounds of audits, and of cross-checks, suppose at least so large a share of liars. */
  liarShareMin: LIAR_SHARE_FLOOR,
  liarShareOfCrossChecksMin: LIAR_SHARE_MIN,
} as const;

/** 64 hex digits */
export const RULES_SHA256 = hexOf(digestOf(utf8(canonical(RULES))));
