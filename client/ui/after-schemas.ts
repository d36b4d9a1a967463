import { inTurn } from "./in-turn.ts";

/**
 * Shows a page that asks the coordinator, once the schemas are read that its client needs, one after the other.
 * @param show loads the page's own script
 */
export function afterSchemas(show: () => Promise<unknown>): Promise<void> {
  return inTurn([
    () => import("../../shared/kinds/inference/answers.ts"),
    () => import("../../shared/protocol/operator-api.ts"),
    () => import("../../shared/kinds/inference/submission.ts"),
    () => import("../../shared/kinds/regression/submission.ts"),
    () => import("../../shared/sdk/paritab-client.ts"),
    show,
  ]);
}
