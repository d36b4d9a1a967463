/** An answer that people save: under a name of its own. */
import type { FastifyReply } from "fastify";
import { OCTETS } from "./route.ts";

/**
 * @param reply of any route: what it is typed to send is JSON
 * @param body bytes, or a stream of text
 */
export function sendFile(reply: object, name: string, body: unknown, media: string = OCTETS): FastifyReply {
  const sent = body instanceof Uint8Array ? Buffer.from(body.buffer, body.byteOffset, body.byteLength) : body;
  return (reply as FastifyReply).type(media).header("content-disposition", `attachment; filename="${name}"`).send(sent);
}
