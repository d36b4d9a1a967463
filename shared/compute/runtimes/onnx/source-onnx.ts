/** An ONNX model as its files came, in place of what packing made of them. */
import type { LoadedModel } from "../../model-runtime.ts";
import { readBesideSource, unpackSource } from "../../source-files.ts";
import { readInputSizes } from "../input-sizes.ts";
import {
  fileCalled,
  INPUT_SIZES_FILE,
  INPUT_VALUES_FILE,
  MODEL_OUTPUTS_FILE,
  type NamedFile,
} from "../runtime-description.ts";
import { loadSource } from "../source-model.ts";
import { loadOnnxFile } from "./file-onnx.ts";
import { onnxFormat } from "./onnx-format.ts";
import { readInputValues } from "./onnx-values.ts";

/** @param joined what source-files.ts joins */
export async function loadOnnxSource(joined: Uint8Array): Promise<LoadedModel> {
  const beside = readBesideSource(joined);
  const files = unpackSource(beside.source);
  const isMain = ({ name }: NamedFile) => name.toLowerCase().endsWith(".onnx");
  const [main, ...more] = [...files.filter(isMain), ...files.filter((file) => !isMain(file))] as [
    NamedFile,
    ...NamedFile[],
  ];
  const said = [INPUT_SIZES_FILE, INPUT_VALUES_FILE, MODEL_OUTPUTS_FILE].map((name) => fileCalled(more, name));
  const [sizes, values] = said;
  const weights = more.filter((file) => !said.includes(file));
  const taken = {
    sizes: sizes === undefined ? new Map() : readInputSizes(sizes),
    values: values === undefined ? new Map() : readInputValues(values),
  };
  return loadSource(onnxFormat, beside, await loadOnnxFile(main.bytes, weights, taken, beside.outputs));
}
