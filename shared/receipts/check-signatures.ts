/** Did volunteers sign the results that they are said to have sent, and are the answers rows of these? */
import { ANSWER_MARKS } from "../kinds/inference/answers.ts";
import type { BatchRecord } from "./batch-lines.ts";
import { hexOf, utf8 } from "./bytes.ts";
import { recordsIn } from "./check-rows.ts";
import { NoSignaturesError } from "./ed25519.ts";
import { broken, holds, listed, open, type ReceiptFinding } from "./findings.ts";
import { MerkleRoot } from "./merkle.ts";
import { ANSWER_HASH_AT, ROW_RECORD_BYTES, type RowRecord } from "./row-records.ts";
import type { EndedStatement } from "./sealed-receipt.ts";
import { isSignedResult, readSignatureLine, rowKey, rowsSigned, type SignedResult } from "./signature-lines.ts";
import { VolunteerKeys } from "./volunteer-keys.ts";

/** Answers that are a volunteer's own numbers. What is exact the coordinator computed. */
const VOLUNTEERS_OWN = new Set((["unchecked", "audited"] as const).map((mark) => ANSWER_MARKS.indexOf(mark)));

export function batchKey(roundIndex: number, workerIndex: number): number {
  return roundIndex * 0x10000 + workerIndex;
}

/** By batch, the numbers of the answers that are its volunteer's own. */
export class AnswersByBatch {
  readonly #byKey = new Map<number, number[]>();

  /** @param rows rows.bin */
  static of(rows: Uint8Array): AnswersByBatch {
    const byBatch = new AnswersByBatch();
    let query = 0;
    for (const record of recordsIn(rows)) {
      if (record !== null) byBatch.add(query, record);
      query++;
    }
    return byBatch;
  }

  add(query: number, { mark, place }: Pick<RowRecord, "mark" | "place">): void {
    if (place === null || !VOLUNTEERS_OWN.has(mark)) return;
    const key = batchKey(place.roundIndex, place.workerIndex);
    const answers = this.#byKey.get(key);
    if (answers === undefined) this.#byKey.set(key, [query]);
    else answers.push(query);
  }

  get(key: number): readonly number[] {
    return this.#byKey.get(key) ?? [];
  }
}

/**
 * Those of the answers that are no row of what was signed; each row answers once.
 * @param answers their numbers
 * @param rows rows.bin
 */
export function unsignedAnswers(result: SignedResult, answers: readonly number[], rows: Uint8Array): number[] {
  const signed = rowsSigned(result);
  return answers.filter((query) => {
    const row = rowKey(rows, query * ROW_RECORD_BYTES + ANSWER_HASH_AT);
    const left = signed.get(row) ?? 0;
    signed.set(row, left - 1);
    return left <= 0;
  });
}

/** @param file signatures.jsonl; undefined: it is not there, or not what was signed */
export async function checkSignatures(
  file: Uint8Array | undefined,
  ended: EndedStatement,
  rows: Uint8Array,
  batches: readonly BatchRecord[],
): Promise<ReceiptFinding> {
  const { jobId, signatures } = ended;
  if (signatures === undefined) return open("signatures", "no result of this job is signed by its volunteer");
  if (file === undefined) return open("signatures", "signatures.jsonl is not there");
  const fail = (text: string) => broken("signatures", `signatures.jsonl: ${text}`);
  const lines = new TextDecoder().decode(file).split("\n");
  if (lines.pop() !== "") return fail("expected a newline at its end");
  const volunteerOf = new Map(
    batches.map((batch) => [batchKey(batch.roundIndex, batch.workerIndex), batch.volunteerId]),
  );
  const answered = AnswersByBatch.of(rows);
  const [tree, keys] = [new MerkleRoot(), new VolunteerKeys()];
  let [before, covered] = [-1, 0];
  const foreign: number[] = [];
  for (const [place, text] of lines.entries()) {
    const line = readSignatureLine(text);
    if (line === null) return fail(`line ${place + 1} is none that a coordinator writes`);
    const { roundIndex, workerIndex } = line;
    const key = batchKey(roundIndex, workerIndex);
    if (key <= before) return fail(`line ${place + 1} is not behind the one before it`);
    before = key;
    tree.add(utf8(text));
    const name = `the result of round ${roundIndex}, worker index ${workerIndex}`;
    const [volunteerId, signer] = [volunteerOf.get(key), keys.idOf(line.publicKey)];
    if (volunteerId === undefined) return fail(`${name} does not stand`);
    if (signer !== volunteerId) return fail(`${name} is said to be of ${volunteerId}, and is signed by ${signer}`);
    try {
      if (!(await isSignedResult(jobId, line, keys))) return fail(`${name}: the signature is not that of ${signer}`);
    } catch (error) {
      if (!(error instanceof NoSignaturesError)) throw error;
      return open("signatures", `they cannot be checked here: ${error.message}`);
    }
    const answers = answered.get(key);
    foreign.push(...unsignedAnswers(line, answers, rows));
    covered += answers.length;
  }
  if (lines.length !== signatures.count) return fail(`expected ${signatures.count} lines, got ${lines.length}`);
  const got = hexOf(tree.root());
  if (got !== signatures.root) return fail(`expected the root ${signatures.root}, got ${got}`);
  if (foreign.length > 0) {
    return broken("signatures", `answers that their volunteers did not sign: ${listed(foreign)}`);
  }
  const unsigned = batches.length - lines.length;
  const others = unsigned === 0 ? "" : `; ${unsigned} ${unsigned === 1 ? "is" : "are"} not signed`;
  return holds("signatures", `${lines.length} results${others}; ${covered} answers are rows that were signed`);
}
