/** What of a job's code its ledger has to know, derived from the scheme in one place: a line for each way in which schemes send rows out. */
import { makeScheme } from "../../../../../shared/coding/make-scheme.ts";
import type { CodingScheme } from "../../../../../shared/coding/scheme.ts";
import { SCHEMES, type SchemeName } from "../../../../../shared/coding/schemes/schemes.ts";
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
export function wayOut({ scheme, hasSpares, spares }: Pick<CodedPlan, "scheme" | "hasSpares" | "spares">): WaysOut {
  const { queryCount, workerCount, rawQueryOf } = scheme;
  const isRaw = (worker: number) => rawQueryOf[worker]! >= 0;
  if (rawQueryOf.every((query) => query >= 0)) return workerCount === queryCount || hasSpares ? "rows" : "copies";
  // Copies of late rows go out by themselves.
  if (hasSpares && spares === "backups") return "rows";
  return Array.from({ length: queryCount }, (_, worker) => worker).every(isRaw) ? "beside" : "mixtures";
}

/** The code of a group of so many rows. The last group of a job may be smaller: its code is smaller too, or it is filled up with its last row. */
export function codeOfGroup(plan: CodedPlan, rows: number): CodingScheme {
  const { name, parameters, queryCount } = plan.scheme;
  const way = wayOut(plan);
  if (way === "copies") return makeScheme(name as SchemeName, { ...parameters, queryCount: 1 });
  if (way === "mixtures" || rows === queryCount || !SCHEMES[name as SchemeName].groupsMayShrink) return plan.scheme;
  return makeScheme(name as SchemeName, { ...parameters, queryCount: rows });
}

/** Do estimates stand for rows that go out as they are, and that nobody is asked for any more then? */
export function estimatesStay(plan: CodedPlan): boolean {
  return wayOut(plan) === "beside" && !plan.endsExact;
}

/** Does a model of their own compute the mixtures? */
export function mixesForOtherModel({ scheme }: Pick<CodedPlan, "scheme">): boolean {
  return scheme.modelOf?.some((model) => model > 0) === true;
}

/** @returns what the ledger asks of a group, whoever answers what of it */
export function groupRuleOf(plan: CodedPlan): GroupRule {
  const { scheme, needsDistinctVolunteers } = plan;
  const { queryCount, workerCount, resultCountTarget } = scheme;
  const mixturesApart = mixesForOtherModel(plan);
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
        ...{ rows: queryCount, mixtures: workerCount - queryCount, apart, goesOutPlain: true, mixturesApart },
        // What is estimated in a fast job nobody is asked for: mixtures are to be there before somebody is late.
        mixturesFirst: !plan.endsExact,
        isDecodable: (rowsIn, mixturesIn) => rowsIn + mixturesIn >= queryCount,
      };
    case "mixtures":
      return {
        ...{ rows: queryCount, mixtures: workerCount, apart, goesOutPlain: false },
        isDecodable: (_rowsIn, mixturesIn) => mixturesIn >= resultCountTarget,
      };
  }
}

/** The worker index of a mixture of a group. @param rows of its code @example mixtureWorker("beside", 4, 1) // -> 5 */
export function mixtureWorker(way: WaysOut, rows: number, index: number): number {
  return way === "beside" ? rows + index : index;
}
