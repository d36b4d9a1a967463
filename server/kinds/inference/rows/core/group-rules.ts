/** What of a job's code its ledger has to know, derived from the scheme in one place: a line for each way in which schemes send rows out. */
import { makeScheme } from "../../../../../shared/coding/make-scheme.ts";
import type { CodingScheme } from "../../../../../shared/coding/scheme.ts";
import type { SchemeName } from "../../../../../shared/coding/schemes/schemes.ts";
import { type GroupRule, UNCODED } from "../../../../rows/words.ts";
import type { InferencePlan } from "../../core/inference-plan.ts";

export type CodedPlan = Pick<
  InferencePlan,
  "scheme" | "verification" | "hasSpares" | "spares" | "endsExact" | "needsDistinctVolunteers"
>;

/**
 * How the rows of a code go out.
 *
 * - `rows`: each by itself; copies of late ones go out without being asked for
 * - `copies`: each to several volunteers, of which the first answer or the majority counts
 * - `beside`: as they are, with mixtures beside them
 * - `mixtures`: mixtures alone
 */
export type WaysOut = "rows" | "copies" | "beside" | "mixtures";

/** @example wayOut(planInference(job)) // -> "beside" */
export function wayOut({ scheme, hasSpares, spares, endsExact }: CodedPlan): WaysOut {
  const { queryCount, workerCount, rawQueryOf } = scheme;
  const isRaw = (worker: number) => rawQueryOf[worker]! >= 0;
  if (rawQueryOf.every((query) => query >= 0)) return workerCount === queryCount || hasSpares ? "rows" : "copies";
  if (hasSpares && spares === "backups" && endsExact) return "rows";
  return Array.from({ length: queryCount }, (_, worker) => worker).every(isRaw) ? "beside" : "mixtures";
}

/**
 * The code of a group of so many rows. The last group of a job may be smaller: where rows go out as they are its code is smaller too, where mixtures
 * alone do it is filled up with its last row.
 */
export function codeOfGroup(plan: CodedPlan, rows: number): CodingScheme {
  const { name, parameters } = plan.scheme;
  const way = wayOut(plan);
  if (way === "mixtures" || rows === plan.scheme.queryCount) return plan.scheme;
  return makeScheme(name as SchemeName, { ...parameters, queryCount: way === "copies" ? 1 : rows });
}

/** @returns what the ledger asks of a group, whoever answers what of it */
export function groupRuleOf(plan: CodedPlan): GroupRule {
  const { scheme, needsDistinctVolunteers } = plan;
  const { queryCount, workerCount, resultCountTarget } = scheme;
  const apart = needsDistinctVolunteers ? "votes" : "open";
  switch (wayOut(plan)) {
    case "rows":
      return UNCODED;
    case "copies": {
      // A row is a group of its own: nothing depends on which others travel with it.
      const copies = makeScheme(scheme.name as SchemeName, { ...scheme.parameters, queryCount: 1 });
      const mixtures = copies.workerCount;
      return {
        ...{ rows: 1, mixtures, apart, goesOutPlain: false },
        isDecodable: (_rowsIn, mixturesIn) => mixturesIn >= copies.resultCountTarget,
      };
    }
    case "beside":
      return {
        ...{ rows: queryCount, mixtures: workerCount - queryCount, apart, goesOutPlain: true },
        isDecodable: (rowsIn, mixturesIn) => rowsIn + mixturesIn >= queryCount,
      };
    case "mixtures":
      return {
        ...{ rows: queryCount, mixtures: workerCount, apart, goesOutPlain: false },
        isDecodable: (_rowsIn, mixturesIn) => mixturesIn >= resultCountTarget,
      };
  }
}

/** The worker index of a mixture of a group. @param rows of the group @example mixtureWorker("beside", 4, 1) // -> 5 */
export function mixtureWorker(way: WaysOut, rows: number, index: number): number {
  return way === "beside" ? rows + index : index;
}
