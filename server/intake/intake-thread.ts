/** The thread that looks through uploaded models. Its answer's bytes are moved, not copied. */
import { move, transferableSymbol, valueSymbol } from "piscina";
import { type ModelUpload, prepareModel } from "./prepare-model.ts";

export default function prepare(upload: ModelUpload): unknown {
  const verdict = prepareModel(upload);
  if ("problem" in verdict) return verdict;
  return move({ [transferableSymbol]: [verdict.bundle.buffer], [valueSymbol]: verdict } as never);
}
