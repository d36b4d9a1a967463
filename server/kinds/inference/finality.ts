/** Which answers are final, and how likely an audited one is wrong: what views, receipts and redos tell of answers rests on this. */
import { SCHEMES } from "../../../shared/coding/schemes/schemes.ts";
import { LIAR_SHARE_FLOOR } from "../../../shared/protocol/limits.ts";
import { LIAR_SHARE_MIN } from "../../../shared/verify/cross-checks/parameters.ts";
import { majorityBound } from "../../../shared/verify/majority-bound.ts";
import { isQuarantined, liarShares } from "../../coordinator/reputation-bounds.ts";
import type { CoordinatorState } from "../../coordinator/state.ts";
import type { LiarShares } from "../../coordinator/verified-work.ts";
import type { StoredContribution } from "../../store/store.ts";
import { batchBound, isStrict } from "./core/batch-bounds.ts";
import type { AnswerKind } from "./engine/answer-kinds.ts";
import { type JobAnswers, MARK } from "./engine/job-answers.ts";
import type { StoredJob } from "./records.ts";

/** The chance that an audited answer of this kind is wrong, from what was really done. */
type BoundOf = (kind: AnswerKind) => number;

/** Audits that each volunteer had passed when a job ended: its bounds stay what they were. Empty while it runs. */
export type RecordsAtEnd = ReadonlyMap<string, number>;
const NO_RECORDS: RecordsAtEnd = new Map();

export function recordsAtEnd(contributions: readonly StoredContribution[]): RecordsAtEnd {
  return new Map(
    contributions.flatMap(({ volunteerId, auditsPassedAtEnd }) =>
      auditsPassedAtEnd === null ? [] : [[volunteerId, auditsPassedAtEnd] as const],
    ),
  );
}

/** [CC9] Of a job that has ended. */
export function boundsAtEnd(contributions: readonly StoredContribution[]): ReadonlyMap<string, number> {
  return new Map(
    contributions.flatMap(({ volunteerId, boundAtEnd }) =>
      boundAtEnd === undefined ? [] : [[volunteerId, boundAtEnd] as const],
    ),
  );
}

export function boundsOf(
  state: CoordinatorState,
  job: StoredJob,
  answers: JobAnswers,
  records: RecordsAtEnd = NO_RECORDS,
  isNamed: (volunteerId: string) => boolean = (volunteerId) => isQuarantined(state, volunteerId),
  shares: LiarShares = sharesOf(state, job),
): BoundOf {
  if (SCHEMES[job.submission.scheme].verificationOf(job.submission.liars) === "votes") {
    const bound = majorityBound(job.submission.liars, Math.max(shares.newcomers, LIAR_SHARE_FLOOR));
    return () => bound;
  }
  // Rows of one kind have one bound.
  const known = new Map<AnswerKind, number>();
  return (kind) => {
    const bound = known.get(kind) ?? boundOf(kind);
    known.set(kind, bound);
    return bound;
  };

  function boundOf({ source, isCrossChecked, ledger }: AnswerKind): number {
    if (source === null) return shares.newcomers;
    if (isCrossChecked) return crossCheckedBound(source.volunteerId, ledger);
    return batchBound(state, source, source.batchRows, shares, recordOf(source.volunteerId), isNamed);
  }

  /** [CK2] What was audited in a strict job counts with its end. */
  function recordOf(volunteerId: string): number | undefined {
    if (!isStrict(job)) return records.get(volunteerId);
    return job.liarShare === null ? 0 : (records.get(volunteerId) ?? 0);
  }

  /** [CC9] [CC12] Until its job has ended nothing is said of what no ledger certifies but how many lie. */
  function crossCheckedBound(volunteerId: string, ledger: number | null): number {
    if (isNamed(volunteerId)) return 1;
    const own = answers.boundsAtEnd.get(volunteerId) ?? Math.max(LIAR_SHARE_MIN, shares.newcomers);
    return Math.min(own, ledger === null ? 1 : (answers.ledgers[ledger]?.bound ?? 1));
  }
}

/** [VF13] Those of an ended job's end; one that ended when both were one has that. */
export function sharesOf(state: CoordinatorState, { liarShare, newcomerLiarShare }: StoredJob): LiarShares {
  if (liarShare === null) return liarShares(state);
  return { established: liarShare, newcomers: newcomerLiarShare ?? liarShare };
}

export type IsFinal = (kind: AnswerKind) => boolean;

/**
 * [PC1] Of which audited answers is the label open within the tolerance that they were checked with? What a majority agreed on was the
 * label itself.
 */
export function ambiguityOf(job: StoredJob): (kind: AnswerKind) => boolean {
  const { scheme, liars } = job.submission;
  if (SCHEMES[scheme].verificationOf(liars) !== "audits") return () => false;
  return ({ mark, hasOpenLabel }) => mark === MARK.audited && hasOpenLabel;
}

/**
 * [PC1] May an audited answer be final on the word of whoever gave it? A label, where no deviation within the tolerance gives another;
 * numbers, where the tolerance was the narrow one.
 */
function settledOf(job: StoredJob, { hasLabels, tolerance }: JobAnswers): (kind: AnswerKind) => boolean {
  if (SCHEMES[job.submission.scheme].verificationOf(job.submission.liars) !== "audits") return () => true;
  if (hasLabels) return ({ hasOpenLabel }) => !hasOpenLabel;
  return ({ isHalf }) => tolerance[isHalf ? "float16" : "float32"] <= tolerance.float32;
}

/**
 * [VF9] [PC1] An answer is final once it is durable with a bound that meets the job's, which takes durable records too: whoever was told
 * so may rely on it, whatever happens to this process.
 */
export function finalityOf(
  state: CoordinatorState,
  job: StoredJob,
  answers: JobAnswers,
  records: RecordsAtEnd,
  isNamed?: (volunteerId: string) => boolean,
  shares?: LiarShares,
): IsFinal {
  const boundOf = boundsOf(state, job, answers, records, isNamed, shares);
  const isSettled = settledOf(job, answers);
  const { answerBound } = job.submission;
  return (kind) => {
    const { durableMark } = kind;
    if (durableMark === MARK["non-finite"]) return isConfirmedNonFinite(kind);
    return (
      durableMark === MARK.exact || (durableMark === MARK.audited && isSettled(kind) && boundOf(kind) <= answerBound)
    );
  };
}

/** [VF16] Did the coordinator itself find that the row overflows? */
function isConfirmedNonFinite({ mark, source }: AnswerKind): boolean {
  return mark === MARK["non-finite"] && source === null;
}
