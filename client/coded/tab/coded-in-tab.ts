/** What tabs do for every coded run: they fetch shards and keep them, and multiply them with the vectors of rounds. */
import type { CodedAssignment, ProductAssignment, ShardAssignment } from "../../../shared/coded/assignments.ts";
import {
  type AssignmentWork,
  BYTES_PER_NUMBER,
  bytesOfPayload,
  type TabKind,
  type Workplace,
} from "../../session/assignment-work.ts";
import { createLatestVector, type LatestVector } from "./latest-vector.ts";
import { multiplyShard } from "./multiply-shard.ts";
import { provideShard } from "./provide-shard.ts";

export const codedInTab: TabKind<CodedAssignment> = (workplace) => {
  const latestVector = createLatestVector();
  return (assignment, signal) =>
    assignment.work === "shard"
      ? shardWork(assignment, signal, workplace)
      : productWork(assignment, signal, workplace, latestVector);
};

/** The answer is `held`, at once where it is. */
function shardWork({ token, shard }: ShardAssignment, signal: AbortSignal, workplace: Workplace): AssignmentWork {
  return {
    lane: "fetching",
    sizes: { rowCount: shard.forward.rows, receivedBytes: shard.bytes, sentBytes: 0 },
    async carryOut() {
      await provideShard(shard, workplace.computeThread, {
        origin: workplace.origin,
        token,
        signal,
        onMoved: workplace.onMoved,
      });
      return { token, computeMs: 0, output: { kind: "held" } };
    },
  };
}

function productWork(
  assignment: ProductAssignment,
  signal: AbortSignal,
  workplace: Workplace,
  latestVector: LatestVector,
): AssignmentWork {
  const { shard, product, vector, width } = assignment;
  // A product of a matrix that the shard lacks is refused when it is carried out.
  const rowCount = shard[product]?.rows ?? 0;
  return {
    lane: "computing",
    sizes: { rowCount, receivedBytes: bytesOfPayload(vector), sentBytes: rowCount * width * BYTES_PER_NUMBER },
    carryOut: () => multiplyShard(assignment, workplace, latestVector, signal),
  };
}
