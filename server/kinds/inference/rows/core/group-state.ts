/** What a job on the ledger keeps of its groups. */
import { type CodedPlan, estimatesStay, type WaysOut, wayOut } from "./group-rules.ts";

export interface GroupsOfJob {
  readonly way: WaysOut;
  /** Do estimates of rows that go out as they are stay? */
  readonly estimatesStay: boolean;
  /** Then: the rows that an estimate stands for. */
  readonly estimated: Set<number>;
  /** Copies of a row that vote on it. */
  readonly votesMax: number;
  /** Decodes that are at work, by effect. */
  readonly decoding: Set<number>;
  /** Groups of which enough is answered, by when their estimates are told, ms. */
  readonly due: Map<number, number>;
  /** By group the mixture that came last: of a vote without a majority that one is asked for again. */
  readonly latest: Map<number, number>;
}

export function newGroups(plan: CodedPlan): GroupsOfJob {
  const { workerCount, queryCount } = plan.scheme;
  return {
    ...{ way: wayOut(plan), votesMax: workerCount / queryCount },
    ...{ estimatesStay: estimatesStay(plan), estimated: new Set() },
    ...{ decoding: new Set(), due: new Map(), latest: new Map() },
  };
}
