/** Who gave the answers of a job whose rows went out one by one: did the secret ask for no second word of them that is not there, and did they sign? */
import { ANSWER_MARKS } from "../kinds/inference/answers.ts";
import { coinOf, coinText } from "../verify/cross-checks/coins.ts";
import { AUTHOR_RECORD_BYTES, type AuthorRecord, readAuthor, readAuthorNames } from "./author-records.ts";
import { bytesOfHex, hexOf, utf8 } from "./bytes.ts";
import { recordsIn } from "./check-rows.ts";
import { NoSignaturesError } from "./ed25519.ts";
import { broken, holds, listed, open, type ReceiptFinding } from "./findings.ts";
import { MerkleRoot } from "./merkle.ts";
import { ANSWER_HASH_AT, ROW_RECORD_BYTES } from "./row-records.ts";
import type { Amendment, EndedStatement } from "./sealed-receipt.ts";
import { hmacSha256 } from "./sha256.ts";
import { isSignedResult, readSignatureLine, rowKey, rowsSigned } from "./signature-lines.ts";
import { VolunteerKeys } from "./volunteer-keys.ts";

export const AUTHORS_FILE = "authors.bin";
export const AUTHOR_NAMES_FILE = "authors.json";

/** By query. */
export interface Authors {
  readonly names: readonly string[];
  readonly records: readonly AuthorRecord[];
}

const [AUDITED, UNCHECKED] = (["audited", "unchecked"] as const).map((mark) => ANSWER_MARKS.indexOf(mark)) as [
  number,
  number,
];

/** @param file authors.bin, names: authors.json; undefined: it is not there, or not what was signed */
export function checkAuthors(
  file: Uint8Array | undefined,
  names: Uint8Array | undefined,
  rows: Uint8Array,
): { readonly authors: Authors | null; readonly finding: ReceiptFinding } {
  const fail = (text: string) => ({ authors: null, finding: broken("batches", text) });
  if (file === undefined || names === undefined)
    return { authors: null, finding: open("batches", `${AUTHORS_FILE} or ${AUTHOR_NAMES_FILE} is not there`) };
  const list = readAuthorNames(new TextDecoder().decode(names));
  if (list === null) return fail(`${AUTHOR_NAMES_FILE} is none that a coordinator writes`);
  const queries = rows.length / ROW_RECORD_BYTES;
  if (file.length !== queries * AUTHOR_RECORD_BYTES)
    return fail(
      `${AUTHORS_FILE}: expected ${queries} records of ${AUTHOR_RECORD_BYTES} bytes, got ${file.length} bytes`,
    );
  const records: AuthorRecord[] = [];
  let query = 0;
  for (const record of recordsIn(rows)) {
    const at = query * AUTHOR_RECORD_BYTES;
    const author = readAuthor(file.subarray(at, at + AUTHOR_RECORD_BYTES), list.length);
    if (record === null || author === null) return fail(`${AUTHORS_FILE}: record ${query} is none`);
    // What a code or a majority answers is nobody's own, and final by no block.
    const isVolunteers = (record.mark === AUDITED || record.mark === UNCHECKED) && record.isFinal;
    if (isVolunteers && author.author === null)
      return fail(`answer ${query} is final on a volunteer's word, and is said to be nobody's`);
    if (author.author !== null && author.partner === author.author)
      return fail(`answer ${query}: its own author is said to have agreed with it`);
    if (record.mark === AUDITED && record.isFinal && author.blockId === null)
      return fail(`answer ${query} is final, and no block certified it`);
    records.push(author);
    query++;
  }
  const answers = records.filter(({ author }) => author !== null).length;
  const who = `${list.length} ${list.length === 1 ? "volunteer" : "volunteers"}`;
  return { authors: { names: list, records }, finding: holds("batches", `${answers} answers of ${who}, row by row`) };
}

/**
 * Of a final answer that the coordinator did not compute itself, the secret asked for no trusted row; and where it asked for a second word there is one.
 * Both are held against the least share of all blocks of the job: a coordinator that computes more is none the worse.
 */
