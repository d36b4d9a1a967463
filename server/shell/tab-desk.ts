/**
 * The tabs at their sockets: who is there, what each was given and under which token, and what its messages mean to the
 * coordinator. A token is for one assignment and one session; what comes with another is stale. What an assignment says and
 * what its result is worth the desk of its kind knows.
 */
import { createHmac } from "node:crypto";
import type { AssignmentMessage } from "../../shared/kinds/assignments.ts";
import type {
  Failed,
  ModelBackend,
  Result,
  ResultAck,
  Returned,
  Slice,
  WorkChoice,
} from "../../shared/protocol/messages.ts";
import type { AwayReason } from "../../shared/protocol/why-no-tab.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { markedToken } from "../cells/cell-marks.ts";
import type { Happening } from "../coordinator/events.ts";
import { personOf } from "../coordinator/persons.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { NumericsExecutor } from "../numerics/numerics-executor.ts";
import type { CommonTasks } from "../numerics/tasks.ts";
import { sha256Hex } from "../sha256-hex.ts";
import { messageOf } from "../store/attempt.ts";
import type { OpenedSession, TabBlob, TabLink, TabsPort } from "../web/coordinator-port.ts";
import { AssignmentTokens, type Grant } from "./assignment-tokens.ts";
import type { KindDesk, Outgoing, SendEffect, VoidEffect } from "./kind-desk.ts";
import { ProbeAnswers } from "./probe-answers.ts";
import { drawProbe, probe } from "./probes.ts";

export interface TabDeskOptions {
  readonly executor: NumericsExecutor<CommonTasks>;
  readonly secretRandom: RandomSource;
  readonly makeToken: () => string;
  /** [CE7] In front of tokens of assignments: whose they are, of several coordinators; absent: there is one. */
  readonly tokenMark?: string;
  /** [CE8] By it coordinators draw at which of them a tab is at home; absent: there is one, or tabs stay where they are. */
  readonly placingKey?: string;
  readonly onProblem: (message: string, error: unknown) => void;
  /** See Config. */
  readonly trustLoopback?: boolean;
}

/** What the desk asks of the shell. */
export interface TabDeskHost {
  readonly state: CoordinatorState;
  happen(happening: Happening): void;
  desk(kind: string): Pick<KindDesk, "assignment" | "notSent" | "dropped">;
}

/** Of a home point. */
const POINT_BYTES = 6;

/** The header of a frame with one tensor is far below that. */
const FRAME_HEADER_BYTES = 4096;

export class TabDesk implements TabsPort {
  readonly #options: TabDeskOptions;
  readonly #host: TabDeskHost;
  readonly #addressSalt: string;
  readonly #probeAnswers: ProbeAnswers;
  readonly #links = new Map<string, TabLink>();
  /** Public keys by session. */
  readonly #keys = new Map<string, Uint8Array>();
  readonly #tokens = new AssignmentTokens();
  /** By session, what was made ready last: its turn at the socket comes before that of the next one. */
  readonly #lastSends = new Map<string, Promise<void>>();

  constructor(options: TabDeskOptions, host: TabDeskHost) {
    this.#options = options;
    this.#host = host;
    this.#addressSalt = options.makeToken();
    this.#probeAnswers = new ProbeAnswers(options.executor);
  }

  /** null: it has gone. */
  linkOf(sessionId: string): TabLink | null {
    return this.#links.get(sessionId) ?? null;
  }

