/** What a kind says of its own events and effects, so that logs and pictures need not know it. */
import type { JobLogEntry } from "../../shared/protocol/operator-api.ts";
import type { CoordinatorState, Job } from "../coordinator/state.ts";
import type { CoreJobRecord, Own } from "../coordinator/words.ts";

/** Where it belongs, and more of it in a sentence. */
export type ToldFields = Omit<JobLogEntry, "atMs" | "what" | "rows">;

/** How much it matters to an operator. */
export type ToldLevel = "debug" | "warn" | "error";

/** @param how `level`: the operator's log has it too. isAside: for pictures alone, no entry of the job's log */
export type Say = (what: string, fields?: ToldFields, how?: { level?: ToldLevel; isAside?: boolean }) => void;

/** A thing of a job, with the effect by which its outcome is known. */
export interface OwnOf<T extends Own = Own> {
  readonly jobId: string;
  readonly effectId: number;
  readonly own: T;
}

/** What a check said of results that a tab sent. */
export interface CheckCount {
  readonly name: string;
  /** That were recomputed; null: it recomputes none. */
  readonly rows: number | null;
  /** Of the rows; without rows, of the results. */
  readonly failed: number;
}

/** A figure of the coordinator's state, for Prometheus. */
export interface StateFigure {
  readonly name: string;
  readonly help: string;
  /** Name of the one label; null: a single number. */
  readonly labels: string | null;
  /** Label and number; the label is empty where there is none. */
  valuesIn(state: CoordinatorState): readonly (readonly [string, number])[];
}

/** One for all jobs of a kind. It may remember what outcomes do not name. */
export interface KindTeller {
  outcome(of: OwnOf, say: Say): void;
  work(of: OwnOf, say: Say): void;
  /** @returns the record of the job itself, where that is what is written */
  written(record: Own, say: Say): CoreJobRecord | null;
  /** An assignment goes out. */
  sent(payload: unknown): {
    readonly what: string;
    readonly detail?: string;
    /** For people. */
    readonly work: string;
    /** false: it is sent ahead of all rounds. */
    readonly isOfRound: boolean;
    readonly generation: number;
  };
  /** What an outcome adds to the operator's counts. */
  counts(outcome: Own): { readonly checks: readonly CheckCount[] };
  /** Does it wait for tabs, for any or for more than there are? */
  lacksTabs(state: CoordinatorState, job: Job): boolean;
  /** Nothing that a quarantined volunteer gave stands in this job, unless it had ended before. */
  losesAllOfLiars?(job: Job): boolean;
  /** What the metrics say of its jobs alone. */
  readonly figures?: readonly StateFigure[];
  released?(jobId: string): void;
}
