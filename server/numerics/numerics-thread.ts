/** One thread of the numerics pool: owns a model runtime and the secrets that it draws. */
import type { LoadedModel, ModelRuntime } from "../../shared/compute/model-runtime.ts";
import { runtimeByFormat } from "../../shared/compute/runtime-by-format.ts";
import { createTfjsRuntime } from "../../shared/compute/runtimes/tfjs/tfjs-runtime.ts";
import { NUMERICS_TASKS, type TaskContext, type TaskInputs, type TaskName } from "./numerics-tasks.ts";
import { secretRandom } from "./secret-random.ts";
import { wasmPathForNode } from "./tfjs-wasm-path.ts";

/** Models kept loaded in each thread; the least recently used goes first. */
const LOADED_MODELS_MAX = 4;

let runtime: Promise<ModelRuntime> | undefined;
const loadedModels = new Map<string, Promise<LoadedModel>>();

const context: TaskContext = {
  secretRandom,
  model({ sha256, bundle }) {
    runtime ??= startRuntime();
    const loaded = loadedModels.get(sha256) ?? runtime.then((ready) => ready.load(bundle));
    loadedModels.delete(sha256);
    loadedModels.set(sha256, loaded);
    if (loadedModels.size > LOADED_MODELS_MAX) dropOldest();
    return loaded;
  },
};

/** The library for ONNX models starts with the first of them. */
async function startRuntime(): Promise<ModelRuntime> {
  const tfjs = await createTfjsRuntime("wasm", { wasmPath: wasmPathForNode() });
  return runtimeByFormat(tfjs, async () => {
    const { createOnnxRuntime } = await import("../../shared/compute/runtimes/onnx/onnx-runtime.ts");
    return createOnnxRuntime();
  });
}

function dropOldest(): void {
  const [sha256, oldest] = loadedModels.entries().next().value!;
  loadedModels.delete(sha256);
  oldest.then((model) => model.dispose()).catch(() => {}); // a model that failed to load has nothing to let go
}

export default function runTask<T extends TaskName>({ task, input }: { task: T; input: TaskInputs[T] }) {
  return NUMERICS_TASKS[task](input, context);
}
