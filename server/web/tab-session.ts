/**
 * One socket, from challenge to close. Its states: `challenged` (we wait for a signature), `verifying`, `open` (the
 * coordinator knows it), `closed`. Every message is parsed here; the coordinator sees no other (PROTOCOL.md, section 3).
 */
import { randomBytes } from "node:crypto";
import type { Socket } from "socket.io";
import type { z } from "zod";
import { NextBatchWriter } from "../../shared/kinds/inference/next-batch.ts";
import { ShortAnswerReader } from "../../shared/kinds/inference/short-answer.ts";
import { describeIssues } from "../../shared/protocol/describe-issues.ts";
import { NONCE_BYTES, PROTOCOL_VERSION } from "../../shared/protocol/limits.ts";
import {
  answerSchema,
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
  rowsSchema,
  sliceSchema,
  type TabToCoordinator,
} from "../../shared/protocol/messages.ts";
import { SHORT_PACKETS_QUERY, shortPacket } from "../../shared/protocol/short-packets.ts";
import { volunteerIdOf } from "../../shared/receipts/volunteer-keys.ts";
import { loopTurns } from "../loop-turns.ts";
import type { Seat, Seated } from "../operator/seats.ts";
import type { TabLink, TabsPort } from "./coordinator-port.ts";
import { ownerOf, provesKey } from "./identity.ts";

export type TabSocket = Socket<TabToCoordinator, CoordinatorToTab>;

export interface TabSessionContext {
  readonly tabs: TabsPort;
  readonly buildHash: string;
  readonly handshakeMsMax: number;
  readonly addressPrefix: string | null;
  /** [CE8] */
  readonly isPointedHere: boolean;
  /** A place among the sessions: null, or why there is none. Given back by `leave`. */
  enter(volunteerId: string, seat: Seat | null): Refused | null;
  leave(volunteerId: string): void;
  /** Is it a token of the operator's for volunteers of its own? */
  admits(token: string): boolean;
  /** [VS1] Where this key sits, or why it does not. */
  seatOf(volunteerId: string, code: string | undefined): Promise<Seated>;
  /** [CE8] Another coordinator of the service, whose job this invitation opens; null: there is none. */
  cellOfInvitation(invitation: string): Promise<string | null>;
}

type State =
  | { kind: "challenged"; nonce: Uint8Array; timer: NodeJS.Timeout }
  | { kind: "verifying" }
  | { kind: "open"; sessionId: string; volunteerId: string }
  | { kind: "closed" };

interface Heard {
  readonly name: unknown;
  readonly message: unknown;
  readonly ack: unknown;
  /** By the clock of performance.now(). */
  readonly cameMs: number;
}

const MESSAGE_LENGTH_MAX = 500;
const CREDIT_TOLD_MS = 1_000;
const KNOWN = [
  "identify",
  "result",
  "answer",
  "slice",
  "rows",
  "failed",
  "returned",
  "availability",
  "choice",
  "backend",
] as const;
const INVITED_THERE = "The job that this browser is invited to is at another coordinator of the service.";
const SILENT: Refused = { code: "unresponsive", message: "identify: expected it in time, got nothing" };

/** @returns ends the session from our side, with a reason for the tab */
export function runTabSession(socket: TabSocket, context: TabSessionContext): (reason: Refused) => void {
  const session = new TabSession(socket, context);
  return (reason) => session.refused(reason);
}

/** Ten thousand of them are held: methods of a class, for functions of its own each would take kilobytes. */
class TabSession implements TabLink {
  readonly #socket: TabSocket;
  readonly #context: TabSessionContext;
  /** [PR99] */
  readonly #batches = new NextBatchWriter();
  /** [PR103] */
  readonly #answers = new ShortAnswerReader();
  #state: State;
  #creditTimer: NodeJS.Timeout | null = null;
  #creditUntold: Parameters<TabLink["credit"]>[0] | null = null;
  /** Messages that wait for a turn with room. */
  readonly #unheard: Heard[] = [];

