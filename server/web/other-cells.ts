/**
 * [CE1] [CE6] Of several coordinators on one database each answers for its own jobs. What is asked about a job of another is handed on to
 * it; and who does not know whether its lease still holds says nothing.
 */
import { request as ask, type IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { ApiFailure } from "./api-failure.ts";

/** Marks what was handed on: it is handed on once. */
const HANDED_ON = "x-paritab-handed-on";
/** So long an answer about whose job it is holds. */
const OWNER_MS_MAX = 500;
const OWNERS_HELD_MAX = 10_000;
/** Of a connection, not of a request. */
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "upgrade"];

export interface OtherCells {
  /** This coordinator's lease holds. */
  readonly isHeld: boolean;
  /** Is this job at work here? */
  isOwn(jobId: string): boolean;
  /** What the database says of this job; null: there is no such job. */
  ownerOf(jobId: string): Promise<{ readonly address: string | null; readonly isAtWork: boolean } | null>;
}

export function addOtherCells(app: FastifyInstance, cells: OtherCells | null): void {
  if (cells === null) return;
  const ownerOf = remembered(cells);
  app.addHook("onRequest", async (request, reply) => {
    if (!/^\/(api|v1)\//.test(request.url)) return;
    if (!cells.isHeld) {
      const message = "this coordinator is not sure that nobody has taken over from it: try again in a moment";
      throw new ApiFailure(503, "lease-unsure", message);
    }
    const { jobId } = request.params as { jobId?: string };
    if (jobId === undefined || request.headers[HANDED_ON] !== undefined || cells.isOwn(jobId)) return;
    const owner = await ownerOf(jobId);
    if (owner === null) return;
    const { address, isAtWork } = owner;
    if (address === null && isAtWork) throw awayFor("nobody has this job");
    if (address === null) return;
    const isTheirs = async () => (await ownerOf(jobId))?.address === address;
    await handOn(address, isTheirs, request, reply);
    return reply;
  });
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

function awayFor(why: string): ApiFailure {
  return new ApiFailure(503, "cell-away", `${why}: another coordinator takes over in a moment`);
}

/**
 * As it came, as it is answered; its bytes go by. A coordinator that is paused takes connections and says nothing: what waits for it is given
 * up once the job is somebody else's.
 * @throws ApiFailure where the other one does not answer
 */
async function handOn(
  address: string,
  isTheirs: () => Promise<boolean>,
  { raw, ip }: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const headers = { ...raw.headers, [HANDED_ON]: "1", "x-forwarded-for": raw.headers["x-forwarded-for"] ?? ip };
  let look: NodeJS.Timeout | undefined;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = ask(new URL(raw.url ?? "/", address), { method: raw.method, headers });
    asked.once("response", resolve);
    asked.once("error", reject);
    reply.raw.once("close", () => asked.destroy());
    raw.pipe(asked);
    look = setInterval(() => {
      isTheirs().then((isStill) => {
        if (!isStill) asked.destroy(new Error("it has lost the job"));
      }, reject);
    }, 2 * OWNER_MS_MAX);
  })
    .catch((error: unknown) => {
      throw awayFor(`the coordinator that has this job does not answer (${String(error)})`);
    })
    .finally(() => clearInterval(look));
  reply.hijack();
  const kept = Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.includes(name));
  reply.raw.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept) as Record<string, string | string[]>);
  // Where the other one breaks off, so does this answer.
  pipeline(answer, reply.raw, () => {});
}
