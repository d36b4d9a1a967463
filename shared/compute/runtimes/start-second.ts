/**
 * The second implementation of each runtime: other code for the same models, so that what two honest machines may differ by can be seen
 * on one. Only the trusted side asks for it, and it is slow: a tab never loads this file.
 */
import type { ModelRuntime } from "../model-runtime.ts";
import type { RuntimeAssets, StartRuntime } from "./runtime-description.ts";
import { runtimesAsOne } from "./start-runtimes.ts";

/** @throws Error where this machine cannot run it */
export async function startSecond(name: string, assets: RuntimeAssets): Promise<ModelRuntime> {
  const { start }: { start: StartRuntime } = await import(`./${name}/second-${name}.ts`);
  return start("cpu", assets);
}

/** @param assetsOf as startRuntimes */
export function startSecondRuntimes(assetsOf: (runtimeName: string) => Promise<RuntimeAssets>): ModelRuntime {
  return runtimesAsOne("cpu", async ({ name }) => startSecond(name, await assetsOf(name)));
}
