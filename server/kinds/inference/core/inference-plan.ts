/**
 * What an inference job does next. Pure: it knows its code, the shape of its rounds and who has answered; it has never
 * heard of sockets or tensors.
 *
 * A round is `groupsPerRound` groups of K queries; worker index i gets the coded queries of its index of all groups of
 * the round as one batch.
 */
import { makeScheme } from "../../../../shared/coding/make-scheme.ts";
import type { CodingScheme } from "../../../../shared/coding/scheme.ts";
import type { SchemeDefinition, Verification } from "../../../../shared/coding/scheme-definition.ts";
import { SCHEMES } from "../../../../shared/coding/schemes/schemes.ts";
import type { InferenceSubmission } from "../../../../shared/kinds/inference/submission.ts";
import { AUDIT_ROW_SHARE } from "../../../../shared/protocol/limits.ts";
import { CLASS_ROWS_MIN } from "../../../../shared/verify/model-class.ts";
import { must } from "../../../coordinator/assert.ts";
import type { StoredJob } from "../records.ts";

/** What rounds ask of the scheme itself, whatever K, S and E are. */
type SchemeFacts = Pick<SchemeDefinition, "estimates" | "groupsByLikeness" | "hasSpares" | "needsDistinctVolunteers">;

export interface InferencePlan extends SchemeFacts {
  readonly scheme: CodingScheme;
  readonly verification: Verification;
  /**
   * Each query goes out as it is, and nothing goes out beside: so nothing is mixed, and nothing is ever estimated. Not so where the
   * job's code may change. What loses a query for good has no spares to leave out, and is not plain: its rounds end without lost answers.
   */
  readonly isPlain: boolean;
  /** Does the job end with the model's own answer for every query? */
  readonly endsExact: boolean;
  readonly groupsPerRound: number;
  readonly roundsInFlight: number;
  /** What the workers beyond K do, where the scheme has spares. */
  readonly spares: InferenceSubmission["spares"];
  /** The first round with this code, and where in the order of the queries it begins. */
  readonly firstRound: number;
  readonly firstPlace: number;
  /** The place at which its queries end. */
  readonly endPlace: number;
  /** [SL6] Of a round whose worker indices were split: their slots. */
  readonly splits: readonly SplitSlot[];
}

/** [SL6] Some rows of a worker index, which have a result of their own. */
export interface SplitSlot {
  /** Its place among the slots of its round: the worker index itself, or one behind the last of the code. */
  readonly workerIndex: number;
  /** The worker index whose rows they are. */
  readonly of: number;
  /** How many rows of it have names before theirs. */
  readonly first: number;
  readonly rows: number;
}

const NO_SPLITS: readonly SplitSlot[] = [];

/** What of a job its rounds are planned from. */
export interface PlannedJob extends Pick<StoredJob, "queryCount" | "outputScale" | "codes" | "roundSizes"> {
  readonly submission: RoundSettings & Pick<InferenceSubmission, "scheme" | "locator" | "task" | "completion">;
}

export type RoundSettings = Pick<
  InferenceSubmission,
  "queriesPerGroup" | "stragglers" | "liars" | "groupsPerRound" | "roundsInFlight" | "spares"
>;

/** The plan of the code that is in force now, of its largest rounds. @throws CodingError where (K, S, E) make no code */
export function planInference(job: PlannedJob): InferencePlan {
  return inForceAmong(plansOf(job), job);
}

/** @param plans of the job, as plansOf says */
export function inForceAmong(plans: readonly InferencePlan[], { codes }: Pick<PlannedJob, "codes">): InferencePlan {
  return must(codes.length === 0 ? plans[0] : plans.at(-1), "DL1: a job has a code from its first round on");
}

/**
 * One plan for each code that was in force, the earliest first; of a job without an aim one for each size of its rounds.
 * @throws CodingError as planInference does
 */
