/**
 * The shards that this thread holds, in the memory of whatever multiplies them. The back-end is chosen once, at the first
 * shard: the first candidate that answers a known question right. One that has no room for a shard leaves it to the next; one
 * that fails in a product is given up together with what it held.
 */
import type { ProductOutcome, ProductTask } from "../../shared/compute/compute-thread-api.ts";
import type { FieldBackendName, FieldKernels, FieldMatrix } from "../../shared/compute/field/field-kernels.ts";
import { type FieldCandidate, pickFieldKernels } from "../../shared/compute/field/pick-field-kernels.ts";
import { MODULUS, requireLength, requireResidues } from "../../shared/field/modulus.ts";
import { createByteCappedCache } from "./byte-capped-cache.ts";
import { parseShard, type Shard, type ShardMatrix } from "./shard-frame.ts";

export interface HeldShards {
  holds(sha256: string): boolean;
  /** As ComputeThreadApi.addShard; nothing of the frame is kept. */
  add(sha256: string, frame: Uint8Array): Promise<void>;
  /**
   * As ComputeThreadApi.multiply.
   * @throws Error where the shard is not held, FieldError where the vector does not fit it; Error where the back-end failed,
   *   and then the shard is held no more
   */
  multiply(task: ProductTask): Promise<ProductOutcome>;
}

export interface HeldShardsOptions {
  readonly candidates: readonly FieldCandidate[];
  readonly bytesMax: number;
  nowMs(): number;
}

interface HeldShard {
  readonly kernels: FieldKernels;
  readonly forward: FieldMatrix;
  readonly backward: FieldMatrix | null;
}

export function createHeldShards({ candidates, bytesMax, nowMs }: HeldShardsOptions): HeldShards {
  const shards = createByteCappedCache<HeldShard>(bytesMax, ({ forward, backward }) => {
    forward.dispose();
    backward?.dispose();
  });
  /** In the order in which they were chosen: the first is what shards are loaded into. */
  const inUse: FieldKernels[] = [];
  const givenUp = new Set<FieldBackendName>();

  /** @throws FieldError where none is left */
  async function kernelsOtherThan(full: ReadonlyMap<FieldBackendName, string>): Promise<FieldKernels> {
    const chosen = inUse.find(({ backend }) => !full.has(backend));
    if (chosen !== undefined) return chosen;
    const left = candidates.filter(({ backend }) => !full.has(backend) && !givenUp.has(backend));
    const kernels = await pickFieldKernels(left);
    inUse.push(kernels);
    return kernels;
  }

  async function load(shard: Shard): Promise<HeldShard> {
    const full = new Map<FieldBackendName, string>();
    for (;;) {
      let kernels: FieldKernels;
      try {
        kernels = await kernelsOtherThan(full);
      } catch (error) {
        const reasons = [...full].map(([backend, problem]) => `${backend}: ${problem}`);
        const others = error instanceof Error ? error.message : String(error);
        throw new Error(`shard: expected a back-end with room for it, got none (${[...reasons, others].join("; ")})`);
      }
      try {
        return loadInto(kernels, shard);
      } catch (error) {
        full.set(kernels.backend, error instanceof Error ? error.message : String(error));
      }
    }
  }

  function giveUp(kernels: FieldKernels): void {
    givenUp.add(kernels.backend);
    inUse.splice(inUse.indexOf(kernels), 1);
    shards.dropWhere((shard) => shard.kernels === kernels);
    kernels.dispose();
  }

  return {
    holds: (sha256) => shards.has(sha256),

    async add(sha256, frame) {
      if (shards.has(sha256)) return;
      const shard = parseShard(frame);
      // Room first: WebAssembly memory never shrinks, so what two shards needed for a moment would be gone for good.
      shards.makeRoom(frame.length);
      const held = await load(shard);
      shards.set(sha256, held, held.forward.bytes + (held.backward?.bytes ?? 0));
    },

    async multiply({ shardSha256, product, vector, width }) {
      const shard = shards.get(shardSha256);
      if (shard === undefined) throw new Error(`compute thread: shard ${shardSha256.slice(0, 12)} is not held`);
      const { kernels, [product]: matrix } = shard;
      if (matrix === null) throw new Error(`multiply: expected a shard with a ${product} matrix, got one without`);
      // Whatever fails after these is the back-end's fault.
      requireLength("multiply", "the vector", vector.length, matrix.columns * width);
      requireResidues("multiply, the vector", vector, MODULUS);
      const startedMs = nowMs();
      try {
        const residues = width === 1 ? await matrix.matVec(vector) : await matrix.matThin(vector, width);
        return { residues, computeMs: nowMs() - startedMs, backend: kernels.backend };
      } catch (error) {
        giveUp(kernels);
        throw new Error(`multiply: the ${kernels.backend} kernels failed: ${(error as Error).message}`, {
          cause: error,
        });
      }
    },
  };
}

/** @throws where the back-end has no room; then it holds nothing of the shard */
function loadInto(kernels: FieldKernels, shard: Shard): HeldShard {
  const place = ({ residues, rows, columns }: ShardMatrix) => kernels.loadMatrix(residues, rows, columns);
  const forward = place(shard.forward);
  try {
    return { kernels, forward, backward: shard.backward === null ? null : place(shard.backward) };
  } catch (error) {
    forward.dispose();
    throw error;
  }
}
