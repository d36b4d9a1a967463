/** The sample of a block: what its coins find too little, planned once every claim has ended and every coin is answered without a finding. */
import type { BlockTerms } from "./words.ts";

export interface BlockSample {
  readonly by: "coordinator" | "crowd";
  readonly rows: number;
}

/**
 * ceil(s n) rows by the coordinator, or ceil(s n / (1 - beta)) by the crowd, of whose words a share beta may cover a lie.
 * @param standing n: answers that stand and that nobody recomputed
 * @param by whom it is asked of; the coordinator draws it where the crowd would need more rows than there are
 * @example
 * planBlockSample({ ...terms, sampleShare: 0.1, colluderShare: 1 / 3 }, 1_000, "crowd") // -> { by: "crowd", rows: 150 }
 * planBlockSample({ ...terms, sampleShare: 0.8, colluderShare: 1 / 3 }, 1_000, "crowd") // -> { by: "coordinator", rows: 800 }
 */
export function planBlockSample(
  { sampleShare, colluderShare }: Pick<BlockTerms, "sampleShare" | "colluderShare">,
  standing: number,
  by: BlockSample["by"],
): BlockSample {
  const ofCrowd = Math.ceil((sampleShare * standing) / (1 - colluderShare));
  if (by === "crowd" && ofCrowd <= standing) return { by, rows: ofCrowd };
  return { by: "coordinator", rows: Math.min(standing, Math.ceil(sampleShare * standing)) };
}
