/**
 * What one turn of the event loop says to a tab leaves in one write to its socket: the acknowledgement of an answer, the next batch, its bytes, and
 * credit. Engine.IO writes each of them by itself, which is a system call, and a packet on the network, for each.
 */
import { LoopTurns } from "../loop-turns.ts";
import type { TabSocket } from "./tab-session.ts";

/** A hundred writes to sockets: where more are to leave the others wait for the next turn. */
const WRITES_MS_MAX = 5;
const writes = new LoopTurns(WRITES_MS_MAX);

type Connection = TabSocket["conn"];

/** From here on what is sent on this connection leaves at the end of the turn, in the order in which it was sent. */
export function sendTogether(connection: Connection): void {
  // Engine.IO has no such thing: each packet that is sent calls this method of the connection, whose type hides it.
  const own = connection as unknown as { flush(): void };
  const flush = own.flush.bind(connection);
  const { socket } = connection.request;
  let isPlanned = false;
  own.flush = () => {
    if (isPlanned) return;
    isPlanned = true;
    setImmediate(() =>
      writes.take(() => {
        isPlanned = false;
        socket.cork();
        try {
          flush();
        } finally {
          socket.uncork();
        }
      }),
    );
  };
}