export function plansOf(job: PlannedJob): InferencePlan[] {
  const { queryCount, codes } = job;
  if (codes.length === 0) return sizedPlansOf(job);
  return codes.map((code, i) => {
    const { fromRound, firstPlace } = code;
    const endPlace = codes[i + 1]?.firstPlace ?? queryCount;
    return planOf(job, code, { firstRound: fromRound, firstPlace, endPlace });
  });
}

/** [DP12] They differ in the size of their rounds alone. */
function sizedPlansOf(job: PlannedJob): InferencePlan[] {
  const { queryCount, submission, roundSizes = [{ fromRound: 0, firstPlace: 0, ...submission }] } = job;
  const whole = planOf(job, submission, { firstRound: 0, firstPlace: 0, endPlace: queryCount });
  return roundSizes.map(({ fromRound, firstPlace, groupsPerRound }, i) => {
    const endPlace = roundSizes[i + 1]?.firstPlace ?? queryCount;
    return planFrom(whole, groupsPerRound, { firstRound: fromRound, firstPlace, endPlace });
  });
}

/** @throws CodingError where (K, S, E) make no code */
export function planOf(job: PlannedJob, code: RoundSettings, part: PartOfPlan): InferencePlan {
  const { submission } = job;
  const scheme = makeScheme(submission.scheme, {
    queryCount: code.queriesPerGroup,
    stragglerCount: code.stragglers,
    liarCount: code.liars,
    ...(submission.locator === undefined ? {} : { locator: submission.locator }),
    ...(submission.task === "regression" ? { votesOnNumbers: { scaleFloor: job.outputScale ?? 0 } } : {}),
  });
  const { verificationOf, canEndExact, ...definition } = SCHEMES[submission.scheme];
  const plan = {
    ...definition,
    ...{ scheme, verification: verificationOf(code.liars), spares: code.spares, roundsInFlight: code.roundsInFlight },
    isPlain: definition.hasSpares && job.codes.length === 0 && isRawAlone(scheme),
    endsExact: canEndExact && submission.completion === "exact",
  };
  return planFrom(plan, code.groupsPerRound, part);
}

type PartOfPlan = Pick<InferencePlan, "firstRound" | "firstPlace" | "endPlace">;

/**
 * The same code for another part of the job, or for rounds of another size. All plans are made here, field by field: V8 compiles what reads
 * them for objects that were made in one place, and anew for each other place, or copy, that it meets.
 */
export function planFrom(
  plan: Omit<InferencePlan, "groupsPerRound" | "splits" | keyof PartOfPlan>,
  groupsPerRound: number,
  { firstRound, firstPlace, endPlace }: PartOfPlan,
  splits: readonly SplitSlot[] = NO_SPLITS,
): InferencePlan {
  const { scheme, verification, isPlain, endsExact, estimates, groupsByLikeness } = plan;
  const { hasSpares, needsDistinctVolunteers, roundsInFlight, spares } = plan;
  return {
    scheme,
    verification,
    isPlain,
    endsExact,
    estimates,
    groupsByLikeness,
    hasSpares,
    needsDistinctVolunteers,
    groupsPerRound,
    roundsInFlight,
    spares,
    firstRound,
    firstPlace,
    endPlace,
    splits,
  };
}

function isRawAlone({ rawQueryOf, queryCount, workerCount }: CodingScheme): boolean {
  return workerCount === queryCount && rawQueryOf.every((query) => query >= 0);
}

/** Groups of all rounds with this code. */
export function groupsOf({ firstPlace, endPlace, scheme }: InferencePlan): number {
  return Math.ceil((endPlace - firstPlace) / scheme.queryCount);
}

/** The round behind the last one with this code. */
export function endRoundOf(plan: InferencePlan): number {
  return plan.firstRound + Math.ceil(groupsOf(plan) / plan.groupsPerRound);
}

/** Groups in this round; the last round may be shorter. @param plan of this round */
export function groupsInRound(plan: InferencePlan, roundIndex: number): number {
  return Math.min(plan.groupsPerRound, groupsOf(plan) - (roundIndex - plan.firstRound) * plan.groupsPerRound);
}