  constructor(socket: TabSocket, context: TabSessionContext) {
    this.#socket = socket;
    this.#context = context;
    const nonce = randomBytes(NONCE_BYTES);
    this.#state = { kind: "challenged", nonce, timer: setTimeout(() => this.refused(SILENT), context.handshakeMsMax) };
    socket.onAny((name: unknown, message: unknown, ack: unknown) => {
      this.#unheard.push({ name, message, ack, cameMs: performance.now() });
      loopTurns.take(() => this.#hearNext());
    });
    socket.on("disconnect", () => {
      // What it said before it went counts.
      while (this.#unheard.length > 0) this.#hearNext();
      this.#close();
      // A tab that leaves the namespace and keeps the transport open would hold a place for ever.
      socket.conn.close();
    });
    // Without a listener an error of one socket would end the process.
    socket.on("error", () => {});
    const { buildHash } = context;
    socket.emit("challenge", { protocolVersion: PROTOCOL_VERSION, buildHash, nonce });
  }

  // --- what the coordinator says ------------------------------------------------------------------------------------

  welcome(message: Parameters<TabLink["welcome"]>[0]): void {
    this.#socket.emit("welcome", message);
  }

  assignment(message: Parameters<TabLink["assignment"]>[0]): void {
    this.#answers.sent(message);
    const next = this.#batches.write(message);
    if (next === null) this.#socket.emit("assignment", message);
    else this.#next(next);
  }

  /** [PR105] */
  #next(bytes: Uint8Array): void {
    const { conn, handshake } = this.#socket;
    const short = handshake.query[SHORT_PACKETS_QUERY] === undefined ? null : shortPacket("next", bytes);
    if (short === null) this.#socket.emit("next", bytes);
    else conn.send(Buffer.from(short.buffer));
  }

  cancel(message: Parameters<TabLink["cancel"]>[0]): void {
    this.#socket.emit("cancel", message);
  }

  /** [PR113] */
  shorten(message: Parameters<NonNullable<TabLink["shorten"]>>[0]): void {
    this.#socket.emit("shorten", message);
  }

  /** Totals, which stand on a page: of several within a second the last one is told. */
  credit(message: Parameters<TabLink["credit"]>[0]): void {
    if (this.#creditTimer !== null) {
      this.#creditUntold = message;
      return;
    }
    this.#socket.emit("credit", message);
    this.#creditTimer = setTimeout(() => {
      this.#creditTimer = null;
      const untold = this.#creditUntold;
      this.#creditUntold = null;
      if (untold !== null) this.credit(untold);
    }, CREDIT_TOLD_MS);
  }

  unfit(message: Parameters<TabLink["unfit"]>[0]): void {
    this.#socket.emit("unfit", message);
  }

  refused(reason: Refused): void {
    if (this.#state.kind === "closed") return;
    const message = reason.message.slice(0, MESSAGE_LENGTH_MAX);
    this.#socket.emit("refused", { ...reason, message });
    this.#close();
    // Flushes what was emitted, then closes the connection under the socket.
    this.#socket.disconnect(true);
  }

  #close(): void {
    const before = this.#state;
    if (before.kind === "closed") return;
    this.#state = { kind: "closed" };
    if (this.#creditTimer !== null) clearTimeout(this.#creditTimer);
    if (before.kind === "challenged") clearTimeout(before.timer);
    if (before.kind !== "open") return;
    this.#context.leave(before.volunteerId);
    this.#context.tabs.sessionClosed(before.sessionId);
  }

  // --- what the tab says --------------------------------------------------------------------------------------------

  #hearNext(): void {
    const heard = this.#unheard.shift();
    if (heard !== undefined) this.#heard(heard);
  }

  #heard({ name, message, ack, cameMs }: Heard): void {
    const { tabs } = this.#context;
    switch (name) {
      case "identify":
        return void this.#identify(message);
      case "result":
        return this.#result(message, ack, cameMs);
      case "answer":
        return this.#answer(message, ack, cameMs);
      case "slice":
        return this.#told(name, sliceSchema, message, (sessionId, slice) => tabs.slice(sessionId, slice));
      case "rows":
        return this.#told(name, rowsSchema, message, (sessionId, bytes) => this.#rows(sessionId, bytes));
      case "failed":
        return this.#told(name, failedSchema, message, (sessionId, failed) => tabs.failed(sessionId, failed));
      case "returned":
        return this.#told(name, returnedSchema, message, (sessionId, returned) => tabs.returned(sessionId, returned));
      case "availability":
        return this.#told(name, availabilitySchema, message, (sessionId, { available, because }) =>
          tabs.availability(sessionId, available, because),
        );
      case "choice":
        return this.#told(name, choiceMessageSchema, message, (sessionId, { choice }) =>
          tabs.choice(sessionId, choice),
        );
      case "backend":
        return this.#told(name, modelBackendSchema, message, (sessionId, told) => tabs.modelOnBackend(sessionId, told));
      default:
        this.refused({
          code: "bad-message",
          message: `expected ${KNOWN.join(", ")}, got ${String(name).slice(0, 40)}`,
        });
    }
  }

  #told<Schema extends z.ZodType>(
    name: string,
    schema: Schema,
    message: unknown,
    tell: (sessionId: string, told: z.output<Schema>) => void,
  ): void {
    const sessionId = this.#openSession(name);
    const told = sessionId === null ? null : this.#parse(schema, name, message);
    if (sessionId !== null && told !== null) tell(sessionId, told);
  }

  /** The message, or null once the tab has been refused for it. */
  #parse<Schema extends z.ZodType>(schema: Schema, name: string, message: unknown): z.output<Schema> | null {
    const parsed = schema.safeParse(message);
    if (parsed.success) return parsed.data;
    this.refused({ code: "bad-message", message: `${name}: ${describeIssues(parsed.error, message)}` });
    return null;
  }

  /** The open session a message belongs to; a tab that speaks before it is welcome is refused. */
  #openSession(name: string): string | null {
    const state = this.#state;
    if (state.kind === "open") return state.sessionId;
    const message = `${name}: expected identify first, got this in state ${state.kind}`;
    this.refused({ code: "bad-message", message });
    return null;
  }

  async #identify(message: unknown): Promise<void> {
    const { buildHash, tabs, addressPrefix, isPointedHere } = this.#context;
    const state = this.#state;
    if (state.kind !== "challenged") {
      this.refused({ code: "bad-message", message: `identify: expected it once, got it in state ${state.kind}` });
      return;
    }
    const identity = this.#parse(identifySchema, "identify", message);
    if (identity === null) return;
    clearTimeout(state.timer);
    this.#state = { kind: "verifying" };
    if (identity.protocolVersion !== PROTOCOL_VERSION || identity.buildHash !== buildHash) {
      const ours = `protocol ${PROTOCOL_VERSION}, build ${buildHash}`;
      const theirs = `protocol ${identity.protocolVersion}, build ${identity.buildHash}`;
      const told = `identify: expected ${ours}, got ${theirs}; reload the page`;
      this.refused({ code: "upgrade-needed", message: told });
      return;
    }
    if (!(await provesKey(identity, state.nonce))) {
      this.refused({ code: "bad-signature", message: "identify: expected a signature over this session's nonce" });
      return;
    }
    const ownerId = await ownerOf(identity, Date.now());
    const { backend, invitation = null, team = "", publicKey, choice = null, admission } = identity;
    // Whoever asked for this one by name was sent by another, and is not sent on.
    const cell = invitation === null || isPointedHere ? null : await this.#context.cellOfInvitation(invitation);
    const volunteerId = volunteerIdOf(identity.publicKey);
    const { standing, seat } = await this.#context.seatOf(volunteerId, identity.seat);
    // The tab may have gone, or been refused, while the signature was checked.
    if ((this.#state as State).kind !== "verifying") return;
    if (cell !== null) return this.refused({ code: "elsewhere", message: INVITED_THERE, cell });
    const noPlace = this.#context.enter(volunteerId, seat);
    if (noPlace !== null) return this.refused(noPlace);
    const sessionId = randomBytes(8).toString("hex");
    this.#state = { kind: "open", sessionId, volunteerId };
    const nickname = identity.nickname?.trim() || `volunteer ${volunteerId.slice(0, 6)}`;
    const isAdmitted = admission !== undefined && this.#context.admits(admission);
    const memory = identity.memoryMib === undefined ? {} : { memoryBytes: identity.memoryMib * 2 ** 20 };
    const seated = { seat, seatStanding: standing };
    const said = { team: team.trim(), backend, invitation, choice, isAdmitted, ownerId, ...memory, ...seated };
    const about = { sessionId, volunteerId, nickname, addressPrefix, isPointedHere, ...said };
    // A copy: the message that it came in is not kept alive by it.
    tabs.sessionOpened({ ...about, publicKey: Uint8Array.from(publicKey) }, this);
  }

  #result(message: unknown, ack: unknown, cameMs: number): void {
    const sessionId = this.#openSession("result");
    if (sessionId === null) return;
    const parsed = resultSchema.safeParse(message);
    if (parsed.success) acknowledge(ack, this.#context.tabs.result(sessionId, parsed.data, performance.now() - cameMs));
    else acknowledge(ack, malformed(`result: ${describeIssues(parsed.error, message)}`));
  }

  /** [PR106] */
  #rows(sessionId: string, bytes: Uint8Array): void {
    try {
      const slice = this.#answers.readSlice(bytes);
      if (slice !== null) this.#context.tabs.slice(sessionId, slice);
    } catch (error) {
      this.refused({ code: "bad-message", message: (error as Error).message });
    }
  }

  /** [PR103] */
  #answer(message: unknown, ack: unknown, cameMs: number): void {
    const sessionId = this.#openSession("answer");
    if (sessionId === null) return;
    const parsed = answerSchema.safeParse(message);
    if (!parsed.success) return acknowledge(ack, malformed(`answer: ${describeIssues(parsed.error, message)}`));
    try {
      const result = this.#answers.read(parsed.data);
      if (result === null) return acknowledge(ack, { verdict: "stale" });
      acknowledge(ack, this.#context.tabs.result(sessionId, result, performance.now() - cameMs));
    } catch (error) {
      acknowledge(ack, malformed((error as Error).message));
    }
  }
}

function acknowledge(ack: unknown, said: ResultAck): void {
  if (typeof ack !== "function") return;
  if (said.verdict === "received" && said.message === undefined) ack();
  else ack(said);
}

/** One bad result does not end a session: the assignment's deadline will see to it. */
function malformed(message: string): ResultAck {
  return { verdict: "malformed", message: message.slice(0, MESSAGE_LENGTH_MAX) };
}
