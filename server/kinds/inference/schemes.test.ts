/** The schemes as jobs: through shell, core, numerics and store, with tabs that compute. */

import { afterEach, describe, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { InferenceJobView } from "../../../shared/kinds/inference/job-view.ts";
import type { InferenceReceipt } from "../../../shared/kinds/inference/receipt.ts";
import { normal, simulationRandom } from "../../../shared/random/simulation-random.ts";
import { isProblem } from "../../web/coordinator-port.ts";
import { gatherRows } from "./engine/query-rows.ts";

const INPUT_SIZE = 8;
const CLASSES = 4;
const QUERIES = 32;
const SCALE = 1 / 255;
const MARK = { missing: 0, unchecked: 1, estimated: 2, audited: 3, exact: 4 };

const weights = (seed: number, count: number) => {
  const random = simulationRandom(seed);
  return Float32Array.from({ length: count }, () => normal(random));
};
const model = packDenseModel([
  { kernel: weights(1, INPUT_SIZE * 6), bias: weights(2, 6), activation: "relu" },
  { kernel: weights(3, 6 * CLASSES), bias: weights(4, CLASSES), activation: "linear" },
]);
/** Another network with its own answers, so that nobody can take one model for the other. */
const parityModel = packDenseModel([
  { kernel: weights(5, INPUT_SIZE * CLASSES), bias: weights(6, CLASSES), activation: "linear" },
]);
const imagesOf = (queries: number) =>
  Uint8Array.from({ length: queries * INPUT_SIZE }, (_, i) => (i * 37 + (i >> 3) * 11) % 256);
const images = imagesOf(QUERIES);

async function expectedOutputs(): Promise<Float32Array> {
  const loaded = await createPlainRuntime().load(model);
  const all = Uint32Array.from({ length: QUERIES }, (_, i) => i);
  return loaded.run(gatherRows({ values: images, inputSize: INPUT_SIZE, scale: SCALE }, all), QUERIES);
}

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

async function open(tabs: readonly TabBehaviour[]): Promise<ShellWithTabs> {
  opened = await ShellWithTabs.open(tabs);
  // Half of the rows are checked.
  await opened.hasAskedFor(1_000);
  return opened;
}

const honest = (count: number): TabBehaviour[] => Array.from({ length: count }, () => ({}));

async function sourceOf(world: ShellWithTabs, changes: object = {}, data = images) {
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "U8", shape: [data.length / INPUT_SIZE, INPUT_SIZE], data }),
  ]);
  return { kind: "uploads", modelSha256, queriesSha256, inputScale: SCALE, ...changes };
}

async function run(world: ShellWithTabs, settings: object, sourceChanges: object = {}, data = images) {
  const source = await sourceOf(world, sourceChanges, data);
  const jobId = await world.run({ source, ...settings });
  const view = world.shell.jobView(jobId) as InferenceJobView;
  return { jobId, view, all: (await world.shell.desks.inference.allAnswers(jobId))! };
}

