/** Requests that are another coordinator's of the same service: handed on as they came. */
import { request as ask, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { pipeline } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { ApiFailure } from "./api-failure.ts";

/** Marks what was handed on: it is handed on once. */
export const HANDED_ON = "x-paritab-handed-on";
/** Whether it is theirs still is looked at so often. */
const LOOK_MS = 1_000;
/** Of a connection, not of a request. */
const HOP_BY_HOP = ["connection", "keep-alive", "transfer-encoding", "upgrade"];

/** @param from whose request it is, unless a proxy has said it */
export function handedOn(headers: IncomingHttpHeaders, from: string): IncomingHttpHeaders {
  return { ...headers, [HANDED_ON]: "1", "x-forwarded-for": headers["x-forwarded-for"] ?? from };
}

export function awayFor(why: string): ApiFailure {
  return new ApiFailure(503, "cell-away", `${why}: another coordinator takes over in a moment`);
}

/**
 * As it came, as it is answered; its bytes go by. A coordinator that is paused takes connections and says nothing: what waits for it is given
 * up once that is somebody else's.
 * @throws ApiFailure where the other one does not answer
 */
export async function handRequestOn(
  address: string,
  isTheirs: () => Promise<boolean>,
  { raw, ip }: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  let look: NodeJS.Timeout | undefined;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = ask(new URL(raw.url ?? "/", address), { method: raw.method, headers: handedOn(raw.headers, ip) });
    asked.once("response", resolve);
    asked.once("error", reject);
    reply.raw.once("close", () => asked.destroy());
    raw.pipe(asked);
    look = setInterval(() => {
      isTheirs().then((isStill) => {
        if (!isStill) asked.destroy(new Error("it has lost the job that the request names"));
      }, reject);
    }, LOOK_MS);
  })
    .catch((error: unknown) => {
      throw awayFor(`the coordinator that this is for does not answer (${String(error)})`);
    })
    .finally(() => clearInterval(look));
  reply.hijack();
  const kept = Object.entries(answer.headers).filter(([name]) => !HOP_BY_HOP.includes(name));
  reply.raw.writeHead(answer.statusCode ?? 502, Object.fromEntries(kept) as Record<string, string | string[]>);
  // Where the other one breaks off, so does this answer.
  pipeline(answer, reply.raw, () => {});
}
