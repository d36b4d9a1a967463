/** The Socket.IO side: who may connect, how many, and one tab session a socket. */
import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { Server } from "socket.io";
import {
  CROWD_PING_EVERY_MS,
  CROWD_SESSIONS_MIN,
  HANDSHAKE_MS_MAX,
  HANDSHAKE_WAIT_MS_MAX,
  HANDSHAKES_PENDING_MAX,
  HANDSHAKES_PENDING_PER_PREFIX_MAX,
  HANDSHAKES_PER_MINUTE_MAX,
  HANDSHAKES_WAITING_MAX,
  PING_EVERY_MS,
  PONG_MS_MAX,
  SESSION_MESSAGES_PER_10_S_MAX,
  SESSIONS_MAX,
  SESSIONS_PER_PREFIX_MAX,
  SESSIONS_PER_VOLUNTEER_MAX,
  SOCKET_CLOSE_MS_MAX,
  SOCKET_MESSAGE_BYTES_MAX,
} from "../../shared/protocol/limits.ts";
import {
  CELL_QUERY,
  type CoordinatorToTab,
  type Refused,
  type TabToCoordinator,
} from "../../shared/protocol/messages.ts";
import { bothPackets, type PacketParser } from "../../shared/protocol/short-packets.ts";
import { loopTurns } from "../loop-turns.ts";
import type { Seat, Seats } from "../operator/seats.ts";
import { createAddressReader } from "./client-address.ts";
import type { TabsPort } from "./coordinator-port.ts";
import { Door } from "./door.ts";
import { handSocketsOn } from "./hand-sockets-on.ts";
import type { HostRules } from "./host-rules.ts";
import { PendingHandshakes } from "./pending-handshakes.ts";
import { PING_TICK_MS, PingsTogether } from "./pings-together.ts";
import { Places } from "./places.ts";
import { sendTogether } from "./sent-together.ts";
import { runTabSession, type TabSocket } from "./tab-session.ts";

type Connection = TabSocket["conn"];

const MESSAGES_COUNTED_MS = 10_000;
/** [VS3] It comes back without one. */
const SEAT_ENDED: Refused = { code: "seat-ended", message: "your seat has ended" };

export interface GatewayOptions {
  readonly tabs: TabsPort;
  readonly hostRules: HostRules;
  /** Of the client that is served; tabs of another build are told to upgrade. */
  readonly buildHash: string;
  /** X-Forwarded-For is written by a proxy of ours. Without one, the address is that of the connection. */
  readonly trustProxy?: boolean;
  /** Why no new tab can be served now, in a sentence; null: come in. Those that are in stay. */
  readonly overload?: () => string | null;
  /** Is it a token of the operator's for volunteers of its own? By default none is. */
  readonly admits?: (token: string) => boolean;
  /** Why this volunteer, or this address, is let in no more; null: come in. By default everybody is let in. */
  readonly refusalOf?: (comer: { volunteerId: string; address: string | null }) => Refused | null;
  /** Programs without an Origin header may connect: simulated crowds, tests. Browsers always send one. */
  readonly allowMissingOrigin?: boolean;
  readonly handshakeMsMax?: number;
  readonly sessionsMax?: number;
  readonly sessionsPerVolunteerMax?: number;
  readonly sessionsPerPrefixMax?: number;
  readonly handshakesPerMinuteMax?: number;
  readonly handshakesPendingMax?: number;
  readonly handshakesPendingPerPrefixMax?: number;
  readonly messagesPer10SecondsMax?: number;
  readonly pingEveryMs?: number;
  readonly pongMsMax?: number;
  /** From so many connections on those that come are pinged less often. */
  readonly crowdSessionsMin?: number;
  /** [VS1] By default nobody has a seat. */
  readonly seats?: Pick<Seats, "seatOf" | "holds"> | null;
  /** [CE8] By which tabs are pointed here; absent: by none. */
  readonly ownCell?: string;
  /** [CE8] Name of another coordinator whose job this invitation opens; null: there is none. By default nobody is pointed to one. */
  readonly cellOfInvitation?: ((invitation: string) => Promise<string | null>) | null;
  /** [CE8] Where another coordinator of this name is reached; null: there is none. By default nobody is handed on. */
  readonly addressOfCell?: ((name: string) => Promise<string | null>) | null;
}

