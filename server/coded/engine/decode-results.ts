/** From results of shards to the product of every block, as each scheme does it. */
import type { LagrangeCode } from "../../../shared/coding/lagrange-code.ts";
import { decodeCorrecting } from "../../../shared/coding/reed-solomon-results.ts";
import type { RandomSource } from "../../../shared/random/random.ts";

export interface ShardResult {
  readonly shardIndex: number;
  /** height x width residues */
  readonly residues: Uint32Array;
}

export type Decoded =
  | { readonly kind: "decoded"; readonly blocks: readonly Uint32Array[]; readonly wrongShards: readonly number[] }
  | { readonly kind: "undecided" }
  | { readonly kind: "undecodable" };

/** Believes the first results that suffice, in the order given: verified ones, or those of lcc when all else failed. */
export function decodeBelieving(code: LagrangeCode, results: readonly ShardResult[]): Decoded {
  const used = sorted(results.slice(0, code.threshold));
  const blocks = code.decode(
    used.map(({ shardIndex }) => shardIndex),
    used.map(({ residues }) => residues),
  );
  return { kind: "decoded", blocks, wrongShards: [] };
}

/** Reed-Solomon decoding (lcc): locates as many wrong results as the code corrects. */
export function decodeByCorrecting(code: LagrangeCode, results: readonly ShardResult[], random: RandomSource): Decoded {
  const used = sorted(results);
  const outcome = decodeCorrecting(
    code,
    used.map(({ shardIndex }) => shardIndex),
    used.map(({ residues }) => residues),
    random,
  );
  if (outcome.kind === "undecodable") return outcome;
  return { kind: "decoded", blocks: outcome.blocks, wrongShards: outcome.wrongWorkers };
}

/**
 * Shard i is a copy of block i mod K; a block is what `votesNeeded` of its copies agree on, bit for bit. With one vote needed
 * (uncoded) the only copy is believed.
 */
export function decodeByVotes(blockCount: number, results: readonly ShardResult[], votesNeeded: number): Decoded {
  const copiesOf = Array.from({ length: blockCount }, (): ShardResult[] => []);
  for (const result of results) copiesOf[result.shardIndex % blockCount]!.push(result);
  const blocks: Uint32Array[] = [];
  const wrongShards: number[] = [];
  for (const copies of copiesOf) {
    const chosen = copies.find((one) => copies.filter((other) => areEqual(one, other)).length >= votesNeeded);
    if (chosen === undefined) return { kind: "undecided" };
    blocks.push(chosen.residues);
    for (const copy of copies) if (!areEqual(copy, chosen)) wrongShards.push(copy.shardIndex);
  }
  return { kind: "decoded", blocks, wrongShards: wrongShards.sort((a, b) => a - b) };
}

function areEqual(a: ShardResult, b: ShardResult): boolean {
  return a === b || a.residues.every((value, i) => value === b.residues[i]);
}

function sorted(results: readonly ShardResult[]): ShardResult[] {
  return [...results].sort((a, b) => a.shardIndex - b.shardIndex);
}
