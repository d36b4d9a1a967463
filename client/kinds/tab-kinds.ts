/** What a tab does for each kind of job: one line a kind. */
import type { TabKind } from "../session/assignment-work.ts";
import { inferenceInTab } from "./inference/tab/inference-in-tab.ts";
import { matmulInTab } from "./matmul/tab/matmul-in-tab.ts";
import { regressionInTab } from "./regression/tab/regression-in-tab.ts";

// Kinds that share assignments share what does them: a set holds it once.
export const TAB_KINDS: ReadonlySet<TabKind> = new Set([inferenceInTab, regressionInTab, matmulInTab]);
