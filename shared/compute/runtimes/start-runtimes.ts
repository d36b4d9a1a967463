/** All runtimes as one: each model goes to the one that its format is for, which starts with the first such model. */
import { unpackFormat } from "../model-bundle.ts";
import type { BackendName, ModelRuntime } from "../model-runtime.ts";
import type { RuntimeAssets, RuntimeDescription, StartRuntime } from "./runtime-description.ts";
import { runtimeOfFormat } from "./runtimes.ts";

/** Loads the library of the runtime of that name; a second time it is there. */
export function loadLibrary(name: string): Promise<{ readonly start: StartRuntime }> {
  return import(`./${name}/start-${name}.ts`);
}

/** @throws Error where this machine cannot run that back-end */
export async function startRuntime(name: string, backend: BackendName, assets: RuntimeAssets): Promise<ModelRuntime> {
  const { start } = await loadLibrary(name);
  return start(backend, assets);
}

/**
 * @param backend what each runs on, where it has it
 * @param assetsOf where the files of a runtime are, asked for once it starts
 */
export function startRuntimes(
  backend: BackendName,
  assetsOf: (runtimeName: string) => Promise<RuntimeAssets>,
): ModelRuntime {
  return runtimesAsOne(backend, async ({ name, backends }) =>
    startRuntime(name, backends.includes(backend) ? backend : backends[0], await assetsOf(name)),
  );
}

/** @param start of one runtime, called with the first model of its format */
export function runtimesAsOne(
  backend: BackendName,
  start: (runtime: RuntimeDescription) => Promise<ModelRuntime>,
): ModelRuntime {
  const started = new Map<RuntimeDescription, Promise<ModelRuntime>>();
  return {
    backend,
    async load(bundle, options) {
      const runtime = runtimeOfFormat(unpackFormat(bundle));
      const starting = started.get(runtime) ?? start(runtime);
      started.set(runtime, starting);
      // A download that failed may go well the next time.
      starting.catch(() => started.delete(runtime));
      return (await starting).load(bundle, options);
    },
    async release() {
      const all = await Promise.allSettled(started.values());
      started.clear();
      for (const one of all) if (one.status === "fulfilled") await one.value.release();
    },
  };
}
