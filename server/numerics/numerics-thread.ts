/** One thread of the numerics pool: owns a model runtime and the secrets that it draws. */

import type { LoadedModel } from "../../shared/compute/model-runtime.ts";
import { startRuntimes } from "../../shared/compute/runtimes/start-runtimes.ts";
import type { TaskContext } from "./numerics-references.ts";
import { NUMERICS_TASKS } from "./numerics-tasks.ts";
import { assetsInNode } from "./runtime-assets.ts";
import { secretRandom } from "./secret-random.ts";
import type { TaskInputs, TaskName } from "./task-messages.ts";

/** Models kept loaded in each thread; the least recently used goes first. */
const LOADED_MODELS_MAX = 4;

const runtime = startRuntimes("wasm", assetsInNode);
const loadedModels = new Map<string, Promise<LoadedModel>>();

const context: TaskContext = {
  secretRandom,
  model({ sha256, bundle }) {
    const loaded = loadedModels.get(sha256) ?? runtime.load(bundle);
    loadedModels.delete(sha256);
    loadedModels.set(sha256, loaded);
    if (loadedModels.size > LOADED_MODELS_MAX) dropOldest();
    return loaded;
  },
};

function dropOldest(): void {
  const [sha256, oldest] = loadedModels.entries().next().value!;
  loadedModels.delete(sha256);
  oldest.then((model) => model.dispose()).catch(() => {}); // a model that failed to load has nothing to let go
}

export default function runTask<T extends TaskName>({ task, input }: { task: T; input: TaskInputs[T] }) {
  return NUMERICS_TASKS[task](input, context);
}
