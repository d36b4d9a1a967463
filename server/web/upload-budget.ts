/** Uploads are held in memory until they are checked; this bounds all of them together, and drops those that hardly move. */
import type { FastifyReply, FastifyRequest } from "fastify";
import {
  UPLOAD_BYTES_IN_FLIGHT_MAX,
  UPLOAD_BYTES_PER_S_MIN,
  UPLOAD_RATE_WINDOW_MS,
} from "../../shared/protocol/limits.ts";
import { ApiFailure } from "./api-failure.ts";

export interface UploadRate {
  readonly bytesPerSecondMin: number;
  readonly windowMs: number;
}
const RATE: UploadRate = { bytesPerSecondMin: UPLOAD_BYTES_PER_S_MIN, windowMs: UPLOAD_RATE_WINDOW_MS };

/**
 * @returns makes an onRequest hook for routes whose body has at most `bytesMax` bytes; it counts the announced length,
 *   or the most there may be, until the response has gone out or the connection is lost
 */
export function createUploadBudget(totalBytesMax = UPLOAD_BYTES_IN_FLIGHT_MAX, rate = RATE) {
  let bytesInFlight = 0;
  return (bytesMax: number) => async (request: FastifyRequest, reply: FastifyReply) => {
    const announced = Number(request.headers["content-length"] ?? bytesMax);
    const bytes = Number.isSafeInteger(announced) && announced >= 0 ? announced : bytesMax;
    if (bytes > bytesMax) throw tooLarge(bytesMax, bytes);
    if (bytesInFlight + bytes > totalBytesMax) {
      reply.header("retry-after", "10");
      throw new ApiFailure(503, "busy", "other uploads fill the coordinator's memory; try again in a few seconds");
    }
    bytesInFlight += bytes;
    const stopWatching = dropSlowSender(request, rate);
    reply.raw.once("close", () => {
      stopWatching();
      bytesInFlight -= bytes;
    });
  };
}

/** Cuts the connection of a body that comes too slowly: its sender is stuck, or wants to hold the memory. */
function dropSlowSender(request: FastifyRequest, { bytesPerSecondMin, windowMs }: UploadRate): () => void {
  const { raw } = request;
  let bytesBefore = raw.socket?.bytesRead ?? 0;
  const timer = setInterval(() => {
    if (raw.complete) return clearInterval(timer);
    const bytesNow = raw.socket.bytesRead;
    if (bytesNow - bytesBefore < (bytesPerSecondMin * windowMs) / 1000) raw.socket.destroy();
    bytesBefore = bytesNow;
  }, windowMs);
  timer.unref();
  return () => clearInterval(timer);
}

export function tooLarge(bytesMax: number, got: number): ApiFailure {
  return new ApiFailure(413, "too-large", `body: expected at most ${bytesMax} bytes, got ${got}`);
}