export interface Gateway {
  /** From here on every new tab is told this and closed; those that are in stay. */
  refuseNew(reason: Refused): void;
  /** Tabs that are in, and are let in no more by now, are told and closed. */
  lookAgain(): void;
  /** Tells every tab `shutting-down` and closes the sockets; the HTTP server stays as it is. */
  close(): Promise<void>;
}

/** @param server the API's (`app.server`); may listen already or not */
export function createGateway(server: HttpServer, options: GatewayOptions): Gateway {
  const { tabs, hostRules, buildHash } = options;
  const handshakeMsMax = options.handshakeMsMax ?? HANDSHAKE_MS_MAX;
  const places = new Places({
    inAll: options.sessionsMax ?? SESSIONS_MAX,
    perVolunteer: options.sessionsPerVolunteerMax ?? SESSIONS_PER_VOLUNTEER_MAX,
    perPrefix: options.sessionsPerPrefixMax ?? SESSIONS_PER_PREFIX_MAX,
  });
  const readAddress = createAddressReader(options.trustProxy === true);
  const handshakes = new RateLimiterMemory({
    points: options.handshakesPerMinuteMax ?? HANDSHAKES_PER_MINUTE_MAX,
    duration: 60,
  });
  const handshakesPerPrefixMax = options.handshakesPendingPerPrefixMax ?? HANDSHAKES_PENDING_PER_PREFIX_MAX;
  const pending = new PendingHandshakes({
    inAll: options.handshakesPendingMax ?? HANDSHAKES_PENDING_MAX,
    perPrefix: handshakesPerPrefixMax,
  });
  /** Those that wait to be let in. */
  const waiting = new PendingHandshakes({ inAll: HANDSHAKES_WAITING_MAX, perPrefix: handshakesPerPrefixMax });
  const door = new Door({ turns: loopTurns, waitMsMax: HANDSHAKE_WAIT_MS_MAX, place: () => pending.place() });
  /** By connection: its handshake is done, one way or the other. */
  const handshakeDone = new WeakMap<Connection, () => void>();
  const messagesMax = options.messagesPer10SecondsMax ?? SESSION_MESSAGES_PER_10_S_MAX;
  const refuseByTab = new Set<(reason: Refused) => void>();
  const banOf = options.refusalOf ?? (() => null);
  /** By tab that is open, with what it is refused by. */
  const comers = new Map<
    (reason: Refused) => void,
    { volunteerId: string; address: string | null; seat: Seat | null }
  >();
  let noNewTabs: Refused | null = null;

  const pingEveryMs = options.pingEveryMs ?? PING_EVERY_MS;
  const crowdSessionsMin = options.crowdSessionsMin ?? CROWD_SESSIONS_MIN;
  const io = new Server<TabToCoordinator, CoordinatorToTab>(server, {
    // One transport, one way in: no polling requests to guard, no upgrade to race with.
    transports: ["websocket"],
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: SOCKET_MESSAGE_BYTES_MAX,
    parser: bothPackets(new Server()._parser as unknown as PacketParser),
    connectTimeout: handshakeMsMax,
    pingInterval: pingEveryMs,
    pingTimeout: options.pongMsMax ?? PONG_MS_MAX,
    // A WebSocket is not bound by CORS: any site's page may open one, unless it is refused here.
    allowRequest: (request, decide) => {
      const refusal = refusalOf(request);
      if (refusal !== null) return decide(refusal, false);
      const { key, prefix } = readAddress(request.headers, request.socket.remoteAddress);
      const turnAway = () => decide("too many handshakes", false);
      if (pending.isFull(prefix) || waiting.isFull(prefix)) return turnAway();
      const atDoor = () => void knock(request.socket, prefix).then((isIn) => (isIn ? decide(null, true) : turnAway()));
      if (key === null) return atDoor();
      handshakes.consume(key).then(atDoor, turnAway);
    },
  });

  if (options.addressOfCell != null) handSocketsOn(server, options.addressOfCell);

  /** @returns whether it is let in */
  async function knock(socket: Duplex, prefix: string | null): Promise<boolean> {
    const isThrough = waiting.begin(prefix);
    const isIn = await door.wait(socket);
    isThrough();
    if (!isIn || pending.isFull(prefix)) return false;
    // [PR35] Each connection keeps the interval with which it was opened, and its tab is told that one.
    const isCrowd = io.engine.clientsCount >= crowdSessionsMin;
    io.engine.opts.pingInterval = isCrowd ? Math.max(pingEveryMs, CROWD_PING_EVERY_MS) : pingEveryMs;
    return true;
  }

  function refusalOf({ headers }: IncomingMessage): string | null {
    if (!hostRules.isAllowedHost(headers.host)) return "foreign host";
    if (headers.origin === undefined) {
      if (options.allowMissingOrigin !== true) return "origin required";
    } else if (!hostRules.isAllowedOrigin(headers.origin, headers.host)) return "foreign origin";
    return null;
  }

  // A fifth: what pings often, as tests do, does so in time all the same.
  const pings = new PingsTogether(Math.min(PING_TICK_MS, pingEveryMs / 5));
  io.engine.on("connection", (connection: Connection) => {
    sendTogether(connection);
    pings.join(connection, io.engine.opts.pingInterval!);
    const { headers, socket } = connection.request;
    const isDone = pending.begin(readAddress(headers, socket.remoteAddress).prefix);
    handshakeDone.set(connection, isDone);
    const { transport } = connection;
    connection.once("close", () => {
      isDone();
      // A WebSocket that we close stays open for as long as the other side does not answer.
      setTimeout(() => cutOff(transport), SOCKET_CLOSE_MS_MAX).unref();
    });
  });

  function reasonAgainstNew(): Refused | null {
    if (noNewTabs !== null) return noNewTabs;
    const overload = options.overload?.() ?? null;
    return overload === null ? null : { code: "overloaded", message: `${overload}; try again later` };
  }

  io.on("connection", (socket) => {
    const reason = reasonAgainstNew();
    if (reason !== null) {
      socket.emit("refused", reason);
      socket.disconnect(true);
      return;
    }
    const { prefix, group, address } = readAddress(socket.handshake.headers, socket.request.socket.remoteAddress);
    const refuse = runTabSession(socket, {
      tabs,
      buildHash,
      handshakeMsMax,
      addressPrefix: group,
      isPointedHere: options.ownCell !== undefined && socket.handshake.query[CELL_QUERY] === options.ownCell,
      enter: (volunteerId, seat) => {
        handshakeDone.get(socket.conn)?.();
        const comer = { volunteerId, address, seat };
        const noPlace = banOf(comer) ?? places.enter(volunteerId, prefix);
        if (noPlace === null) comers.set(refuse, comer);
        return noPlace;
      },
      leave: (volunteerId) => places.leave(volunteerId, prefix),
      admits: options.admits ?? (() => false),
      seatOf: async (volunteerId, code) =>
        (await options.seats?.seatOf({ volunteerId, address, code })) ?? { standing: null, seat: null },
      cellOfInvitation: options.cellOfInvitation ?? (async () => null),
    });
    countMessages(socket, refuse);
    refuseByTab.add(refuse);
    socket.on("disconnect", () => {
      refuseByTab.delete(refuse);
      comers.delete(refuse);
    });
  });

  function countMessages(socket: TabSocket, refuse: (reason: Refused) => void): void {
    const tooMany: Refused = {
      code: "bad-message",
      message: `expected at most ${messagesMax} messages in ten seconds, got more`,
    };
    let [heard, untilMs] = [0, 0];
    socket.onAny(() => {
      const nowMs = performance.now();
      if (nowMs >= untilMs) [heard, untilMs] = [0, nowMs + MESSAGES_COUNTED_MS];
      if (++heard > messagesMax) refuse(tooMany);
    });
  }

  return {
    refuseNew(reason) {
      noNewTabs = reason;
    },
    lookAgain() {
      for (const [refuse, comer] of [...comers]) {
        const { volunteerId, seat } = comer;
        const hasNoSeat = seat !== null && options.seats?.holds(volunteerId, seat) !== true;
        const reason = banOf(comer) ?? (hasNoSeat ? SEAT_ENDED : null);
        if (reason !== null) refuse(reason);
      }
    },
    async close() {
      for (const refuse of [...refuseByTab]) refuse({ code: "shutting-down", message: "the coordinator is stopping" });
      // One turn of the loop for the last words to leave; then whatever is still open is cut.
      await new Promise((resolve) => setImmediate(resolve));
      door.close();
      io.engine.close();
      pings.close();
    },
  };
}

/** Without waiting for the other side. Engine.IO has no such thing: its transport holds the WebSocket. */
function cutOff(transport: Connection["transport"]): void {
  (transport as unknown as { socket?: { terminate?(): void } }).socket?.terminate?.();
}
