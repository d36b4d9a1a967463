import { expect, test } from "vitest";
import { inMemory } from "../../../../shared/compute/byte-space.ts";
import { packBundle, unpackModel } from "../../../../shared/compute/model-bundle.ts";
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
  /** By how much the volunteer's row is off. */
  readonly received: number;
  /** By how much a trusted run is, or what it ends with. */
  off(run: { readonly model: ModelReference; readonly manner: Partial<RunManner> }): number | Error;
  readonly precision?: PrecisionClass;
  readonly model?: ModelReference;
  readonly rowsOnSecond?: number | null;
  readonly seed?: number;
}

async function judged({ received, off, precision = "float32", model = MODEL, rowsOnSecond = 1, seed = 1 }: Case) {
  let cleared = 0;
  const named: string[] = [];
  const executor = {
    run: async (_: string, { rowCount, ...run }: { rowCount: number } & Parameters<Case["off"]>[0]) => {
      const more = off(run);
      if (typeof more !== "number") throw more;
      return Float32Array.from(Array.from({ length: rowCount }, () => [...row(more)]).flat());
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
    rows: [{ row: 0, received: row(received), expected: row(0), input: Float32Array.of(1) }],
    onCleared: () => cleared++,
  });
  const [one] = await suspicions.judge(1, ["ada"]);
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
