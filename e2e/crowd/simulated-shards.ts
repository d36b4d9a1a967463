/** The shards that a simulated tab holds, and what it makes of them: real products, by plain kernels, forged or not. */
import type { CoordinatorPort } from "../../server/web/coordinator-port.ts";
import type { ProductAssignment, ShardAssignment } from "../../shared/coded/assignments.ts";
import type { FieldMatrix } from "../../shared/compute/field/field-kernels.ts";
import { createPlainKernels } from "../../shared/compute/field/plain-kernels.ts";
import { decodeFrame, type Tensor } from "../../shared/protocol/frame.ts";
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

interface ShardsWorld {
  coordinator(): CoordinatorPort | null;
  readonly collusion?: Collusion;
}

type HeldShard = Readonly<Record<ProductAssignment["product"], FieldMatrix | null>>;

const kernels = createPlainKernels();

export class SimulatedShards {
  readonly #world: ShardsWorld;
  readonly #tab: number;
  readonly #held = new Map<string, HeldShard>();
  /** The latest product of each kind by shard, and the one of the round before. */
  readonly #latest = new Map<string, { roundIndex: number; honest: Uint32Array; previous: Uint32Array | null }>();

  constructor(world: ShardsWorld, tab: number) {
    this.#world = world;
    this.#tab = tab;
  }

  /** @returns false where the token was void before the shard could be fetched */
  async provide({ token, shard }: ShardAssignment | ProductAssignment): Promise<boolean> {
    if (this.#held.has(shard.sha256)) return true;
    const blob = await this.#world.coordinator()?.blobForToken(token, shard.sha256);
    if (!blob) return false;
    const { forward, backward } = decodeFrame(blob.bytes);
    this.#held.set(shard.sha256, {
      forward: loaded(forward!, shard.forward),
      backward: shard.backward === null ? null : loaded(backward!, shard.backward),
    });
    return true;
  }

  /** @returns the honest product, laid open to colluders; null where the token was void before it had what it needs */
  async multiply(assignment: ProductAssignment): Promise<Uint32Array | null> {
    const { token, vector, shard, product, width } = assignment;
    const blob = vector.kind === "inline" ? null : await this.#world.coordinator()?.blobForToken(token, vector.sha256);
    const frame = vector.kind === "inline" ? vector.frame : blob?.bytes;
    if (frame === undefined || !(await this.provide(assignment))) return null;
    const factor = decodeFrame(frame).vector!.data as Uint32Array;
    const honest = await this.#held.get(shard.sha256)![product]!.matThin(factor, width);
    this.#world.collusion?.lay(assignment, this.#tab, honest);
    return honest;
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
    const colluder = this.#world.collusion?.of(assignment, this.#tab, honest.length) ?? null;
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

function loaded(tensor: Tensor, { rows, columns }: { rows: number; columns: number }): FieldMatrix {
  return kernels.loadMatrix(tensor.data as Uint32Array, rows, columns);
}