/** Rows of this round that answer a query of their own; the others fill up its last group. @param plan of this round */
export function ownRowsIn(plan: InferencePlan, roundIndex: number): number {
  const rows = groupsInRound(plan, roundIndex) * plan.scheme.queryCount;
  return Math.min(rows, plan.endPlace - firstPlaceOf(plan, roundIndex));
}

/** Where in the order of the queries a round begins. @param plan of this round */
export function firstPlaceOf(plan: InferencePlan, roundIndex: number): number {
  return plan.firstPlace + (roundIndex - plan.firstRound) * plan.groupsPerRound * plan.scheme.queryCount;
}

/** [SL6] The slot, where its worker index was split. */
export function splitAt({ splits }: InferencePlan, workerIndex: number): SplitSlot | undefined {
  return splits.length === 0 ? undefined : splits.find((slot) => slot.workerIndex === workerIndex);
}

/** The worker index of the code whose rows a slot has. */
export function codeWorkerOf(plan: InferencePlan, workerIndex: number): number {
  return splitAt(plan, workerIndex)?.of ?? workerIndex;
}

/** Which model worker index `workerIndex` runs: 0 is the job's own, 1 the parity model. */
export function modelIndexOf(plan: InferencePlan, workerIndex: number): number {
  return plan.scheme.modelOf?.[codeWorkerOf(plan, workerIndex)] ?? 0;
}

/** Bytes of inputs and results that an open round may hold: N batches of float32 rows in, and out. */
export function roundBytes(plan: InferencePlan, job: StoredJob, groupCount: number): number {
  return plan.scheme.workerCount * groupCount * (job.inputSize + job.outputSize) * 4;
}

/** Which query of its group the worker index holds as it is; -1: a mixture. */
export function rawQueryOf(plan: InferencePlan, workerIndex: number): number {
  const held = plan.scheme.rawQueryOf[codeWorkerOf(plan, workerIndex)];
  return must(held, "SC1: a scheme says of each worker index what it holds");
}

/** Worker indices whose coded query is a query itself: theirs are the rows that an exact job ends with. */
export function isRawWorker(plan: InferencePlan, workerIndex: number): boolean {
  return rawQueryOf(plan, workerIndex) >= 0;
}

/**
 * Random rows to recompute of a batch of `rowCount`: the row floor for everybody, and twice as many more of those whose
 * record does not reach the bound yet. At least one: to skip batches would let a liar corrupt whole ones.
 * @param auditsNeeded that a record has which reaches it
 */
export function randomAuditRows(rowCount: number, auditsPassed: number, auditsNeeded: number): number {
  const floor = Math.max(1, Math.ceil(rowCount * AUDIT_ROW_SHARE));
  const vetting = auditsPassed < auditsNeeded ? 2 : 0;
  return Math.min(rowCount, floor + vetting);
}

/**
 * [PC3] Rows to recompute beside those that are drawn, of a back-end whose class for the model is not measured yet.
 * @param drawnRows that are recomputed anyway
 */
export function classRowsOf(rowCount: number, drawnRows: number): number {
  return Math.max(0, Math.min(CLASS_ROWS_MIN, rowCount) - drawnRows);
}

/**
 * Can the part of one worker index be done again while the others stand? Where no worker holds a query as it is, each result
 * goes into every answer of its group.
 */
export function canBeRedoneInPart(plan: InferencePlan): boolean {
  return hasAllRaw(
    plan,
    Array.from({ length: plan.scheme.workerCount }, (_, workerIndex) => workerIndex),
  );
}

/** Has every query been computed as it is? */
export function hasAllRaw(plan: InferencePlan, accepted: readonly number[]): boolean {
  const answered = new Set<number>();
  for (const workerIndex of accepted) {
    const query = rawQueryOf(plan, workerIndex);
    if (query >= 0) answered.add(query);
  }
  return answered.size === plan.scheme.queryCount;
}
