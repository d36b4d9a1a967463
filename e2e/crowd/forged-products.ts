/** What a simulated tab sends in place of its products: the product itself, or a lie about it. */
import type { ProductAssignment } from "../../shared/coded/assignments.ts";
import type { Attack } from "./product-lies.ts";

/** Honest products of a round that tabs lay open to each other. */
export class Collusion {
  readonly #tabs: ReadonlySet<number>;
  /** By job, round and product, then by tab; the latest round of each job alone. */
  readonly #laid = new Map<string, { roundIndex: number; byTab: Map<number, Uint32Array> }>();

  /** @param tabs who takes part */
  constructor(tabs: readonly number[]) {
    this.#tabs = new Set(tabs);
  }

  lay({ jobId, roundIndex, product }: ProductAssignment, tab: number, honest: Uint32Array): void {
    if (!this.#tabs.has(tab)) return;
    const key = `${jobId}/${product}`;
    const held = this.#laid.get(key);
    const laid = held?.roundIndex === roundIndex ? held : { roundIndex, byTab: new Map<number, Uint32Array>() };
    this.#laid.set(key, laid);
    laid.byTab.set(tab, honest);
  }

  /** @returns what another one computed in that round; null: nothing of that length */
  of({ jobId, roundIndex, product }: ProductAssignment, tab: number, length: number): Uint32Array | null {
    const laid = this.#laid.get(`${jobId}/${product}`);
    if (laid?.roundIndex !== roundIndex) return null;
    return [...laid.byTab].find(([other, { length: its }]) => other !== tab && its === length)?.[1] ?? null;
  }
}

/** What one tab sends in place of its products, and what it has to remember for that. */
export class ForgedProducts {
  readonly #collusion: Collusion | undefined;
  readonly #tab: number;
  /** The latest product of each kind by shard, and the one of the round before. */
  readonly #latest = new Map<string, { roundIndex: number; honest: Uint32Array; previous: Uint32Array | null }>();

  constructor(collusion: Collusion | undefined, tab: number) {
    this.#collusion = collusion;
    this.#tab = tab;
  }

  /** Once for each product, when it is sent. @returns a copy of its own */
  sent(
    assignment: ProductAssignment,
    honest: Uint32Array,
    attack: Attack | null,
  ): { residues: Uint32Array<ArrayBuffer>; isForged: boolean } {
    if (attack === null) return { residues: Uint32Array.from(honest), isForged: false };
    const { product, roundIndex, workerIndex } = assignment;
    const previous = this.#previous(assignment, honest);
    const colluder = this.#collusion?.of(assignment, this.#tab, honest.length) ?? null;
    // Two rounds are an iteration: the forward product, then the backward one.
    const iteration = Math.floor(roundIndex / 2);
    const sent = attack({ honest, iteration, shardIndex: workerIndex, product, previous, colluder });
    const isForged = sent.length !== honest.length || sent.some((residue, at) => residue !== honest[at]);
    return { residues: Uint32Array.from(sent), isForged };
  }

  #previous({ jobId, roundIndex, workerIndex, product }: ProductAssignment, honest: Uint32Array): Uint32Array | null {
    const key = `${jobId}/${workerIndex}/${product}`;
    const latest = this.#latest.get(key);
    // A round that is asked again is still the same round.
    const previous = latest?.roundIndex === roundIndex ? latest.previous : (latest?.honest ?? null);
    this.#latest.set(key, { roundIndex, honest, previous });
    return previous;
  }
}
