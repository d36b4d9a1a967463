/** Places that a query says, on back-ends whose memory holds more than one model. */
import { beforeAll, describe, expect, it } from "vitest";
import { ModelError } from "../../errors.ts";
import { graph, ints, node, out } from "./testing/graphs.ts";
import { createTfjsRuntime, type TfjsRuntime } from "./tfjs-runtime.ts";

const placeOfQuery = node("place", "Cast", ["x"], { DstT: { type: "DT_INT32" } });

const MODELS = {
  GatherNd: graph([1], [placeOfQuery, out("GatherNd", ["k", "place"])], [{ name: "k", shape: [4] }], 1),
  SparseToDense: graph(
    [1],
    [placeOfQuery, out("SparseToDense", ["place", "length", "there", "elsewhere"])],
    [ints("length", 4), { name: "there", shape: [1], float: 666 }, { name: "elsewhere", shape: [], float: 1 }],
    1,
  ),
};

describe.each(["wasm", "cpu"] as const)("[PR96] on %s", (backend) => {
  let runtime: TfjsRuntime;
  beforeAll(async () => {
    runtime = await createTfjsRuntime(backend);
  });

  for (const [name, bundle] of Object.entries(MODELS)) {
    it(`${name} answers places within, and none outside`, async () => {
      const model = await runtime.load(bundle);
      const right = await model.run(Float32Array.of(3), 1);
      for (const place of [4, -1, 5, 1_000, -1_000, 2 ** 30]) {
        await expect(model.run(Float32Array.of(place), 1), `${place}`).rejects.toThrow();
      }
      expect(await model.run(Float32Array.of(3), 1)).toEqual(right);
      model.dispose();
    });
  }
});

describe("[PR96] wasm", () => {
  it("says which place it took, and puts what is put where it is said", async () => {
    const runtime = await createTfjsRuntime("wasm");
    const [picks, puts] = [await runtime.load(MODELS.GatherNd), await runtime.load(MODELS.SparseToDense)];
    const wrong = picks.run(Float32Array.of(7), 1);
    await expect(wrong).rejects.toThrow(new ModelError("model run: GatherNd: expected places within [4], got 7"));
    expect(await puts.run(Float32Array.of(2), 1)).toEqual(Float32Array.of(1, 1, 666, 1));
    picks.dispose();
    puts.dispose();
  });
});
