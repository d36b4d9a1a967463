/** What a tab does for each kind of job: one line a kind. */
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type { JobKind } from "../../shared/kinds/kinds.ts";
import type { TabKind } from "../session/assignment-work.ts";
import { inferenceInTab } from "./inference/tab/inference-in-tab.ts";
import { matmulInTab } from "./matmul/tab/matmul-in-tab.ts";
import { regressionInTab } from "./regression/tab/regression-in-tab.ts";

type TabKinds = {
  readonly [Kind in JobKind]: TabKind<Extract<AssignmentMessage, { jobId: string; kind: Kind | "probe" }>>;
};

export const TAB_KINDS: TabKinds = { inference: inferenceInTab, regression: regressionInTab, matmul: matmulInTab };
