/** The receipt of a job in parts: who signed that these are its parts, that they have each query once, and every part's own receipt. */

import { answersTogether } from "../kinds/inference/answers-together.ts";
import { encodeNpy, type NpyArray, parseNpy } from "../protocol/npy.ts";
import { canonical } from "./canonical.ts";
import { sizeProblem } from "./check-form.ts";
import type { Counted } from "./check-rows.ts";
import { checkKeys, checkPinned } from "./check-statements.ts";
import type { CheckedReceipt, ReceiptToCheck, TakenBackSince } from "./checked-receipt.ts";
import { bytesOfBase64, isSignedBy, NoSignaturesError } from "./ed25519.ts";
import { broken, CHECKS, type CheckName, holds, open, type ReceiptFinding } from "./findings.ts";
import { commitmentOfParts } from "./job-draws.ts";
import { receiptFile } from "./receipt-file.ts";
import { type EndedStatement, type SealedReceipt, statementHash } from "./sealed-receipt.ts";
import { partFileName, type SealedWhole, wholeMessage } from "./whole-receipt.ts";

/**
 * @param form what was found of the form of the file
 * @param checkPart checks the receipt of one part
 */
export async function checkWhole(
  sealed: SealedWhole,
  form: ReceiptFinding,
  given: ReceiptToCheck,
  checkPart: (given: ReceiptToCheck) => Promise<CheckedReceipt>,
): Promise<CheckedReceipt> {
  const findings = [form];
  const nothing = { findings, sealed: null, ended: null, counted: null, rows: null, takenBack: [] };
  const { keys, found } = await checkSignature(sealed);
  findings.push(...found, checkPinned(keys, given.pinnedKey));
  if (isBroken(findings)) return nothing;
  findings.push(checkTiles(sealed));
  if (isBroken(findings)) return nothing;
  const answers = partsOfAnswers(given.answers, sealed);
  if (answers === "other") {
    findings.push(
      broken("answers", `expected answers.npy with a row for each of ${sealed.whole.body.queryCount} queries`),
    );
    return nothing;
  }
  const checked: CheckedReceipt[] = [];
  for (const [index, part] of sealed.parts.entries()) {
    checked.push(
      await checkPart({
        receipt: receiptFile(part),
        file: (name) => given.file(partFileName(index, name)),
        answers: answers?.[index] ?? null,
        // Its keys are those of the whole, which was looked at.
        pinnedKey: null,
        pinnedCommitment: null,
        pinnedNonce: given.pinnedNonce ?? null,
      }),
    );
  }
  const all = together(checked, findings);
  if (isBroken(all)) return { ...nothing, findings: all };
  const committed = all.filter(({ check }) => check === "commitment");
  const others = all.filter(({ check }) => check !== "commitment");
  return asOne(sealed, checked, [...others, ...checkCommitments(sealed, given.pinnedCommitment, committed)]);
}

const isBroken = (findings: readonly ReceiptFinding[]) => findings.some(({ state }) => state === "broken");

async function checkSignature({ keys: links, whole }: SealedWhole) {
  try {
    const { keys, finding } = await checkKeys(links);
    const ids = keys.map(({ keyId }) => keyId);
    const signer = keys.at(-1)!;
    const isSigned =
      signer.keyId === whole.body.keyId &&
      (await isSignedBy(signer.publicKey, wholeMessage(whole.body), bytesOfBase64(whole.signature)));
    const signature = isSigned
      ? holds("whole", `signed with key ${signer.keyId}`)
      : broken(
          "whole",
          `its signature is not that of ${signer.keyId}: a byte of it was changed, or another key signed it`,
        );
    return { keys: ids, found: [finding, signature] };
  } catch (error) {
    if (!(error instanceof NoSignaturesError)) throw error;
    return { keys: [], found: [open("whole", `signatures cannot be checked here: ${error.message}`)] };
  }
}

