/** Shards and products of a coded run on their way to a tab, and what comes back. */
import type { CodedAssignment, ProductAssignment } from "../../shared/coded/assignments.ts";
import { MODULUS } from "../../shared/field/modulus.ts";
import { INPUT_INLINE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { Outgoing, SendEffect } from "../shell/kind-desk.ts";
import { readTensor } from "../shell/result-frames.ts";
import type { TabBlob } from "../web/coordinator-port.ts";
import type { Share } from "./core/run-job.ts";
import type { FramedShard } from "./engine/rounds-engine.ts";
import type { RunSubmission } from "./records.ts";
import type { RunWorkspace } from "./run-workspace.ts";

/** @returns null: what it is made of is not held any more */
export function shareAssignment(
  effect: SendEffect,
  { kind, name: jobName, submitter }: RunSubmission,
  workspace: RunWorkspace,
): Outgoing | null {
  const { jobId, volunteerId, roundIndex, workerIndex: shardIndex, deadlineMs } = effect;
  const { generation, product } = effect.payload as Share;
  const shard = workspace.shard(generation, shardIndex);
  if (shard === null) return null;
  const { sha256, frame, forward, backward } = shard;
  const base = { kind, jobId, jobName, submitter, workerIndex: shardIndex, deadlineMs };
  const shardOf = { sha256, bytes: frame.length, forward, backward };
  if (product === null) {
    return outgoing({ ...base, work: "shard", roundIndex: 0, shard: shardOf }, shard, {
      resultBytes: 0,
      problemOf: () => null,
      take: (kindOfResult) =>
        kindOfResult === "held" ? null : `expected a shard to be held, got a result of kind ${kindOfResult}`,
    });
  }
  const [vector, matrix] = [workspace.vectorOf(roundIndex), shard[product]];
  if (vector === null || matrix === null) return null;
  const { rows } = matrix;
  const { width } = vector;
  const isInline = vector.frame.length <= INPUT_INLINE_BYTES_MAX;
  const input: ProductAssignment["vector"] = isInline
    ? { kind: "inline", frame: vector.frame }
    : { kind: "blob", sha256: vector.sha256, bytes: vector.frame.length };
  const read = (answer: Uint8Array) => readProducts(answer, rows, width);
  const vectorBlob: TabBlob = { kind: "input", bytes: vector.frame };
  const message = { ...base, work: "product", roundIndex, shard: shardOf, product, vector: input, width } as const;
  return outgoing(
    message,
    shard,
    {
      resultBytes: 4 * rows * width,
      problemOf(answer) {
        const products = read(answer);
        return typeof products === "string" ? products : null;
      },
      take(_kind, answer, signed) {
        const products = answer === null ? "expected a frame of products, got none" : read(answer);
        if (typeof products === "string") return products;
        workspace.holdResult({ roundId: roundIndex, shardIndex, volunteerId }, products, signed);
        return null;
      },
    },
    (hash) => (!isInline && hash === vector.sha256 ? vectorBlob : null),
  );
}

type WithoutToken<M> = M extends unknown ? Omit<M, "token" | "assignmentId"> : never;

function outgoing(
  message: WithoutToken<CodedAssignment>,
  { sha256, frame }: FramedShard,
  result: Pick<Outgoing, "resultBytes" | "problemOf" | "take">,
  other: Outgoing["blob"] = () => null,
): Outgoing {
  const shard: TabBlob = { kind: "shard", bytes: frame };
  return {
    message: message as Outgoing["message"],
    ...result,
    blob: (hash) => other(hash) ?? (hash === sha256 ? shard : null),
  };
}

/** @returns height x width residues, or why they are none */
function readProducts(frame: Uint8Array, rows: number, columns: number): Uint32Array | string {
  const products = readTensor(frame, {
    ...{ name: "products", dtype: "U32", rows, columns },
    expects: { isGood: (value) => value < MODULUS, words: `residues below ${MODULUS}` },
  });
  // A copy of its own: the message that the frame came in may be large, and is not kept alive by it.
  return typeof products === "string" ? products : Uint32Array.from(products);
}
