/** Uploads are held in memory until they are checked; this bounds all of them together. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { UPLOAD_BYTES_IN_FLIGHT_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure } from "./api-failure.ts";
import { whenOver } from "./goes-on.ts";

/**
 * @returns makes an onRequest hook for routes whose body has at most `bytesMax` bytes; it counts the announced length,
 *   or the most there may be, until the response has gone out or the connection is lost, and no work for it goes on (goes-on.ts)
 */
export function createUploadBudget(totalBytesMax = UPLOAD_BYTES_IN_FLIGHT_MAX) {
  let bytesInFlight = 0;
  return (bytesMax: number) => async (request: FastifyRequest, reply: FastifyReply) => {
    const bytes = announcedBytes(request) ?? bytesMax;
    if (bytes > bytesMax) throw tooLarge(bytesMax, bytes);
    if (bytesInFlight + bytes > totalBytesMax) {
      reply.header("retry-after", "10");
      throw new ApiFailure(503, "busy", "other uploads fill the coordinator's memory; try again in a few seconds");
    }
    bytesInFlight += bytes;
    whenOver(request, reply, () => {
      bytesInFlight -= bytes;
    });
  };
}

/** null: the request does not say how long its body is. */
export function announcedBytes({ headers }: FastifyRequest): number | null {
  const announced = Number(headers["content-length"]);
  return Number.isSafeInteger(announced) && announced >= 0 ? announced : null;
}

export function tooLarge(bytesMax: number, got: number): ApiFailure {
  return new ApiFailure(413, "too-large", `body: expected at most ${bytesMax} bytes, got ${got}`);
}
