/** Jobs of which the order of sums decides rows: honest cards are not named, what cards gave is done again, and liars gain nothing by it. */
import { afterEach, describe, expect, test } from "vitest";
import { type CardSum, cardSums, webglSum } from "../../../e2e/crowd/card-sums.ts";
import { type Batch, ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { graph, ints, node, out } from "../../../shared/compute/runtimes/tfjs/testing/graphs.ts";
import { createTfjsRuntime } from "../../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import { tfjsWasmFiles } from "../../numerics/runtime-assets.ts";

const WIDTH = 4;
const QUERIES = 120;
/** Places that the trial does not take: of these it takes sixteen, evenly spread. */
const TRIED = new Set(Array.from({ length: 16 }, (_, i) => Math.floor((i * QUERIES) / 16)));
const isFlagged = (query: number) => query % 4 === 1 && !TRIED.has(query);
const OUTPUTS = 4;
/** Of x, how much of each goes into each output; the first, which is the flag, into none. */
const KERNEL = Float32Array.from({ length: WIDTH * OUTPUTS }, (_, i) => (i < OUTPUTS ? 0 : 20 * Math.sin(3 * i)));

let world: ShellWithTabs;
afterEach(() => world.close());

/** Their sum depends on their order: large numbers that cancel, with small ones between them. */
function terms(large: number, count: number): Float32Array {
  return Float32Array.from({ length: 3 * count }, (_, i) => [-large, 1, large][i % 3]!);
}

function drawnTerms(seed: number): Float32Array {
  const random = simulationRandom(seed);
  const triples = Array.from({ length: 20 + random.integer(60) }, () => {
    const large = 2 ** 23 + random.integer(2 ** 25);
    return [-large, 1 + random.integer(9), large];
  });
  return Float32Array.from(triples.flat());
}

/** x -> the sum of the terms where its first number is 1, and of nothing where it is 0; added to a product with a kernel. */
function gatedSum(of: Float32Array): Uint8Array {
  const plain = { transpose_a: { b: false }, transpose_b: { b: false } };
  return graph(
    [WIDTH],
    [
      node("scaled", "MatMul", ["x", "gate"], plain),
      node("shifted", "AddV2", ["scaled", "bias"]),
      node("cut", "Relu", ["shifted"]),
      node("on", "Minimum", ["cut", "one"]),
      node("v", "MatMul", ["on", "terms"], plain),
      node("s", "Sum", ["v", "axis"], { keep_dims: { b: true } }),
      node("f", "MatMul", ["x", "kernel"], plain),
      out("AddV2", ["f", "s"]),
    ],
    [
      { name: "gate", shape: [WIDTH, 1], floats: [1000, 0, 0, 0] },
      { name: "bias", shape: [1], floats: [-500] },
      { name: "one", shape: [1], floats: [1] },
      { name: "terms", shape: [1, of.length], floats: [...of] },
      { name: "kernel", shape: [WIDTH, OUTPUTS], floats: [...KERNEL] },
      ints("axis", 1),
    ],
  );
}

/** What a card makes of it. */
function onCard(sum: CardSum, of: Float32Array): (row: Float32Array) => Float32Array {
  return (row) => {
    const gated = sum(of.map((term) => term * row[0]!));
    return Float32Array.from({ length: OUTPUTS }, (_, c) => {
      const products = row.map((value, d) => value * KERNEL[d * OUTPUTS + c]!);
      return Math.fround(sum(products) + gated);
    });
  };
}

/** Its rows, each computed by that where it says that it computes on a card, and in WebAssembly where it does not. */
function card(ofRow: (row: Float32Array, batch: Batch, r: number) => Float32Array): TabBehaviour {
  return {
    backend: "webgl",
    answers(batch) {
      if (batch.backend !== "webgl") return batch.outputs;
      const { rowCount, outputSize, inputSize } = batch.assignment;
      const all = new Float32Array(rowCount * outputSize);
      for (let r = 0; r < rowCount; r++)
        all.set(ofRow(batch.rows.subarray(r * inputSize, (r + 1) * inputSize), batch, r), r * outputSize);
      return all;
    },
  };
}

const SETTINGS = { scheme: "systematic", queriesPerGroup: 4, stragglers: 0, liars: 0 };
const SURE = { ...SETTINGS, task: "regression", completion: "exact" };

function queries(): Float32Array {
  const random = simulationRandom(5);
  return Float32Array.from({ length: QUERIES * WIDTH }, (_, i) =>
    i % WIDTH === 0 ? Number(isFlagged(i / WIDTH)) : Math.fround(2 * random.integer(2 ** 20) * 2 ** -20 - 1),
  );
}

async function run(model: Uint8Array, data = queries(), settings: object = SURE): Promise<string> {
  // Half of the rows are checked.
  await world.hasAskedFor(1_000);
  const modelSha256 = await world.store.putBlob(model);
  const queriesSha256 = await world.upload({ dtype: "F32", shape: [data.length / WIDTH, WIDTH], data });
  return world.run({ ...settings, source: { kind: "uploads", modelSha256, queriesSha256 } });
}

const view = (jobId: string) => world.shell.jobView(jobId) as InferenceJobView;
const quarantined = () =>
  world.shell.volunteers().flatMap(({ volunteerId, quarantine }) => (quarantine === null ? [] : [volunteerId]));

/** How many final answers are another than what WebAssembly gives. */
async function wrongFinal(jobId: string, model: Uint8Array, data = queries()): Promise<number> {
  const own = await (await createTfjsRuntime("wasm", tfjsWasmFiles())).load(model);
  const { answers } = (await world.shell.desks.inference.answers(jobId, 0, QUERIES))!;
  const right = await own.run(data, data.length / WIDTH);
  return answers.filter(({ index, outputs, final }) => {
    const row = right.subarray(index * OUTPUTS, (index + 1) * OUTPUTS);
    return final && outputs.some((value, c) => Math.abs(value - row[c]!) > 0.1);
  }).length;
}

describe("[PC11] rows that the order of sums decides, in places that no trial sees", { timeout: 120_000 }, () => {
  const ALL = {
    "(-2^24, 1, 2^24)": terms(2 ** 24, 60),
    "drawn 1": drawnTerms(1),
    "drawn 2": drawnTerms(2),
    "drawn 4": drawnTerms(4),
  };
  for (const [what, of] of Object.entries(ALL)) {
    test.each(Object.keys(cardSums(simulationRandom(3))))(
      `${what}, cards that add as %s: none is named, and what they gave is done again`,
      async (name) => {
        const sum = cardSums(simulationRandom(3))[name]!;
        const honest = card(onCard(sum, of));
        world = await ShellWithTabs.open([honest, honest, {}, honest, honest, {}], "tfjs");
        const model = gatedSum(of);
        const jobId = await run(model);
        expect(quarantined()).toEqual([]);
        expect(view(jobId)).toMatchObject({ state: "done", finalCount: QUERIES });
        // Some drawn sums move a row by no more than half precision does: what is found of these speaks against nobody, and moves no card.
        if (of === ALL["(-2^24, 1, 2^24)"]) expect(view(jobId).fixedOnly).toEqual(expect.any(String));
        expect(view(jobId).suspended).toBeUndefined();
        expect(await wrongFinal(jobId, model)).toBe(0);
      },
    );
  }

  test("with cards alone, the job goes on in their WebAssembly", async () => {
    const of = terms(2 ** 24, 60);
    const honest = card(onCard(webglSum, of));
    world = await ShellWithTabs.open([honest, honest, honest, honest, honest, honest], "tfjs");
    const model = gatedSum(of);
    const jobId = await run(model);
    expect(quarantined()).toEqual([]);
    expect(view(jobId)).toMatchObject({
      state: "done",
      fixedOnly: expect.stringMatching(/order in which a machine adds/),
    });
    expect(world.batches.some(({ backend }) => backend === "wasm")).toBe(true);
    expect(await wrongFinal(jobId, model)).toBe(0);
  });

  test("three keys that call themselves cards and tell one value are named, however many agree", async () => {
    const of = terms(2 ** 24, 60);
    const honest = onCard(webglSum, of);
    // In an unstable row too: a thousand times as much as any order makes of it.
    const liar = card((row) => honest(row).map((value) => (row[0] === 1 ? 1e6 : value)));
    world = await ShellWithTabs.open([liar, liar, liar, {}, {}, {}], "tfjs");
    const model = gatedSum(of);
    const jobId = await run(model);
    const named = quarantined();
    expect(named.length).toBeGreaterThan(0);
    expect(named.every((id) => ["volunteer-00", "volunteer-01", "volunteer-02"].includes(id))).toBe(true);
    expect(view(jobId).fixedOnly).toBeUndefined();
    expect(await wrongFinal(jobId, model)).toBe(0);
  });

  test("who lies in unstable rows alone, within what their order makes of them, is not named and gets nothing: no lie stays, no credit", async () => {
    const of = terms(2 ** 24, 60);
    const honest = onCard(webglSum, of);
    const liar = card((row) => honest(row).map((value) => (row[0] === 1 ? value + 20 : value)));
    world = await ShellWithTabs.open([liar, liar, {}, {}, {}, {}], "tfjs");
    const model = gatedSum(of);
    const jobId = await run(model);
    expect(quarantined()).toEqual([]);
    expect(view(jobId)).toMatchObject({ state: "done", fixedOnly: expect.any(String) });
    expect(await wrongFinal(jobId, model)).toBe(0);
  });

  test("whose card was excused in three jobs computes the fourth in WebAssembly, whatever it is", async () => {
    // Of each job the terms that its model has.
    let of = terms(2 ** 24, 60);
    const honest = card((row) => onCard(webglSum, of)(row));
    world = await ShellWithTabs.open([honest, {}, {}, {}], "tfjs");
    // Whether the card gets an unstable row whose check sees it is chance: a job where none was seen excuses nobody.
    let jobsExcusedIn = 0;
    for (let count = 60; jobsExcusedIn < 3; count -= 5) {
      expect(count).toBeGreaterThan(10);
      of = terms(2 ** 24, count);
      if (view(await run(gatedSum(of))).fixedOnly !== undefined) jobsExcusedIn++;
    }
    const excused = [...world.shell.state.crowd.cardless];
    expect(excused).toEqual(["volunteer-00"]);
    const before = world.batches.length;
    of = Float32Array.of(1, 2, 3);
    await run(gatedSum(of));
    const onCards = world.batches.slice(before).filter(({ backend }) => backend === "webgl");
    expect(onCards.filter(({ tab }) => excused.includes(`volunteer-0${tab}`))).toEqual([]);
    expect(quarantined()).toEqual([]);
  });
});

describe("[PC11] a model with operators that jump", { timeout: 120_000 }, () => {
  const plain = { transpose_a: { b: false }, transpose_b: { b: false } };
  const five = { name: "five", shape: [1], floats: [5] };
  const kernel = { name: "kernel", shape: [WIDTH, OUTPUTS], floats: [...KERNEL] };
  const jumping = (op: string, inputs: string[]) =>
    graph(
      [WIDTH],
      [node("d", op, inputs), node("f", "MatMul", ["d", "kernel"], plain), out("Relu", ["f"])],
      [kernel, ...(inputs.includes("five") ? [five] : [])],
    );

  test.each([
    ["FloorDiv", ["x", "five"]],
    ["FloorMod", ["x", "five"]],
    ["Floor", ["x"]],
    ["Round", ["x"]],
    ["Ceil", ["x"]],
  ])("%s: no card computes it from the first row on, and none is named", async (op, inputs) => {
    const wrong = card((row) => row.map((value) => Math.floor(Math.round(value) / 5)));
    world = await ShellWithTabs.open([wrong, wrong, {}, wrong, wrong, {}], "tfjs");
    const random = simulationRandom(7);
    const data = Float32Array.from({ length: QUERIES * WIDTH }, () => random.integer(100_000) / 1000);
    const jobId = await run(jumping(op, inputs), data, { ...SURE, completion: "exact" });
    expect(view(jobId)).toMatchObject({
      state: "done",
      fixedOnly: `its answers jump where cards round otherwise (${op})`,
    });
    expect(world.batches.filter(({ backend }) => backend !== "wasm")).toEqual([]);
    expect(quarantined()).toEqual([]);
  });
});
