/** What the signed receipt of an inference job holds beside its figures: a record of every answer, and every result that stands. */
import type { CodingScheme } from "../../../shared/coding/scheme.ts";
import { type BatchRecord, batchLine } from "../../../shared/receipts/batch-lines.ts";
import { hexOf, utf8 } from "../../../shared/receipts/bytes.ts";
import { BATCHES_FILE, ROWS_FILE, SIGNATURES_FILE } from "../../../shared/receipts/check-receipt.ts";
import { answersByBatch, batchKey, unsignedAnswers } from "../../../shared/receipts/check-signatures.ts";
import { bytesOfBase64 } from "../../../shared/receipts/ed25519.ts";
import { MerkleRoot } from "../../../shared/receipts/merkle.ts";
import { ROW_RECORD_BYTES, type RowPlace, writeRow } from "../../../shared/receipts/row-records.ts";
import { Sha256 } from "../../../shared/receipts/sha256.ts";
import { isSignedResult, type SignatureLine, signatureLine } from "../../../shared/receipts/signature-lines.ts";
import { VolunteerKeys, volunteerIdOf } from "../../../shared/receipts/volunteer-keys.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import type { SealedParts } from "../../shell/receipt-parts.ts";
import type { StoredRound } from "../../store/store.ts";
import type { BatchSource } from "./core/batch-source.ts";
import { firstPlaceOf, planInference, rawQueryOf } from "./core/inference-plan.ts";
import { fixedSchedule, type RoundSchedule, restoredWindows, StreamSchedule } from "./core/round-schedule.ts";
import { type JobAnswers, MARK } from "./engine/job-answers.ts";
import { windowOfRound } from "./engine/job-queries.ts";
import { decodePlan } from "./engine/stored-plan.ts";
import type { StoredJob } from "./records.ts";
import { type AnswersOfJob, allAnswers } from "./views.ts";
import { answersData } from "./web/answer-files.ts";

/** Rows that are hashed before others get their turn: about two milliseconds. */
const ROWS_AT_ONCE = 1_000;

