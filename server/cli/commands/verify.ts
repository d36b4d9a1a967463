import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../../../shared/inputs/input-error.ts";
import type { JobKind } from "../../../shared/kinds/kinds.ts";
import { plainText } from "../../../shared/protocol/plain-text.ts";
import { readReceipt, readReceiptOfJob } from "../../../shared/receipts/check-form.ts";
import { checkReceipt, RECEIPT_FILE } from "../../../shared/receipts/check-receipt.ts";
import { checkRedone } from "../../../shared/receipts/check-redone.ts";
import type { CheckedReceipt } from "../../../shared/receipts/checked-receipt.ts";
import { broken, CHECKS, holds, type ReceiptFinding } from "../../../shared/receipts/findings.ts";
import { receiptParagraph } from "../../../shared/receipts/receipt-words.ts";
import { type SealedReceipt, type Statement, statementHash } from "../../../shared/receipts/sealed-receipt.ts";
import { chainsOf, jobOfReceipt, type SealedWhole } from "../../../shared/receipts/whole-receipt.ts";
import { CLI_KINDS } from "../../kinds/cli-kinds.ts";
import type { Call, ClientCommand, Flag } from "../command.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { unreadable } from "../inputs/model-folder.ts";

const RECHECKS = Object.values(CLI_KINDS).flatMap(({ recheck }) => recheck ?? []);
const RESULT_NAMES = RECHECKS.map(({ resultName }) => resultName);
const KIND_FLAGS: Readonly<Record<string, Flag>> = Object.assign({}, ...RECHECKS.map(({ flags }) => flags));
const SIGNS: Readonly<Record<ReceiptFinding["state"], string>> = { holds: "ok  ", broken: "NO  ", open: "?   " };

export const verifyReceipt: ClientCommand = {
  name: "verify",
  summary: "check a signed receipt, and the answers beside it, without the coordinator",
  usage: "RECEIPT [--answers FILE] [--model FILE --queries FILE] [...]",
  about:
    "Checks signatures, hashes, roots and the draws that the job's secret opens, offline, and says in one paragraph what is known " +
    "and how surely. `paritab receipt JOB --out DIR` writes its input: give that folder, or the receipt in it. " +
    "With the model and the queries it computes a sample of rows again, on this machine; for a matrix job it checks the product. " +
    "If `paritab submit` has noted key, commitment and nonce of the job on this machine, it compares the receipt with them. " +
    "With --url it asks that coordinator whether there are newer amendments, and nothing else.",
  flags: {
    answers: { value: "FILE", help: `the job's result; else ${RESULT_NAMES.join(", ")} beside the receipt` },
    key: { value: "ID", help: "a key of the coordinator that you noted: 32 hex digits, as its page shows them" },
    commitment: { value: "HEX", help: "the commitment that the coordinator answered when the job was submitted" },
    nonce: { value: "TEXT", help: "the nonce that you sent with the job" },
    redone: {
      value: "RECEIPT",
      help: "the receipt of the job that redid rows: is it the one that this receipt names?",
    },
    ...KIND_FLAGS,
  },
  words: [1, 1],
  examples: [
    ["paritab receipt JOB --out kept && paritab verify kept", "are these the files that were signed?"],
    ["paritab verify kept --model model --queries X.npy --sample 200", "and it is right"],
  ],
  async run(call) {
    const { terminal, words, flags, json, notes } = call;
    const path = await receiptIn(words[0]!);
    const receipt = await bytesOf(path);
    const answersPath = flags.text("answers");
    const answers = answersPath === undefined ? await besideIt(path, RESULT_NAMES) : await bytesOf(answersPath);
    const read = readReceipt(receipt).receipt;
    const jobId = read === null ? null : jobOfReceipt(read);
    const noted = jobId === null ? null : await notes.job(jobId);
    const checked = await checkReceipt({
      receipt,
      answers,
      file: (name) => besideIt(path, [name]),
      pinnedKey: flags.text("key") ?? noted?.keyId ?? null,
      pinnedCommitment: flags.text("commitment") ?? noted?.commitment ?? null,
      pinnedNonce: flags.text("nonce") ?? noted?.nonce ?? null,
      pinnedRules: noted?.rules ?? null,
    });
    const findings = [...checked.findings];
    let rows = 0;
    if (checked.ended !== null && findings.every(({ state }) => state !== "broken")) {
      const { recheck } = CLI_KINDS[checked.ended.receipt.kind as JobKind];
      const again = await recheck?.recheck(call, {
        ...{ ended: checked.ended, rows: checked.rows, answers },
        file: (name) => besideIt(path, [name]),
      });
      findings.push(...(again?.findings ?? []));
      rows = again?.rows ?? 0;
      const later = flags.text("redone");
      if (later !== undefined) findings.push(redoneBy(checked, await bytesOf(await receiptIn(later))));
      if (flags.text("url") !== undefined) findings.push(await newest(call, read!));
    }
    const paragraph = receiptParagraph(checked, findings, rows);
    const { takenBack } = checked;
    if (json)
      await terminal.out(
        `${JSON.stringify({ holds: exitOf(findings) === EXIT.ok, paragraph, findings, takenBack })}\n`,
      );
    else {
      const lines = findings.map(({ check, state, text }) => `${SIGNS[state]}${CHECKS[check]}: ${plainText(text)}`);
      await terminal.out(`${lines.join("\n")}\n\n${plainText(paragraph)}\n`);
    }
    return exitOf(findings);
  },
};

