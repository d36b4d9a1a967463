/** How a model of another program becomes one that is read here: what it is, and the line that converts it. */
const KERAS = "a Keras model; in a shell: python -m tf2onnx.convert --keras FILE --output model.onnx";
const PYTORCH = 'a PyTorch model; in Python: from torch import onnx; onnx.export(model, example_input, "model.onnx")';

const BY_ENDING: Readonly<Record<string, string>> = {
  h5: KERAS,
  keras: KERAS,
  pt: PYTORCH,
  pth: PYTORCH,
  safetensors: `weights without a model: load them into the model they are of, which is then ${PYTORCH}`,
  pb: "a TensorFlow model; in a shell: python -m tf2onnx.convert --saved-model FOLDER --output model.onnx",
  tflite: "a TensorFlow Lite model; in a shell: python -m tf2onnx.convert --tflite FILE --output model.onnx",
};

/** @param name of a file @returns null: nothing is known of its kind */
export function conversionOf(name: string): string | null {
  return BY_ENDING[name.toLowerCase().split(".").at(-1) ?? ""] ?? null;
}
