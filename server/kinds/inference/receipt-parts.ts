/** What the signed receipt of an inference job holds beside its figures: a record of every answer, and every result that stands. */
import type { CodingScheme } from "../../../shared/coding/scheme.ts";
import { type BatchRecord, batchLine } from "../../../shared/receipts/batch-lines.ts";
import { hexOf, utf8 } from "../../../shared/receipts/bytes.ts";
import { BATCHES_FILE, ROWS_FILE, SIGNATURES_FILE } from "../../../shared/receipts/check-receipt.ts";
import { AnswersByBatch, batchKey, unsignedAnswers } from "../../../shared/receipts/check-signatures.ts";
import { MerkleRoot } from "../../../shared/receipts/merkle.ts";
import { ROW_RECORD_BYTES, type RowPlace, writeRow } from "../../../shared/receipts/row-records.ts";
import { DIGEST_BYTES } from "../../../shared/receipts/sha256.ts";
import { isSignedResult, type SignatureLine, signatureLine } from "../../../shared/receipts/signature-lines.ts";
import { VolunteerKeys } from "../../../shared/receipts/volunteer-keys.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import { nativeDigest } from "../../native-digest.ts";
import type { SealedParts } from "../../shell/receipt-parts.ts";
import type { StoredRound } from "../../store/store.ts";
import type { BatchSource } from "./core/batch-source.ts";
import { planInference } from "./core/inference-plan.ts";
import { type EarlierRounds, earlierRounds } from "./earlier-rounds.ts";
import { type JobAnswers, MARK } from "./engine/job-answers.ts";
import { decodePlan, type StoredPlan } from "./engine/stored-plan.ts";
import { inPieces } from "./in-pieces.ts";
import type { StoredCrossChecks } from "./records.ts";
import { type AnswersOfJob, allAnswers } from "./views.ts";
import { answerRows } from "./web/answer-files.ts";

/** As widths (inPieces), so that others get their turn every few milliseconds. */
const ROW_WIDTH = 1_000;
const LINE_WIDTH = 10_000;
/** A round is as dear as its plan is long. */
const WIDTH_OF_PLAN_BYTE = 2;
/** Signatures are checked on other threads. One by one each would take a turn of the event loop, and its threads would be woken up for each. */
const SIGNATURES_AT_ONCE_MAX = 32;
/** Of their results so many rows are compared in one go. */
const ROWS_COMPARED_AT_ONCE = 1_000;

/** A round as it is stored, with its plan read. */
type ReadRound = Omit<StoredRound, "plan"> & { readonly plan: StoredPlan };

/** @param stored all of the job's rounds that are durable */
export async function receiptParts(
  state: CoordinatorState,
  found: AnswersOfJob,
  stored: readonly StoredRound[],
): Promise<SealedParts> {
  const { job } = found;
  const answers = await allAnswers(state, found);
  const earlier = earlierRounds(job);
  const width =
    (WIDTH_OF_PLAN_BYTE * stored.reduce((sum, { plan }) => sum + plan.byteLength, 0)) / (stored.length || 1);
  const rounds = await inTurns(stored, width, (round) => ({ ...round, plan: decodePlan(round.plan) }));
  const places = await placesOf(found, rounds, earlier, width);
  const rows = new Uint8Array(answers.queryCount * ROW_RECORD_BYTES);
  const tree = new MerkleRoot(nativeDigest);
  const answerSha256 = new Uint8Array(DIGEST_BYTES);
  const rowBytes = 4 * answers.outputSize;
  const answered = new AnswersByBatch();
  await inPieces(answers.queryCount, ROW_WIDTH + answers.outputSize, (start, end) => {
    const bytes = new Uint8Array(answerRows(answers, start, end).buffer);
    for (let query = start; query < end; query++) {
      const bound = answers.bounds[query]!;
      const [mark, place] = [answers.marks[query]!, places.of(query)];
      const record = rows.subarray(query * ROW_RECORD_BYTES, (query + 1) * ROW_RECORD_BYTES);
      nativeDigest(bytes.subarray((query - start) * rowBytes, (query + 1 - start) * rowBytes), answerSha256, 0);
      writeRow(record, {
        mark,
        isFinal: answers.final[query] === 1,
        hasOpenLabel: answers.labelAmbiguous[query] === 1,
        place,
        bound: Number.isNaN(bound) ? null : bound,
        answerSha256,
      });
      tree.add(record);
      answered.add(query, { mark, place });
    }
  });
  const standing = (await inTurns(rounds, width, (round) => batchesOf(round, earlier))).flat();
  const batches = await treeOf(standing, batchLine);
  const signed = await signedLines(job.jobId, standing, rounds, { answered, rows });
  const signatures = await treeOf(signed, signatureLine);
  return {
    commitment: job.commitment ?? null,
    auditShareMax: job.auditShareLeast ?? state.settings.auditShareMax,
    anchorShare: leastAnchorShare(job.crossChecks),
    trees: {
      rows: { count: tree.count, root: hexOf(tree.root()) },
      batches: batches.tree,
    },
    ...(signed.length === 0 ? {} : { signatures: signatures.tree }),
    files: [
      { name: ROWS_FILE, bytes: rows },
      { name: BATCHES_FILE, bytes: batches.file },
      ...(signed.length === 0 ? [] : [{ name: SIGNATURES_FILE, bytes: signatures.file }]),
    ],
  };
}

