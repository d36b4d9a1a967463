/** Answers that a block has certified are written as final some at a time: of a long block in one turn they would hold everybody up. */
import type { CheckEffect } from "../../../../checks/checked-rows-words.ts";
import type { Step } from "../../../../coordinator/core-kind.ts";
import { ownRecord, persistOwn } from "../../../../coordinator/persistence.ts";
import type { RowsPurpose, RowsRecord } from "../work.ts";
import { accountRecords, countRest, giveReserveBack } from "./accounts.ts";
import type { RowsJob, UnwrittenFinals } from "./rows-job.ts";

type Certified = Extract<CheckEffect, { type: "certified" }>;

/** Written at once: some milliseconds. */
const ROWS_AT_ONCE = 16_384;

/** These answers have a bound, and their block has ended without a certificate. */
export function certify(step: Step, job: RowsJob, places: readonly number[]): void {
  const isAtWork = job.certificates.length > 0;
  enter(job, places, null);
  if (!isAtWork) writeCertificate(step, job);
}

function enter({ certificates }: RowsJob, places: readonly number[], end: UnwrittenFinals["end"]): void {
  for (let from = 0; from === 0 || from < places.length; from += ROWS_AT_ONCE) {
    const isEnd = from + ROWS_AT_ONCE >= places.length;
    certificates.push({ places: places.slice(from, from + ROWS_AT_ONCE), end: isEnd ? end : null });
  }
}

/** All coins of these answers are answered, and none had a finding. */
export function blockCertified(step: Step, job: RowsJob, { places, checkShare, sampled, isLast }: Certified): void {
  const isAtWork = job.certificates.length > 0;
  enter(job, places, isLast ? { checkShare, sampled } : null);
  if (!isAtWork) writeCertificate(step, job);
}

/** Those that were written last are durable. */
export function certificateWritten(step: Step, job: RowsJob): void {
  job.certificates.shift();
  writeCertificate(step, job);
}

/** The reserve is free once the last of them is written: killed before that, the block goes on with the others. */
function writeCertificate(step: Step, job: RowsJob): void {
  const { ledger, certificates } = job;
  const [next] = certificates;
  if (next === undefined || ledger === null) return;
  const blockId = job.block?.blockId ?? 0;
  // What was taken out in between is final no more.
  const places = next.places.filter((place) => ledger.stateOf(place) === "final");
  const isLast = next.end !== null;
  if (isLast) {
    countRest(step, job);
    giveReserveBack(step, job, next.end);
  }
  const final: RowsRecord = { type: "final", blockId, places };
  persistOwn<RowsPurpose>(
    step,
    job,
    isLast ? { type: "blockEnded", blockId, left: 0 } : { type: "certified", blockId },
    [...(places.length > 0 ? [ownRecord(job, final)] : []), ...(isLast ? accountRecords(step, job) : [])],
  );
}