/** @param rounds all of the job's that are durable */
export async function receiptParts(
  state: CoordinatorState,
  found: AnswersOfJob,
  rounds: readonly StoredRound[],
): Promise<SealedParts> {
  const { job } = found;
  const answers = allAnswers(state, found);
  const numbers = answersData(answers);
  const schedule = scheduleOf(job, rounds);
  const places = placesOf(found, rounds, schedule);
  const rows = new Uint8Array(answers.queryCount * ROW_RECORD_BYTES);
  const [tree, hash] = [new MerkleRoot(), new Sha256()];
  const rowBytes = 4 * answers.outputSize;
  const bytes = new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  for (let query = 0; query < answers.queryCount; query++) {
    const bound = answers.bounds[query]!;
    const record = rows.subarray(query * ROW_RECORD_BYTES, (query + 1) * ROW_RECORD_BYTES);
    writeRow(record, {
      mark: answers.marks[query]!,
      isFinal: answers.final[query] === 1,
      hasOpenLabel: answers.labelAmbiguous[query] === 1,
      place: places.of(query),
      bound: Number.isNaN(bound) ? null : bound,
      answerSha256: hash.update(bytes.subarray(query * rowBytes, (query + 1) * rowBytes)).digest(),
    });
    tree.add(record);
    if (query % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  const standing = batchesOf(rounds, schedule);
  const batches = treeOf(standing.map(batchLine));
  const signed = await signedLines(job.jobId, standing, rounds, rows);
  const signatures = treeOf(signed.map(signatureLine));
  return {
    commitment: job.commitment ?? null,
    auditShareMax: job.auditShareLeast ?? state.settings.auditShareMax,
    anchorShare: job.crossChecks?.terms?.anchorShare ?? null,
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

function treeOf(lines: readonly string[]) {
  const tree = new MerkleRoot();
  for (const line of lines) tree.add(utf8(line));
  return {
    tree: { count: tree.count, root: hexOf(tree.root()) },
    file: utf8(lines.map((line) => `${line}\n`).join("")),
  };
}

/** [RC9] Of the results that stand, those whose signatures are right and whose rows the answers still are. */
async function signedLines(
  jobId: string,
  standing: readonly BatchRecord[],
  rounds: readonly StoredRound[],
  rows: Uint8Array,
): Promise<SignatureLine[]> {
  const signed = new Map(rounds.map(({ roundIndex, plan }) => [roundIndex, decodePlan(plan).signed ?? []]));
  const answered = answersByBatch(rows);
  const keys = new VolunteerKeys();
  const lines: SignatureLine[] = [];
  for (const { roundIndex, workerIndex, volunteerId } of standing) {
    const result = signed.get(roundIndex)?.[workerIndex];
    if (result == null || volunteerIdOf(bytesOfBase64(result.publicKey)) !== volunteerId) continue;
    const answers = answered.get(batchKey(roundIndex, workerIndex)) ?? [];
    if (unsignedAnswers(result, answers, rows).length > 0 || !(await isSignedResult(jobId, result, keys))) continue;
    lines.push({ roundIndex, workerIndex, ...result });
  }
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
function placesOf({ job, answers }: AnswersOfJob, rounds: readonly StoredRound[], schedule: RoundSchedule): RowPlaces {
  const places = new RowPlaces(job.queryCount);
  if (planInference(job).verification !== "audits") return places;
  for (const { roundIndex, queryIndices, plan } of rounds) {
    const { scheme } = schedule.planOf(roundIndex);
    const { placements, sources } = decodePlan(plan);
    // Of a group of one query several workers may have it as it is.
    const author = scheme.queryCount === 1 ? authorOf(answers, queryIndices, ownSources(scheme, sources)) : null;
    queryIndices.forEach((query, own) => {
      const workerIndex = author ?? placements?.[own] ?? own % scheme.queryCount;
      if (scheme.rawQueryOf[workerIndex]! < 0) return;
      places.put(query, { roundIndex, workerIndex, row: Math.floor(own / scheme.queryCount) });
    });
  }
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
  const volunteerId = audited === undefined ? null : answers.sourceOf(audited);
  return standing.find((workerIndex) => sources[workerIndex]!.volunteerId === volunteerId) ?? standing[0] ?? null;
}

/** Without those whose rows are mixtures. */
function ownSources({ rawQueryOf }: CodingScheme, sources: readonly (BatchSource | null)[]): (BatchSource | null)[] {
  return sources.map((source, workerIndex) => (rawQueryOf[workerIndex]! >= 0 ? source : null));
}

function doesStand(source: BatchSource | null): source is BatchSource {
  return source !== null && source.isWithdrawn !== true;
}

/** The code of each round: of a stream that of its window. */
function scheduleOf(job: StoredJob, rounds: readonly StoredRound[]): RoundSchedule {
  if (job.queriesSha256 !== null) return fixedSchedule(job);
  return new StreamSchedule(job, restoredWindows(rounds.map(windowOfRound)));
}

function batchesOf(rounds: readonly StoredRound[], schedule: RoundSchedule): BatchRecord[] {
  return rounds.flatMap(({ roundIndex, plan }) => {
    const inForce = schedule.planOf(roundIndex);
    const { sources, batchRows } = decodePlan(plan);
    return sources.flatMap((source, workerIndex) => {
      if (!doesStand(source)) return [];
      const { volunteerId, opinionBy, precision } = source;
      // Without the opinion what was drawn for it is not of this result's draw.
      const drawnRows = opinionBy === null ? (source.ownDrawnRows ?? source.auditedRows) : source.auditedRows;
      const names = source.coins && {
        attempt: source.coins.attempt,
        firstPlace: firstPlaceOf(inForce, roundIndex) + rawQueryOf(inForce, workerIndex),
        stride: inForce.scheme.queryCount,
      };
      const batch = { roundIndex, workerIndex, volunteerId, rows: batchRows, drawnRows, opinionBy, precision };
      return [{ ...batch, coins: names ?? null }];
    });
  });
}
