/**
 * The tabs at their sockets: who is there, what each was given and under which token, what it may fetch, and what its messages
 * mean to the coordinator. A token is for one assignment and one session; what comes with another is stale.
 */

import { encodeFrame } from "../../shared/protocol/frame.ts";
import { INPUT_INLINE_BYTES_MAX } from "../../shared/protocol/limits.ts";
import type { Failed, Result, ResultAck, Returned } from "../../shared/protocol/messages.ts";
import type { RandomSource } from "../../shared/random/random.ts";
import { invitationHash } from "../coded/invitations.ts";
import type { Effect } from "../coordinator/effects.ts";
import type { Happening } from "../coordinator/events.ts";
import type { CoordinatorState } from "../coordinator/state.ts";
import type { Batch } from "../kinds/inference/core/job.ts";
import { INFERENCE, type InferenceOutcome } from "../kinds/inference/core/work.ts";
import type { JobWorkspace } from "../kinds/inference/engine/job-workspace.ts";
import type { NumericsExecutor } from "../numerics/numerics-executor.ts";
import type { CommonTasks } from "../numerics/tasks.ts";
import { sha256Hex } from "../sha256-hex.ts";
import { messageOf } from "../store/attempt.ts";
import type { OpenedSession, TabLink } from "../web/coordinator-port.ts";
import { AssignmentTokens, isShare, type ShareGrant, type TokenGrant } from "./assignment-tokens.ts";
import { drawProbe, measuredPrecision, PROBE_MODEL, PROBE_ROWS, probeAssignment, probeGrant } from "./probes.ts";
import { readOutputs, readProducts } from "./result-frames.ts";

export interface TabDeskOptions {
  readonly executor: NumericsExecutor<CommonTasks>;
  readonly secretRandom: RandomSource;
  readonly makeToken: () => string;
  readonly onProblem: (message: string, error: unknown) => void;
}

/** What the desk asks of the shell. */
export interface TabDeskHost {
  readonly state: CoordinatorState;
  happen(happening: Happening): void;
  /** Of an inference job that is at work; null: there is none. */
  heldWorkspace(jobId: string): JobWorkspace | null;
  /** @throws Error with the reason why there is none */
  workspace(jobId: string): Promise<JobWorkspace>;
  holdProducts(grant: ShareGrant, products: Uint32Array): void;
}

/** What a token opens. */
export interface TabBlob {
  readonly kind: "model" | "shard" | "input";
  readonly bytes: Uint8Array;
}

export class TabDesk {
  readonly #options: TabDeskOptions;
  readonly #host: TabDeskHost;
  readonly #addressSalt: string;
  readonly #links = new Map<string, TabLink>();
  readonly #tokens = new AssignmentTokens();
  /** Assignments whose rows are being made: a void one is not sent any more. */
  readonly #beingSent = new Set<number>();
  /** By session, the batch whose rows were asked for last: its turn at the socket comes before that of the next one. */
  readonly #lastSends = new Map<string, Promise<void>>();
  /** Tokens of cancelled assignments, until their tabs have let go of them. */
  readonly #lettingGo = new Map<string, { sessionId: string; assignmentId: number }>();

  constructor(options: TabDeskOptions, host: TabDeskHost) {
    this.#options = options;
    this.#host = host;
    this.#addressSalt = options.makeToken();
  }

  /** null: it has gone. */
  linkOf(sessionId: string): TabLink | null {
    return this.#links.get(sessionId) ?? null;
  }

  grant(grant: TokenGrant | ShareGrant): void {
    this.#tokens.grant(grant);
  }

