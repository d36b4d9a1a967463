/** What one party with many keys knows and has said in one job: a row that one of its keys answered is answered alike by the others. */
import type { RandomSource } from "../../../shared/random/random.ts";
import { type Conduct, conductOf, type LiarKey, type Plan, type Turn } from "./plans.ts";

/** What a key says and does in one claim. */
export interface Said {
  readonly lies: ReadonlySet<number>;
  readonly conduct: Conduct;
}

/** Of a claim, what the coalition is told and may read. */
export type Seen = Pick<
  Turn,
  "key" | "job" | "tries" | "places" | "progress" | "checkShare" | "usualRows" | "wasNamed"
>;

export class Coalition {
  /** By place: whether the coalition lied. */
  readonly #told = new Map<number, boolean>();
  readonly #classes = new Map<number, number>();
  readonly #plan: Plan;
  readonly #random: RandomSource;
  #toldInBlock = 0;

  constructor(plan: Plan, random: RandomSource) {
    this.#plan = plan;
    this.#random = random;
  }

  /** The rows that are left are certified anew. */
  nextBlock(): void {
    this.#toldInBlock = 0;
  }

  /** A key has computed the first part of a claim. Its lies are settled now, those of rows that it will not answer too. */
  says(seen: Seen): Said {
    const turn: Turn = {
      ...seen,
      toldInBlock: this.#toldInBlock,
      isKnown: (place) => this.#told.has(place),
      classOf: (place) => this.#classOf(place),
      random: this.#random,
    };
    seen.key.turns++;
    const conduct = conductOf(this.#plan, turn);
    const chosen = new Set(this.#plan.lies(turn));
    const lies = new Set(seen.places.filter((place) => this.#told.get(place) ?? chosen.has(place)));
    for (const place of seen.places) {
      if (this.#told.has(place)) continue;
      this.#told.set(place, lies.has(place));
      if (lies.has(place)) this.#toldInBlock++;
    }
    return { lies, conduct };
  }

  #classOf(place: number): number {
    const known = this.#classes.get(place);
    if (known !== undefined) return known;
    const drawn = this.#random.uniform();
    this.#classes.set(place, drawn);
    return drawn;
  }
}

/** A key of the coalition, or one that comes for another. */
export const liarKey = (place: number, of: number): LiarKey => ({ place, of, turns: 0 });
