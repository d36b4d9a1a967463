/** What people and programs are told of a job on the ledger of rows, at work or ended. Pure. */
import type { BlockReceipt, RowsReceipt } from "../../../../../shared/kinds/inference/rows-receipt.ts";
import type { RowsPrice, RowsView, RowsWaiting } from "../../../../../shared/kinds/inference/rows-view.ts";
import { promiseInWords, raisedInWords, refusedInWords } from "../../../../checks/promise.ts";
import { isStrict } from "../../core/batch-bounds.ts";
import type { StoredJob } from "../../records.ts";
import { isComputedAlone } from "../core/job-blocks.ts";
import type { RowsJob } from "../core/rows-job.ts";
import type { StoredBlock } from "../work.ts";

/** How many of its rows are what. */
export interface RowsCounted {
  readonly queryCount: number;
  readonly finalCount: number;
  /** Rows that the coordinator computed. */
  readonly exactCount: number;
}

/** What moves while a job is at work. */
export interface RowsMoving {
  readonly waiting: RowsWaiting | null;
  readonly notFinalForMs: number | null;
  /** Does the coordinator compute all of it, for its account does not carry it? */
  readonly isOwn: boolean;
}

/** @param nowMs of the coordinator's clock */
export function movingRows(job: RowsJob, nowMs: number): RowsMoving {
  const { ledger, checked, claims, recomputing, toRecompute } = job;
  const waits = checked?.waits ?? null;
  const isOwn = isComputedAlone(job);
  if (ledger === null) return { waiting: null, notFinalForMs: null, isOwn };
  const { fresh, again } = ledger.counts;
  const areForTabs = !isOwn || job.isOpen;
  let own = toRecompute.length;
  for (const rows of recomputing.values()) own += rows.length;
  return {
    waiting: {
      ...{ fresh: areForTabs ? fresh : 0, again: areForTabs ? again : 0 },
      checks: waits?.partners ?? 0,
      coordinator: Math.max(own, waits?.coordinator ?? 0),
      claims: claims.size,
    },
    notFinalForMs: waits === null || waits.oldestMs === null ? null : Math.max(0, Math.round(nowMs - waits.oldestMs)),
    isOwn,
  };
}

/**
 * @param blocks of the job, the earliest first
 * @param moving null: it has ended
 */
export function rowsTold(
  job: StoredJob,
  { queryCount, finalCount, exactCount }: RowsCounted,
  blocks: readonly StoredBlock[],
  moving: RowsMoving | null,
): RowsView {
  const { refusal } = job;
  const by = moving?.isOwn || exactCount === queryCount ? "coordinator" : "nobody";
  const settled =
    by === "coordinator"
      ? ({ by } as const)
      : { by: "nobody" as const, why: refusal?.why ?? "price", rowsThatSuffice: refusal?.rowsThatSuffice ?? null };
  const rowsRefused = blocks.length === 0 ? queryCount : queryCount - finalCount;
  return {
    waiting: moving?.waiting ?? null,
    notFinalForMs: moving?.notFinalForMs ?? null,
    coordinatorRows: exactCount,
    price: priceOf(blocks),
    blocks: { opened: blocks.length, certified: blocks.filter(({ certificate }) => certificate !== null).length },
    isStrict: isStrict(job),
    promise: promiseOf(job, blocks),
    raised: raisedOf(blocks),
    refused: refusal === undefined || rowsRefused === 0 ? null : refusedInWords(rowsRefused, settled),
    rowsThatSuffice: by === "coordinator" ? null : (refusal?.rowsThatSuffice ?? null),
  };
}

/** @param blocks of the job, the earliest first */
export function rowsReceipt(job: StoredJob, blocks: readonly StoredBlock[]): RowsReceipt {
  return { promise: promiseOf(job, blocks), isStrict: isStrict(job), blocks: blocks.map(blockReceipt) };
}

function blockReceipt({ block: { terms, state }, timesAsked, certificate }: StoredBlock): BlockReceipt {
  const { rows, anchorShare, duplicateShare, sampleShare, checkShare, reserve } = terms;
  return {
    ...{ rows, timesAsked, sampleShare, checkShare, reserve },
    coordinatorShare: anchorShare,
    partnerShare: duplicateShare,
    isCharged: state === "charged",
    sampled: certificate?.sampled ?? null,
  };
}

const priceRowsOf = (blocks: readonly StoredBlock[]) =>
  blocks.reduce((sum, { block }) => sum + block.terms.priceRows, 0);

const askedFirst = (blocks: readonly StoredBlock[]) => blocks.filter(({ timesAsked }) => timesAsked === 0);
const askedAgain = (blocks: readonly StoredBlock[]) => blocks.filter(({ timesAsked }) => timesAsked > 0);

function priceOf(blocks: readonly StoredBlock[]): RowsPrice | null {
  if (blocks.length === 0) return null;
  const duplicates = blocks.map(({ block: { terms } }) => terms.duplicateShare * terms.rows);
  return {
    toldRows: Math.round(priceRowsOf(askedFirst(blocks))),
    rows: Math.round(priceRowsOf(blocks)),
    duplicateRows: Math.round(duplicates.reduce((sum, rows) => sum + rows, 0)),
  };
}

function promiseOf(job: StoredJob, [first]: readonly StoredBlock[]): string | null {
  if (first === undefined || job.unchecked !== null) return null;
  return promiseInWords(job.submission.answerBound, isStrict(job), first.block.terms);
}

function raisedOf(blocks: readonly StoredBlock[]): string | null {
  const again = askedAgain(blocks);
  if (again.length === 0) return null;
  const rows = again.reduce((sum, { block }) => sum + block.terms.rows, 0);
  return raisedInWords({ rows, coordinatorRows: priceRowsOf(again) }, priceRowsOf(askedFirst(blocks)));
}
