/**
 * One socket, from challenge to close. Its states: `challenged` (we wait for a signature), `verifying`, `open` (the
 * coordinator knows it), `closed`. Every message is parsed here; the coordinator sees no other (PROTOCOL.md, section 3).
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "socket.io";
import type { z } from "zod";
import { describeIssues } from "../../shared/protocol/describe-issues.ts";
import { NONCE_BYTES, PROTOCOL_VERSION } from "../../shared/protocol/limits.ts";
import {
  availabilitySchema,
  type CoordinatorToTab,
  choiceMessageSchema,
  failedSchema,
  identifySchema,
  modelBackendSchema,
  type Refused,
  type ResultAck,
  resultSchema,
  returnedSchema,
  type TabToCoordinator,
} from "../../shared/protocol/messages.ts";
import { volunteerIdOf } from "../../shared/receipts/volunteer-keys.ts";
import type { TabLink, TabsPort } from "./coordinator-port.ts";
import { ownerOf, provesKey } from "./identity.ts";

export type TabSocket = Socket<TabToCoordinator, CoordinatorToTab>;

export interface TabSessionContext {
  readonly tabs: TabsPort;
  readonly buildHash: string;
  readonly handshakeMsMax: number;
  readonly addressPrefix: string | null;
  /** A place among the sessions: null, or why there is none. Given back by `leave`. */
  enter(volunteerId: string): Refused | null;
  leave(volunteerId: string): void;
  /** Is it a token of the operator's for volunteers of its own? */
  admits(token: string): boolean;
}

type State =
  | { kind: "challenged"; nonce: Uint8Array; timer: NodeJS.Timeout }
  | { kind: "verifying" }
  | { kind: "open"; sessionId: string; volunteerId: string }
  | { kind: "closed" };

const MESSAGE_LENGTH_MAX = 500;