async function treeOf<T>(records: readonly T[], lineOf: (record: T) => string) {
  const tree = new MerkleRoot(nativeDigest);
  const lines = await inTurns(records, LINE_WIDTH, (record) => {
    const line = lineOf(record);
    tree.add(utf8(line));
    return `${line}\n`;
  });
  return { tree: { count: tree.count, root: hexOf(tree.root()) }, file: utf8(lines.join("")) };
}

/** What is made of each, one after the other, while others have their turn. */
async function inTurns<T, U>(all: readonly T[], width: number, make: (one: T) => U): Promise<U[]> {
  const made: U[] = [];
  await inPieces(all.length, width, (start, end) => {
    for (let i = start; i < end; i++) made.push(make(all[i]!));
  });
  return made;
}

/** [RC9] Of the results that stand, those whose signatures are right and whose rows the answers still are. */
async function signedLines(
  jobId: string,
  standing: readonly BatchRecord[],
  rounds: readonly ReadRound[],
  { answered, rows }: { readonly answered: AnswersByBatch; readonly rows: Uint8Array },
): Promise<SignatureLine[]> {
  const signed = new Map(rounds.map(({ roundIndex, plan }) => [roundIndex, plan.signed ?? []]));
  const keys = new VolunteerKeys();
  const lines: SignatureLine[] = [];
  let checked: Promise<SignatureLine | null>[] = [];
  let rowsCompared = 0;
  const takeChecked = async () => {
    for (const line of await Promise.all(checked)) if (line !== null) lines.push(line);
    [checked, rowsCompared] = [[], 0];
  };
  for (const { roundIndex, workerIndex, volunteerId } of standing) {
    const result = signed.get(roundIndex)?.[workerIndex];
    if (result == null || keys.idOf(result.publicKey) !== volunteerId) continue;
    const answers = answered.get(batchKey(roundIndex, workerIndex));
    rowsCompared += answers.length;
    if (unsignedAnswers(result, answers, rows).length === 0) {
      const line = { roundIndex, workerIndex, ...result };
      checked.push(isSignedResult(jobId, result, keys, nativeDigest).then((isRight) => (isRight ? line : null)));
    }
    if (checked.length === SIGNATURES_AT_ONCE_MAX || rowsCompared >= ROWS_COMPARED_AT_ONCE) await takeChecked();
  }
  await takeChecked();
  return lines;
}

/** Of each query, which row of which batch computed it as it is. Columns, not objects: there may be millions. */
class RowPlaces {
  readonly #workers: Uint16Array;
  readonly #rounds: Uint32Array;
  readonly #rows: Uint32Array;

  constructor(queryCount: number) {
    this.#workers = new Uint16Array(queryCount).fill(NOWHERE);
    this.#rounds = new Uint32Array(queryCount);
    this.#rows = new Uint32Array(queryCount);
  }

  put(query: number, { roundIndex, workerIndex, row }: RowPlace): void {
    this.#workers[query] = workerIndex;
    this.#rounds[query] = roundIndex;
    this.#rows[query] = row;
  }

