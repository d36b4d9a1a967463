/**
 * What checks of a stream would cost, and how sure its answers would be, before it begins: by the formulas by which its ledgers are judged,
 * and, where it would be audited, by those of audits. SPEC.md CC11, CC14.
 */
import { AUDIT_ROW_SHARE } from "../../../../../shared/protocol/limits.ts";
import { answerBound as auditedBound } from "../../../../../shared/verify/audit-bounds.ts";
import { WINDOW_ROWS } from "../../../../../shared/verify/cross-checks/parameters.ts";
import { addressGroupsNeeded } from "../../../../../shared/verify/cross-checks/partners.ts";
import {
  catchChance,
  type LedgerOfChain,
  streamChainBound,
  streamLedgerRows,
  streamSampleRows,
} from "../../../../../shared/verify/cross-checks/stream-ledgers.ts";
import { countReadyVolunteers } from "../../../../coordinator/ranking.ts";
import { auditsNeededAmong, liarShares, shareFor } from "../../../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../../../coordinator/state.ts";
import { randomAuditRows } from "../inference-plan.ts";
import { colluderShareLately } from "./crowd-lately.ts";
import { boundInWords, classRows, rowsInWords } from "./price.ts";
import { anchorShareOfLedger, isLedgerAuditedNow, type StreamTermsAhead, streamTerms } from "./stream-terms.ts";

export interface PricedStream {
  /** eps */
  readonly answerBound: number;
  /** That will about be posted; null: nobody knows, and a ledger of them is priced. */
  readonly queryCount: number | null;
  /** Queries of a window that go to one tab: audits cost a row of each at least. */
  readonly batchRows: number;
  readonly isStrict: boolean;
  /** Absent: nobody's tab is known to compute it finely. */
  readonly modelSha256?: string;
  /** May results of such a code be cross-checked, and does the submitter take that? */
  readonly mayBeCrossChecked: boolean;
}

export interface StreamPrice {
  /** How its results would be checked from the first on. */
  readonly checks: "cross-checks" | "audits";
  /** Why they are audited; null: they are not. */
  readonly auditedBecause: "asked for" | "operator" | "few addresses" | "named lately" | null;
  readonly addressGroups: number;
  readonly addressGroupsNeeded: number;
  readonly queryCount: number;
  /** So many queries are certified together at first; what follows is certified in smaller parts. */
  readonly ledgerRows: number;
  /** Rows that tabs answer a second time, if nobody lies. */
  readonly duplicateRows: number;
  /** Rows that the coordinator computes, if nobody lies. */
  readonly coordinatorRows: number;
  /** Of these, what completes the last ledger at the stream's end, or when its time is over. */
  readonly rowsAtEnd: number;
  /** Of the least sure answers at the end, if nobody lies. */
  readonly boundIfNobodyLies: number;
  readonly isWithinReach: boolean;
  /** So many queries would bring all answers within the bound. */
  readonly rowsForBound: number;
}

export function priceOfStream(state: CoordinatorState, stream: PricedStream): StreamPrice {
  const { answerBound } = stream;
  const terms = streamTerms(state, answerBound);
  const { ledgerRows } = terms.stream;
  const { addressGroups } = state.crowd.impartial;
  const groupsNeeded = addressGroupsNeeded(answerBound);
  const auditedBecause = whyAudited(state, stream, addressGroups >= groupsNeeded);
  const queryCount = stream.queryCount ?? ledgerRows;
  return {
    checks: auditedBecause === null ? "cross-checks" : "audits",
    ...{ auditedBecause, addressGroups, addressGroupsNeeded: groupsNeeded, queryCount, ledgerRows },
    ...(auditedBecause === null
      ? checkedPrice(state, stream, terms, queryCount)
      : auditedPrice(state, stream, queryCount)),
  };
}

function whyAudited(
  state: CoordinatorState,
  { mayBeCrossChecked, isStrict }: PricedStream,
  hasStrangers: boolean,
): StreamPrice["auditedBecause"] {
  if (state.settings.crossChecks === "off") return "operator";
  if (!mayBeCrossChecked) return "asked for";
  if (isLedgerAuditedNow(state, isStrict)) return "named lately";
  return hasStrangers ? null : "few addresses";
}

type Price = Pick<
  StreamPrice,
  "duplicateRows" | "coordinatorRows" | "rowsAtEnd" | "boundIfNobodyLies" | "isWithinReach" | "rowsForBound"
>;

