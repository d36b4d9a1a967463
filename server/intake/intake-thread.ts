/** The thread that looks through uploaded models. Its answer's bytes are moved, not copied. */
import { move, transferableSymbol, valueSymbol } from "piscina";
import type { NamedFile } from "../../shared/compute/runtimes/runtime-description.ts";
import { prepareModel } from "./prepare-model.ts";

export default async function prepare(files: readonly NamedFile[]): Promise<unknown> {
  const verdict = await prepareModel(files);
  if ("problem" in verdict) return verdict;
  return move({ [transferableSymbol]: [verdict.bundle.buffer], [valueSymbol]: verdict } as never);
}
