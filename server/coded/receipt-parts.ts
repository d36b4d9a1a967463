/** [RC10] What the signed receipt of a coded run holds beside its figures: its rounds, and arrays of checkpoints to begin from. */
import { hexOf, utf8 } from "../../shared/receipts/bytes.ts";
import { CHECKPOINTS_FILE, ROUNDS_FILE } from "../../shared/receipts/check-rounds.ts";
import { bytesOfBase64 } from "../../shared/receipts/ed25519.ts";
import { MerkleRoot } from "../../shared/receipts/merkle.ts";
import { isSignedProduct, type RoundLine, readRoundLine, roundLine } from "../../shared/receipts/round-lines.ts";
import { VolunteerKeys, volunteerIdOf } from "../../shared/receipts/volunteer-keys.ts";
import { nativeDigest } from "../native-digest.ts";
import { NO_PARTS, type SealedParts } from "../shell/receipt-parts.ts";
import type { Store } from "../store/store.ts";
import type { TraceSegment } from "./run-trace.ts";

/** @param trace that the job's durable record names */
export async function tracedParts(
  jobId: string,
  trace: readonly TraceSegment[],
  store: Pick<Store, "getBlob">,
): Promise<SealedParts> {
  if (trace.length === 0) return NO_PARTS;
  const read = async (sha256: string): Promise<Uint8Array> => {
    const bytes = await store.getBlob(sha256);
    if (bytes === null) throw new Error(`the rounds of job ${jobId} are missing`);
    return bytes;
  };
  const tree = new MerkleRoot(nativeDigest);
  const keys = new VolunteerKeys();
  const [lines, arrays]: [string[], Uint8Array[]] = [[], []];
  for (const segment of trace) {
    arrays.push(await read(segment.arrays));
    const texts = new TextDecoder()
      .decode(await read(segment.rounds))
      .split("\n")
      .slice(0, -1);
    for (const text of texts) {
      const line = roundLine(await withRightSignatures(jobId, readRoundLine(text)!, keys));
      tree.add(utf8(line));
      lines.push(`${line}\n`);
    }
  }
  return {
    ...NO_PARTS,
    rounds: { count: tree.count, root: hexOf(tree.root()) },
    files: [
      { name: ROUNDS_FILE, bytes: utf8(lines.join("")) },
      { name: CHECKPOINTS_FILE, bytes: Buffer.concat(arrays) },
    ],
  };
}

/** [RC9] What somebody made up is not shown as a signature. */
async function withRightSignatures(jobId: string, line: RoundLine, keys: VolunteerKeys): Promise<RoundLine> {
  const products = await Promise.all(
    line.products.map(async (product) => {
      const isRight =
        product.signed !== null &&
        volunteerIdOf(bytesOfBase64(product.signed.publicKey)) === product.volunteerId &&
        (await isSignedProduct(jobId, product, keys));
      return isRight ? product : { ...product, signed: null };
    }),
  );
  return { ...line, products };
}
