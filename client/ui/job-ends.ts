/** How jobs end, in a word: a regression that diverged is not simply done. */
import type { CodedEndKind } from "../../shared/coded/run-view.ts";

export const jobEnds: Readonly<Record<CodedEndKind, string>> = {
  done: "done",
  stopped: "stopped early",
  diverged: "diverged",
  failed: "failed",
  cancelled: "cancelled",
};
