/** Submissions and uploads in somebody's name: within their quota, from their own uploads, and theirs from then on. */
import { randomBytes } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import { addTo, heldInAll, roomFor, together } from "../../shared/control/shares.ts";
import type { EstimateRequest, JobView, Submission } from "../../shared/kinds/kinds.ts";
import { TENSOR_BYTES_MAX } from "../../shared/protocol/limits.ts";
import { QuotaError } from "../access/belongings.ts";
import { type Identity, partyOfIdentity } from "../access/identity.ts";
import { hashesIn } from "../store/blob-references.ts";
import type { Store } from "../store/store.ts";
import { type ApiAccess, identityOf, partyAsking } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import { type ApiProblem, type CoordinatorPort, isProblem } from "./coordinator-port.ts";
import { whenOver } from "./goes-on.ts";
import type { OperatorPort } from "./operator-routes.ts";
import { announcedBytes } from "./upload-budget.ts";

const JOB_ID_BYTES = 18;
const MODEL_DISK_COPIES = 3;

export type OwnedStore = Pick<Store, "putBlob" | "putBlobStream" | "blobBytes">;

export class Ownership {
  readonly #access: ApiAccess | null;
  readonly #port: Pick<CoordinatorPort, "submit">;
  readonly #store: OwnedStore;
  /** Of uploads that are written while they come, by whose they are: there is to be room for all of them. */
  readonly #coming = new Map<string, number>();
  readonly #room: Pick<OperatorPort, "refusesJobs" | "refusesUploads" | "uploadRoomBytes">;

  constructor(
    access: ApiAccess | null,
    port: CoordinatorPort,
    store: OwnedStore,
    room: Pick<OperatorPort, "refusesJobs" | "refusesUploads" | "uploadRoomBytes">,
  ) {
    this.#access = access;
    this.#room = room;
    this.#port = port;
    this.#store = store;
  }

  /** @throws ApiFailure where the quota is used up, or the submission names uploads of somebody else */
  async submit(
    request: FastifyRequest,
    submission: Submission,
    jobId = newJobId(),
  ): ReturnType<CoordinatorPort["submit"]> {
    return this.submitAs(identityOf(request), submission, jobId);
  }

