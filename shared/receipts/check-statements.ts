/** Who said so, and in which order: keys, signatures, the chain. */
import { bytesOfBase64, isSignedBy, NoSignaturesError } from "./ed25519.ts";
import { broken, holds, open, type ReceiptFinding } from "./findings.ts";
import {
  type KeyLink,
  keyIdOf,
  keyMessage,
  NO_STATEMENT_BEFORE,
  type SealedReceipt,
  statementHash,
  statementMessage,
} from "./sealed-receipt.ts";

interface Key {
  readonly keyId: string;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}

/** The keys in their order, and what is wrong with the chain that they make. */
export async function checkKeys(links: readonly KeyLink[]): Promise<{ keys: Key[]; finding: ReceiptFinding }> {
  const keys = links.map(({ publicKey }): Key => {
    const bytes = bytesOfBase64(publicKey);
    return { keyId: keyIdOf(bytes), publicKey: bytes };
  });
  const lost: string[] = [];
  for (const [place, link] of links.entries()) {
    const [own, earlier] = [keys[place]!, keys[place - 1]];
    const fail = (text: string) => ({ keys, finding: broken("keys", `key ${place + 1} (${own.keyId}): ${text}`) });
    if (keys.findIndex(({ keyId }) => keyId === own.keyId) !== place) return fail("it is there twice");
    if (link.before === null) {
      if (earlier !== undefined) lost.push(earlier.keyId);
    } else if (link.before !== earlier?.keyId) {
      return fail(
        `expected to follow ${link.before}, got ${earlier?.keyId ?? "no key"} before it: keys are missing or moved`,
      );
    }
    const signer = link.before === null ? own : earlier!;
    if (!(await isSignedBy(signer.publicKey, keyMessage(link), bytesOfBase64(link.signature)))) {
      return fail(`its signature is not that of ${signer.keyId}`);
    }
  }
  const ids = keys.map(({ keyId }) => keyId).join(", ");
  if (lost.length === 0) return { keys, finding: holds("keys", `${keys.length} of them: ${ids}`) };
  const text = `nobody vouches for the key that came after ${lost.join(", ")}: the operator says that it was lost`;
  return { keys, finding: open("keys", text) };
}

/** Signatures and hashes of all statements; the first that is wrong is named. */
async function checkStatements({ statements }: SealedReceipt, keys: readonly Key[]): Promise<ReceiptFinding> {
  let [before, keyPlace] = [NO_STATEMENT_BEFORE, 0];
  const { jobId } = statements[0]!.body;
  for (const [place, statement] of statements.entries()) {
    const { body, signature } = statement;
    const fail = (text: string) => broken("statements", `statement ${place} (${body.what}): ${text}`);
    if (body.seq !== place) return fail(`expected number ${place}, got ${body.seq}: statements are missing or moved`);
    if ((place === 0) !== (body.what === "ended")) return fail("the first one, and no other, tells the job's end");
    if (body.jobId !== jobId) return fail(`expected one of job ${jobId}, got one of ${body.jobId}`);
    if (body.before !== before)
      return fail(`expected ${before} before it, got ${body.before}: statements are missing or moved`);
    const signer = keys.findIndex(({ keyId }) => keyId === body.keyId);
    if (signer < 0) return fail(`its key ${body.keyId} is not there`);
    if (signer < keyPlace) return fail(`its key ${body.keyId} had been replaced by then`);
    keyPlace = signer;
    if (!(await isSignedBy(keys[signer]!.publicKey, statementMessage(body), bytesOfBase64(signature)))) {
      return fail("its signature is not that of its key: a byte of it was changed");
    }
    before = statementHash(statement);
  }
  if (keyPlace !== keys.length - 1)
    return broken("keys", `key ${keys.length} (${keys.at(-1)!.keyId}) signed nothing here`);
  const last = statements.at(-1)!.body.keyId;
  const amendments = statements.length - 1;
  return holds(
    "statements",
    `the job's end and ${amendments} amendment${amendments === 1 ? "" : "s"}, the last by key ${last}`,
  );
}

/** Keys and statements; where signatures cannot be checked here, that. */
export async function checkSigned(receipt: SealedReceipt): Promise<{ keyIds: string[]; findings: ReceiptFinding[] }> {
  try {
    const { keys, finding } = await checkKeys(receipt.keys);
    const findings = finding.state === "broken" ? [finding] : [finding, await checkStatements(receipt, keys)];
    return { keyIds: keys.map(({ keyId }) => keyId), findings };
  } catch (error) {
    if (!(error instanceof NoSignaturesError)) throw error;
    return { keyIds: [], findings: [open("statements", `signatures cannot be checked here: ${error.message}`)] };
  }
}

/** @param pinned a key that is known from elsewhere; null: none is */
export function checkPinned(keyIds: readonly string[], pinned: string | null): ReceiptFinding {
  const first = keyIds[0] ?? "none";
  if (pinned === null) {
    return open(
      "pinned",
      `you named no key: compare ${first} with the one that the coordinator's page shows, or that you noted`,
    );
  }
  if (keyIds.includes(pinned)) return holds("pinned", `${pinned} is among its keys`);
  return broken("pinned", `expected ${pinned} among its keys, got ${keyIds.join(", ")}`);
}
