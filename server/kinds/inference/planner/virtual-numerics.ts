/** What the coordinator's numerics would say of rows on virtual time: by who said what of each row, and who lies. */
import { COORDINATOR } from "../core/job.ts";
import type { DecodedRows, RowAttempt, RowsOutcome, RowsWork, RowWord } from "../rows/work.ts";

type Work<T extends RowsWork["type"]> = Extract<RowsWork, { type: T }>;

interface Said {
  readonly volunteerId: string;
  readonly attempt: number;
}

interface Vote extends Said {
  readonly item: number;
}

/** Times of the coordinator, ms. */
export interface NumericsTimes {
  /** Of a row that it computes. */
  readonly rowMs: number;
  /** Of anything that it is asked for, however little it is: a task of the pool, and the step that follows. */
  readonly taskMs: number;
}

export class VirtualNumerics {
  readonly #isLiar: (volunteerId: string) => boolean;
  readonly #times: NumericsTimes;
  /** Do answers to a mixture vote? */
  readonly #votesNeeded: number | null;
  readonly #said = new Map<number, Said[]>();
  readonly #votes = new Map<number, Vote[]>();

  /** @param votesNeeded of a scheme whose volunteers outvote each other; null: of any other */
  constructor(isLiar: (volunteerId: string) => boolean, times: NumericsTimes, votesNeeded: number | null) {
    this.#isLiar = isLiar;
    this.#times = times;
    this.#votesNeeded = votesNeeded;
  }

  /** @returns what comes of it, and how long that takes; null: nothing comes of it */
  carryOut(work: RowsWork): { readonly outcome: RowsOutcome; readonly ms: number } | null {
    const { rowMs, taskMs } = this.#times;
    switch (work.type) {
      case "prepareRows":
        return { outcome: { type: "rowsPrepared", rowMs, order: null }, ms: taskMs };
      case "takeRows":
        for (const row of [...work.answers, ...work.words]) this.#note(row, work.volunteerId);
        return null;
      case "takeMixtures":
        for (const { group, place: item, attempt } of work.mixtures) {
          this.#note({ place: item, attempt }, work.volunteerId);
          this.#votes.set(group, [...(this.#votes.get(group) ?? []), { item, attempt, volunteerId: work.volunteerId }]);
        }
        return null;
      case "dropMixtures":
        for (const [group, votes] of this.#votes)
          this.#votes.set(
            group,
            votes.filter(({ item }) => !work.items.includes(item)),
          );
        return null;
      case "decodeGroups":
        return { outcome: { type: "groupsDecoded", groups: work.groups.map((one) => this.#decoded(one)) }, ms: taskMs };
      case "lookKnown":
        return { outcome: this.#lookedKnown(work), ms: taskMs };
      case "lookCloser":
        return { outcome: this.#lookedCloser(work), ms: taskMs + rowMs * work.rows.length };
      case "recompute":
        return { outcome: this.#recomputed(work), ms: taskMs + rowMs * work.rows.length };
      case "compare":
        return { outcome: this.#compared(work), ms: taskMs };
      case "confirmRows":
        return { outcome: this.#confirmed(work), ms: taskMs + rowMs * work.rows.length };
      default:
        return null;
    }
  }

  #note({ place, attempt }: RowAttempt, volunteerId: string): void {
    const said = this.#said.get(place);
    if (said === undefined) this.#said.set(place, [{ volunteerId, attempt }]);
    else said.push({ volunteerId, attempt });
  }

  #isRight(volunteerId: string): boolean {
    return volunteerId === COORDINATOR || !this.#isLiar(volunteerId);
  }

  #lookedKnown({ assignmentId, of: { volunteerId }, places }: Work<"lookKnown">): RowsOutcome {
    const looked = this.#isRight(volunteerId) ? "fine" : "wrong";
    return { type: "knownLooked", assignmentId, volunteerId, rows: places.map((place) => ({ place, looked })) };
  }

  #lookedCloser({ of: { volunteerId }, rows }: Work<"lookCloser">): RowsOutcome {
    const looked = this.#isRight(volunteerId) ? "fine" : "wrong";
    // No device gives the right answer of another row by itself.
    const lie = looked === "wrong" && { isAnothers: true as const };
    return { type: "lookedCloser", rows: rows.map((row) => ({ ...row, looked, ...lie })) };
  }

  #recomputed({ rows }: Work<"recompute">): RowsOutcome {
    return {
      type: "recomputed",
      rows: rows.map(({ place, attempt, words, why }) => {
        const of = new Set(words.map(({ volunteerId }) => volunteerId));
        const told = (this.#said.get(place) ?? []).filter(({ volunteerId }) => of.has(volunteerId));
        return {
          ...{ place, attempt },
          words: told.map((said): RowWord => {
            const isRight = this.#isRight(said.volunteerId);
            return { ...said, isRight, ...(!isRight && { isAnothers: true as const }) };
          }),
          ...(why === "estimate" && { estimateAgreed: true }),
        };
      }),
    };
  }

  #compared({ pairs }: Work<"compare">): RowsOutcome {
    return {
      type: "compared",
      pairs: pairs.map(({ place, attempt, author, second }) => {
        // Two lies differ too.
        const agree = this.#isRight(author.volunteerId) && this.#isRight(second.volunteerId);
        const found = agree ? "agree" : "differ";
        return { place, attempt, author: author.volunteerId, second: second.volunteerId, found };
      }),
    };
  }

  #confirmed({ volunteerIds }: Work<"confirmRows">): RowsOutcome {
    const judged = volunteerIds.map((volunteerId) => ({
      volunteerId,
      verdict: this.#isRight(volunteerId) ? ("agrees" as const) : ("differs" as const),
      spread: 0,
    }));
    return { type: "rowsConfirmed", judged };
  }

  /** A vote has a majority of those who are right; any other code estimates what is missing. */
  #decoded({ group, places }: { readonly group: number; readonly places: readonly number[] }): DecodedRows {
    const isVote = this.#votesNeeded !== null;
    const votes = this.#votes.get(group) ?? [];
    const right = votes.filter(({ volunteerId }) => this.#isRight(volunteerId)).length;
    if (isVote && right < (this.#votesNeeded ?? 0))
      return { group, undecided: votes.length, rejected: [], answered: [] };
    const mark = isVote ? "checked" : "estimated";
    const answered = places.map((place) => ({ place, mark, by: null }) as const);
    return { group, undecided: null, rejected: [], answered };
  }
}
