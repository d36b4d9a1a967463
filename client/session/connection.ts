/**
 * The socket, and its way back after a loss. Socket.IO's own reconnection is off: it does not tell when it tries next,
 * and the page says so.
 */
import { io, type Socket } from "socket.io-client";
import { HANDSHAKE_MS_MAX, TAB_RESULT_ACK_MS_MAX } from "../../shared/protocol/limits.ts";
import {
  type CoordinatorToTab,
  type Result,
  type ResultAck,
  resultAckSchema,
  type TabToCoordinator,
} from "../../shared/protocol/messages.ts";
import { asBytes } from "./as-bytes.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";
import type { ConnectionLoss } from "./session-status.ts";

export interface Connection {
  /** What cannot be sent now is dropped: after a new handshake the coordinator knows nothing of it. */
  send<Name extends "identify" | "failed" | "returned" | "availability">(
    name: Name,
    message: Parameters<TabToCoordinator[Name]>[0],
  ): void;
  /** @throws Error where there is no connection, or it is lost before the acknowledgement */
  sendResult(result: Result): Promise<ResultAck>;
  /** The handshake is done: the next loss starts with the shortest wait again. */
  welcomed(): void;
  /** The coordinator is about to close the connection, and this is why. */
  expectClose(reason: ConnectionLoss): void;
  /** For good: no handler is called any more. */
  close(): void;
}

export interface ConnectionHandlers {
  onConnecting(): void;
  onDown(reason: ConnectionLoss, retryAtMs: number): void;
  /** Unparsed, by name. */
  readonly messages: Readonly<Record<keyof CoordinatorToTab, (raw: unknown) => void>>;
}

export function connectTo(url: string, handlers: ConnectionHandlers): Connection {
  const socket: Socket<CoordinatorToTab, TabToCoordinator> = io(url, {
    transports: ["websocket"],
    reconnection: false,
    autoConnect: false,
    forceNew: true,
  });
  let attempt = 0;
  let expected: ConnectionLoss | null = null;
  let handshakeTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  function connect(): void {
    expected = null;
    handlers.onConnecting();
    clearTimeout(handshakeTimer);
    handshakeTimer = setTimeout(() => {
      expected = "no-welcome";
      socket.disconnect();
      down("no-welcome");
    }, 2 * HANDSHAKE_MS_MAX);
    socket.connect();
  }

  function down(reason: ConnectionLoss): void {
    clearTimeout(handshakeTimer);
    clearTimeout(retryTimer);
    const delayMs = reconnectDelayMs(attempt++, Math.random());
    retryTimer = setTimeout(connect, delayMs);
    handlers.onDown(reason, Date.now() + delayMs);
  }

  socket.on("connect_error", () => down(expected ?? "unreachable"));
  socket.on("disconnect", (cause) => {
    if (cause !== "io client disconnect") down(expected ?? "lost");
  });
  for (const [name, handle] of Object.entries(handlers.messages)) {
    socket.on(name as keyof CoordinatorToTab, handle as never);
  }
  connect();

  return {
    send(name, message) {
      if (socket.connected) (socket as Socket).emit(name, message);
    },
    async sendResult(result) {
      if (!socket.connected) throw new Error("result: expected a connection, got none");
      const reply: unknown = await socket.timeout(TAB_RESULT_ACK_MS_MAX).emitWithAck("result", result);
      return resultAckSchema.parse(asBytes(reply));
    },
    welcomed() {
      attempt = 0;
      clearTimeout(handshakeTimer);
    },
    expectClose(reason) {
      expected = reason;
    },
    close() {
      clearTimeout(handshakeTimer);
      clearTimeout(retryTimer);
      socket.off();
      socket.disconnect();
    },
  };
}