  /**
   * As submit, of what was made of a job of theirs: its uploads are not asked for.
   * @param submit in the name that it is given
   */
  async submitOwn(
    request: FastifyRequest,
    submission: Submission,
    submit: (named: Submission, jobId: string) => ReturnType<CoordinatorPort["submit"]>,
  ): ReturnType<CoordinatorPort["submit"]> {
    refuse(this.#room.refusesJobs());
    return this.#inTheirName(identityOf(request), submission, newJobId(), submit);
  }

  /** As submit, for work that outlives the request that asked for it. */
  async submitAs(identity: Identity, submission: Submission, jobId: string): ReturnType<CoordinatorPort["submit"]> {
    refuse(this.#room.refusesJobs());
    this.#requireUploadsOf(identity, submission);
    return this.#inTheirName(identity, submission, jobId, (named) => this.#port.submit(named, jobId));
  }

  async #inTheirName(
    identity: Identity,
    submission: Submission,
    jobId: string,
    submit: (named: Submission, jobId: string) => ReturnType<CoordinatorPort["submit"]>,
  ): ReturnType<CoordinatorPort["submit"]> {
    if (this.#access === null) return submit(submission, jobId);
    const { belongings, tokens } = this.#access;
    // Volunteers are told whose job it really is.
    const named = tokens === null ? submission : { ...submission, submitter: identity.submitter };
    return quotaSaid(
      belongings.submit(identity, {
        jobId,
        submit: () => submit(named, jobId),
        isRefused: (answer) => isProblem(answer),
      }),
    );
  }

  /** @throws ApiFailure 404, as for an upload that does not exist */
  requireOwnUploads(request: FastifyRequest, submission: Submission | EstimateRequest): void {
    this.#requireUploadsOf(identityOf(request), submission);
  }

  #requireUploadsOf(identity: Identity, submission: Submission | EstimateRequest): void {
    if (this.#access === null || this.#access.tokens === null) return;
    // Names are only words, whatever they look like.
    const { name: _name, submitter: _submitter, purpose: _purpose, ...rest } = submission;
    const { asked: _asked, ...named } = rest as typeof rest & { asked?: unknown };
    for (const sha256 of hashesIn(named)) {
      if (!this.#access.belongings.hasUploaded(identity, sha256)) {
        throw new ApiFailure(404, "unknown-upload", `no upload of yours has the hash ${sha256}, or it has expired`);
      }
    }
  }

  submitterOf(request: FastifyRequest): string {
    return identityOf(request).submitter;
  }

  /** Those that they may know of. */
  own(request: FastifyRequest, views: JobView[]): JobView[] {
    const access = this.#access;
    if (access === null) return views;
    return views.filter(({ jobId }) => access.belongings.isOf(identityOf(request), jobId));
  }

  /** null: they may know of every job. */
  jobsOf(request: FastifyRequest): readonly string[] | null {
    return this.#access?.belongings.jobsOf(identityOf(request)) ?? null;
  }

  /** The job is deleted. */
  async disown(jobId: string): Promise<void> {
    await this.#access?.belongings.disown(jobId);
    await this.#access?.tokens?.deleteLink(jobId);
  }

  isOwn(request: FastifyRequest, jobId: string): boolean {
    return this.#access === null || this.#access.belongings.isOf(identityOf(request), jobId);
  }

  /** Before the body is read: is there room for what it announces? An onRequest hook. */
  readonly requireRoom = async (request: FastifyRequest): Promise<void> => {
    const announced = announcedBytes(request);
    this.#requireDisk(identityOf(request), announced ?? 0);
    if (this.#access === null || announced === null) return;
    const { belongings } = this.#access;
    await quotaSaid((async () => belongings.requireRoomForBytes(identityOf(request), announced))());
  };

  /** As requireRoomHeld, of a model, which lies on the disk as its files, as what is made of them, and as what is kept. */
  requireModelRoom(bytesMax: number) {
    return this.requireRoomHeld(bytesMax, MODEL_DISK_COPIES);
  }

  /**
   * As requireRoom, and so much of the disk is held until the upload is taken or refused.
   * @param bytesMax of one whose length is not announced
   */
  requireRoomHeld(bytesMax: number, copies = 1) {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      await this.requireRoom(request);
      const bytes = copies * (announcedBytes(request) ?? bytesMax);
      this.#requireDisk(identityOf(request), bytes);
      const party = partyAsking(request);
      addTo(this.#coming, party, bytes);
      whenOver(request, reply, () => addTo(this.#coming, party, -bytes));
    };
  }

  /** @throws ApiFailure where so much more does not fit on the disk, or is more than a submitter's share of it */
  #requireDisk(identity: Identity, bytes: number): void {
    refuse(this.#room.refusesUploads(heldInAll(this.#coming) + bytes));
    const room = this.#diskRoomOf(identity);
    if (room === null || bytes <= room) return;
    const message = `expected uploads of at most ${room} bytes more, for no submitter has more than three quarters of the disk that others leave free, got ${bytes}; delete jobs and uploads, or ask the operator for a larger disk`;
    throw new ApiFailure(503, "busy", message);
  }

  /** null: nobody knows. */
  #diskRoomOf(identity: Identity): number | null {
    const free = this.#room.uploadRoomBytes();
    if (free === null) return null;
    const party = partyOfIdentity(identity);
    const kept = identity.submitter === "" ? 0 : (this.#access?.belongings.bytesOf(identity) ?? 0);
    return roomFor(party, free + kept, together(this.#coming, new Map([[party, kept]])));
  }

  /** For further uploads of whoever asks: of their quota and of the disk the less; null: neither is known. */
  roomBytes(request: FastifyRequest): number | null {
    const onDisk = this.#diskRoomOf(identityOf(request));
    const ofQuota = this.#access?.belongings.roomBytes(identityOf(request)) ?? null;
    const rooms = [onDisk, ofQuota].filter((room) => room !== null);
    return rooms.length === 0 ? null : Math.max(0, Math.min(...rooms));
  }

  /** @returns the blob's sha-256 */
  async put(request: FastifyRequest, bytes: Uint8Array): Promise<string> {
    return this.putAs(identityOf(request), bytes);
  }

  /**
   * As put, of what is written while it comes.
   * @param announced its bytes; null: nobody knows, and it has at most TENSOR_BYTES_MAX
   */
  async putStream(
    request: FastifyRequest,
    announced: number | null,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<string> {
    return this.#putStream(identityOf(request), announced ?? TENSOR_BYTES_MAX, chunks);
  }

  /** As putStream, of bytes that the coordinator has at hand. @throws ApiFailure as putAs */
  async putFileAs(identity: Identity, byteCount: number, chunks: AsyncIterable<Uint8Array>): Promise<string> {
    this.#requireDisk(identity, byteCount);
    return this.#putStream(identity, byteCount, chunks);
  }

  async #putStream(identity: Identity, bytesMax: number, chunks: AsyncIterable<Uint8Array>): Promise<string> {
    const party = partyOfIdentity(identity);
    addTo(this.#coming, party, bytesMax);
    try {
      if (this.#access === null) return await this.#store.putBlobStream(chunks);
      const put = async () => {
        const sha256 = await this.#store.putBlobStream(chunks);
        return { sha256, bytes: (await this.#store.blobBytes(sha256)) ?? bytesMax, answer: sha256 };
      };
      return await quotaSaid(this.#access.belongings.upload(identity, bytesMax, put));
    } finally {
      addTo(this.#coming, party, -bytesMax);
    }
  }

  /** [LJ3] @throws ApiFailure where neither the disk nor the quota has room for it: not all of it was announced by whoever asks */
  async putAs(identity: Identity, bytes: Uint8Array): Promise<string> {
    this.#requireDisk(identity, bytes.length);
    if (this.#access === null) return this.#store.putBlob(bytes);
    const put = async () => {
      const sha256 = await this.#store.putBlob(bytes);
      return { sha256, bytes: bytes.length, answer: sha256 };
    };
    return quotaSaid(this.#access.belongings.upload(identity, bytes.length, put));
  }
}

/** Hard to guess: whoever computes for a job is told its id, and nobody else. */
function newJobId(): string {
  return randomBytes(JOB_ID_BYTES).toString("base64url");
}

function refuse(problem: ApiProblem | null): void {
  if (problem !== null) throw new ApiFailure(problem.status, problem.code, problem.message);
}

function quotaSaid<T>(action: Promise<T>): Promise<T> {
  return action.catch((error: unknown) => {
    throw error instanceof QuotaError ? new ApiFailure(403, "quota", error.message) : error;
  });
}
