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
import { type AssignmentMessage, assignmentSchema } from "../../shared/kinds/assignments.ts";
import { NextBatchReader } from "../../shared/kinds/inference/next-batch.ts";
import { type BackendName, MODEL_BACKEND_NAMES, NO_BACKEND } from "../../shared/protocol/backend-names.ts";
import { PROTOCOL_VERSION, TAB_MODEL_BACKENDS_MAX } from "../../shared/protocol/limits.ts";
import {
  type Challenge,
  cancelSchema,
  challengeSchema,
  creditSchema,
  identityStatement,
  nextSchema,
  type Refused,
  type Result,
  refusedSchema,
  shortenSchema,
  type Unfit,
  unfitSchema,
  type WorkChoice,
  welcomeSchema,
} from "../../shared/protocol/messages.ts";
import type { AwayReason } from "../../shared/protocol/why-no-tab.ts";
import { asBytes } from "./as-bytes.ts";
import { BUILD_HASH } from "./build-hash.ts";
import { type ComputeThreadWorker, createComputeThreadLink } from "./compute-thread-link.ts";
import { type Connection, connectTo } from "./connection.ts";
import type { DeviceLink } from "./device-link.ts";
import { FINAL_REFUSALS } from "./final-refusals.ts";
import type { VolunteerIdentity } from "./identity.ts";
import { AWAY_BY_HOLD, type Eased, type HoldReason } from "./may-work.ts";
import { createRest } from "./rest.ts";
import { NOT_STARTED, reduceStatus, type SessionEvent, type SessionStatus } from "./session-status.ts";
import { threadIsSpoilt } from "./spoilt-thread.ts";
import { createWorkDesk } from "./work-desk.ts";

export interface SessionOptions {
  /** Makes the thread, and makes another when one was ended. */
  createComputeThread(): ComputeThreadWorker;
  readonly identity: VolunteerIdentity;
  /** Origin of the coordinator. */
  readonly url: string;
  /** null: the fastest that answers right. */
  readonly forcedBackend: BackendName | null;
  readonly nickname?: string;
  readonly team?: string;
  /** Opens one job that runs by invitation. */
  readonly invitation?: string;
  /** A code from a sheet of seats. */
  readonly seat?: string;
  /** Lets this volunteer check what it chose, where it is the operator's. */
  readonly admission?: string;
  /** Another device's word that this one is under its name. */
  readonly device?: DeviceLink;
  /** What it works for; null, and by default: whatever there is. */
  readonly choice?: WorkChoice | null;
  /** [PR102] What it gives one model; absent: as any tab. */
  readonly memoryMib?: number | undefined;
  /** Share of the time that is spent computing, in (0, 1]; all of it unless told otherwise. */
  readonly intensity?: number;
  /** Work is held back from the start; a probe is answered all the same. */
  readonly held?: HoldReason | null;
  /** Called at every change. */
  report(status: SessionStatus): void;
}

export interface SessionCore {
  /** What runs may finish and is sent; nothing new is taken until it is told `null`. */
  hold(because: HoldReason | null): void;
  /** @param eased for the computer's sake: only said, the intensity has it already */
  pace(intensity: number, eased: Eased | null): void;
  /** From now on; the coordinator takes back what is not of it any more. */
  choose(choice: WorkChoice | null): void;
  /** Comes again, with this code for a seat: rows in hand go back. */
  sit(code: string): void;
  /** Takes nothing new and stops once what runs has been sent. */
  finishThenStop(): void;
  /** At once and for good: the connection is closed, the compute thread ended, nothing further is sent. */
  stop(): void;
  /** The network is back, or somebody looks: a connection that is waited for is tried now. */
  retryNow(): void;
  /** The computer has slept: the connection is made anew. */
  reconnect(): void;
}

/** Before any back-end was chosen. */

