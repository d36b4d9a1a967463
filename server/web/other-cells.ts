/**
 * [CE1] [CE6] [CE7] Of several coordinators on one database each answers for its own jobs and assignments. What is asked about those of another
 * is handed on to it; and who does not know whether its lease still holds says nothing.
 */
import { pipeline, Readable, Transform } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { markOf } from "../cells/cell-marks.ts";
import { errorBodyAt } from "../openai/openai-error.ts";
import type { OtherCell } from "../store/cell-lease.ts";
import { ApiFailure, JSON_TYPE, OF_A_BODY, RETRY_AFTER_S } from "./api-failure.ts";
import { awayFor, HANDED_ON, handRequestOn } from "./hand-request-on.ts";

/** So long an answer about whose job it is holds. */
const OWNER_MS_MAX = 500;
const OWNERS_HELD_MAX = 10_000;

interface JobOwner {
  /** Where another coordinator that has it is reached; null: it is this one's, or nobody's for a moment. */
  readonly address: string | null;
  readonly isAtWork: boolean;
  /** [CE11] A part that waits for a coordinator to take it. */
  readonly isWaiting?: boolean;
}

/** Its name is empty where it is called nothing. */
export type ReachedCell = Pick<OtherCell, "name" | "address">;

export interface OtherCells {
  /** This coordinator's lease holds. */
  readonly isHeld: boolean;
  /** Is this job at work here? */
  isOwn(jobId: string): boolean;
  /** What the database says of this job; null: there is no such job. */
  ownerOf(jobId: string): Promise<JobOwner | null>;
  /** The same of several, at once: those that there are. */
  ownersOf(jobIds: readonly string[]): Promise<ReadonlyMap<string, JobOwner>>;
  /** [CE7] Where another one is reached whose tokens begin so; null: there is none. */
  addressOf(mark: string): Promise<string | null>;
  /** [CE11] Parts of jobs that others have dealt out to this coordinator until now are at work here when it resolves. */
  takeParts(): Promise<void>;
  /** [CE11] This part is at work here when it resolves, if it waited. */
  takePart(jobId: string): Promise<void>;
  /** [CE9] What others have changed until now is known when it resolves. */
  catchUp(): Promise<void>;
  /** [CE15] All others whose lease holds, and where they are reached. */
  others(): Promise<readonly ReachedCell[]>;
  /** Tabs that others have, and that come to whoever has jobs. */
  tabs(): Promise<number>;
  /** [CE14] Where the one is reached that answers /v1; null: it is this one. */
  addressOfEldest(): Promise<string | null>;
}

export function addOtherCells(app: FastifyInstance, cells: OtherCells | null): void {
  if (cells === null) return;
  const ownerOf = remembered(cells);
  app.addHook("onRequest", async (request, reply) => {
    const token = request.headers[HANDED_ON] === undefined ? markedIn(request) : null;
    if (token !== null) {
      const address = await ofToken(cells, token);
      if (address === null) return;
      await handRequestOn(address, async () => (await ofToken(cells, token)) === address, request, reply);
      return reply;
    }
    if (!isAboutJobs(request)) return;
    if (!cells.isHeld) throw unsure();
    if (request.url.startsWith("/v1/")) {
      const address = await cells.addressOfEldest();
      if (address === null) return;
      // Whoever handed it on saw the cells otherwise: one of them is new, or has just gone.
      if (request.headers[HANDED_ON] !== undefined) throw awayFor("another coordinator answers /v1");
      await handRequestOn(address, async () => (await cells.addressOfEldest()) === address, request, reply);
      return reply;
    }
    const { jobId } = request.params as { jobId?: string };
    if (jobId === undefined || cells.isOwn(jobId)) return;
    const found = await ownerOf(jobId);
    if (found?.isWaiting && !isForItsOwner(request)) return;
    const owner = found?.isWaiting ? await ofWaiting(cells, jobId, request) : found;
    if (owner === null) return;
    const { address, isAtWork } = owner;
    if (address === null && isAtWork) {
      // [CE11] It may have been dealt out to this one since it looked last, and whoever hands its requests on knows of that.
      await cells.takeParts().catch(() => {});
      if (cells.isOwn(jobId)) return;
      throw awayFor("no coordinator has this job");
    }
    if (address === null || request.headers[HANDED_ON] !== undefined) return;
    const isTheirs = async () => (await ownerOf(jobId))?.address === address;
    await handRequestOn(address, isTheirs, request, reply);
    return reply;
  });
  addLastLook(app, cells);
}

