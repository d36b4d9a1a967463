/**
 * The socket, and its way back after a loss. Socket.IO's own reconnection is off: it does not tell when it tries next,
 * and the page says so.
 */
import { io, Manager, type Socket } from "socket.io-client";
import { writeShortAnswer, writeShortSlice } from "../../shared/kinds/inference/short-answer.ts";
import { HANDSHAKE_MS_MAX, TAB_RESULT_ACK_MS_MAX } from "../../shared/protocol/limits.ts";
import {
  CELL_QUERY,
  type CoordinatorToTab,
  RECEIVED,
  type Result,
  type ResultAck,
  resultAckSchema,
  type Slice,
  type TabToCoordinator,
} from "../../shared/protocol/messages.ts";
import { type PacketParser, SHORT_PACKETS_QUERY, shortPackets } from "../../shared/protocol/short-packets.ts";
import { reconnectDelayMs } from "./reconnect-delay.ts";
import type { ConnectionLoss } from "./session-status.ts";

export interface Connection {
  /** What cannot be sent now is dropped: after a new handshake the coordinator knows nothing of it. */
  send<Name extends "identify" | "failed" | "returned" | "availability" | "choice" | "backend">(
    name: Name,
    message: Parameters<TabToCoordinator[Name]>[0],
  ): void;
  /** Dropped alike. */
  sendSlice(slice: Slice): void;
  /** @throws Error where there is no connection, or it is lost before the acknowledgement */
  sendResult(result: Result): Promise<ResultAck>;
  /** The handshake is done: the next loss starts with the shortest wait again. */
  welcomed(): void;
  /** The coordinator is about to close the connection, and this is why. */
  expectClose(reason: ConnectionLoss): void;
  /** The next connection asks for this coordinator of the service, at the same address; after that one is lost, for none. */
  pointTo(cell: string): void;
  /** Where a new connection is being waited for, it is tried at once: the network is back, or somebody looks. */
  retryNow(): void;
  /** Gives this connection up and makes another: what slept with its computer is dead, and would notice late. */
  reopen(reason: ConnectionLoss): void;
  /** For good: no handler is called any more. */
  close(): void;
}

export interface ConnectionHandlers {
  onConnecting(): void;
  onDown(reason: ConnectionLoss, retryAtMs: number): void;
  /** Down and up, as the messages are on the wire but for a few bytes of framing; `upBytes` of them went up. */
  onTraffic(bytes: number, upBytes: number): void;
  /** Unparsed, by name. */
  readonly messages: Readonly<Record<keyof CoordinatorToTab, (raw: unknown) => void>>;
}

export function connectTo(url: string, handlers: ConnectionHandlers): Connection {
  const socket: Socket<CoordinatorToTab, TabToCoordinator> = io(url, {
    transports: ["websocket"],
    reconnection: false,
    autoConnect: false,
    forceNew: true,
    parser: shortPackets(ownParser()),
  });
  let attempt = 0;
  let expected: ConnectionLoss | null = null;
  let pointedTo: string | null = null;
  let handshakeTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let waitsToRetry = false;

  function connect(): void {
    expected = null;
    waitsToRetry = false;
    clearTimeout(retryTimer);
    const pointed = pointedTo === null ? {} : { [CELL_QUERY]: pointedTo };
    socket.io.opts.query = { [SHORT_PACKETS_QUERY]: "1", ...pointed };
    pointedTo = null;
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
    waitsToRetry = true;
    handlers.onDown(isOffline() ? "offline" : reason, Date.now() + delayMs);
  }

  socket.on("connect_error", () => down(expected ?? "unreachable"));
  socket.on("disconnect", (cause) => {
    if (cause !== "io client disconnect") down(expected ?? "lost");
  });
  socket.io.on("open", () => {
    socket.io.engine.on("packet", ({ data }: { data?: unknown }) => handlers.onTraffic(wireBytes(data), 0));
    socket.io.engine.on("packetCreate", ({ data }: { data?: unknown }) => {
      const bytes = wireBytes(data);
      handlers.onTraffic(bytes, bytes);
    });
  });
  for (const [name, handle] of Object.entries(handlers.messages)) {
    socket.on(name as keyof CoordinatorToTab, handle as never);
  }
  connect();

  return {
    send(name, message) {
      if (socket.connected) (socket as Socket).emit(name, message);
    },
    sendSlice(slice) {
      if (!socket.connected) return;
      const short = writeShortSlice(slice);
      if (short === null) socket.emit("slice", slice);
      else socket.emit("rows", short);
    },
    async sendResult(result) {
      if (!socket.connected) throw new Error("result: expected a connection, got none");
      const acknowledged = socket.timeout(TAB_RESULT_ACK_MS_MAX);
      const short = writeShortAnswer(result);
      const reply: unknown = await (short === null
        ? acknowledged.emitWithAck("result", result)
        : acknowledged.emitWithAck("answer", short));
      return reply === undefined ? RECEIVED : resultAckSchema.parse(reply);
    },
    pointTo(cell) {
      pointedTo = cell;
    },
    welcomed() {
      attempt = 0;
      clearTimeout(handshakeTimer);
    },
    expectClose(reason) {
      expected = reason;
    },
    retryNow() {
      if (waitsToRetry) connect();
    },
    reopen(reason) {
      if (waitsToRetry) return connect();
      socket.disconnect();
      attempt = 0;
      down(reason);
    },
    close() {
      clearTimeout(handshakeTimer);
      clearTimeout(retryTimer);
      waitsToRetry = false;
      socket.off();
      socket.disconnect();
    },
  };
}

/** Socket.IO's own, as every manager of its sockets has it; its type hides that. */
function ownParser(): PacketParser {
  const { encoder, decoder } = new Manager({ autoConnect: false }) as unknown as Record<"encoder" | "decoder", object>;
  return { Encoder: encoder.constructor, Decoder: decoder.constructor } as PacketParser;
}

/** false where nobody tells, as in Node. */
function isOffline(): boolean {
  return (globalThis.navigator as { onLine?: boolean } | undefined)?.onLine === false;
}

/** Text as if every character were one byte: what is large on this wire is binary. */
function wireBytes(data: unknown): number {
  if (typeof data === "string") return data.length;
  return (data as { byteLength?: number } | undefined)?.byteLength ?? 0;
}
