/** What a kind of job tells the session of its assignments: how each is carried out, and how much of it comes and goes. */
import type { ComputeOutcome } from "../../shared/compute/compute-thread-api.ts";
import type { AssignmentBase, Payload, Result, Slice } from "../../shared/protocol/messages.ts";
import type { ComputeThreadLink } from "./compute-thread-link.ts";

/** What a session lends to whoever carries out its assignments. */
export interface Workplace {
  /** Origin of the coordinator. */
  readonly origin: string;
  readonly computeThread: ComputeThreadLink;
  /** By the volunteer's key. @returns 64 bytes */
  sign(statement: Uint8Array): Promise<Uint8Array>;
  /** [PR106] Rows that count though their batch may never be answered. */
  handOver(slice: Slice): void;
  /** Of each slice of rows, before any of them are sent. */
  onOutcome(modelSha256: string, outcome: ComputeOutcome): void;
  /** Told of bytes that moved beside the socket: models, shards and larger inputs, and larger results, of which `upBytes` went up. */
  onMoved(bytes: number, upBytes?: number): void;
}

/** computing: one after the other, on the compute thread. fetching: beside those, for no round waits for such a download. */
export type WorkLane = "computing" | "fetching";

export interface AssignmentSizes {
  /** Rows of a batch, of a product, or of a shard. */
  readonly rowCount: number;
  /** What comes in for this assignment alone, without models and shards that are kept. */
  readonly receivedBytes: number;
  /** Numbers that go out as the answer, 4 bytes each. */
  readonly sentBytes: number;
}

/** One assignment, taken on. */
export interface AssignmentWork {
  readonly lane: WorkLane;
  readonly sizes: AssignmentSizes;
  /** Fetches while another assignment is computed; carryOut tells of failures. Absent: nothing can be fetched ahead. */
  fetchAhead?(): void;
  /** [PR113] Of a batch: so many rows of it are needed. Absent: all of it is. @returns whether nothing of it is */
  shorten?(rowCount: number): boolean;
  /**
   * @returns the result to send, or null where nothing is left to send, or an upload showed that nobody needs it any more
   * @throws Error where a transfer, a check or the computation fails; the message may go to the coordinator
   */
  carryOut(): Promise<Result | null>;
}

/** @param signal aborted where the assignment is no longer needed: transfers end, and nothing is uploaded */
export type TakeOn<Of extends AssignmentBase> = (assignment: Of, signal: AbortSignal) => AssignmentWork;

/** What a tab does with the assignments of one kind of job. Called once a session, which keeps what is kept between two. */
export type TabKind<Of extends AssignmentBase> = (workplace: Workplace) => TakeOn<Of>;

export function bytesOfPayload(payload: Payload): number {
  return payload.kind === "inline" ? payload.frame.length : payload.bytes;
}

export const BYTES_PER_NUMBER = 4;