  of(query: number): RowPlace | null {
    const workerIndex = this.#workers[query]!;
    if (workerIndex === NOWHERE) return null;
    return { roundIndex: this.#rounds[query]!, workerIndex, row: this.#rows[query]! };
  }
}
const NOWHERE = 0xffff;

/** Where nothing is audited nobody asks. */
async function placesOf(
  { job, answers }: AnswersOfJob,
  rounds: readonly ReadRound[],
  earlier: EarlierRounds,
  width: number,
): Promise<RowPlaces> {
  const places = new RowPlaces(job.queryCount);
  if (planInference(job).verification !== "audits") return places;
  await inTurns(rounds, width, (round) => {
    const { roundIndex, queryIndices, plan } = round;
    const { placements, sources, splits = [] } = plan;
    const scheme = earlier.schemeOf(round);
    // Of a group of one query several workers may have it as it is.
    const author = scheme.queryCount === 1 ? authorOf(answers, queryIndices, ownSources(scheme, sources)) : null;
    queryIndices.forEach((query, own) => {
      const workerIndex = author ?? placements?.[own] ?? own % scheme.queryCount;
      if (scheme.rawQueryOf[workerIndex]! < 0) return;
      places.put(query, { roundIndex, workerIndex, row: Math.floor(own / scheme.queryCount) });
    });
    for (const { workerIndex, rows } of splits) {
      rows.forEach((own, row) => {
        const query = queryIndices[own];
        if (query !== undefined) places.put(query, { roundIndex, workerIndex, row });
      });
    }
  });
  return places;
}

/**
 * Of several results for the same rows, the worker index of the one that answers them. Rows that the coordinator computed itself are of
 * either.
 * @returns null: none stands
 */
function authorOf(
  answers: JobAnswers,
  queryIndices: Uint32Array,
  sources: readonly (BatchSource | null)[],
): number | null {
  const standing = sources.flatMap((source, workerIndex) => (doesStand(source) ? [workerIndex] : []));
  const audited = queryIndices.find((query) => answers.marks[query] === MARK.audited);
  const volunteerId = audited === undefined ? null : answers.sources.volunteerOf(audited);
  return standing.find((workerIndex) => sources[workerIndex]!.volunteerId === volunteerId) ?? standing[0] ?? null;
}

/** Without those whose rows are mixtures. */
function ownSources({ rawQueryOf }: CodingScheme, sources: readonly (BatchSource | null)[]): (BatchSource | null)[] {
  return sources.map((source, workerIndex) => (rawQueryOf[workerIndex]! >= 0 ? source : null));
}

function doesStand(source: BatchSource | null): source is BatchSource {
  return source !== null && source.isWithdrawn !== true;
}

function batchesOf(round: ReadRound, earlier: EarlierRounds): BatchRecord[] {
  const { roundIndex } = round;
  const { sources, batchRows, splits = [] } = round.plan;
  const { rawQueryOf, queryCount: stride } = earlier.schemeOf(round);
  return sources.flatMap((source, workerIndex) => {
    if (!doesStand(source)) return [];
    const { volunteerId, opinionBy, precision } = source;
    const split = splits.find((slot) => slot.workerIndex === workerIndex);
    // Without the opinion what was drawn for it is not of this result's draw.
    const drawnRows = opinionBy === null ? (source.ownDrawnRows ?? source.auditedRows) : source.auditedRows;
    const names = source.coins && {
      attempt: source.coins.attempt,
      firstPlace: earlier.firstNameOf(round) + rawQueryOf[split?.of ?? workerIndex]! + stride * (split?.first ?? 0),
      stride,
    };
    const rows = split?.rows.length ?? batchRows;
    const batch = {
      ...{ roundIndex, workerIndex, volunteerId, rows, drawnRows, opinionBy },
      // [PC10] How closely it was compared is the coordinator's affair.
      precision: precision === "fixed32" ? ("float32" as const) : precision,
    };
    return [{ ...batch, coins: names ?? null }];
  });
}

/** [CC14] q0 of any of its rows, at least: draws below it are anchors in each of its ledgers. null: nothing of it was cross-checked. */
function leastAnchorShare(crossChecks: StoredCrossChecks | null): number | null {
  const terms = crossChecks?.terms ?? null;
  if (terms === null) return null;
  const ofLedgers = (crossChecks?.ledgers ?? []).map(({ anchorShare }) => anchorShare ?? terms.anchorShare);
  return Math.min(terms.anchorShare, ...ofLedgers);
}
