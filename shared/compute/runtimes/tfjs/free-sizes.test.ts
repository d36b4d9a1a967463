/** tfjs models whose pictures may have any size, and graphs of whole numbers. */
import { describe, expect, it } from "vitest";
import { inMemory } from "../../byte-space.ts";
import { factsOfBundle } from "../../model-facts.ts";
import { INPUT_SIZES_FILE } from "../runtime-description.ts";
import { tfjsFormat } from "./tfjs-format.ts";
import { createTfjsRuntime } from "./tfjs-runtime.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const sizes = (value: object) => ({ name: INPUT_SIZES_FILE, bytes: bytes(value) });

function layers(shape: readonly (number | null)[]) {
  const input = { class_name: "InputLayer", name: "LR", config: { name: "LR", batch_input_shape: shape } };
  const up = {
    class_name: "UpSampling2D",
    name: "up",
    config: { name: "up", size: [2, 2] },
    inbound_nodes: [[["LR", 0, 0, {}]]],
  };
  const config = { name: "m", layers: [input, up], input_layers: [["LR", 0, 0]], output_layers: [["up", 0, 0]] };
  return bytes({
    format: "layers-model",
    modelTopology: { model_config: { class_name: "Functional", config } },
    weightsManifest: [],
  });
}

function graph(dtype: string, ...lengths: number[]) {
  const dim = lengths.map((size) => ({ size: String(size) }));
  const node = [
    { name: "x", op: "Placeholder", attr: { dtype: { type: dtype }, shape: { shape: { dim } } } },
    { name: "f", op: "Cast", input: ["x"], attr: { DstT: { type: "DT_FLOAT" } } },
    { name: "out", op: "Relu", input: ["f"] },
  ];
  return bytes({ format: "graph-model", modelTopology: { node, library: {}, versions: {} }, weightsManifest: [] });
}

const packed = (json: Uint8Array, said?: object) =>
  inMemory(tfjsFormat.pack({ name: "model.json", bytes: json }, said === undefined ? [] : [sizes(said)]));
const shapeOf = (bundle: Uint8Array) => factsOfBundle(tfjsFormat, bundle).inputShape;

describe("sizes that a tfjs model leaves free", () => {
  it("are said by --size, of layers and of graphs", () => {
    expect(shapeOf(packed(layers([null, null, null, 3]), { "LR:1": 8, "LR:2": 6 }))).toEqual([8, 6, 3]);
    expect(shapeOf(packed(layers([null, 8, null, 3]), { "LR:2": 6 }))).toEqual([8, 6, 3]);
    expect(shapeOf(packed(graph("DT_FLOAT", -1, -1, 4), { "x:1": 5 }))).toEqual([5, 4]);
    expect(shapeOf(packed(graph("DT_FLOAT", 1, 4, -1), { "x:2": 5 }))).toEqual([4, 5]);
  });

  it("are asked for with the flags that say them", () => {
    expect(() => shapeOf(packed(layers([null, null, null, 3]), { "LR:1": 8 }))).toThrow(
      `layer 'LR' (InputLayer): expected a size for 'LR:2', got "batch x 8 x free x 3"; submit it with --size LR:2=N; ` +
        'over HTTP and on the dashboard with a file input-sizes.json beside it: {"LR:2": N}',
    );
    expect(shapeOf(packed(layers([1, null, 4, 3]), { "LR:1": 8 }))).toEqual([8, 4, 3]);
    expect(() => shapeOf(packed(graph("DT_FLOAT", -1, -1, -1)))).toThrow(/--size x:1=N --size x:2=N/);
  });

  it("that nothing leaves free are refused, and so are sizes without end", () => {
    expect(() => packed(graph("DT_FLOAT", -1, 4), { "x:1": 4 })).toThrow(/sizes that the model leaves free.*got "x:1"/);
    expect(() => packed(graph("DT_FLOAT", -1, -1), { "x:1": 2 ** 30 })).toThrow(/at most 65536/);
    const wide = packed(graph("DT_FLOAT", -1, -1, -1), { "x:1": 65_536, "x:2": 65_536 });
    expect(() => shapeOf(wide)).toThrow(/at most \d+ elements/);
  });
});

it("whole numbers are an input of their own, and are computed with as such", async () => {
  const bundle = packed(graph("DT_INT32", 1, 3));
  expect(factsOfBundle(tfjsFormat, bundle).inputs).toEqual([{ name: "x", shape: [3], dtype: "int32" }]);
  const model = await (await createTfjsRuntime("cpu")).load(bundle);
  expect([...(await model.run(Float32Array.of(-1, 2, 255, 4, 5, -6), 2))]).toEqual([0, 2, 255, 4, 5, 0]);
  model.dispose();
});
