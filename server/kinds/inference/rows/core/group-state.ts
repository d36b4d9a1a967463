/** What a job on the ledger keeps of its groups. */
import type { CodingScheme } from "../../../../../shared/coding/scheme.ts";
import { type CodedPlan, codeOfGroup, estimatesStay, type WaysOut, wayOut } from "./group-rules.ts";

export interface MixturesThatCame {
  readonly count: number;
  /** Item of the last one. */
  readonly latest: number;
}

export interface GroupsOfJob {
  readonly way: WaysOut;
  /** Do estimates of rows that go out as they are stay? */
  readonly estimatesStay: boolean;
  /** Then: the rows that an estimate stands for. */
  readonly estimated: Set<number>;
  /** Copies of a row that vote on it. */
  readonly votesMax: number;
  /** Of a code whose volunteers outvote each other the code of one group, each member of which is for another volunteer; null: it has no such code. */
  readonly voters: CodingScheme | null;
  /** Groups that are to be decoded, in one call once all that has come is taken in. */
  readonly toDecode: Set<number>;
  /** Decodes that are at work, by effect: how many mixtures of each of their groups had come. */
  readonly decoding: Map<number, ReadonlyMap<number, number>>;
  /** Groups of which enough is answered, by when their estimates are told, ms. */
  readonly due: Map<number, number>;
  /** By group: of a vote without a majority the mixture that came last is asked for again. */
  readonly came: Map<number, MixturesThatCame>;
}

export function newGroups(plan: CodedPlan): GroupsOfJob {
  const { workerCount, queryCount } = plan.scheme;
  const way = wayOut(plan);
  const mayDiffer = plan.needsDistinctVolunteers && way !== "rows";
  return {
    ...{ way, votesMax: workerCount / queryCount },
    ...{ estimatesStay: estimatesStay(plan), estimated: new Set() },
    voters: mayDiffer ? codeOfGroup(plan, way === "copies" ? 1 : queryCount) : null,
    ...{ toDecode: new Set(), decoding: new Map(), due: new Map(), came: new Map() },
  };
}
