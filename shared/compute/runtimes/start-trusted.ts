/**
 * What the trusted side computes with: for each runtime the code that checks are computed with, and a second implementation, other code for
 * the same models, so that what two honest machines may differ by can be seen on one; and the first in other orders of its sums, for
 * machines whose order nothing fixes. Beside them the WebAssembly of tabs, which gives their answers to the last bit, and on which "file" runs a
 * model's own files: it loads what source-files.ts joins. A tab never loads this file.
 */
import type { Implementation, ModelRuntime } from "../model-runtime.ts";
import { isOrder, ORDERS, type Order } from "../orders.ts";
import type { RuntimeAssets } from "./runtime-description.ts";
import { runtimesAsOne } from "./start-runtimes.ts";

/**
 * What a runtime's trusted-<name>.ts exports under `trusted`.
 * @param assets as StartRuntime (runtime-description.ts)
 * @throws Error where this machine cannot run it
 */
export interface StartTrusted extends Readonly<Record<Exclude<Implementation, Order>, StartWith>> {
  readonly inOrder: (order: Order, assets: RuntimeAssets) => Promise<ModelRuntime>;
}
type StartWith = (assets: RuntimeAssets) => Promise<ModelRuntime>;

/** @throws Error where this machine cannot run it */
export async function startTrusted(
  name: string,
  implementation: Implementation,
  assets: RuntimeAssets,
): Promise<ModelRuntime> {
  const { trusted }: { trusted: StartTrusted } = await import(`./${name}/trusted-${name}.ts`);
  return isOrder(implementation) ? trusted.inOrder(implementation, assets) : trusted[implementation](assets);
}

/** @param assetsOf as startRuntimes */
export function startTrustedRuntimes(
  assetsOf: (runtimeName: string) => Promise<RuntimeAssets>,
): Readonly<Record<Implementation, ModelRuntime>> {
  const all = (implementation: Implementation) =>
    runtimesAsOne("wasm", async ({ name }) => startTrusted(name, implementation, await assetsOf(name)));
  const inOrders = Object.fromEntries(ORDERS.map((order) => [order, all(order)])) as Record<Order, ModelRuntime>;
  return { first: all("first"), second: all("second"), tab: all("tab"), file: all("file"), ...inOrders };
}
