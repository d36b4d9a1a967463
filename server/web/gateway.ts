/** The Socket.IO side: who may connect, how many, and one tab session a socket. */
import type { Server as HttpServer, IncomingMessage } from "node:http";
import { Server } from "socket.io";
import {
  HANDSHAKE_MS_MAX,
  HANDSHAKES_PENDING_MAX,
  SESSIONS_MAX,
  SESSIONS_PER_VOLUNTEER_MAX,
  SOCKET_MESSAGE_BYTES_MAX,
} from "../../shared/protocol/limits.ts";
import type { CoordinatorToTab, Refused, TabToCoordinator } from "../../shared/protocol/messages.ts";
import { addressPrefix } from "./address-prefix.ts";
import type { CoordinatorPort } from "./coordinator-port.ts";
import type { HostRules } from "./host-rules.ts";
import { runTabSession } from "./tab-session.ts";

export interface GatewayOptions {
  readonly port: CoordinatorPort;
  readonly hostRules: HostRules;
  /** Of the client that is served; tabs of another build are told to upgrade. */
  readonly buildHash: string;
  /** X-Forwarded-For is written by a proxy of ours. Without one, nobody has an address prefix. */
  readonly trustProxy?: boolean;
  /** Programs without an Origin header may connect: simulated crowds, tests. Browsers always send one. */
  readonly allowMissingOrigin?: boolean;
  readonly handshakeMsMax?: number;
  readonly sessionsMax?: number;
  readonly sessionsPerVolunteerMax?: number;
}

export interface Gateway {
  /** Tells every tab `shutting-down` and closes the sockets; the HTTP server stays as it is. */
  close(): Promise<void>;
}

/** @param server the API's (`app.server`); may listen already or not */
export function createGateway(server: HttpServer, options: GatewayOptions): Gateway {
  const { port, hostRules, buildHash } = options;
  const handshakeMsMax = options.handshakeMsMax ?? HANDSHAKE_MS_MAX;
  const sessionsMax = options.sessionsMax ?? SESSIONS_MAX;
  const sessionsPerVolunteerMax = options.sessionsPerVolunteerMax ?? SESSIONS_PER_VOLUNTEER_MAX;
  const sessionsOf = new Map<string, number>();
  const refuseByTab = new Set<(reason: Refused) => void>();
  let sessionCount = 0;

  const io = new Server<TabToCoordinator, CoordinatorToTab>(server, {
    // One transport, one way in: no polling requests to guard, no upgrade to race with.
    transports: ["websocket"],
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: SOCKET_MESSAGE_BYTES_MAX,
    connectTimeout: handshakeMsMax,
    // A WebSocket is not bound by CORS: any site's page may open one, unless it is refused here.
    allowRequest: (request, decide) => {
      const refusal = refusalOf(request);
      decide(refusal, refusal === null);
    },
  });

  function refusalOf({ headers }: IncomingMessage): string | null {
    if (!hostRules.isAllowedHost(headers.host)) return "foreign host";
    if (headers.origin === undefined) {
      if (options.allowMissingOrigin !== true) return "origin required";
    } else if (!hostRules.isAllowedOrigin(headers.origin, headers.host)) return "foreign origin";
    const handshakesPending = io.engine.clientsCount - sessionCount;
    return handshakesPending >= HANDSHAKES_PENDING_MAX ? "too many handshakes" : null;
  }

  function enter(volunteerId: string): Refused | null {
    if (sessionCount >= sessionsMax) {
      return { code: "overloaded", message: `expected at most ${sessionsMax} sessions; try again later` };
    }
    const own = sessionsOf.get(volunteerId) ?? 0;
    if (own >= sessionsPerVolunteerMax) {
      return {
        code: "too-many-sessions",
        message: `expected at most ${sessionsPerVolunteerMax} tabs of one volunteer`,
      };
    }
    sessionCount++;
    sessionsOf.set(volunteerId, own + 1);
    return null;
  }

  function leave(volunteerId: string): void {
    sessionCount--;
    const own = sessionsOf.get(volunteerId)! - 1;
    if (own === 0) sessionsOf.delete(volunteerId);
    else sessionsOf.set(volunteerId, own);
  }

  io.on("connection", (socket) => {
    const forwardedFor = socket.handshake.headers["x-forwarded-for"];
    const refuse = runTabSession(socket, {
      port,
      buildHash,
      handshakeMsMax,
      addressPrefix: options.trustProxy === true ? addressPrefix(forwardedFor?.toString()) : null,
      enter,
      leave,
    });
    refuseByTab.add(refuse);
    socket.on("disconnect", () => refuseByTab.delete(refuse));
  });

  return {
    async close() {
      for (const refuse of [...refuseByTab]) refuse({ code: "shutting-down", message: "the coordinator is stopping" });
      // One turn of the loop for the last words to leave; then whatever is still open is cut.
      await new Promise((resolve) => setImmediate(resolve));
      io.engine.close();
    },
  };
}
