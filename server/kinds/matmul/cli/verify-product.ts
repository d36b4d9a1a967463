/**
 * A product of matrices checked with secret vectors of whoever holds the receipt (Freivalds): A (B y) = C y modulo 2^31-1, in the time of
 * three products of a matrix and a vector. Nothing that the coordinator says is needed for it.
 */
import { z } from "zod";
import { MODULUS } from "../../../../shared/field/modulus.ts";
import { matrixProduct } from "../../../../shared/field/products.ts";
import { randomResidues } from "../../../../shared/field/random-residues.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import { matmulSubmissionSchema } from "../../../../shared/kinds/matmul/submission.ts";
import { type NpyArray, parseNpy } from "../../../../shared/protocol/npy.ts";
import { isSameBytes } from "../../../../shared/receipts/bytes.ts";
import { broken, holds, open, type ReceiptFinding } from "../../../../shared/receipts/findings.ts";
import { npyBytes } from "../../../../shared/sdk/as-npy.ts";
import type { KindRecheck, ToRecheck } from "../../../cli/cli-kind.ts";
import type { Call } from "../../../cli/command.ts";
import { UsageError } from "../../../cli/exit-codes.ts";
import { readRows } from "../../../cli/inputs/read-rows.ts";
import { DataError } from "../../../coded/engine/data-error.ts";
import { numberTableOf } from "../../../coded/engine/number-table.ts";
import { secretRandom } from "../../../numerics/secret-random.ts";
import { sha256Hex } from "../../../sha256-hex.ts";
import { wholeFactors } from "../engine/matmul-engine.ts";

/** A wrong product passes each with chance 2^-31. */
const VECTORS = 2;

const productSchema = z.looseObject({
  submission: matmulSubmissionSchema,
  leftSha256: z.string(),
  rightSha256: z.string(),
  productSha256: z.string().nullable(),
});

export const matmulRecheck: KindRecheck = {
  resultName: "product.npy",
  flags: {
    left: { value: "FILE", help: "matmul: A as it was submitted, to check the product here" },
    right: { value: "FILE", help: "matmul: B as it was submitted" },
  },
  async recheck(call, given) {
    const [left, right] = [call.flags.text("left"), call.flags.text("right")];
    const product = productOf(given);
    if ("finding" in product) return { findings: [product.finding], rows: 0 };
    const findings = [holds("answers", "the product is the one that was signed")];
    if (left === undefined && right === undefined) {
      return {
        findings: [...findings, open("product", "name --left and --right, and the product is checked here")],
        rows: 0,
      };
    }
    if (left === undefined || right === undefined) throw new UsageError("--left, --right: expected both, got one");
    return { findings: [...findings, await checked(call, product.said, product.array, left, right)], rows: 0 };
  },
};

type Said = z.infer<typeof productSchema>;

/** The product that the receipt speaks of. */
function productOf({ ended, answers }: ToRecheck): { said: Said; array: NpyArray } | { finding: ReceiptFinding } {
  const parsed = productSchema.safeParse(ended.receipt);
  if (!parsed.success) return { finding: broken("answers", "the receipt lacks what one of a product has") };
  const { productSha256 } = parsed.data;
  if (productSha256 === null) return { finding: open("answers", "the job came to no product") };
  if (answers === null)
    return { finding: open("answers", "product.npy is not there: whatever you hold was not compared") };
  const array = parseNpy(answers);
  const { buffer, byteOffset, byteLength } = array.data;
  const got = sha256Hex(new Uint8Array(buffer, byteOffset, byteLength));
  if (array.dtype === "F64" && got === productSha256) return { said: parsed.data, array };
  return { finding: broken("answers", `product.npy: expected numbers with the sha-256 ${productSha256}, got ${got}`) };
}

async function checked(
  call: Call,
  said: Said,
  product: NpyArray,
  leftPath: string,
  rightPath: string,
): Promise<ReceiptFinding> {
  const [left, right] = [await matrixAt(call, leftPath), await matrixAt(call, rightPath)];
  if (sha256Hex(left) !== said.leftSha256) return broken("product", `${leftPath}: it is not A of this job`);
  if (sha256Hex(right) !== said.rightSha256) return broken("product", `${rightPath}: it is not B of this job`);
  const { leftFractionBits, rightFractionBits } = said.submission;
  const [a, b] = [numberTableOf("A", parseNpy(left)), numberTableOf("B", parseNpy(right))];
  const factors = wholeFactors({ left: a, right: b, leftFractionBits, rightFractionBits });
  const whole = residuesOf(product.data as Float64Array, 2 ** (leftFractionBits + rightFractionBits));
  if (whole === null || product.shape[0] !== a.rows || product.shape[1] !== b.columns) {
    return broken("product", `product.npy: expected ${a.rows} x ${b.columns} whole multiples of the unit`);
  }
  for (let vector = 0; vector < VECTORS; vector++) {
    const y = randomResidues(b.columns, MODULUS, secretRandom);
    const expected = matrixProduct(
      factors.a,
      a.rows,
      a.columns,
      matrixProduct(factors.b, b.rows, b.columns, y, 1, MODULUS),
      1,
      MODULUS,
    );
    const got = matrixProduct(whole, a.rows, b.columns, y, 1, MODULUS);
    if (!isSameBytes(bytesOf(expected), bytesOf(got))) return broken("product", "A times B is another matrix");
  }
  return holds(
    "product",
    `A (B y) = C y for ${VECTORS} vectors drawn here: a wrong product passes with chance 2^-${31 * VECTORS}`,
  );
}

/** Whole numbers below 2^53, as residues; null: one is none. */
function residuesOf(values: Float64Array, unit: number): Uint32Array | null {
  const residues = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const whole = values[i]! * unit;
    if (!Number.isSafeInteger(whole)) return null;
    residues[i] = ((whole % MODULUS) + MODULUS) % MODULUS;
  }
  return residues;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

async function matrixAt({ terminal }: Call, path: string): Promise<Uint8Array> {
  try {
    const { numbers } = await readRows(path, { stdin: terminal.stdin, isWide: true });
    return await npyBytes(numbers);
  } catch (error) {
    if (error instanceof DataError) throw new InputError(`${path}: ${error.message}`);
    throw error;
  }
}
