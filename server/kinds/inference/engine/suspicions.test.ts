import { describe, expect, test } from "vitest";
import { inMemory } from "../../../../shared/compute/byte-space.ts";
import { packBundle, unpackModel } from "../../../../shared/compute/model-bundle.ts";
import { isOrder, ORDERS } from "../../../../shared/compute/orders.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import type { PrecisionClass } from "../../../../shared/verify/compare-rows.ts";
import type { ModelReference, RunManner } from "../../../numerics/numerics-references.ts";
import { CLASSIFICATION } from "./answer-rule.ts";
import type { Computing } from "./job-data.ts";
import { Suspicions } from "./suspicions.ts";

const TOLERANCE = CLASSIFICATION.tolerance.float32;
const MODEL = { sha256: "m", bundle: new Uint8Array(), jobId: "job" };
/** A row whose rms is 1, and its largest number as much larger as is asked for. */
const row = (more: number) => Float32Array.of(1 + more, 1, -1, -1);

interface Case {
  /** By how much the volunteer's row is off, or each of its rows. */
  readonly received: number | readonly number[];
  /** By how much a trusted run is, or what it ends with. */
  off(
    run: { readonly model: ModelReference; readonly manner: Partial<RunManner>; readonly inputs: Float32Array },
    row: number,
  ): number | Error;
  readonly precision?: PrecisionClass;
  readonly model?: ModelReference;
  readonly rowsOnSecond?: number | null;
  readonly seed?: number;
  readonly isCard?: boolean;
}

async function judged({
  received,
  off,
  precision = "float32",
  model = MODEL,
  rowsOnSecond = 1,
  seed = 1,
  isCard = false,
}: Case) {
  let cleared = 0;
  const named: string[] = [];
  const executor = {
    run: async (_: string, { rowCount, ...run }: { rowCount: number } & Parameters<Case["off"]>[0]) => {
      const rows = Array.from({ length: rowCount }, (_, r) => {
        const more = off(run, Math.round(run.inputs[r]!));
        if (typeof more !== "number") throw more;
        return [...row(more)];
      });
      return Float32Array.from(rows.flat());
    },
  };
  const sensitivity = rowsOnSecond === null ? null : { rows: 1, rowsOnSecond, deviation: 0 };
  const job = { outputSize: 4, inputSize: 1, sensitivity };
  const data = { job, source: { values: new Float32Array(1), inputSize: 1, scale: 1 } };
  const computing = { data, executor, secretRandom: simulationRandom(seed), jobSecret: null } as unknown as Computing;
  const suspicions = new Suspicions(computing, CLASSIFICATION, ({ volunteerId }) => named.push(volunteerId));
  suspicions.hold(1, {
    sent: { volunteerId: "ada", roundIndex: 0, workerIndex: 0 },
    precision,
    model,
    macsPerQuery: 1,
    rows: [received]
      .flat()
      .map((more, r) => ({ row: r, received: row(more), expected: row(0), input: Float32Array.of(r) })),
    onCleared: () => cleared++,
  });
  const [one] = await suspicions.judge(1, ["ada"], new Set(isCard ? ["ada"] : []));
  return { verdict: one!.verdict, named: named.length, cleared };
}

/** A volunteer that sent rows so far off, of a model whose second implementation differs from the first by so much. */
function verdictOf(received: number, secondDiffers: number | Error, rowsOnSecond: number | null = 1) {
  const off: Case["off"] = ({ manner }) => (manner.implementation === "second" ? secondDiffers : 0);
  return judged({ received, off, rowsOnSecond });
}

test("[VF15] a row within eight times what trusted runs differ by does not differ, one beyond it does, and nobody agrees for less", async () => {
  const spread = TOLERANCE / 2;
  expect(await verdictOf(2 * TOLERANCE, spread)).toEqual({ verdict: "agrees", named: 0, cleared: 1 });
  expect(await verdictOf(7.5 * spread, spread)).toEqual({ verdict: "agrees", named: 0, cleared: 1 });
  expect(await verdictOf(9 * spread, spread)).toEqual({ verdict: "differs", named: 1, cleared: 0 });
  // Where trusted runs are the same, the job's tolerance decides.
  expect(await verdictOf(0.9 * TOLERANCE, 0)).toEqual({ verdict: "agrees", named: 0, cleared: 1 });
  expect(await verdictOf(2 * TOLERANCE, 0)).toEqual({ verdict: "differs", named: 1, cleared: 0 });
});

test("[VF14] where trusted runs differ by more than the tolerance nobody is named", async () => {
  expect(await verdictOf(9, 2 * TOLERANCE)).toEqual({ verdict: "unstable", named: 0, cleared: 0 });
});