/** @returns ends the session from our side, with a reason for the tab */
export function runTabSession(socket: TabSocket, context: TabSessionContext): (reason: Refused) => void {
  const { tabs, buildHash } = context;
  const nonce = randomBytes(NONCE_BYTES);
  const silent: Refused = { code: "unresponsive", message: "identify: expected it in time, got nothing" };
  let state: State = {
    kind: "challenged",
    nonce,
    timer: setTimeout(() => refuse(silent), context.handshakeMsMax),
  };

  function refuse(reason: Refused): void {
    if (state.kind === "closed") return;
    const message = reason.message.slice(0, MESSAGE_LENGTH_MAX);
    socket.emit("refused", { ...reason, message });
    close();
    // Flushes what was emitted, then closes the connection under the socket.
    socket.disconnect(true);
  }

  function close(): void {
    const before = state;
    if (before.kind === "closed") return;
    state = { kind: "closed" };
    if (before.kind === "challenged") clearTimeout(before.timer);
    if (before.kind !== "open") return;
    context.leave(before.volunteerId);
    tabs.sessionClosed(before.sessionId);
  }

  /** The message, or null once the tab has been refused for it. */
  function parse<Schema extends z.ZodType>(schema: Schema, name: string, message: unknown): z.output<Schema> | null {
    const parsed = schema.safeParse(message);
    if (parsed.success) return parsed.data;
    refuse({ code: "bad-message", message: `${name}: ${describeIssues(parsed.error, message)}` });
    return null;
  }

  /** The open session a message belongs to; a tab that speaks before it is welcome is refused. */
  function openSession(name: string): string | null {
    if (state.kind === "open") return state.sessionId;
    refuse({ code: "bad-message", message: `${name}: expected identify first, got this in state ${state.kind}` });
    return null;
  }

  async function identify(message: unknown): Promise<void> {
    if (state.kind !== "challenged") {
      refuse({ code: "bad-message", message: `identify: expected it once, got it in state ${state.kind}` });
      return;
    }
    const identity = parse(identifySchema, "identify", message);
    if (identity === null) return;
    clearTimeout(state.timer);
    state = { kind: "verifying" };
    if (identity.protocolVersion !== PROTOCOL_VERSION || identity.buildHash !== buildHash) {
      const ours = `protocol ${PROTOCOL_VERSION}, build ${buildHash}`;
      const theirs = `protocol ${identity.protocolVersion}, build ${identity.buildHash}`;
      refuse({ code: "upgrade-needed", message: `identify: expected ${ours}, got ${theirs}; reload the page` });
      return;
    }
    if (!(await provesKey(identity, nonce))) {
      refuse({ code: "bad-signature", message: "identify: expected a signature over this session's nonce" });
      return;
    }
    const ownerId = await ownerOf(identity, Date.now());
    // The tab may have gone, or been refused, while the signature was checked.
    if ((state as State).kind !== "verifying") return;
    const volunteerId = volunteerIdOf(identity.publicKey);
    const noPlace = context.enter(volunteerId);
    if (noPlace !== null) {
      refuse(noPlace);
      return;
    }
    const sessionId = randomBytes(8).toString("hex");
    state = { kind: "open", sessionId, volunteerId };
    const nickname = identity.nickname?.trim() || `volunteer ${volunteerId.slice(0, 6)}`;
    const { backend, invitation = null, team = "", publicKey, choice = null, admission } = identity;
    const { addressPrefix } = context;
    const isAdmitted = admission !== undefined && context.admits(admission);
    const said = { team: team.trim(), backend, invitation, choice, isAdmitted, ownerId };
    const about = { sessionId, volunteerId, nickname, addressPrefix, ...said };
    // A copy: the message that it came in is not kept alive by it.
    tabs.sessionOpened({ ...about, publicKey: Uint8Array.from(publicKey) }, link);
  }

  function result(message: unknown, ack: unknown): void {
    const sessionId = openSession("result");
    if (sessionId === null) return;
    const reply = typeof ack === "function" ? (verdict: ResultAck) => ack(verdict) : () => {};
    const parsed = resultSchema.safeParse(message);
    if (parsed.success) {
      reply(tabs.result(sessionId, parsed.data));
      return;
    }
    // One bad result does not end a session: the assignment's deadline will see to it.
    const text = `result: ${describeIssues(parsed.error, message)}`;
    reply({ verdict: "malformed", message: text.slice(0, MESSAGE_LENGTH_MAX) });
  }

  const link: TabLink = {
    welcome: (message) => void socket.emit("welcome", message),
    assignment: (message) => void socket.emit("assignment", message),
    cancel: (message) => void socket.emit("cancel", message),
    credit: (message) => void socket.emit("credit", message),
    unfit: (message) => void socket.emit("unfit", message),
    refused: refuse,
  };
  const known = new Set<string>(["identify", "result", "failed", "returned", "availability", "choice", "backend"]);

  socket.on("identify", (message: unknown) => void identify(message));
  socket.on("result", result);
  socket.on("failed", (message: unknown) => {
    const sessionId = openSession("failed");
    const failed = sessionId === null ? null : parse(failedSchema, "failed", message);
    if (sessionId !== null && failed !== null) tabs.failed(sessionId, failed);
  });
  socket.on("returned", (message: unknown) => {
    const sessionId = openSession("returned");
    const returned = sessionId === null ? null : parse(returnedSchema, "returned", message);
    if (sessionId !== null && returned !== null) tabs.returned(sessionId, returned);
  });
  socket.on("availability", (message: unknown) => {
    const sessionId = openSession("availability");
    const availability = sessionId === null ? null : parse(availabilitySchema, "availability", message);
    if (sessionId !== null && availability !== null) tabs.availability(sessionId, availability.available);
  });
  socket.on("choice", (message: unknown) => {
    const sessionId = openSession("choice");
    const said = sessionId === null ? null : parse(choiceMessageSchema, "choice", message);
    if (sessionId !== null && said !== null) tabs.choice(sessionId, said.choice);
  });
  socket.on("backend", (message: unknown) => {
    const sessionId = openSession("backend");
    const told = sessionId === null ? null : parse(modelBackendSchema, "backend", message);
    if (sessionId !== null && told !== null) tabs.modelOnBackend(sessionId, told);
  });
  socket.onAny((name: unknown) => {
    if (typeof name === "string" && known.has(name)) return;
    refuse({ code: "bad-message", message: `expected ${[...known].join(", ")}, got ${String(name).slice(0, 40)}` });
  });
  socket.on("disconnect", () => {
    close();
    // A tab that leaves the namespace and keeps the transport open would hold a place for ever.
    socket.conn.close();
  });
  // Without a listener an error of one socket would end the process.
  socket.on("error", () => {});
  socket.emit("challenge", { protocolVersion: PROTOCOL_VERSION, buildHash, nonce });
  return refuse;
}