  refuseAll(message: string): void {
    for (const link of this.#links.values()) link.refused({ code: "shutting-down", message });
  }

  voidAssignment(effect: Extract<Effect, { type: "voidAssignment" }>): void {
    const { assignmentId, sessionId, tell } = effect;
    this.#beingSent.delete(assignmentId);
    this.#host.heldWorkspace(effect.jobId)?.dropResult(effect.roundIndex, assignmentId);
    const grant = this.#tokens.ofAssignment(assignmentId);
    if (grant !== null) this.#tokens.spend(grant);
    if (!tell) return;
    if (grant === null) {
      // The tab has never heard of it: there is nothing to let go of.
      this.#host.happen({ type: "assignmentReturned", sessionId, assignmentId });
      return;
    }
    this.#lettingGo.set(grant.token, { sessionId, assignmentId });
    this.#links.get(sessionId)?.cancel({ token: grant.token });
  }

  sendProbe(sessionId: string): void {
    const { secretRandom, executor } = this.#options;
    const inputs = drawProbe(secretRandom);
    executor.run("run", { model: PROBE_MODEL, inputs, rowCount: PROBE_ROWS }).then(
      (expected) => {
        const link = this.#links.get(sessionId);
        if (link === undefined) return;
        const token = this.#options.makeToken();
        this.#tokens.grant(probeGrant(token, sessionId, expected));
        link.assignment(probeAssignment(token, inputs));
      },
      (error: unknown) => {
        this.#options.onProblem("a probe could not be made", error);
        this.#links
          .get(sessionId)
          ?.refused({ code: "overloaded", message: "The coordinator is busy. Try again later." });
      },
    );
  }

  /** Batches of one session leave in the order in which they were sent, though rows of one may be made sooner than another's. */
  async sendAssignment(effect: Extract<Effect, { type: "sendAssignment" }>): Promise<void> {
    const { sessionId } = effect;
    const sent = this.#sendAfter(effect, this.#lastSends.get(sessionId));
    this.#lastSends.set(sessionId, sent);
    await sent;
    if (this.#lastSends.get(sessionId) === sent) this.#lastSends.delete(sessionId);
  }

  async #sendAfter(
    effect: Extract<Effect, { type: "sendAssignment" }>,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const { assignmentId, sessionId, jobId, roundIndex, workerIndex, effectId } = effect;
    const { generation } = effect.payload as Batch;
    const reference = { jobId, roundIndex, generation };
    this.#beingSent.add(assignmentId);
    try {
      const workspace = await this.#host.workspace(jobId);
      const { rows, inputScale } = await workspace.wireRowsFor(reference, workerIndex);
      await before;
      const link = this.#links.get(sessionId);
      if (link === undefined || !this.#beingSent.delete(assignmentId)) return;
      const { job } = workspace.data;
      const model = workspace.modelFor(workerIndex);
      const rowCount = workspace.groupCount(roundIndex);
      const frame = encodeFrame({ rows });
      const inline = frame.length <= INPUT_INLINE_BYTES_MAX;
      const inputBlob = inline ? null : { sha256: sha256Hex(frame), bytes: frame };
      const token = this.#options.makeToken();
      this.#tokens.grant({
        token,
        sessionId,
        modelSha256: model.sha256,
        rowCount,
        outputSize: job.outputSize,
        inputBlob,
        answers: { kind: "assignment", assignmentId, reference },
        uploaded: null,
      });
      link.assignment({
        token,
        kind: "inference",
        work: "batch",
        jobId,
        jobName: job.submission.name,
        submitter: job.submission.submitter,
        roundIndex,
        workerIndex,
        model: { sha256: model.sha256, bytes: model.bundle.length },
        input:
          inputBlob === null
            ? { kind: "inline", frame }
            : { kind: "blob", sha256: inputBlob.sha256, bytes: frame.length },
        ...(rows.dtype === "F32" ? {} : { inputScale }),
        rowCount,
        inputSize: job.inputSize,
        outputSize: job.outputSize,
        deadlineMs: effect.deadlineMs,
      });
    } catch (error) {
      // The coordinator's own fault: no tab answers for it.
      this.#options.onProblem(`assignment ${assignmentId} could not be sent`, error);
      this.#beingSent.delete(assignmentId);
      const outcome: InferenceOutcome = { type: "encodeFailed", roundIndex, generation, message: messageOf(error) };
      this.#host.happen({ type: "outcome", kind: INFERENCE, jobId, effectId, outcome });
    }
  }

