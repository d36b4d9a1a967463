/**
 * The rounds of a job that ended in rounds: its receipt says which code each had, and what its rows are called. Pure.
 *
 * Jobs once ran in rounds. Their answers and receipts are still read and verified, with bounds by what was done to batches, and by records. Code and
 * tests name these rules of theirs:
 *
 * SL3 the rest of a taken-back round of one batch was a round
 * SL6 a worker index was split into slots, each with its own result, checks and credit
 * DP12 rounds had several sizes, the largest first
 * CC1 a job was cross-checked or audited to its end
 * CC4 rows went out again by coins
 * CC9 checks or a certificate made cross-checked answers final
 * CC12 ledgers were certified while a job ran
 * CC14 a stream had chains of ledgers, certified in order
 */
import { QUERIES_PER_GROUP_MAX } from "../../../shared/coding/code-limits.ts";
import type { CodingScheme } from "../../../shared/coding/scheme.ts";
import { SCHEMES } from "../../../shared/coding/schemes/schemes.ts";
import { must } from "../../coordinator/assert.ts";
import type { StoredRound } from "../../store/store.ts";
import { schemeOf } from "./core/inference-plan.ts";
import type { StoredJob } from "./records.ts";

type Round = Pick<StoredRound, "roundIndex" | "queryIndices">;

export interface EarlierRounds {
  schemeOf(round: Round): CodingScheme;
  /** [CC2] The name of its first row, from which those of the others are counted: no two rounds share any. */
  firstNameOf(round: Round): number;
}

/** Rounds that had one code and one size. */
interface AlikeRounds {
  readonly fromRound: number;
  /** Where in the order of the queries they begin and end. */
  readonly firstPlace: number;
  readonly endPlace: number;
  readonly groupsPerRound: number;
  readonly scheme: CodingScheme;
}

export function earlierRounds(job: StoredJob): EarlierRounds {
  return job.queriesSha256 === null ? roundsOfStream(job) : roundsOfQueries(job);
}

/** @param stored rounds of it that are stored: a stream has no others */
export function roundCountOf(job: StoredJob, stored: number): number {
  return job.queriesSha256 === null ? stored : wholeRoundsOf(alikeRoundsOf(job)) + (job.cuts?.length ?? 0);
}

/** Groups of all rounds of a job that is no stream. */
export function groupCountOf(job: StoredJob): number {
  return alikeRoundsOf(job).reduce((sum, alike) => sum + groupsIn(alike), 0);
}

function groupsIn({ firstPlace, endPlace, scheme }: AlikeRounds): number {
  return Math.ceil((endPlace - firstPlace) / scheme.queryCount);
}

/** Rounds that the codes made of the queries; a job on the ledger has none. Behind them came rests of such as were cut. */
function wholeRoundsOf(all: readonly AlikeRounds[]): number {
  const last = all.at(-1);
  return last === undefined ? 0 : last.fromRound + Math.ceil(groupsIn(last) / last.groupsPerRound);
}

/** [DP12] A code that was chosen had rounds of one size; others of several, the largest first. */
function alikeRoundsOf(job: StoredJob): AlikeRounds[] {
  const { submission, codes, roundSizes = [], queryCount } = job;
  const own = codes.length > 0 ? null : schemeOf(job, submission);
  const begun = codes.length > 0 ? codes : roundSizes;
  return begun.map(({ fromRound = 0, firstPlace = 0, groupsPerRound = 1 }, i) => ({
    ...{ fromRound, firstPlace, groupsPerRound, endPlace: begun[i + 1]?.firstPlace ?? queryCount },
    scheme: own ?? schemeOf(job, codes[i]!),
  }));
}

function roundsOfQueries(job: StoredJob): EarlierRounds {
  const all = alikeRoundsOf(job);
  const alike = (roundIndex: number) =>
    must(
      all.findLast(({ fromRound }) => fromRound <= roundIndex),
      "DP12: a round has a size",
    );
  /** [SL3] Rests of rounds that were cut, by their index. */
  const rests = new Map<number, { readonly scheme: CodingScheme; readonly firstName: number }>();
  const known = (roundIndex: number) => {
    const { scheme, fromRound, firstPlace, groupsPerRound } = alike(roundIndex);
    const firstName = firstPlace + (roundIndex - fromRound) * groupsPerRound * scheme.queryCount;
    return rests.get(roundIndex) ?? { scheme, firstName };
  };
  const whole = wholeRoundsOf(all);
  for (const { roundIndex, rows } of job.cuts ?? []) {
    const { scheme, firstName } = known(roundIndex);
    rests.set(whole + rests.size, { scheme, firstName: firstName + rows });
  }
  return {
    schemeOf: ({ roundIndex }) => known(roundIndex).scheme,
    firstNameOf: ({ roundIndex }) => known(roundIndex).firstName,
  };
}

/** Groups of a round, at most. */
const GROUPS_MAX = 1_024;
/** Names that a round of a stream has room for: groups that are not full are filled up, so that places would be those of the next round too. */
const NAMES_PER_ROUND = GROUPS_MAX * QUERIES_PER_GROUP_MAX;

/** [SM4] Where the scheme says that a group may be smaller, a round that was not full had smaller groups. */
function roundsOfStream(job: StoredJob): EarlierRounds {
  const { queriesPerGroup, scheme } = job.submission;
  /** By K: making a code again would make its matrices again. */
  const made = new Map<number, CodingScheme>();
  const sized = (size: number): CodingScheme => {
    const code = made.get(size) ?? schemeOf(job, { ...job.submission, queriesPerGroup: size });
    made.set(size, code);
    return code;
  };
  return {
    schemeOf({ queryIndices: { length } }) {
      const groups = Math.ceil(length / queriesPerGroup);
      return sized(SCHEMES[scheme].groupsMayShrink ? Math.ceil(length / groups) : queriesPerGroup);
    },
    firstNameOf: ({ roundIndex }) => roundIndex * NAMES_PER_ROUND,
  };
}
