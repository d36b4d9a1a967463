/** Plain and coded beside each other: what the stops of the dial say of both. Pure. */
import type { CodeEstimate, InferenceEstimate } from "./estimate.ts";

export interface PlainAndCoded {
  /** Each row goes out once, and again where tabs idle. null: no stop is so. */
  readonly plain: CodeEstimate | null;
  /** The code that ends soonest of those that spend work on mixtures or copies. null: none is worth a choice with these tabs. */
  readonly coded: CodeEstimate | null;
}

/**
 * @param estimate its chosen code counts too
 * @returns of several stops that are plain, or coded, the one that ends soonest
 */
export function plainAndCoded({ chosen, choices }: Pick<InferenceEstimate, "chosen" | "choices">): PlainAndCoded {
  const all = [chosen, ...choices];
  const isPlain = ({ code: { stragglers, liars } }: CodeEstimate) => stragglers === 0 && liars === 0;
  return { plain: soonest(all.filter(isPlain)), coded: soonest(all.filter((one) => !isPlain(one))) };
}

function soonest(estimates: readonly CodeEstimate[]): CodeEstimate | null {
  const msOf = ({ finishMs }: CodeEstimate) => finishMs?.p50 ?? Number.POSITIVE_INFINITY;
  return estimates.reduce<CodeEstimate | null>(
    (best, one) => (best === null || msOf(one) < msOf(best) ? one : best),
    null,
  );
}