describe("what an exact job is", () => {
  const cases: [object, number, (keyof typeof MARK)[]][] = [
    // Of every model some rows are computed here, which say what a tab's device is.
    [{ scheme: "uncoded", queriesPerGroup: 4 }, 4, ["unchecked", "exact"]],
    [{ scheme: "approxifer", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 5, ["unchecked", "exact"]],
    [{ scheme: "spline", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 5, ["estimated", "exact"]],
    [{ scheme: "berrut-systematic", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 5, ["audited", "exact"]],
    [{ scheme: "systematic", queriesPerGroup: 4, stragglers: 1, liars: 1 }, 6, ["audited", "exact"]],
  ];
  test.each(cases)(
    "[SC6] %o: where the scheme cannot end exact its answers stay what they are",
    async (settings, tabs, marks) => {
      const { view } = await run(await open(honest(tabs)), { completion: "exact", ...settings });
      expect(view.state).toBe("done");
      const counted = Object.entries(view.answersByMark).filter(([, count]) => count > 0);
      expect(marks).toEqual(expect.arrayContaining(counted.map(([mark]) => mark)));
      expect(counted.reduce((sum, [, count]) => sum + count, 0)).toBe(QUERIES);
    },
  );
});

const PARM = { scheme: "parm", queriesPerGroup: 4, stragglers: 1, liars: 0 };

describe("what answers are marked, by scheme", () => {
  const cases: [object, number, keyof typeof MARK][] = [
    [{ scheme: "uncoded", queriesPerGroup: 4 }, 4, "unchecked"],
    [{ scheme: "replication", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 8, "unchecked"],
    [{ scheme: "replication", queriesPerGroup: 2, liars: 1 }, 6, "audited"],
    [{ scheme: "approxifer", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 5, "unchecked"],
    [{ scheme: "approxifer", queriesPerGroup: 2, stragglers: 1, liars: 1 }, 6, "unchecked"],
  ];
  test.each(cases)("[SC1] %o: %i tabs, and nothing is called checked that was not", async (settings, tabs, mark) => {
    const world = await open(honest(tabs));
    const { view } = await run(world, settings);
    const { exact } = view.answersByMark;
    expect(view.state).toBe("done");
    expect(view.answersByMark).toMatchObject({ missing: 0, estimated: 0, [mark]: QUERIES - exact });
    expect(exact).toBeLessThan(QUERIES / 4);
    await world.restart();
    expect(world.shell.jobView(view.jobId)).toMatchObject({ answersByMark: view.answersByMark });
  });

  test("[SC3] spline: estimates of audited results, some queries answered by the coordinator itself, none audited", async () => {
    const world = await open(honest(5));
    const { view, all } = await run(world, {
      scheme: "spline",
      queriesPerGroup: 4,
      stragglers: 1,
      liars: 0,
    });
    expect(view.state).toBe("done");
    expect(view.auditedRows).toBeGreaterThan(0);
    const { exact } = view.answersByMark;
    expect(exact).toBeGreaterThan(0);
    expect(view.answersByMark).toMatchObject({ missing: 0, unchecked: 0, estimated: QUERIES - exact, audited: 0 });
    expect(view.finalCount).toBe(exact);
    const expected = await expectedOutputs();
    all.marks.forEach((mark, query) => {
      const at = [query * CLASSES, (query + 1) * CLASSES] as const;
      if (mark === MARK.exact) expect(all.outputs.slice(...at)).toEqual(expected.slice(...at));
      else expect(all.confidences[query]).toBeGreaterThanOrEqual(0);
    });
  });

  test("[SC2] parm, exact: every answer is the model's own, and audited", async () => {
    const world = await open(honest(6));
    const { view, all } = await run(world, PARM, { parityModelSha256: await world.store.putBlob(parityModel) });
    expect(view).toMatchObject({ state: "done", answersByMark: { missing: 0, unchecked: 0, estimated: 0 } });
    const expected = await expectedOutputs();
    for (const [i, value] of all.outputs.entries()) expect(value).toBeCloseTo(expected[i]!, 4);
  });
});

describe("[SC4] a spline job in which a liar is found late", () => {
  test("[RC3] what it answered is asked again, of others, and its receipt says so", async () => {
    let liar: number | null = null;
    // Whoever comes to its fourth batch first lies in every row from then on; without stragglers every result is needed.
    const tabs = Array.from({ length: 6 }, (_, tab): TabBehaviour => {
      let batches = 0;
      return {
        answers({ outputs }) {
          if (++batches > 3) liar ??= tab;
          return liar === tab ? outputs.map((value) => -value) : outputs;
        },
      };
    });
    const world = await open(tabs);
    const settings = { scheme: "spline", queriesPerGroup: 4, stragglers: 0, liars: 0 };
    // So many queries that whoever lies has dozens of rows left: which tab was quicker decides nothing.
    const { jobId, view, all } = await run(world, settings, {}, imagesOf(20 * QUERIES));
    expect(view.state).toBe("done");
    expect(all.marks.includes(MARK.missing)).toBe(false);
    const receipt = (await world.shell.receipt(jobId)) as InferenceReceipt | "not-ended" | null;
    if (receipt === null || receipt === "not-ended") throw new Error("expected a receipt");
    const named = receipt.volunteers.filter(({ quarantine }) => quarantine !== null);
    expect(named).toMatchObject([{ nickname: `tab ${liar}`, failedRows: 1, quarantine: { jobId } }]);
    const { withdrawnRows, rows } = named[0]!;
    expect(withdrawnRows).toBeGreaterThan(0);
    expect(withdrawnRows).toBeLessThanOrEqual(rows);
    expect(receipt.redone.rows).toBe(withdrawnRows);
  });
});

describe("what travels", () => {
  const kinds: [object, number, readonly string[]][] = [
    [{ scheme: "uncoded", queriesPerGroup: 4 }, 4, ["U8"]],
    [{ scheme: "replication", queriesPerGroup: 2, liars: 1 }, 6, ["U8"]],
    [{ scheme: "systematic", queriesPerGroup: 4, stragglers: 2, liars: 1 }, 7, ["U8", "F16"]],
    [{ scheme: "parm", queriesPerGroup: 4, stragglers: 1 }, 6, ["U8", "F16"]],
    [{ scheme: "spline", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 5, ["F16"]],
    [{ scheme: "approxifer", queriesPerGroup: 4, stragglers: 1, liars: 0 }, 5, ["F16"]],
  ];
  test.each(kinds)(
    "[PR60] %o of 8-bit queries: bytes where all rows are queries, halves where one is a mixture",
    async (settings, tabs, dtypes) => {
      const world = await open(honest(tabs));
      const parity =
        "scheme" in settings && settings.scheme === "parm"
          ? { parityModelSha256: await world.store.putBlob(parityModel) }
          : {};
      await run(world, settings, parity);
      expect(world.batches.length).toBeGreaterThan(0);
      for (const { assignment, tensors, rows } of world.batches) {
        const { dtype } = tensors.rows!;
        expect(dtypes).toContain(dtype);
        expect(assignment.inputScale).toBe(SCALE);
        const pixels = rows.map((value) => value / SCALE);
        if (dtype === "F16") continue;
        expect(pixels.every((pixel) => Math.abs(pixel - Math.round(pixel)) < 1e-3)).toBe(true);
      }
    },
  );

  test("[PR60] what a tab makes of bytes is, bit for bit, what the coordinator computes with", async () => {
    const world = await open(honest(7));
    await run(world, { scheme: "systematic", queriesPerGroup: 4, stragglers: 2, liars: 1 });
    const known = new Set<string>();
    for (let query = 0; query < QUERIES; query++) {
      const source = { values: images, inputSize: INPUT_SIZE, scale: SCALE };
      known.add(gatherRows(source, Uint32Array.of(query)).join());
    }
    let rowsSeen = 0;
    for (const { assignment, tensors, rows } of world.batches) {
      if (tensors.rows!.dtype !== "U8") continue;
      for (let r = 0; r < assignment.rowCount; r++) {
        expect(known.has(rows.slice(r * INPUT_SIZE, (r + 1) * INPUT_SIZE).join())).toBe(true);
        rowsSeen++;
      }
    }
    expect(rowsSeen).toBeGreaterThanOrEqual(QUERIES / 2);
  });

  test("[PR60] float queries travel as float32, without a scale", async () => {
    const world = await open(honest(7));
    const queriesSha256 = await world.upload({
      dtype: "F32",
      shape: [QUERIES, INPUT_SIZE],
      data: Float32Array.from(images, (pixel) => pixel / 7),
    });
    await run(world, { scheme: "systematic", queriesPerGroup: 4, stragglers: 2, liars: 1 }, { queriesSha256 });
    for (const { assignment, tensors } of world.batches) {
      expect(tensors.rows!.dtype).toBe("F32");
      expect(assignment.inputScale).toBeUndefined();
    }
  });
});

describe("a parm job that cannot be", () => {
  const refusals: [string, object, (world: ShellWithTabs) => Promise<object>, RegExp][] = [
    ["without a parity model", PARM, async () => ({}), /expected source\.parityModelSha256.*K = 4 queries, got none/],
    [
      "with two stragglers",
      { ...PARM, stragglers: 2 },
      async (world) => ({ parityModelSha256: await world.store.putBlob(parityModel) }),
      /at most 1 straggler.*got 2/,
    ],
    [
      "with a parity model of another shape",
      PARM,
      async (world) => ({
        parityModelSha256: await world.store.putBlob(
          packDenseModel([{ kernel: weights(7, INPUT_SIZE * 3), bias: weights(8, 3), activation: "linear" }]),
        ),
      }),
      /input \(8\), 4 outputs; got input \(8\), 3 outputs/,
    ],
    [
      "that is none, with a parity model",
      { scheme: "systematic" },
      async (world) => ({ parityModelSha256: await world.store.putBlob(parityModel) }),
      /with scheme parm alone, got scheme systematic/,
    ],
  ];
  test.each(refusals)("[SC2] %s is refused", async (_, settings, changes, message) => {
    const world = await open([]);
    const reply = await world.submit({ source: await sourceOf(world, await changes(world)), ...settings });
    expect(isProblem(reply) && reply.message).toMatch(message);
  });
});
