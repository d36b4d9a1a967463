import { describe, expect, test } from "vitest";
import type { ProductTask } from "../../shared/compute/compute-thread-api.ts";
import type { FieldBackendName, FieldKernels, FieldMatrix } from "../../shared/compute/field/field-kernels.ts";
import type { FieldCandidate } from "../../shared/compute/field/pick-field-kernels.ts";
import { createPlainKernels } from "../../shared/compute/field/plain-kernels.ts";
import { createWasmKernels } from "../../shared/compute/field/wasm-kernels.ts";
import { MODULUS } from "../../shared/field/modulus.ts";
import { matrixProduct } from "../../shared/field/products.ts";
import { randomResidues } from "../../shared/field/random-residues.ts";
import { encodeFrame } from "../../shared/protocol/frame.ts";
import { simulationRandom } from "../../shared/random/simulation-random.ts";
import { createHeldShards } from "./held-shards.ts";

const ROWS = 13;
const COLUMNS = 29;
const MATRIX_BYTES_MAX = 2 * 4 * ROWS * 32;

const random = simulationRandom(30_400);
const forward = randomResidues(ROWS * COLUMNS, MODULUS, random);
const backward = randomResidues(COLUMNS * ROWS, MODULUS, random);
const frame = () =>
  encodeFrame({
    forward: { dtype: "U32", shape: [ROWS, COLUMNS], data: forward },
    backward: { dtype: "U32", shape: [COLUMNS, ROWS], data: backward },
  });
const task = (shardSha256: string, vector: Uint32Array, changes: Partial<ProductTask> = {}): ProductTask => ({
  shardSha256,
  product: "forward",
  vector,
  width: 1,
  jobId: "j",
  roundIndex: 0,
  ...changes,
});

const plain: FieldCandidate = { backend: "plain", create: async () => createPlainKernels() };
const wasm: FieldCandidate = { backend: "wasm", create: createWasmKernels };

/** Plain kernels under another name, with faults that are injected by name. */
function faulty(
  backend: FieldBackendName,
  faults: { isFull?: () => boolean; isBroken?: () => boolean; ms?: (clock: Clock) => void },
  clock: Clock,
): FieldCandidate & { created: number; disposed: number; loaded: number } {
  const candidate = {
    backend,
    created: 0,
    disposed: 0,
    loaded: 0,
    async create(): Promise<FieldKernels> {
      candidate.created++;
      const inner = createPlainKernels();
      return {
        backend,
        loadMatrix(entries, rows, columns): FieldMatrix {
          // The question of the choice is a large square; shards here are small.
          const isShard = rows !== columns;
          if (isShard && faults.isFull?.() === true) throw new Error("injected: no memory");
          const matrix = inner.loadMatrix(entries, rows, columns);
          if (isShard) candidate.loaded++;
          return {
            ...matrix,
            async matVec(vector) {
              if (faults.isBroken?.() === true) throw new Error("injected: lost");
              faults.ms?.(clock);
              return matrix.matVec(vector);
            },
            dispose() {
              if (isShard) candidate.loaded--;
              matrix.dispose();
            },
          };
        },
        dispose() {
          candidate.disposed++;
          inner.dispose();
        },
      };
    },
  };
  return candidate;
}

interface Clock {
  ms: number;
}

function holding(candidates: readonly FieldCandidate[], bytesMax = 1e9, clock: Clock = { ms: 0 }) {
  return createHeldShards({ candidates, bytesMax, nowMs: () => clock.ms });
}

describe.each([wasm, plain])("on the $backend kernels", (candidate) => {
  test("products of a held shard are those of the field, forward and backward, thin and wide", async () => {
    const shards = holding([candidate]);
    await shards.add("a", frame());
    expect(shards.holds("a")).toBe(true);
    for (const [product, matrix, rows, columns] of [
      ["forward", forward, ROWS, COLUMNS],
      ["backward", backward, COLUMNS, ROWS],
    ] as const) {
      for (const width of [1, 2, 10]) {
        const vector = randomResidues(columns * width, MODULUS, random);
        const { residues, backend } = await shards.multiply(task("a", vector, { product, width }));
        expect(residues).toEqual(matrixProduct(matrix, rows, columns, vector, width, MODULUS));
        expect(backend).toBe(candidate.backend);
      }
    }
  });

  test("nothing of the frame is kept: what becomes of its bytes does not matter", async () => {
    const shards = holding([candidate]);
    const given = frame();
    await shards.add("a", given);
    given.fill(0);
    const vector = randomResidues(COLUMNS, MODULUS, random);
    const { residues } = await shards.multiply(task("a", vector));
    expect(residues).toEqual(matrixProduct(forward, ROWS, COLUMNS, vector, 1, MODULUS));
  });

  test("a vector that does not fit, or is none of residues, is refused, and the shard stays", async () => {
    const shards = holding([candidate]);
    await shards.add("a", frame());
    await expect(shards.multiply(task("a", new Uint32Array(COLUMNS - 1)))).rejects.toThrow(/29 entries, got 28/);
    await expect(shards.multiply(task("a", new Uint32Array(COLUMNS), { width: 2 }))).rejects.toThrow(/58 entries/);
    const worst = new Uint32Array(COLUMNS).fill(MODULUS, 3, 4);
    await expect(shards.multiply(task("a", worst))).rejects.toThrow(/got 2147483647 at 3/);
    expect(shards.holds("a")).toBe(true);
  });

  test("a shard without a backward matrix multiplies forward alone", async () => {
    const shards = holding([candidate]);
    await shards.add("a", encodeFrame({ forward: { dtype: "U32", shape: [ROWS, COLUMNS], data: forward } }));
    const vector = randomResidues(COLUMNS, MODULUS, random);
    const { residues } = await shards.multiply(task("a", vector));
    expect(residues).toEqual(matrixProduct(forward, ROWS, COLUMNS, vector, 1, MODULUS));
    const backwards = shards.multiply(task("a", new Uint32Array(ROWS), { product: "backward" }));
    await expect(backwards).rejects.toThrow(/a shard with a backward matrix, got one without/);
  });

  test("a shard that is not held is said not to be", async () => {
    const shards = holding([candidate]);
    await expect(shards.multiply(task("ab".repeat(32), new Uint32Array(1)))).rejects.toThrow(
      /abababababab is not held/,
    );
  });

  test("beyond the byte cap the least recently used shard goes, and room is made before the new one is loaded", async () => {
    const shards = holding([candidate], 2.5 * MATRIX_BYTES_MAX);
    const vector = randomResidues(COLUMNS, MODULUS, random);
    await shards.add("a", frame());
    await shards.add("b", frame());
    await shards.multiply(task("a", vector));
    await shards.add("c", frame());
    expect(["a", "b", "c"].filter((sha256) => shards.holds(sha256))).toEqual(["a", "c"]);
    await shards.multiply(task("a", vector));
  });
});

