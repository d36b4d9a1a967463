/** K where there are fewer queries than a group has: nothing is refused, and no group is filled up with queries that nobody asked. */
import { SCHEMES } from "../../../shared/coding/schemes/schemes.ts";
import type { InferenceSubmission } from "../../../shared/kinds/inference/submission.ts";

/**
 * @param queryCount of the job; 0: of a stream, or none
 * @returns with K = queryCount where that is less; as it was where the group's size is not ours to choose: a parity model is made for its K
 *
 * @example
 * withFittingGroup({ scheme: "systematic", queriesPerGroup: 4, stragglers: 0 }, 3).queriesPerGroup // -> 3
 */
export function withFittingGroup<Code extends Pick<InferenceSubmission, "scheme" | "queriesPerGroup" | "stragglers">>(
  code: Code,
  queryCount: number,
): Code {
  const { scheme, queriesPerGroup, stragglers } = code;
  const isFixed = SCHEMES[scheme].takes.parityModel && stragglers > 0;
  if (isFixed || queryCount < 1 || queryCount >= queriesPerGroup) return code;
  return { ...code, queriesPerGroup: queryCount };
}