/** [CC14] Of one chain: full ledgers, and one that the stream's end completes from a sample. */
function checkedPrice(
  state: CoordinatorState,
  { answerBound, modelSha256 }: PricedStream,
  { checkShare, stream: { chainRows } }: StreamTermsAhead,
  queryCount: number,
): Price {
  const chain: LedgerOfChain[] = [];
  let [rows, anchors, fullRows] = [0, 0, 0];
  let anchorShare = 1;
  while (rows + fullRows < queryCount) {
    if (fullRows > 0) chain.push({ rows: fullRows, sampledShare: 0 });
    rows += fullRows;
    fullRows = streamLedgerRows(chain, answerBound, chainRows);
    anchorShare = anchorShareOfLedger(state, fullRows, rows);
    anchors += anchorShare * Math.min(fullRows, queryCount - rows);
  }
  // The least of all.
  const caught = catchChance(anchorShare, checkShare, colluderShareLately(state));
  const last = queryCount - rows;
  const sample = streamSampleRows(chain, last, caught, answerBound);
  const ended = [...chain, { rows: last, sampledShare: (sample ?? 0) / last }];
  // [CC14] Of the first rows a twentieth, by the row.
  const ofFirst = AUDIT_ROW_SHARE * Math.min(queryCount, state.settings.firstAuditedRows);
  return {
    duplicateRows: Math.round(checkShare * queryCount),
    coordinatorRows: Math.round(anchors + ofFirst) + classRows(state, modelSha256) + (sample ?? 0),
    rowsAtEnd: sample ?? 0,
    boundIfNobodyLies: streamChainBound(sample === null ? [{ rows: last, sampledShare: 0 }] : ended, caught),
    isWithinReach: sample !== null,
    rowsForBound: sample !== null ? queryCount : rows + fullRows,
  };
}

/** [VF1] A row of each batch at least: what is computed is right, and the rest is as sure as the record of the typical volunteer. */
function auditedPrice(state: CoordinatorState, { answerBound, batchRows }: PricedStream, queryCount: number): Price {
  const ofBatch = randomAuditRows(batchRows, 1, 0);
  const coordinatorRows = Math.ceil(queryCount / batchRows) * ofBatch;
  const volunteers = Math.max(1, countReadyVolunteers(state));
  const shares = liarShares(state);
  const auditsPassed = Math.floor(coordinatorRows / volunteers);
  const facts = { batchRows, auditedRows: ofBatch, auditsPassed, liarShare: shareFor(shares, auditsPassed) };
  const boundIfNobodyLies = auditedBound(facts);
  const isWithinReach = boundIfNobodyLies <= answerBound;
  const rowsForRecords = (auditsNeededAmong(shares, answerBound) * volunteers * batchRows) / ofBatch;
  return {
    ...{ duplicateRows: 0, coordinatorRows, rowsAtEnd: 0, boundIfNobodyLies, isWithinReach },
    rowsForBound: isWithinReach ? queryCount : Math.ceil(rowsForRecords),
  };
}

/** In a few sentences, for people. */
export function streamPriceInWords(price: StreamPrice, { answerBound }: Pick<PricedStream, "answerBound">): string {
  return price.auditedBecause === null
    ? checkedInWords(price, answerBound)
    : auditedInWords(price, price.auditedBecause, answerBound);
}

function checkedInWords(price: StreamPrice, answerBound: number): string {
  const { queryCount, coordinatorRows, duplicateRows, rowsAtEnd, ledgerRows, isWithinReach } = price;
  const atEnd = rowsAtEnd === 0 ? "" : `, ${rowsInWords(rowsAtEnd)} of them at its end`;
  const cost = `Volunteers check each other: of ${rowsInWords(queryCount)} queries tabs answer about ${rowsInWords(duplicateRows)} twice, the coordinator computes about ${rowsInWords(coordinatorRows)}${atEnd}.`;
  const reach = isWithinReach
    ? `If nobody lies, the bound of ${boundInWords(answerBound)} is within reach.`
    : `The last of them end with a bound of ${boundInWords(price.boundIfNobodyLies)}, and are not final: ${rowsInWords(price.rowsForBound)} queries, or a looser bound, would bring it.`;
  const attacked = `If a volunteer is found to lie, up to ${rowsInWords(ledgerRows)} answers stay not final until they are done again, and results are audited from then on.`;
  const final = `The first ${rowsInWords(ledgerRows)} answers become final together, later ones sooner, and all of them when their time is over.`;
  return `${cost} ${final} ${reach} ${attacked}`;
}

type WhyAudited = NonNullable<StreamPrice["auditedBecause"]>;

const AUDITED_BECAUSE: Readonly<Record<WhyAudited, string>> = {
  "asked for": "its settings say so (audits, another scheme, or a bound below 7.4e-4)",
  operator: "this coordinator's operator has it so",
  "few addresses": "volunteers of too few addresses are there",
  "named lately": `a volunteer was found to lie within the last ${rowsInWords(WINDOW_ROWS)} answers of this coordinator`,
};

function auditedInWords(price: StreamPrice, why: WhyAudited, answerBound: number): string {
  const { queryCount, coordinatorRows, isWithinReach, addressGroups, addressGroupsNeeded } = price;
  const cost = `Results are audited, because ${AUDITED_BECAUSE[why]}: of ${rowsInWords(queryCount)} queries the coordinator computes about ${rowsInWords(coordinatorRows)}.`;
  const reach = isWithinReach
    ? `The bound of ${boundInWords(answerBound)} is within reach.`
    : `Most answers end with a bound of ${boundInWords(price.boundIfNobodyLies)}, and are not final: ${rowsInWords(price.rowsForBound)} queries, fewer volunteers or a looser bound would bring it.`;
  const instead: Readonly<Record<WhyAudited, string>> = {
    "asked for": "",
    operator: "",
    "few addresses": ` Volunteers of ${addressGroupsNeeded} addresses (now: ${addressGroups}) would check each other instead, for fewer rows.`,
    "named lately": " Once none was for as long, volunteers check each other instead, for fewer rows.",
  };
  return `${cost} ${reach}${instead[why]}`;
}
