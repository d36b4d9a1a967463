/** Connections of an HTTP server, whatever became of them: Node's `closeAllConnections` forgets those that were upgraded. */
import type { Server, Socket } from "node:net";

/**
 * Call it before the server listens.
 * @returns cuts off each connection that is open: WebSockets, those handed on, and upgrades that nobody answered. Without it
 *   `server.close` waits for each of them.
 */
export function openConnections(server: Server): () => void {
  const open = new Set<Socket>();
  server.on("connection", (socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
  });
  return () => {
    for (const socket of open) socket.destroy();
  };
}