test("[VF15] where the second implementation ran before and does not now nobody is named by the others alone", async () => {
  const busy = new Error("its process did nothing for 60 s");
  await expect(verdictOf(9, busy)).rejects.toThrow(busy);
  // Where the model never ran there, or nobody knows, the others have to do.
  expect(await verdictOf(9, busy, 0)).toEqual({ verdict: "differs", named: 1, cleared: 0 });
  expect(await verdictOf(9, busy, null)).toEqual({ verdict: "differs", named: 1, cleared: 0 });
});

test("[VF15] a half-precision tab is judged beside a run whose weights are rounded as it rounds: where those decide, nobody is named", async () => {
  const weights = new Float32Array(100).fill(1);
  const weightSpecs = [{ name: "matrix", shape: [10, 10], dtype: "float32" }];
  const bundle = inMemory(
    packBundle({ format: "onnx", modelTopology: {}, weightSpecs }, [new Uint8Array(weights.buffer)]),
  );
  const isRounded = (model: ModelReference) =>
    new Float32Array(unpackModel(model.bundle).weightData.slice(0, 4).buffer)[0] !== 1;
  const verdictWhere = (roundedDiffers: number) =>
    judged({
      received: 0.5,
      off: ({ model }) => (isRounded(model) ? roundedDiffers : 0),
      precision: "float16",
      model: { sha256: "m", bundle, jobId: "job" },
    });
  expect(await verdictWhere(0)).toEqual({ verdict: "differs", named: 1, cleared: 0 });
  expect(await verdictWhere(0.3)).toEqual({ verdict: "unstable in half precision", named: 0, cleared: 0 });
  // Near a tie only some roundings of the weights decide otherwise: here those that round the first one up.
  const isUp = (model: ModelReference) =>
    new Float32Array(unpackModel(model.bundle).weightData.slice(0, 4).buffer)[0]! > 1;
  const nearTie = (seed: number) =>
    judged({
      received: 0.5,
      off: ({ model }) => (isUp(model) ? 0.5 : 0),
      precision: "float16",
      model: { sha256: "m", bundle, jobId: "job" },
      seed,
    });
  for (let seed = 1; seed <= 20; seed++) expect((await nearTie(seed)).named, `seed ${seed}`).toBe(0);
});

describe("[PC11] a row that was computed on a card", () => {
  /** A row that other orders move by so much, each by its part of that. */
  const movedBy = (much: number): Case["off"] => {
    return ({ manner: { implementation = "first" } }) =>
      isOrder(implementation) ? (much * (1 + ORDERS.indexOf(implementation))) / ORDERS.length : 0;
  };
  const onCard = (received: Case["received"], off: Case["off"]) => judged({ received, off, isCard: true });

  test("within four times what other orders make of it nobody is named, and it is no right row; beyond, its volunteer is", async () => {
    const excused = { verdict: "excused", named: 0, cleared: 0 };
    expect(await onCard(3.9, movedBy(1))).toEqual(excused);
    expect(await onCard(4.1, movedBy(1))).toEqual({ verdict: "differs", named: 1, cleared: 0 });
    expect(await onCard(2 * TOLERANCE, movedBy(0.6 * TOLERANCE))).toEqual(excused);
    // What the job allows is right, whatever orders make of it.
    expect(await onCard(0.9 * TOLERANCE, movedBy(1))).toEqual({ verdict: "agrees", named: 0, cleared: 1 });
    expect(await onCard(2 * TOLERANCE, movedBy(0))).toEqual({ verdict: "differs", named: 1, cleared: 0 });
  });

  test("in WebAssembly other orders excuse nobody", async () => {
    expect(await judged({ received: 0.5, off: movedBy(1) })).toEqual({ verdict: "differs", named: 1, cleared: 0 });
  });

  test("that excuses its volunteer excuses it alone: rows that differ less are looked at too", async () => {
    // Five rows that orders decide, and behind them one that they do not.
    const off: Case["off"] = (run, row) => (row < 5 ? movedBy(1)(run, row) : 0);
    expect(await onCard([2, 2, 2, 2, 2, 0.1], off)).toEqual({ verdict: "differs", named: 1, cleared: 0 });
    expect(await onCard([2, 2, 2, 2, 2, 0], off)).toEqual({ verdict: "excused", named: 0, cleared: 0 });
  });

  test("where the model does not run in other orders nobody is named", async () => {
    const off: Case["off"] = ({ manner: { implementation = "first" } }) =>
      isOrder(implementation) ? new Error("no such kernel") : 0;
    expect(await onCard(9, off)).toEqual({ verdict: "excused", named: 0, cleared: 0 });
  });
});