  refuseAll(message: string): void {
    for (const link of this.#links.values()) link.refused({ code: "shutting-down", message });
  }

  // --- what goes out ------------------------------------------------------------------------------------------------

  sendProbe(sessionId: string): void {
    const inputs = drawProbe(this.#options.secretRandom);
    this.#probeAnswers.to(inputs).then(
      (expected) => {
        if (!this.#links.has(sessionId)) return;
        const probed = (precision: Parameters<Parameters<typeof probe>[2]>[0]) =>
          this.#host.happen({ type: "sessionProbed", sessionId, precision });
        this.#send(sessionId, null, probe(inputs, expected, probed));
      },
      (error: unknown) => {
        this.#options.onProblem("a probe could not be made", error);
        this.#links
          .get(sessionId)
          ?.refused({ code: "overloaded", message: "The coordinator is busy. Try again later." });
      },
    );
  }

  /** What has to be made ready leaves in the order in which it was sent, though one may be ready sooner than another. */
  async sendAssignment(effect: SendEffect): Promise<void> {
    const { sessionId, assignmentId } = effect;
    const outgoing = this.#host.desk(effect.kind).assignment(effect);
    if (!(outgoing instanceof Promise)) {
      if (outgoing !== null) this.#send(sessionId, assignmentId, outgoing);
      return;
    }
    const sent = this.#sendAfter(effect, outgoing, this.#lastSends.get(sessionId));
    this.#lastSends.set(sessionId, sent);
    await sent;
    if (this.#lastSends.get(sessionId) === sent) this.#lastSends.delete(sessionId);
  }

  async #sendAfter(effect: SendEffect, outgoing: Promise<Outgoing>, before: Promise<void> | undefined): Promise<void> {
    const { assignmentId, sessionId } = effect;
    try {
      const ready = await outgoing;
      await before;
      if (this.#isWanted(assignmentId)) this.#send(sessionId, assignmentId, ready);
    } catch (error) {
      this.#options.onProblem(`assignment ${assignmentId} could not be sent`, error);
      this.#host.desk(effect.kind).notSent?.(effect, messageOf(error));
    }
  }

  /** Nothing happens where the tab is gone. */
  #send(sessionId: string, assignmentId: number | null, outgoing: Outgoing): void {
    const link = this.#links.get(sessionId);
    if (link === undefined) return;
    const token = markedToken(this.#options.tokenMark, this.#options.makeToken());
    const toldId = this.#options.makeToken();
    this.#tokens.grant({ token, sessionId, assignmentId, toldId, uploaded: null, ...outgoing });
    link.assignment({ token, assignmentId: toldId, ...outgoing.message } as AssignmentMessage);
  }

  voidAssignment(effect: VoidEffect): void {
    const { assignmentId, sessionId, tell } = effect;
    this.#host.desk(effect.kind).dropped?.(effect);
    const grant = this.#tokens.ofAssignment(assignmentId);
    if (!tell) {
      if (grant !== null) this.#tokens.spend(grant);
    } else if (grant !== null) {
      this.#links.get(sessionId)?.cancel({ token: grant.token });
    } else {
      // The tab has never heard of it: there is nothing to let go of.
      this.#host.happen({ type: "assignmentReturned", sessionId, assignmentId });
    }
  }

  /** [PR113] Its tab computes the first rows of it, and none behind them that it has not begun. */
  shorten(sessionId: string, assignmentId: number, rowCount: number): void {
    const grant = this.#tokens.ofAssignment(assignmentId);
    if (grant !== null) this.#links.get(sessionId)?.shorten?.({ token: grant.token, rowCount });
  }

  /** Is its answer of use? What was dropped is waited for until its tab has let go of it. */
  #isWanted(assignmentId: number): boolean {
    const assignment = this.#host.state.assignments.get(assignmentId);
    return assignment !== undefined && assignment.state !== "dropped";
  }

  // --- sessions -----------------------------------------------------------------------------------------------------

  sessionOpened(session: OpenedSession, link: TabLink): void {
    const { sessionId, volunteerId, nickname, team, backend, invitation, choice = null } = session;
    const { isAdmitted = false, ownerId = null, memoryBytes, seat = null, seatStanding = null } = session;
    this.#links.set(sessionId, link);
    if (session.publicKey !== undefined) this.#keys.set(sessionId, session.publicKey);
    this.#host.happen({
      type: "sessionOpened",
      sessionId,
      volunteerId,
      nickname,
      team,
      backend,
      ...this.#networkOf(session),
      invitationSha256: invitation === null ? null : sha256Hex(invitation),
      choice,
      // [VS4] Whoever vouches for it has let it in.
      isAdmitted: isAdmitted || seat !== null,
      ownerId,
      ...(memoryBytes === undefined ? {} : { memoryBytes }),
      ...this.#placed(session),
    });
    const volunteer = this.#host.state.volunteers.get(volunteerId);
    const credit = volunteer?.durableCredit ?? { macs: 0, assignments: 0 };
    const standing = this.#host.state.sessions.get(sessionId)?.invitation ?? null;
    link.welcome({
      sessionId,
      volunteerId,
      credit,
      ...(standing !== null && { invitation: standing }),
      ...(seatStanding !== null && { seat: seatStanding }),
      ...this.#ownerOf(volunteerId),
    });
  }

