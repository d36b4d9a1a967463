/** Whether ONNX rows are computed natively here, and how they would be. */
import { nativeOnnx } from "../../shared/compute/runtimes/onnx/native-onnx.ts";

/** For the doctor. The package's script need not run: the library comes with it, and the script would fetch those for graphics cards. */
export async function nativeOnnxInWords(found = nativeOnnx()): Promise<string> {
  const { library, wanted, problem } = await found;
  if (library !== null) return `computed natively (${wanted})`;
  const why = problem === null ? "" : `, because ${problem.split("\n")[0]}`;
  return `computed by WebAssembly${why}; several times as fast after npm install --no-save --ignore-scripts ${wanted}`;
}
