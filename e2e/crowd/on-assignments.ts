/** What a volunteer without a browser is sent to do. */
import type { Socket } from "socket.io-client";
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import { NextBatchReader } from "../../shared/kinds/inference/next-batch.ts";

/** Whole assignments, and those that say only what the last one did not (PROTOCOL.md PR99). */
export function onAssignments(socket: Socket, take: (assignment: AssignmentMessage) => void): void {
  const batches = new NextBatchReader();
  socket.on("assignment", (assignment: AssignmentMessage) => {
    batches.whole(assignment);
    take(assignment);
  });
  socket.on("next", (bytes: Uint8Array) => take(batches.next(bytes)));
}