  sessionOpened(session: OpenedSession, link: TabLink): void {
    const { sessionId, volunteerId, nickname, team, backend, invitation } = session;
    this.#links.set(sessionId, link);
    const invitationSha256 = invitation === null ? null : invitationHash(invitation);
    this.#host.happen({
      type: "sessionOpened",
      sessionId,
      volunteerId,
      nickname,
      team,
      backend,
      addressGroup: this.#addressGroup(session),
      invitationSha256,
    });
    const volunteer = this.#host.state.volunteers.get(volunteerId);
    const credit = volunteer?.durableCredit ?? { macs: 0, assignments: 0 };
    link.welcome({ sessionId, volunteerId, credit });
  }

  /** Two sessions of one network have the same; the salt goes with this process, and the address itself is kept nowhere. */
  #addressGroup({ addressPrefix }: OpenedSession): string | null {
    if (addressPrefix === null) return null;
    return sha256Hex(new TextEncoder().encode(`${this.#addressSalt} ${addressPrefix}`)).slice(0, 16);
  }

  sessionClosed(sessionId: string): void {
    this.#links.delete(sessionId);
    this.#host.happen({ type: "sessionClosed", sessionId });
    this.#tokens.spendAllOf(sessionId);
    for (const [token, dropped] of this.#lettingGo) if (dropped.sessionId === sessionId) this.#lettingGo.delete(token);
  }

  result(sessionId: string, result: Result): ResultAck {
    const grant = this.#tokens.find(result.token);
    if (grant === null || grant.sessionId !== sessionId) {
      this.#hasLetGo(sessionId, result.token);
      return { verdict: "stale" };
    }
    const frame = result.output.kind === "inline" ? result.output.frame : grant.uploaded;
    this.#tokens.spend(grant);
    if (isShare(grant)) return this.#shareAnswered(grant, result.output.kind, frame);
    const outputs = frame === null ? "nothing was uploaded for this token" : readOutputs(frame, grant);
    if (typeof outputs === "string") {
      this.#resultMalformed(grant, outputs);
      return { verdict: "malformed", message: outputs };
    }
    if (grant.answers.kind === "probe")
      this.#host.happen({
        type: "sessionProbed",
        sessionId,
        precision: measuredPrecision(grant.answers.expected, outputs),
      });
    else this.#resultArrived(sessionId, grant.answers.assignmentId, grant.answers.reference, outputs);
    return { verdict: "received" };
  }

  #shareAnswered(grant: ShareGrant, kind: Result["output"]["kind"], frame: Uint8Array | null): ResultAck {
    const { sessionId, answers } = grant;
    const { assignmentId } = answers;
    if (answers.share === "shard") {
      if (kind === "held") {
        this.#host.happen({
          type: "resultArrived",
          sessionId,
          assignmentId,
          draw: this.#options.secretRandom.uniform(),
        });
        return { verdict: "received" };
      }
      const message = `expected a shard to be held, got a result of kind ${kind}`;
      this.#host.happen({ type: "resultMalformed", sessionId, assignmentId, message });
      return { verdict: "malformed", message };
    }
    const products = frame === null ? "expected a frame of products, got none" : readProducts(frame, grant);
    if (typeof products === "string") {
      this.#host.happen({ type: "resultMalformed", sessionId, assignmentId, message: products });
      return { verdict: "malformed", message: products };
    }
    this.#host.holdProducts(grant, products);
    this.#host.happen({ type: "resultArrived", sessionId, assignmentId, draw: this.#options.secretRandom.uniform() });
    return { verdict: "received" };
  }

  #resultArrived(
    sessionId: string,
    assignmentId: number,
    reference: { jobId: string; roundIndex: number; generation: number },
    outputs: Float32Array,
  ): void {
    this.#host.heldWorkspace(reference.jobId)?.holdResult(reference, assignmentId, outputs);
    this.#host.happen({ type: "resultArrived", sessionId, assignmentId, draw: this.#options.secretRandom.uniform() });
  }

  #resultMalformed(grant: TokenGrant, message: string): void {
    const { sessionId, answers } = grant;
    if (answers.kind === "probe") this.#host.happen({ type: "sessionProbed", sessionId, precision: null });
    else this.#host.happen({ type: "resultMalformed", sessionId, assignmentId: answers.assignmentId, message });
  }

  /** Whatever a tab says of a cancelled assignment says that it is free again. */
  #hasLetGo(sessionId: string, token: string): void {
    const dropped = this.#lettingGo.get(token);
    if (dropped?.sessionId !== sessionId) return;
    this.#lettingGo.delete(token);
    this.#host.happen({ type: "assignmentReturned", ...dropped });
  }

  returned(sessionId: string, { token }: Returned): void {
    const grant = this.#tokens.find(token);
    if (grant === null || grant.sessionId !== sessionId) return this.#hasLetGo(sessionId, token);
    if (grant.answers.kind === "probe") return; // a paused tab still owes the answer to its probe
    this.#tokens.spend(grant);
    this.#host.happen({ type: "assignmentReturned", sessionId, assignmentId: grant.answers.assignmentId });
  }

  failed(sessionId: string, failed: Failed): void {
    const grant = this.#tokens.find(failed.token);
    if (grant === null || grant.sessionId !== sessionId) return this.#hasLetGo(sessionId, failed.token);
    this.#tokens.spend(grant);
    // It could not answer, which is no wrong answer: it may come back.
    if (grant.answers.kind === "probe") {
      this.#links.get(sessionId)?.refused({ code: "unresponsive", message: failed.message });
    } else {
      const { assignmentId } = grant.answers;
      this.#host.happen({ type: "assignmentFailed", sessionId, assignmentId, message: failed.message });
    }
  }

  blobForToken(token: string, sha256: string): TabBlob | null {
    const grant = this.#tokens.find(token);
    if (grant === null) return null;
    if (grant.inputBlob?.sha256 === sha256) return { kind: "input", bytes: grant.inputBlob.bytes };
    if (isShare(grant)) return grant.shard.sha256 === sha256 ? { kind: "shard", bytes: grant.shard.frame } : null;
    if (grant.modelSha256 !== sha256) return null;
    if (grant.answers.kind === "probe") return { kind: "model", bytes: PROBE_MODEL.bundle };
    const model = this.#host.heldWorkspace(grant.answers.reference.jobId)?.modelNamed(sha256);
    return model == null ? null : { kind: "model", bytes: model.bundle };
  }

  resultBytesMax(token: string): number | null {
    const grant = this.#tokens.find(token);
    // The header of a frame with one tensor is far below 4 KiB.
    if (grant === null) return null;
    const entries = isShare(grant) ? grant.rows * grant.width : grant.rowCount * grant.outputSize;
    return entries * 4 + 4096;
  }

  resultUploaded(token: string, frame: Uint8Array): "received" | "stale" | "malformed" {
    const grant = this.#tokens.find(token);
    if (grant === null) return "stale";
    const read = isShare(grant) ? readProducts(frame, grant) : readOutputs(frame, grant);
    if (typeof read === "string") return "malformed";
    grant.uploaded = frame;
    return "received";
  }
}
