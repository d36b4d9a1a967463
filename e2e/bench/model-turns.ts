/** Whose turn it is among models that share a crowd: each once, then whoever is furthest behind its share of the batches. */
import type { NpyArray } from "../../shared/protocol/npy.ts";
import type { Fate, JobAsked } from "./jobs-together.ts";

export interface TurnModel {
  readonly name: string;
  readonly bundle: Uint8Array;
  readonly queries: NpyArray;
  /** Models of one group share a row of the table, and a part of the batches. */
  readonly group: string;
  /** Of the batches, among all groups. */
  readonly share: number;
}

export interface Turn extends JobAsked {
  readonly model: TurnModel;
  readonly isUnchecked: boolean;
}

export interface TurnsOptions {
  readonly models: readonly TurnModel[];
  settingsOf(model: TurnModel): Readonly<Record<string, unknown>>;
  /** Of models that are not refused: at least so many. */
  readonly batches: number;
  /** That tabs have computed of it so far. */
  batchesOf(model: TurnModel): number;
}

export class ModelTurns {
  readonly #options: TurnsOptions;
  readonly #waiting: Turn[];
  readonly #fates = new Map<TurnModel, Set<Fate>>();
  readonly #begun = new Map<TurnModel, number>();

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#waiting = options.models.map((model) => this.#turnOf(model, false));
  }

  next(): Turn | null {
    const turn = this.#waiting.shift() ?? this.#furthestBehind();
    if (turn !== null) this.#begun.set(turn.model, (this.#begun.get(turn.model) ?? 0) + 1);
    return turn;
  }

  /** What is refused is asked for once more, unchecked. */
  ended({ model, isUnchecked }: Turn, fate: Fate): void {
    if (!isUnchecked) this.#fates.set(model, (this.#fates.get(model) ?? new Set()).add(fate));
    if (fate === "refused") this.#waiting.push(this.#turnOf(model, true));
  }

  isRefused(model: TurnModel): boolean {
    return this.#fates.get(model)?.has("refused") === true;
  }

  /** How many models ended how. */
  fates(): string {
    const words = [...this.#fates.values()].map((fates) => [...fates].sort().join(" or "));
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return [...counts].map(([word, count]) => `${count} models ${word}`).join(", ");
  }

  /** Of all models that are not refused. */
  compared(): number {
    return this.#sum(this.#options.models.filter((model) => !this.isRefused(model)));
  }

  #furthestBehind(): Turn | null {
    const { models, batches } = this.#options;
    if (this.compared() >= batches) return null;
    const open = models.filter((model) => !this.isRefused(model));
    const groups = [...new Set(open.map(({ group }) => group))].map((group) => {
      const own = open.filter((model) => model.group === group);
      return { own, behind: own[0]!.share * batches - this.#sum(own) };
    });
    const { own } = groups.reduce((most, each) => (each.behind > most.behind ? each : most));
    const begun = (model: TurnModel) => this.#begun.get(model) ?? 0;
    return this.#turnOf(
      own.reduce((least, each) => (begun(each) < begun(least) ? each : least)),
      false,
    );
  }

  #sum(models: readonly TurnModel[]): number {
    return models.reduce((sum, model) => sum + this.#options.batchesOf(model), 0);
  }

  #turnOf(model: TurnModel, isUnchecked: boolean): Turn {
    const { bundle, queries } = model;
    const settings = { ...this.#options.settingsOf(model), ...(isUnchecked ? { ifUnstable: "unchecked" } : {}) };
    return { bundle, queries, settings, model, isUnchecked };
  }
}