/** Do the parts have every query once, and are these their receipts, of the same coordinator and the same job? */
function checkTiles({ keys, whole, parts }: SealedWhole): ReceiptFinding {
  const { body } = whole;
  const fail = (text: string) => broken("parts", text);
  if (parts.length !== body.parts.length)
    return fail(`expected the receipts of ${body.parts.length} parts, got ${parts.length}`);
  let next = 0;
  const first = endedOf(parts[0]!);
  for (const [index, said] of body.parts.entries()) {
    const failPart = (text: string) => fail(`part ${index} (${said.jobId}): ${text}`);
    if (said.firstQuery !== next)
      return failPart(
        `expected it to begin at query ${next}, got ${said.firstQuery}: queries are left out, or there twice`,
      );
    next += said.queryCount;
    const part = parts[index]!;
    const ended = endedOf(part);
    if (ended === null) return failPart("its receipt tells no job's end");
    if (statementHash(part.statements[0]!) !== said.statement)
      return failPart(
        "its receipt is not the one that was signed: it was changed, or it is another part's, or another job's",
      );
    const { partOf, answers } = ended.receipt as PartFacts;
    if (ended.jobId !== said.jobId) return failPart(`its receipt is of job ${ended.jobId}`);
    if (partOf?.jobId !== body.jobId || partOf.firstQuery !== said.firstQuery)
      return failPart(
        `its receipt does not say that it has the queries of job ${body.jobId} from ${said.firstQuery} on`,
      );
    if (answers?.queryCount !== said.queryCount)
      return failPart(`expected ${said.queryCount} queries, its receipt has ${answers?.queryCount ?? "none"}`);
    if (canonical(asked(ended.receipt)) !== canonical(asked(first!.receipt)))
      return failPart("its model, its queries or its settings are not those of part 0");
    const other = part.keys.findIndex(({ publicKey }, i) => keys[i] !== undefined && keys[i]!.publicKey !== publicKey);
    if (other >= 0) return failPart(`its key ${other + 1} is not that of the whole`);
  }
  if (next !== body.queryCount) return fail(`expected ${body.queryCount} queries together, got ${next}`);
  const tooLarge = sizeProblem(parts.flatMap((part) => endedOf(part)!.files));
  if (tooLarge !== null) return fail(tooLarge);
  const ids = new Set(body.parts.map(({ jobId }) => jobId));
  if (ids.size !== parts.length) return fail("a part is there twice");
  return holds("parts", `${parts.length} of them have ${next} queries, each one once`);
}

/** Of an inference receipt, what all parts of a job have alike. */
interface PartFacts {
  readonly partOf?: { readonly jobId: string; readonly firstQuery: number };
  readonly answers?: { readonly queryCount: number };
  readonly hashes?: { readonly model?: unknown; readonly queries?: unknown; readonly labels?: unknown };
  readonly submission?: Readonly<Record<string, unknown>>;
}

/** Bound, tolerance, scheme and all else. Receipts of earlier versions say how large rounds were, and each part had its own. */
function asked(receipt: EndedStatement["receipt"]) {
  const { hashes, submission } = receipt as PartFacts;
  const [model, queries, labels] = [hashes?.model ?? null, hashes?.queries ?? null, hashes?.labels ?? null];
  const { groupsPerRound: _rounds, ...alike } = submission ?? {};
  return [model, queries, labels, alike];
}

function endedOf({ statements }: SealedReceipt): EndedStatement | null {
  const body = statements[0]?.body;
  return body?.what === "ended" ? body : null;
}

/** The answers of each part as a file of its own. null: there are none; "other": they are not of so many queries */
function partsOfAnswers(answers: Uint8Array | null, { whole }: SealedWhole): Uint8Array[] | null | "other" {
  if (answers === null) return null;
  let array: NpyArray;
  try {
    array = parseNpy(answers);
  } catch {
    return "other";
  }
  const [count, width = 0] = array.shape;
  if (array.dtype !== "F32" || array.shape.length !== 2 || count !== whole.body.queryCount) return "other";
  const { data } = array;
  return whole.body.parts.map(({ firstQuery, queryCount }) =>
    encodeNpy({
      dtype: "F32",
      shape: [queryCount, width],
      data: data.slice(firstQuery * width, (firstQuery + queryCount) * width),
    }),
  );
}

const RANK = { holds: 0, open: 1, broken: 2 } as const;

/**
 * What was found of the whole, and of its parts one finding for each check: of the part in which it came out worst.
 * @param own of the whole: it stands, unless a part comes out worse. Keys of a part may go on behind those that signed the whole.
 */
