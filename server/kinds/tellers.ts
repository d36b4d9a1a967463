/** What the logs say of each kind of job: one line a kind. */
import { CodedTeller } from "../coded/teller.ts";
import type { KindTeller } from "../shell/kind-teller.ts";
import { InferenceTeller } from "./inference/teller.ts";

export function openTellers(): ReadonlyMap<string, KindTeller> {
  return new Map<string, KindTeller>([
    ["inference", new InferenceTeller()],
    ["regression", new CodedTeller()],
    ["matmul", new CodedTeller()],
  ]);
}
