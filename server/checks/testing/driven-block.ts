/** What a BlockDriver is to drive: a crowd of honest people and liars, the terms of their block, and chances of what befalls it. For tests. */

import type { RandomSource } from "../../../shared/random/random.ts";
import { randomAt } from "../../../shared/random/simulation-random.ts";
import type { GroupRule } from "../../rows/words.ts";
import { sampleShare } from "../terms.ts";
import type { BlockTerms } from "../words.ts";

/** lone: lies in words of its own. party: lies as all of its party. mute: takes and never answers. half: answers a part of each claim, no more. */
export type Manner = "honest" | "lone" | "party" | "mute" | "half";

export interface Person {
  readonly id: string;
  readonly manner: Manner;
  /** How often it lies. */
  readonly lieShare: number;
}

export interface DrivenBlock {
  readonly seed: number;
  readonly rows: number;
  readonly people: readonly Person[];
  readonly terms: BlockTerms;
  readonly sampleBy?: "coordinator" | "crowd";
  readonly windowRows?: number | null;
  readonly rule?: GroupRule;
  /** Known rows that each device is to have right. */
  readonly knownNeeded?: number;
  /** Of a finding a naming follows so often. */
  readonly namedShare: number;
  /** Steps before only the first person, who is honest, goes on. */
  readonly steps: number;
  /** Chances a step. */
  readonly crash?: number;
  readonly leave?: number;
  readonly namedElsewhere?: number;
  readonly takeOut?: number;
}

/** Terms whose c is reached by coins of q and h and a sample. */
export function termsFor({
  rows,
  q = 0.1,
  h = 0.2,
  c = 0.5,
  firstRows = 0,
}: {
  rows: number;
  q?: number;
  h?: number;
  c?: number;
  firstRows?: number;
}): BlockTerms {
  const colluderShare = 1 / 3;
  const coinCheckShare = q + h * (1 - colluderShare);
  const checkShare = Math.max(c, coinCheckShare);
  return {
    ...{ rows, anchorShare: q, duplicateShare: h, firstAnchorShare: Math.max(q, 0.3), firstRows, colluderShare },
    ...{ coinCheckShare, checkShare, sampleShare: sampleShare(checkShare, coinCheckShare) },
    ...{ reserve: (1 - checkShare) / checkShare, priceRows: 0, routeOneShare: 0 },
  };
}

/** What a person answers to a row: "right", or the name of a lie. All of a party lie alike, at the same rows. */
export function saidBy({ id, manner, lieShare }: Person, place: number, seed: number, random: RandomSource): string {
  if (manner === "honest" || manner === "half") return "right";
  if (manner === "party") return randomAt(seed, 9, place).uniform() < lieShare ? "lie of the party" : "right";
  return random.uniform() < lieShare ? `lie of ${id}` : "right";
}
