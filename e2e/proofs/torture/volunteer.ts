/**
 * A volunteer that speaks the protocol by hand: one key for all its sessions, back as soon as the coordinator is, and with
 * two bad habits that a coordinator must bear. It answers tokens of an earlier life again, and it answers everything twice.
 */
import { io, type Socket } from "socket.io-client";
import type { ProductAssignment } from "../../../shared/coded/assignments.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";
import { MODULUS } from "../../../shared/field/modulus.ts";
import { matrixProduct } from "../../../shared/field/products.ts";
import type { BatchMessage } from "../../../shared/kinds/inference/batch.ts";
import { type BatchRows, toFloat32Rows } from "../../../shared/kinds/inference/batch-rows.ts";
import type { AssignmentMessage } from "../../../shared/kinds/kinds.ts";
import { decodeFrame, encodeFrame } from "../../../shared/protocol/frame.ts";
import { PROTOCOL_VERSION } from "../../../shared/protocol/limits.ts";
import {
  type Challenge,
  type Credit,
  identityStatement,
  type Payload,
  type Result,
  type ResultAck,
  type Welcome,
} from "../../../shared/protocol/messages.ts";
import type { CreditLedger } from "./credit-ledger.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const RETRY_MS = 40;
/** On a busy machine even the honest are late, and come back. */
const MAY_BE_TOLD = ["shutting-down", "overloaded", "unresponsive"];
/** Answers of an earlier life that are said again to the next coordinator. */
const REPEATED_MAX = 4;

export interface VolunteerOptions {
  readonly url: string;
  readonly nickname: string;
  readonly ledger: CreditLedger;
  /** Something that a coordinator must never say. */
  readonly onProblem: (problem: string) => void;
}

type Model = Awaited<ReturnType<ReturnType<typeof createPlainRuntime>["load"]>>;

export class Volunteer {
  readonly #options: VolunteerOptions;
  readonly #keys: CryptoKeyPair;
  readonly #publicKey: Uint8Array;
  readonly #models = new Map<string, Promise<Model>>();
  readonly #shards = new Map<string, Promise<Uint8Array>>();
  #spoken: Result[] = [];
  #socket: Socket | null = null;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  static async open(options: VolunteerOptions): Promise<Volunteer> {
    const keys = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
    const volunteer = new Volunteer(
      options,
      keys,
      new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey)),
    );
    volunteer.#connect();
    return volunteer;
  }

  private constructor(options: VolunteerOptions, keys: CryptoKeyPair, publicKey: Uint8Array) {
    this.#options = options;
    this.#keys = keys;
    this.#publicKey = publicKey;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#socket?.disconnect();
  }

  #connect(): void {
    if (this.#isStopped) return;
    const { url, onProblem } = this.#options;
    const extraHeaders = { origin: url };
    const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true, extraHeaders });
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
      socket.on("assignment", (assignment: AssignmentMessage) => void this.#work(socket, volunteerId, assignment));
      this.#repeat(socket);
      socket.emit("availability", { available: true });
    });
    socket.on("cancel", ({ token }: { token: string }) => socket.emit("returned", { token }));
    socket.on("refused", ({ code, message }: { code: string; message: string }) => {
      if (!MAY_BE_TOLD.includes(code)) onProblem(`an honest volunteer was refused: ${code}: ${message}`);
    });
  }

  async #identify(socket: Socket, { buildHash, nonce }: Challenge): Promise<void> {
    const statement = identityStatement(new Uint8Array(nonce)) as Uint8Array<ArrayBuffer>;
    const signature = new Uint8Array(await crypto.subtle.sign(ALGORITHM, this.#keys.privateKey, statement));
    const { nickname } = this.#options;
    const publicKey = this.#publicKey;
    socket.emit("identify", {
      protocolVersion: PROTOCOL_VERSION,
      buildHash,
      publicKey,
      signature,
      nickname,
      backend: "cpu",
    });
  }

  /** What an earlier coordinator was told opens nothing here. */
  #repeat(socket: Socket): void {
    for (const result of this.#spoken.splice(0)) {
      socket.emit("result", result, ({ verdict }: ResultAck) => {
        if (verdict === "received") this.#options.onProblem("a token of an earlier life was accepted");
      });
    }
  }

  async #work(socket: Socket, volunteerId: string, assignment: AssignmentMessage): Promise<void> {
    const { token, kind, work } = assignment;
    let result: Result;
    try {
      result = { token, computeMs: 1, output: await this.#output(assignment) };
    } catch {
      // The coordinator died while a blob was fetched; or the assignment is void by now.
      if (socket.connected) socket.emit("failed", { token, message: "the blob could not be fetched" });
      return;
    }
    if (!socket.connected) return;
    if (kind === "inference" || work === "product") this.#options.ledger.answered(volunteerId, token);
    this.#spoken = [...this.#spoken.slice(1 - REPEATED_MAX), result];
    socket.emit("result", result, () => {});
    socket.emit("result", result, ({ verdict }: ResultAck) => {
      if (verdict === "received") this.#options.onProblem("a result that came twice was received twice");
    });
  }

  async #output(assignment: AssignmentMessage): Promise<Result["output"]> {
    switch (assignment.work) {
      case "shard":
        await this.#shard(assignment.shard.sha256, assignment.token);
        return { kind: "held" };
      case "product":
        return this.#product(assignment);
      default:
        return this.#batch(assignment);
    }
  }

  async #batch(assignment: BatchMessage): Promise<Result["output"]> {
    const { model, rowCount, outputSize, inputScale = 1, token } = assignment;
    const { rows } = decodeFrame(await this.#payload(assignment.input, token));
    const loaded = await remembered(this.#models, model.sha256, async () =>
      createPlainRuntime().load(await this.#blob(model.sha256, token)),
    );
    const data = await loaded.run(toFloat32Rows(rows as BatchRows, inputScale), rowCount);
    return { kind: "inline", frame: encodeFrame({ outputs: { dtype: "F32", shape: [rowCount, outputSize], data } }) };
  }

  async #product({ shard, product, vector, width, token }: ProductAssignment): Promise<Result["output"]> {
    const matrix = decodeFrame(await this.#shard(shard.sha256, token))[product]!;
    const thin = decodeFrame(await this.#payload(vector, token)).vector!;
    const [rows, columns] = matrix.shape as [number, number];
    const data = matrixProduct(matrix.data, rows, columns, thin.data, width, MODULUS);
    return { kind: "inline", frame: encodeFrame({ products: { dtype: "U32", shape: [rows, width], data } }) };
  }

  #shard(sha256: string, token: string): Promise<Uint8Array> {
    return remembered(this.#shards, sha256, () => this.#blob(sha256, token));
  }

  async #payload(payload: Payload, token: string): Promise<Uint8Array> {
    // A copy of its own: a message's bytes lie anywhere, and frames are read as aligned views.
    return payload.kind === "inline" ? Uint8Array.from(payload.frame) : this.#blob(payload.sha256, token);
  }

  async #blob(sha256: string, token: string): Promise<Uint8Array> {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${this.#options.url}/blobs/${sha256}`, { headers });
    if (!response.ok) throw new Error(`GET /blobs: got ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  }
}

/** @returns what is held under the key; what could not be made is tried again the next time */
function remembered<T>(held: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let made = held.get(key);
  if (made === undefined) {
    made = make();
    held.set(key, made);
    made.catch(() => held.delete(key));
  }
  return made;
}