export function startSession(options: SessionOptions): SessionCore {
  const { intensity = 1 } = options;
  let status: SessionStatus = { ...NOT_STARTED, held: options.held ?? null, pace: { intensity, eased: null } };
  let connection: Connection | null = null;
  let ended = false;
  /** Assignments that have begun. */
  let underWay = 0;
  let finishing = false;
  /** Of models that this session computes elsewhere than on the back-end that it came with, or did. */
  const ownBackends = new Map<string, BackendName>();
  /** With which back-end it came, on this connection: a thread that took the place of another one may have chosen otherwise. */
  let toldBackend: BackendName | typeof NO_BACKEND = NO_BACKEND;
  /** [PC11] Models that it does not compute on its usual back-end. */
  const asideUsual = new Set<string>();
  /** What the coordinator was last told of this connection. */
  let toldAway: AwayReason | "none" | null = null;
  let isWelcome = false;
  let choice = options.choice ?? null;
  let seat = options.seat;
  /** undefined: this connection has not been told of any. */
  let toldChoice: WorkChoice | null | undefined;

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
    sign: (statement) => options.identity.sign(statement),
    handOver: (slice) => connection?.sendSlice(slice),
    nowMs: () => performance.now(),
    isResting: () => rest.leftMs() > 0,
    onBegun(assignment) {
      underWay++;
      tell({ type: "assignmentBegun", assignment, atMs: Date.now() });
    },
    onMoved: (bytes, upBytes = 0) => tell({ type: "moved", bytes, upBytes }),
    onOutcome(modelSha256, { backend, kernels, choice }) {
      if (choice !== undefined) tell({ type: "chose", choice });
      if (kernels === undefined) computedOn(modelSha256, backend);
      else tell({ type: "probed", backend, kernels });
    },
    onEnded(assignment, outcome, ms, error) {
      underWay--;
      tell({
        type: "assignmentEnded",
        assignment,
        outcome,
        ms,
        atMs: Date.now(),
        ...(error === undefined ? {} : { error }),
      });
      // What was sent has told its computing time itself (answer), and what failed has hung more often than it worked.
      if (outcome === "cancelled") afterWork(ms);
      if (error !== undefined && threadIsSpoilt(error)) computeThread.restart(error);
      stopIfFinished();
      if (rest.leftMs() > 0) tell({ type: "restBegun", untilMs: Date.now() + rest.leftMs() });
    },
    answer,
    reportFailure: (token, message) => connection?.send("failed", { token, message }),
    reportReturned: (token) => connection?.send("returned", { token }),
  });

  const rest = createRest<AssignmentMessage>({
    intensity,
    nowMs: () => performance.now(),
    pass: (assignment) => desk.take(assignment),
    onOver() {
      desk.goOn();
      sayAvailability();
      tell({ type: "restEnded" });
    },
  });

  function end(): void {
    ended = true;
    rest.takeAll();
    desk.clear();
    connection?.close();
    connection = null;
    computeThread.stop();
  }

  async function answer(result: Result): Promise<"received" | "stale"> {
    if (connection === null) return "stale";
    tell({ type: "computed", ms: result.computeMs });
    // Before the result: the coordinator would else send the next assignment into a long rest.
    afterWork(result.computeMs);
    const { verdict, message } = await connection.sendResult(result);
    if (verdict === "malformed") throw new Error(message ?? "the coordinator calls the result malformed");
    return verdict;
  }

  function afterWork(ms: number): void {
    rest.afterWork(ms);
    sayAvailability();
  }

  /** Why it takes no work now. */
  function away(): AwayReason | "none" {
    if (status.held !== null) return AWAY_BY_HOLD[status.held.kind];
    return rest.isLong() ? "resting" : "none";
  }

  function sayAvailability(): void {
    if (toldAway !== null && toldAway !== away()) tellAvailability();
  }

  function tellAvailability(): void {
    const because = away();
    toldAway = because;
    connection?.send("availability", because === "none" ? { available: true } : { available: false, because });
  }

  /** What was chosen while the coordinator did not know this tab yet is said once it does. */
  function sayChoice(): void {
    if (!isWelcome || toldChoice === choice) return;
    toldChoice = choice;
    connection?.send("choice", { choice });
  }

  function stopIfFinished(): void {
    if (!finishing || underWay > 0 || ended) return;
    tell({ type: "stopped", why: "finished" });
    end();
  }

  /** Parses what arrives; what is not as agreed is dropped, and said so. */
  function on<Schema extends z.ZodType>(name: string, schema: Schema, handle: (message: z.output<Schema>) => void) {
    return (raw: unknown): void => {
      if (ended) return;
      const parsed = schema.safeParse(asBytes(raw));
      if (parsed.success) handle(parsed.data);
      else notAsAgreed(name, firstProblem(parsed.error));
    };
  }

  function notAsAgreed(name: string, problem: string): void {
    tell({ type: "failed", message: `The coordinator sent a message “${name}” that is not as agreed: ${problem}` });
  }

  /** [PR99] Of the connection that there is. */
  let batches = new NextBatchReader();

  function onAssignment(assignment: AssignmentMessage): void {
    // A probe is owed even by a paused tab: it says how exactly the device computes, once.
    if (assignment.kind === "probe") desk.take(assignment);
    else if (status.held !== null) connection?.send("returned", { token: assignment.token });
    else rest.enter(assignment);
  }

  const takeWhole = on("assignment", assignmentSchema, (assignment) => {
    batches.whole(assignment);
    onAssignment(assignment);
  });
  function onWhole(raw: unknown): void {
    batches.whole(null);
    takeWhole(raw);
  }
  const takeNext = on("next", assignmentSchema, onAssignment);
  const onNext = on("next", nextSchema, (bytes) => {
    let batch: AssignmentMessage;
    try {
      batch = batches.next(bytes);
    } catch (error) {
      notAsAgreed("next", (error as Error).message.replace(/^next: /, ""));
      return;
    }
    takeNext(batch);
  });

  function onChallenge({ protocolVersion, buildHash, nonce }: Challenge): void {
    if (protocolVersion !== PROTOCOL_VERSION || buildHash !== BUILD_HASH) {
      upgradeNeeded(buildHash);
      return;
    }
    options.identity.sign(identityStatement(nonce)).then(
      (signature) => {
        toldChoice = choice;
        toldBackend = status.backend ?? NO_BACKEND;
        connection?.send("identify", {
          protocolVersion,
          buildHash: BUILD_HASH,
          publicKey: options.identity.publicKey,
          signature,
          ...(options.nickname === undefined ? {} : { nickname: options.nickname }),
          ...(options.team === undefined ? {} : { team: options.team }),
          ...(options.invitation === undefined ? {} : { invitation: options.invitation }),
          ...(seat === undefined ? {} : { seat }),
          ...(options.admission === undefined ? {} : { admission: options.admission }),
          ...(options.device === undefined ? {} : { device: options.device }),
          ...(choice === null ? {} : { choice }),
          ...(options.memoryMib === undefined ? {} : { memoryMib: options.memoryMib }),
          backend: toldBackend,
        });
      },
      (error: Error) => broke("no-identity", error),
    );
  }

  /** [PC7] Said before rows are sent that the coordinator would else take for another back-end's, and measure as that. */
  function computedOn(modelSha256: string, backend: BackendName): void {
    if (backend === (ownBackends.get(modelSha256) ?? toldBackend)) return;
    ownBackends.delete(modelSha256);
    ownBackends.set(modelSha256, backend);
    if (ownBackends.size > TAB_MODEL_BACKENDS_MAX) ownBackends.delete(ownBackends.keys().next().value ?? "");
    connection?.send("backend", { modelSha256, backend });
  }

  /** On another back-end than all else. */
  function isElsewhere(backend: BackendName): boolean {
    return (
      MODEL_BACKEND_NAMES.some((name) => name === backend) || (status.backend !== null && backend !== status.backend)
    );
  }

  /** [PC7] A back-end of this model alone is replaced by the one that all else is computed with; [PC11] a card that is that one, by WebAssembly. */
  function onUnfit(unfit: Unfit): void {
    const { modelSha256 = "", backend } = unfit;
    const usual = status.backend;
    const own = ownBackends.get(modelSha256) ?? usual;
    const isUsualOut = usual === null || usual === backend || asideUsual.has(modelSha256);
    const base = isUsualOut ? "wasm" : usual;
    if (own === null || own !== backend || base === own || !(isElsewhere(own) || own === "webgl")) {
      tell({ type: "unfit", unfit });
      return;
    }
    computeThread.putAside(modelSha256, own);
    if (own === usual) asideUsual.add(modelSha256);
    const wrong = { backend: own, problem: "other answers", msPerRow: null };
    const tried = [{ backend: base, problem: null, msPerRow: null }, wrong];
    tell({ type: "chose", choice: { modelSha256, backend: base, tried } });
    computedOn(modelSha256, base);
  }

  function upgradeNeeded(servedBuildHash: string): void {
    tell({ type: "upgradeNeeded", servedBuildHash });
    end();
  }

  function onRefused({ code, message, cell }: Refused): void {
    if (code === "upgrade-needed") {
      upgradeNeeded("");
    } else if (FINAL_REFUSALS.has(code)) {
      tell({ type: "refused", code, message });
      end();
    } else {
      // The coordinator closes the connection next; the reason is remembered for that moment.
      connection?.expectClose(code);
      if (code === "elsewhere" && cell !== undefined) connection?.pointTo(cell);
    }
  }

  function broke(problem: "no-identity" | "no-back-end", error: Error): void {
    if (ended) return;
    tell({ type: "broke", problem, message: error.message });
    end();
  }

  function connect(): void {
    connection = connectTo(options.url, {
      onConnecting() {
        batches = new NextBatchReader();
        tell({ type: "connecting" });
      },
      onTraffic: (bytes, upBytes) => tell({ type: "moved", bytes, upBytes }),
      onDown(reason, retryAtMs) {
        toldAway = null;
        isWelcome = false;
        rest.takeAll();
        desk.clear();
        tell({ type: "disconnected", reason, retryAtMs });
      },
      messages: {
        challenge: on("challenge", challengeSchema, onChallenge),
        welcome: on("welcome", welcomeSchema, ({ volunteerId, credit, ...more }) => {
          const { invitation = null, seat = null, owner = null } = more;
          connection?.welcomed();
          for (const [modelSha256, backend] of ownBackends) connection?.send("backend", { modelSha256, backend });
          tell({ type: "welcomed", volunteerId, credit, invitation, seat, owner, atMs: Date.now() });
          tellAvailability();
          isWelcome = true;
          sayChoice();
        }),
        refused: on("refused", refusedSchema, onRefused),
        assignment: onWhole,
        next: onNext,
        cancel: on("cancel", cancelSchema, ({ token }) => {
          if (rest.takeOut(token) === undefined) desk.cancel(token);
          else connection?.send("returned", { token });
        }),
        shorten: on("shorten", shortenSchema, ({ token, rowCount }) => {
          const resting = rowCount === 0 ? rest.takeOut(token) : undefined;
          if (resting === undefined) desk.shorten(token, rowCount);
          else connection?.send("returned", { token });
        }),
        unfit: on("unfit", unfitSchema, onUnfit),
        credit: on("credit", creditSchema, (credit) => tell({ type: "credited", credit, atMs: Date.now() })),
      },
    });
  }

  function hold(because: HoldReason | null): void {
    if (ended || finishing || isSame(because, status.held)) return;
    tell({ type: "heldBack", because });
    sayAvailability();
    if (because === null) return;
    for (const { token } of rest.takeAll()) connection?.send("returned", { token });
    desk.giveBackWaiting();
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
    hold,
    pace(next, eased) {
      rest.setIntensity(next);
      tell({ type: "paced", intensity: next, eased });
    },
    choose(next) {
      if (JSON.stringify(next) === JSON.stringify(choice)) return;
      choice = next;
      sayChoice();
    },
    sit(code) {
      if (ended) return;
      seat = code;
      tell({ type: "seatAsked" });
      connection?.reopen("seat-code");
    },
    finishThenStop() {
      hold({ kind: "finishing" });
      finishing = true;
      stopIfFinished();
    },
    stop() {
      if (ended) return;
      tell({ type: "stopped", why: "stopped" });
      end();
    },
    retryNow: () => connection?.retryNow(),
    reconnect: () => connection?.reopen("slept"),
  };
}

function isSame(one: HoldReason | null, other: HoldReason | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** One sentence of what may be a long list: which field, and what is wrong with it. */
function firstProblem({ issues: [issue] }: z.ZodError): string {
  const field = issue?.path.join(".") ?? "";
  return `${field === "" ? "" : `${field}: `}${issue?.message ?? "it cannot be read"}`;
}