/** [CE11] Of a part that waits whoever is asked says what the store has. Its end and its events are for whoever takes it. */
function isForItsOwner({ method, routeOptions }: FastifyRequest): boolean {
  return method === "DELETE" || routeOptions.url?.endsWith(".sse") === true;
}

/** [CE11] Who is to end a part that waits takes it, unless another one has just done so. @returns whose it is then */
async function ofWaiting(cells: OtherCells, jobId: string, { method }: FastifyRequest): Promise<JobOwner | null> {
  if (method === "DELETE") await cells.takePart(jobId).catch(() => {});
  return cells.isOwn(jobId) ? null : cells.ownerOf(jobId);
}

/**
 * [CE1] What was asked while the lease held may be answered much later, or for hours: it is looked at again before every answer, and before every
 * piece of one that comes in pieces, which is cut off.
 */
function addLastLook(app: FastifyInstance, cells: OtherCells): void {
  app.addHook("onSend", async (request, reply, payload) => {
    if (!isAboutJobs(request)) return payload;
    if (cells.isHeld) return payload instanceof Readable ? whileHeld(payload, cells) : payload;
    if (payload instanceof Readable) payload.destroy();
    for (const name of OF_A_BODY) reply.removeHeader(name);
    const problem = unsure();
    reply.code(problem.status).header("retry-after", String(RETRY_AFTER_S)).type(JSON_TYPE);
    return JSON.stringify(errorBodyAt(request.url, problem));
  });
}

function whileHeld(body: Readable, cells: OtherCells): Readable {
  const pieces = new Transform({
    // Whoever does not read is found out by what it does not take.
    highWaterMark: 1,
    transform: (piece, _encoding, done) => (cells.isHeld ? done(null, piece) : done(unsure())),
  });
  pipeline(body, pieces, () => {});
  return pieces;
}

function isAboutJobs({ url }: FastifyRequest): boolean {
  return /^\/(api|v1)\//.test(url);
}

function unsure(): ApiFailure {
  const message = "this coordinator is not sure that nobody has taken over from it: try again in a moment";
  return new ApiFailure(503, "lease-unsure", message);
}

/** The token of an assignment, or the id of an answer that is given later; null: it is about neither. */
function markedIn({ url, headers, params }: FastifyRequest): string | null {
  if (/^\/(blobs\/|results$)/.test(url))
    return /^Bearer ([\w-]{22,64})$/.exec(headers.authorization ?? "")?.[1] ?? null;
  return (params as { later?: string }).later ?? null;
}

/** [CE7] Where the coordinator that made this token is reached; null: it is this one, or there is none. */
async function ofToken(cells: OtherCells, token: string): Promise<string | null> {
  const mark = markOf(token);
  return mark === null ? null : cells.addressOf(mark);
}

/** Asked of the database once in a while for each job. */
function remembered(cells: OtherCells): OtherCells["ownerOf"] {
  const owners = new Map<string, { readonly owner: ReturnType<OtherCells["ownerOf"]>; readonly untilMs: number }>();
  return (jobId) => {
    const nowMs = performance.now();
    const known = owners.get(jobId);
    if (known !== undefined && known.untilMs > nowMs) return known.owner;
    if (owners.size >= OWNERS_HELD_MAX) owners.clear();
    const owner = cells.ownerOf(jobId);
    owners.set(jobId, { owner, untilMs: nowMs + OWNER_MS_MAX });
    owner.catch(() => owners.delete(jobId));
    return owner;
  };
}
