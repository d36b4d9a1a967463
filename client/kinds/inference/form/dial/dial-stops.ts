/** The positions of the dial. Pure. */
import type { CodeEstimate, CodeSettings, InferenceEstimate } from "../../../../../shared/kinds/inference/estimate.ts";
import type { InferenceFields } from "../inference-fields.ts";

/** Which position the form stands at; -1: between them. */
export function stopOf(fields: InferenceFields, choices: readonly CodeEstimate[]): number {
  return choices.findIndex(({ code }) => {
    const { scheme, queriesPerGroup, stragglers, liars, groupsPerRound } = fieldsOf(code);
    return (
      scheme === fields.scheme &&
      queriesPerGroup === fields.queriesPerGroup.trim() &&
      stragglers === fields.stragglers.trim() &&
      liars === fields.liars.trim() &&
      groupsPerRound === fields.groupsPerRound.trim()
    );
  });
}

/**
 * All positions of the slider and where it stands. Settings between the stops have a position of their own, by how long they
 * take, so that a step to either side is a stop.
 */
export function positionsOf(
  fields: InferenceFields,
  { chosen, choices }: Pick<InferenceEstimate, "chosen" | "choices">,
): { readonly positions: readonly CodeEstimate[]; readonly at: number } {
  const stop = stopOf(fields, choices);
  if (stop >= 0) return { positions: choices, at: stop };
  const msOf = ({ finishMs }: CodeEstimate) => finishMs?.p50 ?? Number.POSITIVE_INFINITY;
  const faster = choices.findIndex((choice) => msOf(choice) < msOf(chosen));
  const at = faster < 0 ? choices.length : faster;
  return { positions: choices.toSpliced(at, 0, chosen), at };
}

/** What the form holds at a position. */
export function fieldsOf({ scheme, queriesPerGroup, stragglers, liars, groupsPerRound }: CodeSettings) {
  return {
    scheme,
    queriesPerGroup: String(queriesPerGroup),
    stragglers: String(stragglers),
    liars: String(liars),
    groupsPerRound: String(groupsPerRound),
  } satisfies Partial<InferenceFields>;
}