function together(checked: readonly CheckedReceipt[], own: readonly ReceiptFinding[]): ReceiptFinding[] {
  const ofParts = (Object.keys(CHECKS) as CheckName[]).flatMap((check): ReceiptFinding[] => {
    // The pinned key was looked for in the whole: parts were given none.
    if (check === "pinned") return [];
    const found = checked.flatMap(({ findings }, index) =>
      findings.filter((one) => one.check === check).map((one) => ({ ...one, index })),
    );
    const worst = found.reduce<(typeof found)[number] | null>(
      (sofar, one) => (sofar === null || RANK[one.state] > RANK[sofar.state] ? one : sofar),
      null,
    );
    const ofWhole = own.find((one) => one.check === check);
    if (worst === null || (ofWhole !== undefined && RANK[worst.state] <= RANK[ofWhole.state])) return [];
    const { state, text, index } = worst;
    const alike = found.filter((one) => one.state === state).length;
    const where = alike === found.length ? `in each of ${checked.length} parts; part ${index}` : `part ${index}`;
    return [{ check, state, text: `${where}: ${text}` }];
  });
  const worse = new Set(ofParts.map(({ check }) => check));
  return [...own.filter(({ check }) => !worse.has(check)), ...ofParts];
}

/**
 * [CE13] What was told when the job began says which queries each part has, and what each part was committed to.
 * @param found of the commitments of the parts
 */
function checkCommitments(
  { whole, parts }: SealedWhole,
  pinned: string | null,
  found: readonly ReceiptFinding[],
): readonly ReceiptFinding[] {
  if (pinned === null) return found;
  const committed = parts.flatMap((part) => endedOf(part)?.commitment?.commitment ?? []);
  const got = committed.length === parts.length ? commitmentOfParts(whole.body.parts, committed) : "none";
  if (got === pinned) return found.map((one) => ({ ...one, text: `${one.text}; together they make ${got}` }));
  return [broken("commitment", `expected ${pinned}, which was told when the job began, got ${got}`)];
}

/** As if it were one job: its answers one after the other, its amendments those of all parts. */
function asOne(
  sealed: SealedWhole,
  checked: readonly CheckedReceipt[],
  findings: readonly ReceiptFinding[],
): CheckedReceipt {
  const { body } = sealed.whole;
  const ended = checked.map((part) => part.ended!);
  const [first] = ended as [EndedStatement];
  const { partOf: _partOf, ...receipt } = first.receipt as EndedStatement["receipt"] & PartFacts;
  const amendments = sealed.parts
    .flatMap(({ statements }) => statements.slice(1))
    .sort((a, b) => a.body.atMs - b.body.atMs);
  const rows = checked.map((part) => part.rows);
  const counted = checked.flatMap((part) => part.counted ?? []);
  return {
    findings,
    sealed: { ...sealed.parts[0]!, keys: sealed.keys, statements: [sealed.parts[0]!.statements[0]!, ...amendments] },
    ended: {
      ...first,
      jobId: body.jobId,
      keyId: body.keyId,
      atMs: body.atMs,
      receipt: { ...receipt, jobId: body.jobId },
      opened: ended.every(({ opened }) => opened !== null) ? first.opened : null,
    },
    counted: counted.length < checked.length ? null : countedTogether(counted),
    rows: rows.some((one) => one === null) ? null : joined(rows as Uint8Array[]),
    takenBack: takenBackTogether(
      checked,
      body.parts.map(({ firstQuery }) => firstQuery),
    ),
  };
}

function countedTogether(counted: readonly Counted[]): Counted {
  const [first] = counted as [Counted];
  return {
    ...first,
    verification: counted.every(({ verification }) => verification === first.verification)
      ? first.verification
      : "none",
    answers: { ...first.answers, ...answersTogether(counted.map(({ answers }) => answers)) },
  };
}

function takenBackTogether(checked: readonly CheckedReceipt[], firstOf: readonly number[]): TakenBackSince[] {
  const byVolunteer = new Map<string, TakenBackSince>();
  for (const [index, { takenBack }] of checked.entries()) {
    for (const taken of takenBack) {
      const sofar = byVolunteer.get(taken.volunteerId);
      const queries = [...(sofar?.queries ?? []), ...taken.queries.map((query) => firstOf[index]! + query)];
      byVolunteer.set(taken.volunteerId, {
        ...(sofar ?? taken),
        queries,
        leanedOn: (sofar?.leanedOn ?? 0) + taken.leanedOn,
      });
    }
  }
  return [...byVolunteer.values()];
}

function joined(arrays: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    bytes.set(array, at);
    at += array.length;
  }
  return bytes;
}
