/** The kinds of job that the core decides about: one line each. */
import type { JobKind } from "../../shared/kinds/kinds.ts";
import { codedCore } from "../coded/core/coded-core.ts";
import type { CoreKind, CoreKinds } from "../coordinator/core-kind.ts";
import type { Effect } from "../coordinator/effects.ts";
import type { CoordinatorEvent } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import { stepWith } from "../coordinator/step.ts";
import { rowsCore } from "./inference/rows/core/rows-core.ts";

const CORES: Readonly<Record<JobKind, CoreKind>> = {
  inference: rowsCore,
  regression: codedCore,
  matmul: codedCore,
};
export const CORE_KINDS: CoreKinds = new Map(Object.entries(CORES));

/** The coordinator, with every kind of job. @returns what the shell is to do, in order */
export function step(state: CoordinatorState, event: CoordinatorEvent): readonly Effect[] {
  return stepWith(CORE_KINDS, state, event);
}
