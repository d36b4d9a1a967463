/**
 * A volunteer that speaks the protocol by hand: one key for all its sessions, back as soon as the coordinator is, and with
 * two bad habits that a coordinator must bear. It answers tokens of an earlier life again, and it answers everything twice.
 */
import { io, type Socket } from "socket.io-client";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import type { AssignmentMessage } from "../../../shared/kinds/assignments.ts";
import { PROTOCOL_VERSION } from "../../../shared/protocol/limits.ts";
import {
  CELL_QUERY,
  type Challenge,
  type Credit,
  RECEIVED,
  type Refused,
  type Result,
  type ResultAck,
  type Welcome,
} from "../../../shared/protocol/messages.ts";
import { batchResult, HonestWork, productResult } from "../../crowd/honest-work.ts";
import { onAssignments } from "../../crowd/on-assignments.ts";
import { VolunteerKey } from "../../crowd/volunteer-key.ts";
import type { CreditLedger } from "./credit-ledger.ts";

const RETRY_MS = 40;
const VOID = "the assignment is void by now";
/** On a busy machine even the honest are late, and come back. */
const MAY_BE_TOLD = ["shutting-down", "overloaded", "unresponsive", "elsewhere"];
/** Answers of an earlier life that are said again to the next coordinator. */
const REPEATED_MAX = 4;

export interface VolunteerOptions {
  readonly url: string;
  readonly nickname: string;
  readonly ledger: CreditLedger;
  /** To a private job. */
  readonly invitation?: string | undefined;
  /** It is refused, and that is no problem. */
  readonly mayBeRefused?: boolean;
  /** Something that a coordinator must never say. */
  readonly onProblem: (problem: string) => void;
}

export class Volunteer {
  readonly #options: VolunteerOptions;
  readonly #key: VolunteerKey;
  readonly #honest: HonestWork;
  #url: string;
  #spoken: Result[] = [];
  #socket: Socket | null = null;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;
  #isRefusedAs: string | null = null;
  /** The next connection asks for this coordinator of the service. */
  #pointedTo: string | null = null;

  static async open(options: VolunteerOptions): Promise<Volunteer> {
    const volunteer = new Volunteer(options, await VolunteerKey.make());
    volunteer.#connect();
    return volunteer;
  }

  private constructor(options: VolunteerOptions, key: VolunteerKey) {
    this.#options = options;
    this.#key = key;
    this.#url = options.url;
    const load = createPlainRuntime().load;
    this.#honest = new HonestWork({ load, fetchBlob: (token, sha256) => fetchBlob(this.#url, token, sha256) });
  }

  /** Of one that may be refused: what the last coordinator said that refused it. */
  get isRefusedAs(): string | null {
    return this.#isRefusedAs;
  }

  /** Goes to another coordinator, with the same key. */
  moveTo(url: string): void {
    this.#url = url;
    this.#isRefusedAs = null;
    this.#socket?.disconnect();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#socket?.disconnect();
  }

  #connect(): void {
    if (this.#isStopped) return;
    const { onProblem } = this.#options;
    const url = this.#url;
    const extraHeaders = { origin: url };
    const query = this.#pointedTo === null ? {} : { [CELL_QUERY]: this.#pointedTo };
    this.#pointedTo = null;
    const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true, extraHeaders, query });
    this.#socket = socket;
    const again = () => {
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#connect(), RETRY_MS);
    };
    socket.on("connect_error", again);
    socket.on("disconnect", again);
    socket.on("challenge", (challenge: Challenge) => void this.#identify(socket, challenge));
    socket.on("welcome", ({ volunteerId, credit }: Welcome) => {
      this.#options.ledger.told(volunteerId, credit.assignments, "welcome");
      socket.on("credit", (later: Credit) => this.#options.ledger.told(volunteerId, later.assignments, "credit"));
      onAssignments(socket, (assignment) => void this.#work(socket, volunteerId, assignment));
      this.#repeat(socket);
      socket.emit("availability", { available: true });
    });
    socket.on("cancel", ({ token }: { token: string }) => socket.emit("returned", { token }));
    socket.on("refused", ({ code, message, cell }: Refused) => {
      if (code === "elsewhere") this.#pointedTo = cell ?? null;
      if (this.#options.mayBeRefused === true) this.#isRefusedAs = code;
      else if (!MAY_BE_TOLD.includes(code)) onProblem(`an honest volunteer was refused: ${code}: ${message}`);
    });
  }

  async #identify(socket: Socket, { buildHash, nonce }: Challenge): Promise<void> {
    const signature = await this.#key.proof(new Uint8Array(nonce));
    const { nickname, invitation } = this.#options;
    const { publicKey } = this.#key;
    socket.emit("identify", {
      protocolVersion: PROTOCOL_VERSION,
      buildHash,
      publicKey,
      signature,
      nickname,
      backend: "cpu",
      ...(invitation === undefined ? {} : { invitation }),
    });
  }

  /** What an earlier coordinator was told opens nothing here. */
  #repeat(socket: Socket): void {
    for (const result of this.#spoken.splice(0)) {
      socket.emit("result", result, ({ verdict }: ResultAck = RECEIVED) => {
        if (verdict === "received") this.#options.onProblem("a token of an earlier life was accepted");
      });
    }
  }

  async #work(socket: Socket, volunteerId: string, assignment: AssignmentMessage): Promise<void> {
    const { token, kind, work } = assignment;
    let result: Result;
    try {
      result = await this.#key.signed(assignment, await this.#result(assignment));
    } catch {
      // The coordinator died while a blob was fetched; or the assignment is void by now.
      if (socket.connected) socket.emit("failed", { token, message: "the blob could not be fetched" });
      return;
    }
    if (!socket.connected) return;
    if (kind === "inference" || work === "product") this.#options.ledger.answered(volunteerId, token);
    this.#spoken = [...this.#spoken.slice(1 - REPEATED_MAX), result];
    socket.emit("result", result, () => {});
    socket.emit("result", result, ({ verdict }: ResultAck = RECEIVED) => {
      if (verdict === "received") this.#options.onProblem("a result that came twice was received twice");
    });
  }

  async #result(assignment: AssignmentMessage): Promise<Result> {
    const { token } = assignment;
    if (assignment.work === "shard") {
      if (!(await this.#honest.hold(assignment))) throw new Error(VOID);
      return { token, computeMs: 1, output: { kind: "held" } };
    }
    if (assignment.work === "product") {
      const residues = await this.#honest.multiply(assignment);
      if (residues === null) throw new Error(VOID);
      return productResult(assignment, residues);
    }
    if (assignment.work !== "batch") throw new Error(VOID);
    const computed = await this.#honest.batch(assignment);
    if (computed === null) throw new Error(VOID);
    return batchResult(assignment, computed.outputs);
  }
}

async function fetchBlob(url: string, token: string, sha256: string): Promise<Uint8Array | null> {
  const response = await fetch(`${url}/blobs/${sha256}`, { headers: { authorization: `Bearer ${token}` } });
  return response.ok ? new Uint8Array(await response.arrayBuffer()) : null;
}
