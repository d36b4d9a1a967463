/** Many drawn graphs, one after the other. */
import { type Outcome, tryDrawn } from "./compare-packing.ts";

export interface PackingRun {
  readonly graphs: number;
  /** The library ran the file and the packed model was compared with it. */
  readonly compared: number;
  readonly refused: number;
  readonly wrong: readonly { readonly seed: number; readonly problem: string }[];
  /** In how many graphs each operator was drawn. */
  readonly drawn: ReadonlyMap<string, number>;
}

/** @param wrongMax it stops once so many were found */
export async function tryPacking(
  first: number,
  count: number,
  wrongMax = Number.POSITIVE_INFINITY,
): Promise<PackingRun> {
  const drawn = new Map<string, number>();
  const counts: Record<string, number> = {};
  const wrong: { seed: number; problem: string }[] = [];
  let graphs = 0;
  for (let seed = first; seed < first + count && wrong.length < wrongMax; seed++) {
    const { outcome, operators } = await tryDrawn(seed);
    graphs++;
    for (const one of new Set(operators)) drawn.set(one, (drawn.get(one) ?? 0) + 1);
    const kind = kindOf(outcome);
    counts[kind] = (counts[kind] ?? 0) + 1;
    if (typeof outcome !== "string") wrong.push({ seed, problem: outcome.wrong });
  }
  const compared = (counts.same ?? 0) + wrong.length;
  return { graphs, compared, refused: counts.refused ?? 0, wrong, drawn };
}

const kindOf = (outcome: Outcome) => (typeof outcome === "string" ? outcome : "wrong");