  /** [DV1] The name that its work counts for, where it is another's. */
  #ownerOf(volunteerId: string): { owner?: string } {
    const { volunteers } = this.#host.state;
    const person = personOf(this.#host.state, volunteerId);
    return person === volunteerId
      ? {}
      : { owner: volunteers.get(person)?.nickname ?? `volunteer ${person.slice(0, 6)}` };
  }

  /** [VS2] Seats may check each other. Those that are believed count as an address each; all others count as one, whatever their sheets. */
  #networkOf(session: OpenedSession): { addressGroup: string | null; checkGroup?: string } {
    const { seat = null } = session;
    if (seat === null) return { addressGroup: this.#addressGroup(session) };
    const checkGroup = this.#salted(`seat ${seat.place}`);
    return { checkGroup, addressGroup: seat.believed ? checkGroup : this.#salted("seats") };
  }

  #salted(group: string): string {
    return sha256Hex(`${this.#addressSalt} ${group}`).slice(0, 16);
  }

  /**
   * Two sessions of one network have the same; the salt goes with this process, and the address itself is kept nowhere. [CC3] On this
   * machine there is none, or one for each volunteer, where the operator says that these are strangers.
   */
  #addressGroup({ addressPrefix, volunteerId }: OpenedSession): string | null {
    const here = this.#options.trustLoopback === true ? `loopback ${volunteerId}` : null;
    const group = addressPrefix ?? here;
    return group === null ? null : this.#salted(group);
  }

  /** [CE8] Keys are free and address groups are not, so the group decides; of a tab on this machine its key. */
  #placed({ addressPrefix, volunteerId, isPointedHere = false }: OpenedSession) {
    const { placingKey } = this.#options;
    if (placingKey === undefined) return {};
    const of = addressPrefix === null ? `volunteer ${volunteerId}` : `group ${addressPrefix}`;
    const homePoint = createHmac("sha256", placingKey).update(of).digest().readUIntBE(0, POINT_BYTES);
    return { homePoint, isPointedHere };
  }

  sessionClosed(sessionId: string): void {
    this.#links.delete(sessionId);
    this.#keys.delete(sessionId);
    this.#host.happen({ type: "sessionClosed", sessionId });
    this.#tokens.spendAllOf(sessionId);
  }

  // --- what tabs say ------------------------------------------------------------------------------------------------

  result(sessionId: string, { token, output, signature }: Result, waitedMs = 0): ResultAck {
    const grant = this.#answeredBy(sessionId, token);
    if (grant === null) return { verdict: "stale" };
    const { assignmentId, toldId } = grant;
    this.#tokens.spend(grant);
    const publicKey = this.#keys.get(sessionId);
    // [PR89]
    const isOwed = publicKey !== undefined && assignmentId !== null && output.kind !== "held";
    const signed = isOwed && signature !== undefined ? { assignmentId: toldId, publicKey, signature } : null;
    const problem =
      isOwed && signed === null
        ? "expected a result that its volunteer's key has signed, got one without a signature"
        : grant.take(output.kind, output.kind === "inline" ? output.frame : grant.uploaded, signed);
    if (problem !== null) {
      if (assignmentId !== null) {
        this.#host.happen({ type: "resultMalformed", sessionId, assignmentId, message: problem });
      }
      return { verdict: "malformed", message: problem };
    }
    if (assignmentId !== null) {
      const draw = this.#options.secretRandom.uniform();
      const came = grant.came?.() ?? null;
      const waited = waitedMs < 1 ? {} : { waitedMs: Math.floor(waitedMs) };
      this.#host.happen({
        type: "resultArrived",
        sessionId,
        assignmentId,
        draw,
        ...waited,
        ...(came !== null && { came }),
      });
    }
    return { verdict: "received" };
  }

  /** [PR106] Of rows that nobody waits for any more, or that are not what was expected, nobody is told. */
  slice(sessionId: string, { token, first, signature, frame }: Slice): void {
    const grant = this.#live(token);
    if (grant === null || grant.sessionId !== sessionId || grant.assignmentId === null) return;
    const { assignmentId, toldId } = grant;
    const publicKey = this.#keys.get(sessionId);
    const signed = publicKey === undefined ? null : { assignmentId: toldId, publicKey, signature };
    const slices = grant.takeSlice?.(first, frame, signed) ?? null;
    if (slices === null) return;
    const draw = this.#options.secretRandom.uniform();
    this.#host.happen({ type: "sliceArrived", sessionId, assignmentId, slices, draw });
  }

  modelOnBackend(sessionId: string, { modelSha256, backend }: ModelBackend): void {
    this.#host.happen({ type: "modelOnBackend", sessionId, modelSha256, backend });
  }

  availability(sessionId: string, available: boolean, because?: AwayReason): void {
    const why = because === undefined ? {} : { because };
    this.#host.happen({ type: "availabilityChanged", sessionId, available, ...why });
  }

  choice(sessionId: string, choice: WorkChoice | null): void {
    this.#host.happen({ type: "choiceChanged", sessionId, choice });
  }

  returned(sessionId: string, { token }: Returned): void {
    const grant = this.#answeredBy(sessionId, token);
    // A paused tab still owes the answer to its probe.
    if (grant === null || grant.assignmentId === null) return;
    this.#tokens.spend(grant);
    this.#host.happen({ type: "assignmentReturned", sessionId, assignmentId: grant.assignmentId });
  }

  failed(sessionId: string, { token, message }: Failed): void {
    const grant = this.#answeredBy(sessionId, token);
    if (grant === null) return;
    const { assignmentId } = grant;
    this.#tokens.spend(grant);
    // It could not answer, which is no wrong answer: it may come back.
    if (assignmentId === null) this.#links.get(sessionId)?.refused({ code: "unresponsive", message });
    else this.#host.happen({ type: "assignmentFailed", sessionId, assignmentId, message });
  }

  /** Whatever a tab says of a dropped assignment says that it is free again. @returns null: its token is stale */
  #answeredBy(sessionId: string, token: string): Grant | null {
    const grant = this.#tokens.find(token);
    if (grant === null || grant.sessionId !== sessionId) return null;
    const { assignmentId } = grant;
    if (assignmentId === null || this.#isWanted(assignmentId)) return grant;
    this.#tokens.spend(grant);
    this.#host.happen({ type: "assignmentReturned", sessionId, assignmentId });
    return null;
  }

  #live(token: string): Grant | null {
    const grant = this.#tokens.find(token);
    return grant !== null && (grant.assignmentId === null || this.#isWanted(grant.assignmentId)) ? grant : null;
  }

  blobForToken(token: string, sha256: string): TabBlob | null {
    return this.#live(token)?.blob(sha256) ?? null;
  }

  resultBytesMax(token: string): number | null {
    const grant = this.#live(token);
    return grant === null ? null : grant.resultBytes + FRAME_HEADER_BYTES;
  }

  resultUploaded(token: string, frame: Uint8Array): "received" | "stale" | "malformed" {
    const grant = this.#live(token);
    if (grant === null) return "stale";
    if (grant.problemOf(frame) !== null) return "malformed";
    grant.uploaded = frame;
    return "received";
  }
}
