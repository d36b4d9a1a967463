/** The rounds of a regression: do they make up the signed root, do they lead to its weights, and are their products signed? */
import { z } from "zod";
import { hexOf, utf8 } from "./bytes.ts";
import { bytesOfBase64, NoSignaturesError } from "./ed25519.ts";
import { broken, holds, listed, open, type ReceiptFinding } from "./findings.ts";
import { MerkleRoot } from "./merkle.ts";
import { type Checkpoint, isSignedProduct, type RoundLine, readCheckpoints, readRoundLine } from "./round-lines.ts";
import type { EndedStatement } from "./sealed-receipt.ts";
import { digestOf } from "./sha256.ts";
import { VolunteerKeys, volunteerIdOf } from "./volunteer-keys.ts";

export const ROUNDS_FILE = "rounds.jsonl";
export const CHECKPOINTS_FILE = "checkpoints.bin";
/** The array that people get. */
const WEIGHTS = "weights";

/** Of a receipt of a regression, what its rounds are held against. */
const trainedSchema = z.looseObject({
  columns: z.number(),
  classes: z.number(),
  weightsSha256: z.string().nullable(),
  preparation: z
    .looseObject({ arrays: z.array(z.tuple([z.string(), z.number().int().nonnegative()])) })
    .optional()
    .describe("Absent: each array has columns x classes numbers."),
});

export interface CheckedRounds {
  readonly findings: readonly ReceiptFinding[];
  readonly rounds: readonly RoundLine[];
  readonly checkpoints: readonly Checkpoint[];
}

/** @param files those that are what was signed */
export async function checkRounds(
  ended: EndedStatement,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<CheckedRounds> {
  const fail = (text: string): CheckedRounds => ({ findings: [broken("rounds", text)], rounds: [], checkpoints: [] });
  const [file, kept] = [files.get(ROUNDS_FILE), files.get(CHECKPOINTS_FILE)];
  if (file === undefined || kept === undefined) {
    return { ...fail(""), findings: [open("rounds", `${ROUNDS_FILE} or ${CHECKPOINTS_FILE} is not there`)] };
  }
  const said = trainedSchema.safeParse(ended.receipt);
  if (!said.success) return fail("the receipt lacks what one of a regression has");
  const { columns, classes, weightsSha256, preparation } = said.data;
  const sizes = new Map(preparation?.arrays);
  const lines = new TextDecoder().decode(file).split("\n");
  if (lines.pop() !== "") return fail(`${ROUNDS_FILE}: expected a newline at its end`);
  const tree = new MerkleRoot();
  const rounds: RoundLine[] = [];
  for (const [place, text] of lines.entries()) {
    const line = readRoundLine(text);
    if (line === null) return fail(`${ROUNDS_FILE}: line ${place + 1} is none that a coordinator writes`);
    if (line.iteration !== place + 1)
      return fail(`${ROUNDS_FILE}: expected iteration ${place + 1}, got ${line.iteration}`);
    rounds.push(line);
    tree.add(utf8(text));
  }
  const { count, root } = ended.rounds!;
  const got = hexOf(tree.root());
  if (count !== lines.length || got !== root) {
    return fail(`${ROUNDS_FILE}: expected ${count} lines with the root ${root}, got ${lines.length} with ${got}`);
  }
  if (weightsSha256 !== null && !rounds.some((line) => sha256Of(line, WEIGHTS) === weightsSha256)) {
    return fail("no round of it has the weights that the receipt names");
  }
  const bytesOfArray = (name: string) => 8 * (sizes.get(name) ?? columns * classes);
  const all = (rounds[0]?.arrays ?? []).reduce((sum, [name]) => sum + bytesOfArray(name), 0);
  const checkpoints = readCheckpoints(kept, all);
  if (checkpoints === null) return fail(`${CHECKPOINTS_FILE}: its length is not that of checkpoints`);
  const other = checkpoints.find((one) => !isOf(one, rounds[one.iteration - 1], bytesOfArray));
  if (other !== undefined) {
    return fail(`${CHECKPOINTS_FILE}: the arrays of iteration ${other.iteration} are not those of its round`);
  }
  const text = `${rounds.length} iterations lead to the weights, the arrays of ${checkpoints.length} of them are there`;
  return { findings: [holds("rounds", text), await productsSigned(ended.jobId, rounds)], rounds, checkpoints };
}

/** @returns the hash of that array after the round; undefined: there is none */
function sha256Of({ arrays }: RoundLine, name: string): string | undefined {
  return arrays.find(([own]) => own === name)?.[1];
}

function isOf({ bytes }: Checkpoint, line: RoundLine | undefined, bytesOfArray: (name: string) => number): boolean {
  if (line === undefined) return false;
  let at = 0;
  return line.arrays.every(([name, sha256]) => {
    const from = at;
    at += bytesOfArray(name);
    return hexOf(digestOf(bytes.subarray(from, at))) === sha256;
  });
}

async function productsSigned(jobId: string, rounds: readonly RoundLine[]): Promise<ReceiptFinding> {
  const keys = new VolunteerKeys();
  let [signed, all] = [0, 0];
  for (const { iteration, products } of rounds) {
    for (const product of products) {
      all++;
      if (product.signed === null) continue;
      const name = `the ${product.product} product of shard ${product.shardIndex} in iteration ${iteration}`;
      const signer = volunteerIdOf(bytesOfBase64(product.signed.publicKey));
      if (signer !== product.volunteerId) {
        return broken("signatures", `${name} is said to be of ${product.volunteerId}, and is signed by ${signer}`);
      }
      try {
        if (!(await isSignedProduct(jobId, product, keys)))
          return broken("signatures", `${name}: the signature is not that of ${signer}`);
      } catch (error) {
        if (!(error instanceof NoSignaturesError)) throw error;
        return open("signatures", `they cannot be checked here: ${error.message}`);
      }
      signed++;
    }
  }
  if (signed === 0) return open("signatures", "no product of this job is signed by its volunteer");
  const others = all === signed ? "" : `; ${all - signed} are not signed`;
  const names = listed(
    [...new Set(rounds.flatMap((line) => line.products.map((one) => one.volunteerId)))].map((id) => id.slice(0, 8)),
    3,
  );
  return holds("signatures", `${signed} products of ${names}${others}`);
}
