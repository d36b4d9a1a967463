/** What the story's shell knows of groups: who said what of their mixtures, and what comes of a decode. */
import type { InferenceSubmission } from "../../../../../shared/kinds/inference/submission.ts";
import type { DecodedRows, RowsWork } from "../work.ts";

type Work<T extends RowsWork["type"]> = Extract<RowsWork, { type: T }>;
type Vote = { readonly item: number; readonly volunteerId: string; readonly attempt: number };

/** One that lies says what all liars say: a vote of them has a majority too. */
export class SaidOfGroups {
  readonly #votes = new Map<number, Vote[]>();

  take({ mixtures, volunteerId }: Work<"takeMixtures">): void {
    for (const { group, place: item, attempt } of mixtures)
      this.#votes.set(group, [...(this.#votes.get(group) ?? []), { item, volunteerId, attempt }]);
  }

  drop({ items }: Work<"dropMixtures">): void {
    for (const [group, votes] of this.#votes)
      this.#votes.set(
        group,
        votes.filter(({ item }) => !items.includes(item)),
      );
  }

  /** @param isRight of a volunteer's word about a row */
  decode(
    { groups }: Work<"decodeGroups">,
    { scheme, liars }: Pick<InferenceSubmission, "scheme" | "liars">,
    isRight: (volunteerId: string, place: number) => boolean,
  ): DecodedRows[] {
    return groups.map(({ group, places }) => {
      if (scheme !== "replication")
        return {
          group,
          undecided: null,
          rejected: [],
          answered: places.map((place) => ({ place, mark: "estimated", by: null })),
        };
      const [place] = places as [number];
      const votes = this.#votes.get(group) ?? [];
      if (liars === 0)
        return {
          group,
          undecided: null,
          rejected: [],
          answered: [{ place, mark: "unchecked", by: votes[0]!.volunteerId }],
        };
      const right = votes.filter(({ volunteerId }) => isRight(volunteerId, place)).length;
      const most = Math.max(right, votes.length - right);
      if (most <= liars) return { group, undecided: votes.length, rejected: [], answered: [] };
      return { group, undecided: null, rejected: [], answered: [{ place, mark: "checked", by: null }] };
    });
  }
}
