/** A small graph model as its files, for the fuzzer to spoil: a placeholder, a product, an addition. */

export interface ModelFilesSeed {
  readonly modelJson: Uint8Array;
  readonly weightFiles: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

export function graphModelSeed(): ModelFilesSeed {
  const dim = [{ size: "-1" }, { size: "4" }];
  const node = [
    { name: "x", op: "Placeholder", attr: { dtype: { type: "DT_FLOAT" }, shape: { shape: { dim } } } },
    { name: "kernel", op: "Const" },
    { name: "bias", op: "Const" },
    { name: "product", op: "MatMul", input: ["x", "kernel"], attr: {} },
    { name: "out", op: "AddV2", input: ["product", "bias"] },
  ];
  const weights = [
    { name: "kernel", shape: [4, 3], dtype: "float32" },
    { name: "bias", shape: [3], dtype: "float32" },
  ];
  const modelJson = {
    format: "graph-model",
    modelTopology: { node, library: {}, versions: { producer: 1, minConsumer: 1 } },
    weightsManifest: [{ paths: ["w"], weights }],
    signature: { inputs: { x: { name: "x:0" } }, outputs: { out: { name: "out:0" } } },
  };
  const bytes = new Uint8Array(Float32Array.from({ length: 15 }, (_, i) => i / 8).buffer);
  return { modelJson: Buffer.from(JSON.stringify(modelJson)), weightFiles: [{ name: "w", bytes }] };
}

export function layersModelSeed(): ModelFilesSeed {
  const dense = (name: string, units: number, more: object = {}) => ({
    class_name: "Dense",
    config: { name, units, activation: "relu", use_bias: true, ...more },
  });
  const layers = [dense("first", 5, { batch_input_shape: [null, 4], dtype: "float32" }), dense("second", 3)];
  const model_config = { class_name: "Sequential", config: { name: "small", layers } };
  const weights = [
    { name: "first/kernel", shape: [4, 5], dtype: "float32" },
    { name: "first/bias", shape: [5], dtype: "float32" },
    { name: "second/kernel", shape: [5, 3], dtype: "float32" },
    { name: "second/bias", shape: [3], dtype: "float32" },
  ];
  const modelJson = {
    format: "layers-model",
    modelTopology: { keras_version: "tfjs-layers 4.22.0", backend: "tensor_flow.js", model_config },
    weightsManifest: [{ paths: ["group1-shard1of1.bin"], weights }],
  };
  const bytes = new Uint8Array(Float32Array.from({ length: 43 }, (_, i) => i / 8).buffer);
  return {
    modelJson: Buffer.from(JSON.stringify(modelJson)),
    weightFiles: [{ name: "group1-shard1of1.bin", bytes }],
  };
}
