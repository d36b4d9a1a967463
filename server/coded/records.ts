/** What outlives the process of a coded run: the job with how far it got, and the arrays that it goes on from or ends with. */
import type { CodedEndKind } from "../../shared/coded/run-view.ts";
import type { CodedScheme } from "../../shared/coding/coded-schemes/coded-schemes.ts";
import type { JobState } from "../../shared/protocol/job-api.ts";
import type { CheckpointRecord } from "../store/job-record.ts";
import type { RunSettings } from "./core/run-settings.ts";
import type { CodedHistoryEntry } from "./core/run-state.ts";
import type { HeldArrays, NamedArrays } from "./engine/kind-numerics.ts";
import type { TraceSegment } from "./run-trace.ts";

/** What the submission of every coded run says. */
export interface RunSubmission {
  readonly kind: string;
  readonly name: string;
  readonly submitter: string;
  readonly purpose?: string | undefined;
  readonly scheme: CodedScheme;
  readonly dataVolunteers: number;
  readonly stragglers: number;
  readonly liars: number;
  readonly colluders: number;
  readonly volunteers?: number | undefined;
  readonly shardsPerVolunteer: number;
  readonly spareShards: number;
}

/** A job of a kind that works in coded rounds; each kind adds what its data came to. */
export interface RunRecord<S extends RunSubmission = RunSubmission> {
  jobId: string;
  submission: S;
  /** Of the matrix that is coded, and how many columns the vectors of a round have. */
  shape: { rows: number; columns: number; width: number; parts?: RunParts };
  settings: Pick<RunSettings, "iterations" | "patience" | "isForwardOnly">;
  state: Exclude<JobState, "auditing">;
  error: string | null;
  endKind: CodedEndKind | null;
  endReason: string | null;
  submittedMs: number;
  finishedMs: number | null;
  /** Iterations after which the arrays of the checkpoint stood, or the result; null: none is durable. */
  weightsOf: number | null;
  /** What the submitter should know of the data, in sentences. */
  notes: string[];
  progress: RunProgress;
  /** T > 0: hashes of the invitations, and whose key came first with each. */
  invitations: { sha256: string; volunteerId: string | null }[];
  /** [RC10] What its rounds were made of, as far as it is durable; absent: none was kept. */
  trace?: readonly TraceSegment[];
  /** The hash of the blob that says how good the result is; absent: there is none. */
  evaluationSha256?: string;
}

/** Numbers that entries are cut into (limbs), of the matrix and of the vectors of each product; absent: of jobs without. */
export interface RunParts {
  matrix: number;
  forward: number;
  backward: number;
}

/** As of the latest checkpoint. */
export interface RunProgress {
  iteration: number;
  history: CodedHistoryEntry[];
  best: { iteration: number; loss: number } | null;
  codeChanges: { iteration: number; generation: number; blockCount: number; reason: string }[];
  liars: { volunteerId: string; iteration: number; roundId: number; shardIndex: number }[];
  volunteers: {
    volunteerId: string;
    nickname: string;
    isSlow: boolean;
    isLiar: boolean;
    pointsIssued: number;
    acceptedResults: number;
  }[];
  resultsChecked: number;
  resultsRejected: number;
  undecodedRounds: number;
  correctedResults: number;
  nextGeneration: number;
}

export function noProgress(): RunProgress {
  return {
    iteration: 0,
    history: [],
    best: null,
    codeChanges: [],
    liars: [],
    volunteers: [],
    resultsChecked: 0,
    resultsRejected: 0,
    undecodedRounds: 0,
    correctedResults: 0,
    nextGeneration: 1,
  };
}

/** The arrays of a run that are durable. */
export interface RunCheckpoint {
  readonly current: HeldArrays;
  /** The best so far, where they are others. */
  readonly best: HeldArrays | null;
}

const BEST = "best.";

export function checkpointRecord(jobId: string, { current, best }: RunCheckpoint): CheckpointRecord {
  const bestArrays = Object.entries(best?.arrays ?? {}).map(([name, values]) => [`${BEST}${name}`, values]);
  return {
    jobId,
    facts: { iteration: current.iteration, bestIteration: best?.iteration ?? null },
    arrays: { ...current.arrays, ...Object.fromEntries(bestArrays) },
  };
}

export function runCheckpoint({ facts, arrays }: CheckpointRecord): RunCheckpoint {
  const { iteration, bestIteration } = facts as { iteration: number; bestIteration: number | null };
  const named = (isBest: boolean): NamedArrays =>
    Object.fromEntries(
      Object.entries(arrays)
        .filter(([name]) => name.startsWith(BEST) === isBest)
        .map(([name, values]) => [isBest ? name.slice(BEST.length) : name, values]),
    );
  return {
    current: { iteration, arrays: named(false) },
    best: bestIteration === null ? null : { iteration: bestIteration, arrays: named(true) },
  };
}
