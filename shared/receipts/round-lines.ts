/**
 * rounds.jsonl: what each update of a coded run's arrays was made of, one line an iteration:
 *
 *   [iteration, [[name, sha256], ...], [[product, blocks, masks, shard, volunteer, sha256, assignment, publicKey, signature], ...]]
 *
 * canonical JSON and a newline. Iterations count updates from 1; the hashes in front are of the arrays after it, by name (numbers of
 * 8 bytes, little-endian). Each product went into the update: whose it was, of which shard of which code, and the hash of its residues
 * (4 bytes each). The last three are null where it is not signed.
 *
 * checkpoints.bin: the arrays after some iterations: the iteration as 8 bytes, then the arrays in the order of their names.
 */

import { z } from "zod";
import { jsonOrNull } from "../protocol/json-or-null.ts";
import { canonical } from "./canonical.ts";
import { bytesOfBase64 } from "./ed25519.ts";
import { ROUND_LINE_BYTES_MAX } from "./limits.ts";
import { resultStatement } from "./result-digest.ts";
import type { VolunteerKeys } from "./volunteer-keys.ts";

export interface RoundProduct {
  readonly product: "forward" | "backward";
  /** Data blocks and masks of the code that its shard is of. */
  readonly blockCount: number;
  readonly maskCount: number;
  readonly shardIndex: number;
  readonly volunteerId: string;
  readonly sha256: string;
  /** null: its volunteer did not sign it. */
  readonly signed: ProductSignature | null;
}

export interface ProductSignature {
  readonly assignmentId: string;
  /** 65 and 64 bytes, in base64. */
  readonly publicKey: string;
  readonly signature: string;
}

export interface RoundLine {
  readonly iteration: number;
  /** By name, in the order of the names. */
  readonly arrays: readonly (readonly [name: string, sha256: string])[];
  readonly products: readonly RoundProduct[];
}

const count = z.number().int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const lineSchema = z.tuple([
  count.min(1),
  z.array(z.tuple([z.string(), hash])),
  z.array(
    z.tuple([
      z.enum(["forward", "backward"]),
      count.min(1),
      count,
      count,
      z.string().min(1),
      hash,
      z.string().nullable(),
      z
        .string()
        .regex(/^[A-Za-z0-9+/]{86}[AEIMQUYcgkosw048]=$/)
        .nullable(),
      z
        .string()
        .regex(/^[A-Za-z0-9+/]{85}[AQgw]==$/)
        .nullable(),
    ]),
  ),
]);

/** @returns without the newline, which is no part of the leaf */
export function roundLine({ iteration, arrays, products }: RoundLine): string {
  const told = products.map(({ product, blockCount, maskCount, shardIndex, volunteerId, sha256, signed }) => [
    ...[product, blockCount, maskCount, shardIndex, volunteerId, sha256],
    ...[signed?.assignmentId ?? null, signed?.publicKey ?? null, signed?.signature ?? null],
  ]);
  return canonical([iteration, arrays, told]);
}

/** @returns null: no coordinator writes such a line */
export function readRoundLine(line: string): RoundLine | null {
  if (line.length > ROUND_LINE_BYTES_MAX) return null;
  const parsed = lineSchema.safeParse(jsonOrNull(line));
  if (!parsed.success) return null;
  const [iteration, arrays, told] = parsed.data;
  const products = told.map(([product, blockCount, maskCount, shardIndex, volunteerId, sha256, ...signature]) => {
    const [assignmentId, publicKey, bytes] = signature;
    const isSigned = assignmentId !== null && publicKey !== null && bytes !== null;
    const signed = isSigned ? { assignmentId, publicKey, signature: bytes } : null;
    return { product, blockCount, maskCount, shardIndex, volunteerId, sha256, signed };
  });
  const read = { iteration, arrays, products };
  return roundLine(read) === line ? read : null;
}

/** Is this product signed by the key that it names, as a result of that job? */
export async function isSignedProduct(jobId: string, of: RoundProduct, keys: VolunteerKeys): Promise<boolean> {
  if (of.signed === null) return false;
  const { assignmentId, publicKey, signature } = of.signed;
  return keys.isSigned(publicKey, resultStatement({ jobId, assignmentId }, of.sha256), bytesOfBase64(signature));
}

export interface Checkpoint {
  readonly iteration: number;
  /** The arrays one after the other. */
  readonly bytes: Uint8Array;
}

/** @param arrayBytes of each array. @returns null: it is no such file */
export function readCheckpoints(file: Uint8Array, arrayBytes: number): Checkpoint[] | null {
  const size = 8 + arrayBytes;
  if (file.length % size !== 0) return null;
  return Array.from({ length: file.length / size }, (_, i) => {
    const view = new DataView(file.buffer, file.byteOffset + i * size, 8);
    return { iteration: view.getFloat64(0, true), bytes: file.subarray(i * size + 8, (i + 1) * size) };
  });
}

/** @param bytes the arrays one after the other */
export function writeCheckpoint({ iteration, bytes }: Checkpoint): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(8 + bytes.length);
  new DataView(record.buffer).setFloat64(0, iteration, true);
  record.set(bytes, 8);
  return record;
}
