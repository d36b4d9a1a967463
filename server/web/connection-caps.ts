/**
 * TCP connections, before a byte of them is read: so many in all, and so many of one network. Behind a proxy all of them are
 * the proxy's, which has caps of its own; loopback is no network.
 */
import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { CONNECTIONS_MAX, CONNECTIONS_PER_PREFIX_MAX } from "../../shared/protocol/limits.ts";
import { addressPrefix } from "./address-prefix.ts";

export function capConnections(
  server: HttpServer,
  limits = { inAll: CONNECTIONS_MAX, perPrefix: CONNECTIONS_PER_PREFIX_MAX },
): void {
  server.maxConnections = limits.inAll;
  const ofPrefix = new Map<string, number>();
  server.prependListener("connection", (socket: Socket) => {
    const prefix = addressPrefix(socket.remoteAddress);
    if (prefix === null) return;
    const count = (ofPrefix.get(prefix) ?? 0) + 1;
    if (count > limits.perPrefix) {
      socket.destroy();
      return;
    }
    ofPrefix.set(prefix, count);
    socket.once("close", () => {
      const left = ofPrefix.get(prefix)! - 1;
      if (left === 0) ofPrefix.delete(prefix);
      else ofPrefix.set(prefix, left);
    });
  });
}
