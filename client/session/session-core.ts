/**
 * A session: one tab's connection to the coordinator, from Start to Stop. It owns the socket and the compute thread,
 * proves who it is, takes assignments and sends results. PROTOCOL.md tells the order of messages.
 *
 * Runs in a worker, for the timers of a hidden page stop while a worker's go on. Nothing is computed before startSession,
 * and nothing is taken or sent after stop().
 */
import "./zod-without-eval.ts";
import type { z } from "zod";
import type { CalibrationReport } from "../../shared/compute/compute-thread-api.ts";
import type { BackendName } from "../../shared/compute/model-runtime.ts";
import { PROTOCOL_VERSION } from "../../shared/protocol/limits.ts";
import {
  assignmentSchema,
  type Challenge,
  cancelSchema,
  challengeSchema,
  creditSchema,
  identityStatement,
  type Refused,
  type Result,
  refusedSchema,
  welcomeSchema,
} from "../../shared/protocol/messages.ts";
import { asBytes } from "./as-bytes.ts";
import { BUILD_HASH } from "./build-hash.ts";
import { type ComputeThreadWorker, createComputeThreadLink } from "./compute-thread-link.ts";
import { type Connection, connectTo } from "./connection.ts";
import type { Identity } from "./identity.ts";
import { NOT_STARTED, reduceStatus, type SessionEvent, type SessionStatus } from "./session-status.ts";
import { createWorkDesk } from "./work-desk.ts";

export interface SessionOptions {
  /** Makes the thread, and makes another when one was ended. */
  createComputeThread(): ComputeThreadWorker;
  readonly identity: Identity;
  /** Origin of the coordinator. */
  readonly url: string;
  /** null: the fastest that answers right. */
  readonly forcedBackend: BackendName | null;
  readonly nickname?: string;
  /** Called at every change. */
  report(status: SessionStatus): void;
}

export interface Session {
  /** What runs may finish and is sent; nothing new is taken. */
  pause(): void;
  resume(): void;
  /** At once and for good: the connection is closed, the compute thread ended, nothing further is sent. */
  stop(): void;
}

/** After these the session ends; after the others it comes back by itself. */
const FINAL_REFUSALS: ReadonlySet<Refused["code"]> = new Set([
  "bad-signature",
  "bad-message",
  "too-many-sessions",
  "wrong-answers",
]);

export function startSession(options: SessionOptions): Session {
  let status: SessionStatus = NOT_STARTED;
  let connection: Connection | null = null;
  let ended = false;

  function tell(event: SessionEvent): void {
    const next = reduceStatus(status, event);
    if (next === status) return;
    status = next;
    options.report(status);
  }

  const computeThread = createComputeThreadLink({
    createWorker: options.createComputeThread,
    forcedBackend: options.forcedBackend,
    onCalibrated: (report: CalibrationReport) => tell({ type: "calibrated", report }),
    onBroken(message) {
      if (ended) return;
      tell({ type: "broke", problem: status.backend === null ? "no-back-end" : "compute-thread", message });
      end();
    },
  });

  const desk = createWorkDesk({
    origin: options.url,
    computeThread,
    nowMs: () => performance.now(),
    onBegun: (piece) => tell({ type: "pieceBegun", piece, atMs: Date.now() }),
    onOutcome({ backend, kernels }) {
      if (kernels !== undefined) tell({ type: "probed", backend, kernels });
    },
    onEnded: (piece, outcome, ms, error) =>
      tell({ type: "pieceEnded", piece, outcome, ms, atMs: Date.now(), ...(error === undefined ? {} : { error }) }),
    answer,
    reportFailure: (token, message) => connection?.send("failed", { token, message }),
    reportReturned: (token) => connection?.send("returned", { token }),
  });

  function end(): void {
    ended = true;
    desk.clear();
    connection?.close();
    connection = null;
    computeThread.stop();
  }

  async function answer(result: Result): Promise<"received" | "stale"> {
    if (connection === null) return "stale";
    const { verdict, message } = await connection.sendResult(result);
    if (verdict === "malformed") throw new Error(message ?? "the coordinator calls the result malformed");
    return verdict;
  }

  /** Parses what arrives; what is not as agreed is dropped, and said so. */
  function on<Schema extends z.ZodType>(name: string, schema: Schema, handle: (message: z.output<Schema>) => void) {
    return (raw: unknown): void => {
      if (ended) return;
      const parsed = schema.safeParse(asBytes(raw));
      if (parsed.success) handle(parsed.data);
      else
        tell({ type: "failed", message: `the message "${name}" is not as agreed: ${parsed.error.issues[0]?.message}` });
    };
  }

  function onChallenge({ protocolVersion, buildHash, nonce }: Challenge): void {
    if (protocolVersion !== PROTOCOL_VERSION || buildHash !== BUILD_HASH) {
      upgradeNeeded(buildHash);
      return;
    }
    options.identity.sign(identityStatement(nonce)).then(
      (signature) =>
        connection?.send("identify", {
          protocolVersion,
          buildHash: BUILD_HASH,
          publicKey: options.identity.publicKey,
          signature,
          ...(options.nickname === undefined ? {} : { nickname: options.nickname }),
          backend: status.backend ?? "none",
        }),
      (error: Error) => broke("no-identity", error),
    );
  }

  function upgradeNeeded(servedBuildHash: string): void {
    tell({ type: "upgradeNeeded", servedBuildHash });
    end();
  }

  function onRefused({ code, message }: Refused): void {
    if (code === "upgrade-needed") {
      upgradeNeeded("");
    } else if (FINAL_REFUSALS.has(code)) {
      tell({ type: "refused", code, message });
      end();
    } else {
      // The coordinator closes the connection next; the reason is remembered for that moment.
      connection?.expectClose(code);
    }
  }

  function broke(problem: "no-identity" | "no-back-end", error: Error): void {
    if (ended) return;
    tell({ type: "broke", problem, message: error.message });
    end();
  }

  function connect(): void {
    connection = connectTo(options.url, {
      onConnecting: () => tell({ type: "connecting" }),
      onDown(reason, retryAtMs) {
        desk.clear();
        tell({ type: "disconnected", reason, retryAtMs });
      },
      messages: {
        challenge: on("challenge", challengeSchema, onChallenge),
        welcome: on("welcome", welcomeSchema, ({ volunteerId, credit }) => {
          connection?.welcomed();
          connection?.send("availability", { available: !status.paused });
          tell({ type: "welcomed", volunteerId, credit });
        }),
        refused: on("refused", refusedSchema, onRefused),
        assignment: on("assignment", assignmentSchema, (assignment) => {
          // A probe is owed even by a paused tab: it says how exactly the device computes, once.
          const isWork = assignment.kind !== "probe";
          if (status.paused && isWork) connection?.send("returned", { token: assignment.token });
          else desk.take(assignment);
        }),
        cancel: on("cancel", cancelSchema, ({ token }) => desk.cancel(token)),
        credit: on("credit", creditSchema, (credit) => tell({ type: "credited", credit })),
      },
    });
  }

  function setPaused(paused: boolean): void {
    if (ended || status.paused === paused) return;
    tell({ type: "pauseSet", paused });
    connection?.send("availability", { available: !paused });
    if (paused) desk.giveBackWaiting();
  }

  tell({ type: "calibrating" });
  computeThread.start().then(
    () => {
      if (!ended) connect();
    },
    // onBroken has said why.
    () => undefined,
  );

  return {
    pause: () => setPaused(true),
    resume: () => setPaused(false),
    stop() {
      if (ended) return;
      tell({ type: "stopped" });
      end();
    },
  };
}
