/** One assignment, as far as a volunteer may want to know it. */
import type { Assignment, Payload } from "../../shared/protocol/messages.ts";

export interface Piece {
  readonly kind: Assignment["kind"];
  readonly jobId: string;
  readonly jobName: string;
  readonly submitter: string;
  readonly roundIndex: number;
  readonly workerIndex: number;
  /** Rows of a batch, of a product, or of a shard. */
  readonly rowCount: number;
  /** What comes in for this piece alone, without models and shards that are kept. */
  readonly receivedBytes: number;
  /** Numbers that go out as the answer, 4 bytes each. */
  readonly sentBytes: number;
}

const BYTES_PER_NUMBER = 4;

export function pieceOf(assignment: Assignment): Piece {
  const { kind, jobId, jobName, submitter, roundIndex, workerIndex } = assignment;
  return { kind, jobId, jobName, submitter, roundIndex, workerIndex, ...sizesOf(assignment) };
}

function sizesOf(assignment: Assignment): Pick<Piece, "rowCount" | "receivedBytes" | "sentBytes"> {
  switch (assignment.kind) {
    case "shard": {
      const { forward, bytes } = assignment.shard;
      return { rowCount: forward.rows, receivedBytes: bytes, sentBytes: 0 };
    }
    case "product": {
      // A product of a matrix that the shard lacks is refused elsewhere.
      const rowCount = assignment.shard[assignment.product]?.rows ?? 0;
      const sentBytes = rowCount * assignment.width * BYTES_PER_NUMBER;
      return { rowCount, receivedBytes: bytesOf(assignment.vector), sentBytes };
    }
    default: {
      const { rowCount, outputSize, input } = assignment;
      return { rowCount, receivedBytes: bytesOf(input), sentBytes: rowCount * outputSize * BYTES_PER_NUMBER };
    }
  }
}

function bytesOf(payload: Payload): number {
  return payload.kind === "inline" ? payload.frame.length : payload.bytes;
}