test("the back-end is chosen once, at the first shard: the first candidate that is right", async () => {
  const clock = { ms: 0 };
  const preferred = faulty("wasm", { ms: (clock) => (clock.ms += 2) }, clock);
  const other = faulty("plain", {}, clock);
  const shards = holding([preferred, other], 1e9, clock);
  await shards.add("a", frame());
  await shards.add("b", frame());
  const { backend, computeMs } = await shards.multiply(task("b", new Uint32Array(COLUMNS)));
  expect({ backend, computeMs }).toEqual({ backend: "wasm", computeMs: 2 });
  expect([preferred.created, other.created]).toEqual([1, 0]);
});

test("a back-end without room leaves the shard to the next one, and keeps what it has", async () => {
  const clock = { ms: 0 };
  let isFull = false;
  const preferred = faulty("wasm", { isFull: () => isFull }, clock);
  const other = faulty("plain", {}, clock);
  const shards = holding([preferred, other], 1e9, clock);
  const vector = randomResidues(COLUMNS, MODULUS, random);
  await shards.add("a", frame());
  isFull = true;
  await shards.add("b", frame());
  expect((await shards.multiply(task("a", vector))).backend).toBe("wasm");
  expect((await shards.multiply(task("b", vector))).backend).toBe("plain");
  isFull = false;
  await shards.add("c", frame());
  expect((await shards.multiply(task("c", vector))).backend).toBe("wasm");
});

test("where nobody has room the error says why, of each, and nothing half loaded stays", async () => {
  const clock = { ms: 0 };
  let loads = 0;
  const halfFull = faulty("wasm", { isFull: () => ++loads % 2 === 0 }, clock);
  const full = faulty("plain", { isFull: () => true }, clock);
  const shards = holding([halfFull, full], 1e9, clock);
  await expect(shards.add("a", frame())).rejects.toThrow(
    /a back-end with room for it, got none \(wasm: injected: no memory; plain: injected: no memory/,
  );
  expect(shards.holds("a")).toBe(false);
  expect([halfFull.loaded, full.loaded]).toEqual([0, 0]);
});

test("a back-end that fails in a product is given up with its shards; loaded again they are on the next one", async () => {
  const clock = { ms: 0 };
  let isBroken = false;
  const preferred = faulty("wasm", { isBroken: () => isBroken }, clock);
  const other = faulty("plain", {}, clock);
  const shards = holding([preferred, other], 1e9, clock);
  const vector = randomResidues(COLUMNS, MODULUS, random);
  await shards.add("a", frame());
  await shards.add("b", frame());
  isBroken = true;
  await expect(shards.multiply(task("a", vector))).rejects.toThrow(/the wasm kernels failed: injected: lost/);
  expect([shards.holds("a"), shards.holds("b")]).toEqual([false, false]);
  expect([preferred.disposed, preferred.loaded]).toEqual([1, 0]);
  isBroken = false;
  await shards.add("a", frame());
  const { backend, residues } = await shards.multiply(task("a", vector));
  expect(backend).toBe("plain");
  expect(residues).toEqual(matrixProduct(forward, ROWS, COLUMNS, vector, 1, MODULUS));
});

test("when the last back-end is given up, further shards are refused with a reason", async () => {
  const broken = faulty("plain", { isBroken: () => shards.holds("a") }, { ms: 0 });
  const shards = holding([broken]);
  await shards.add("a", frame());
  await expect(shards.multiply(task("a", new Uint32Array(COLUMNS)))).rejects.toThrow(/plain kernels failed/);
  await expect(shards.add("a", frame())).rejects.toThrow(/expected a back-end that answers right, got none/);
});
