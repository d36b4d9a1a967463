/**
 * What the coordinator asks the shell to do. Effects of one step are carried out in order. Each has an id; its outcome
 * comes back as an event that names it (events.ts). Nothing here waits: what must be durable first is asked for with
 * `persist`, and what depends on it is only asked for after `persisted` has come back.
 */
import type { StoredCrowd, StoredVolunteer } from "../store/store.ts";
import type { CloseCode, Own } from "./words.ts";

export type CoreRecord =
  | { readonly kind: "volunteer"; readonly volunteer: StoredVolunteer }
  | { readonly kind: "crowd"; readonly crowd: StoredCrowd }
  /** What a kind keeps of a job of its own: the shell's desk of that kind knows how it is stored. */
  | { readonly kind: "job"; readonly of: string; readonly jobId: string; readonly record: Own };

interface UnfitModel {
  readonly jobName: string;
  readonly message: string;
  readonly modelSha256: string;
  readonly backend: string;
}

/** An assignment, as far as the shell needs to know it; `payload` is its kind's. */
interface AssignmentReference {
  readonly assignmentId: number;
  readonly sessionId: string;
  readonly kind: string;
  readonly jobId: string;
  readonly roundIndex: number;
}

export type Effect = { readonly effectId: number } & (
  | { readonly type: "persist"; readonly records: readonly CoreRecord[] }
  /** The submission with this id is durable, or was refused. */
  | { readonly type: "answerSubmission"; readonly jobId: string; readonly problem: string | null }
  /** The release of this volunteer is durable. */
  | { readonly type: "answerRelease"; readonly volunteerId: string }
  | { readonly type: "sendProbe"; readonly sessionId: string }
  | ({
      readonly type: "sendAssignment";
      readonly volunteerId: string;
      readonly workerIndex: number;
      readonly payload: unknown;
      readonly deadlineMs: number;
      /** Its session is at another one still. */
      readonly isAhead: boolean;
    } & AssignmentReference)
  /** Its token is void from here on, its bytes are let go, and the tab is told where it may still be at work. */
  | ({ readonly type: "voidAssignment"; readonly tell: boolean } & AssignmentReference)
  /** What this kind asks for a job of its own. Where it has an outcome, that comes back as `outcome` with the same effectId. */
  | { readonly type: "work"; readonly kind: string; readonly jobId: string; readonly work: Own }
  | { readonly type: "releaseJob"; readonly kind: string; readonly jobId: string }
  | { readonly type: "credit"; readonly sessionId: string; readonly macs: number; readonly assignments: number }
  /** Its tab is told that it gets no work of that job's model, and why. */
  | ({ readonly type: "tellUnfit"; readonly sessionId: string } & UnfitModel)
  | {
      readonly type: "closeSession";
      readonly sessionId: string;
      readonly code: CloseCode;
      readonly message: string;
      /** [CE8] Where its tab is to go; absent: nowhere. */
      readonly cell?: string;
    }
  | { readonly type: "setTimer"; readonly timerId: number; readonly atMs: number }
  | { readonly type: "clearTimer"; readonly timerId: number }
);

/** An effect before the step has numbered it. */
export type UnnumberedEffect = Effect extends infer E ? (E extends Effect ? Omit<E, "effectId"> : never) : never;
