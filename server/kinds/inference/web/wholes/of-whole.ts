import type { FastifyRequest } from "fastify";

/** Marks what is asked of a part because somebody asked its whole. It opens nothing: it keeps people from ending one part by mistake. */
export const OF_WHOLE = "x-paritab-of-whole";

export function isOfWhole({ headers }: Pick<FastifyRequest, "headers">): boolean {
  return headers[OF_WHOLE] !== undefined;
}
