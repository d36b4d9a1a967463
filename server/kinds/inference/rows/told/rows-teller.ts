/** Lines of the logs about inference jobs on the ledger of rows. */
import { shareInWords } from "../../../../../shared/verify/sensitivity.ts";
import type { Own } from "../../../../coordinator/words.ts";
import type { CheckCount, Say } from "../../../../shell/kind-teller.ts";
import type { Judged } from "../../core/work.ts";
import type { RowsOutcome, RowsRecord, RowsWork } from "../work.ts";

type Recomputed = Extract<RowsOutcome, { type: "recomputed" }>["rows"];

/** An audit for each volunteer whose rows the coordinator has computed, now or before they came. */
export function tellRowsOutcome(own: Own, say: Say): void {
  const outcome = own as RowsOutcome;
  switch (outcome.type) {
    case "rowsPrepared":
      return say("prepared");
    case "recomputed":
      for (const [volunteerId, { checked, failed }] of countedByVolunteer(outcome.rows))
        tellAudit(volunteerId, checked, failed, say);
      return;
    case "compared":
      for (const { second, found, place } of outcome.pairs) {
        if (found === "differ") say("second word differs", { volunteerId: second, detail: `row ${place}` });
      }
      return;
    case "knownLooked": {
      const { volunteerId, rows } = outcome;
      return tellAudit(volunteerId, rows.length, rows.filter(({ looked }) => looked === "wrong").length, say);
    }
    case "rowsConfirmed":
      return tellJudged(outcome.judged, say);
    case "recomputeFailed":
    case "confirmRowsFailed":
    case "lookKnownFailed":
    case "compareFailed":
    case "decodeFailed":
      return outcome.isOver === true ? undefined : say(FAILED[outcome.type], { detail: outcome.message }, ERROR);
  }
}

/** Verdicts on volunteers whose rows were computed again, of rounds too. */
export function tellJudged(judged: readonly Judged[], say: Say): void {
  for (const { volunteerId, verdict, spread } of judged) {
    const detail = `${verdict}; trusted runs differ by ${shareInWords(spread)}`;
    say("looked at again", { volunteerId, detail }, verdict === "agrees" ? {} : { level: "warn" });
  }
}

function tellAudit(volunteerId: string, checked: number, failed: number, say: Say): void {
  const detail = `${failed} of ${checked} recomputed rows differ`;
  say(failed === 0 ? "audit passed" : "audit failed", { volunteerId, detail });
}

const ERROR = { level: "error" } as const;

const FAILED = {
  recomputeFailed: "not audited",
  confirmRowsFailed: "not looked at again",
  lookKnownFailed: "not looked at",
  compareFailed: "not compared",
  decodeFailed: "not decoded",
} as const;

export function tellRowsWork(own: Own, say: Say): void {
  const work = own as RowsWork;
  if (work.type === "takeOut") say("withdrawn", { detail: rowsInWords(work.rows.length) }, { level: "warn" });
}

export function tellRowsRecord(own: Own, say: Say): void {
  const record = own as RowsRecord;
  if (record.type !== "block") return;
  const { block, certificate, places } = record.block;
  const rows = rowsInWords(places === "all" ? block.terms.rows : places.length);
  if (certificate !== null) say("certified", { detail: rows });
  else if (block.state === "charged") say("block charged", { detail: rows }, { level: "warn" });
  else if (block.state === "open") say("block opened", { detail: rows });
}

/** Counts of an outcome for the operator. */
export function countsOfRows(own: Own): CheckCount[] {
  const outcome = own as RowsOutcome;
  if (outcome.type !== "recomputed") return [];
  return [...countedByVolunteer(outcome.rows).values()].map(({ checked, failed }) => {
    return { name: "audit", rows: checked, failed };
  });
}

function countedByVolunteer(rows: Recomputed): Map<string, { checked: number; failed: number }> {
  const counted = new Map<string, { checked: number; failed: number }>();
  for (const { words } of rows) {
    for (const { volunteerId, isRight } of words) {
      const { checked, failed } = counted.get(volunteerId) ?? { checked: 0, failed: 0 };
      counted.set(volunteerId, { checked: checked + 1, failed: failed + (isRight ? 0 : 1) });
    }
  }
  return counted;
}

const rowsInWords = (rows: number) => (rows === 1 ? "1 row" : `${rows} rows`);
