/** The kinds of job: one line a kind. What tabs do for them stands in tab-kinds.ts, which no page loads. */
import type { JobKind, JobView } from "../../shared/kinds/kinds.ts";
import { inference } from "./inference/inference-kind.ts";
import type { KindFacts } from "./kind-facts.ts";
import { matmul } from "./matmul/matmul-kind.ts";
import { regression } from "./regression/regression-kind.ts";

type Kinds = { readonly [Kind in JobKind]: KindFacts<Extract<JobView, { kind: Kind }>> };

/** In the order in which people are offered them. */
export const PAGE_KINDS: Kinds = { inference, regression, matmul };

/** Its view is the one that the kind takes. */
export function pageKindOf<View extends JobView>({ kind }: View): KindFacts<View> {
  return PAGE_KINDS[kind] as KindFacts as unknown as KindFacts<View>;
}