export function checkCoins(
  { jobId, opened, onRows }: EndedStatement,
  rows: Uint8Array,
  { records }: Authors,
): ReceiptFinding {
  if (onRows === undefined || opened === null)
    return open("draws", "nobody can draw them again without the job's secret");
  const { anchorShare, duplicateShare } = onRows;
  const secret = bytesOfHex(opened);
  const [untrusted, alone]: [number[], number[]] = [[], []];
  let [query, looked] = [-1, 0];
  for (const record of recordsIn(rows)) {
    query++;
    const author = records[query]!;
    if (record === null || record.mark !== AUDITED || !record.isFinal) continue;
    looked++;
    const digest = hmacSha256(secret, utf8(coinText(jobId, query, author.attempt)));
    const coin = coinOf(String.fromCharCode(...digest));
    if (coin < anchorShare) untrusted.push(query);
    else if (coin < anchorShare + duplicateShare && author.partner === null) alone.push(query);
  }
  if (untrusted.length > 0)
    return broken("draws", `drawn, and not computed by the coordinator: answers ${listed(untrusted)}`);
  if (alone.length > 0) return broken("draws", `drawn, and nobody gave a second word: answers ${listed(alone)}`);
  const what =
    looked === 0
      ? "no answer is final on the word of volunteers"
      : `the coins of ${looked} answers, as the secret tosses them`;
  return holds("draws", what);
}

/** @param file signatures.jsonl; undefined: it is not there, or not what was signed */
export async function checkAuthorSignatures(
  file: Uint8Array | undefined,
  { jobId, signatures }: EndedStatement,
  rows: Uint8Array,
  { names, records }: Authors,
): Promise<ReceiptFinding> {
  if (signatures === undefined) return open("signatures", "no row of this job is signed by its volunteer");
  if (file === undefined) return open("signatures", "signatures.jsonl is not there");
  const fail = (text: string) => broken("signatures", `signatures.jsonl: ${text}`);
  const lines = new TextDecoder().decode(file).split("\n");
  if (lines.pop() !== "") return fail("expected a newline at its end");
  const [tree, keys] = [new MerkleRoot(), new VolunteerKeys()];
  /** By volunteer, the rows that it signed. */
  const signed = new Map<string, Set<string>>();
  for (const [place, text] of lines.entries()) {
    const line = readSignatureLine(text);
    if (line === null || line.roundIndex !== place) return fail(`line ${place + 1} is none that a coordinator writes`);
    tree.add(utf8(text));
    const signer = keys.idOf(line.publicKey);
    if (!names.includes(signer)) return fail(`line ${place + 1} is signed by ${signer}, who gave no answer`);
    try {
      if (!(await isSignedResult(jobId, line, keys)))
        return fail(`line ${place + 1}: the signature is not that of ${signer}`);
    } catch (error) {
      if (!(error instanceof NoSignaturesError)) throw error;
      return open("signatures", `they cannot be checked here: ${error.message}`);
    }
    const own = signed.get(signer) ?? new Set();
    for (const row of rowsSigned(line).keys()) own.add(row);
    signed.set(signer, own);
  }
  if (lines.length !== signatures.count) return fail(`expected ${signatures.count} lines, got ${lines.length}`);
  const got = hexOf(tree.root());
  if (got !== signatures.root) return fail(`expected the root ${signatures.root}, got ${got}`);
  const foreign: number[] = [];
  let [query, covered] = [-1, 0];
  for (const record of recordsIn(rows)) {
    query++;
    const { author } = records[query]!;
    const own = author === null ? undefined : signed.get(names[author]!);
    if (record === null || (record.mark !== AUDITED && record.mark !== UNCHECKED) || own === undefined) continue;
    if (own.has(rowKey(rows, query * ROW_RECORD_BYTES + ANSWER_HASH_AT))) covered++;
    else foreign.push(query);
  }
  if (foreign.length > 0) return broken("signatures", `answers that their volunteers did not sign: ${listed(foreign)}`);
  const unsigned = names.length - signed.size;
  const others = unsigned === 0 ? "" : `; ${unsigned} ${unsigned === 1 ? "volunteer" : "volunteers"} signed nothing`;
  return holds("signatures", `${lines.length} claims${others}; ${covered} answers are rows that were signed`);
}

/** Final answers of those whom the amendments leave quarantined. */
export function takenBackOf(amendments: readonly Amendment[], rows: Uint8Array, { names, records }: Authors) {
  return amendments.map(({ volunteerId, atMs, reason }) => {
    const author = names.indexOf(volunteerId);
    const queries: number[] = [];
    let query = -1;
    for (const record of recordsIn(rows)) {
      query++;
      if (record?.isFinal === true && record.mark === AUDITED && records[query]!.author === author) queries.push(query);
    }
    return { volunteerId, atMs, reason, queries, leanedOn: 0 };
  });
}