/** What could not be looked at for want of a file is no success. */
function exitOf(findings: readonly ReceiptFinding[]): ExitCode {
  if (findings.some(({ state }) => state === "broken")) return EXIT.notSo;
  const needed = findings.filter(({ check }) => ["statements", "files", "answers"].includes(check));
  return needed.some(({ state }) => state === "open") ? EXIT.notReady : EXIT.ok;
}

/** The later receipt is one of its own, with files of its own: whether it holds is another command. */
function redoneBy({ sealed }: CheckedReceipt, later: Uint8Array): ReceiptFinding {
  const { receipt } = readReceiptOfJob(later);
  return receipt === null ? broken("redone", "the second file is no receipt") : checkRedone(sealed!, receipt);
}

/** Does the coordinator know of amendments that this receipt lacks? */
async function newest({ client, terminal }: Call, own: SealedReceipt | SealedWhole): Promise<ReceiptFinding> {
  const { receipt } = readReceipt(await client.signedReceipt(jobOfReceipt(own), terminal.signal));
  if (receipt === null) return broken("head", "the coordinator answers with no receipt");
  const [chains, theirs] = [chainsOf(own), chainsOf(receipt)];
  if (chains.length !== theirs.length) return broken("head", `the coordinator has ${theirs.length} parts of it now`);
  for (const [part, chain] of chains.entries()) {
    const problem = newerThan(chain, theirs[part]!);
    if (problem !== null) return broken("head", problem);
  }
  const amendments = chains.reduce((sum, { length }) => sum + length - 1, 0);
  return holds("head", `${amendments} amendments, and the coordinator has no more`);
}

/** @returns what the coordinator's chain has that this one lacks; null: nothing */
function newerThan(own: readonly Statement[], theirs: readonly Statement[]): string | null {
  const place = own.findIndex((statement, i) => {
    const other = theirs[i];
    return other === undefined || statementHash(other) !== statementHash(statement);
  });
  if (place >= 0) return `the coordinator has another statement ${place} now, or none: it has rewritten its chain`;
  const more = theirs.length - own.length;
  if (more === 0) return null;
  const last = theirs.at(-1)!.body;
  const about = "volunteerId" in last ? `, the last: ${last.volunteerId} was ${last.what}` : "";
  return `the coordinator has ${more} newer amendments${about}; fetch the receipt again`;
}

/** A folder that `paritab receipt` wrote stands for the receipt in it. */
async function receiptIn(path: string): Promise<string> {
  const isFolder = (await stat(path).catch((error: Error) => unreadable(path, error))).isDirectory();
  return isFolder ? join(path, RECEIPT_FILE) : path;
}

async function bytesOf(path: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(path).catch((error: Error) => unreadable(path, error)));
}

/** The first of these files that lies beside the receipt; null: none does. */
async function besideIt(receiptPath: string, names: readonly string[]): Promise<Uint8Array | null> {
  for (const name of names) {
    const path = join(dirname(receiptPath), name);
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw new InputError(`${path}: it cannot be read: ${error.message}`);
    });
    if (bytes !== null) return new Uint8Array(bytes);
  }
  return null;
}
