/** Bodies that hardly move: their sender is stuck, or wants to hold a connection and its memory. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { UPLOAD_BYTES_PER_S_MIN, UPLOAD_RATE_WINDOW_MS } from "../../shared/protocol/limits.ts";

export interface BodyRate {
  readonly bytesPerSecondMin: number;
  readonly windowMs: number;
}
const RATE: BodyRate = { bytesPerSecondMin: UPLOAD_BYTES_PER_S_MIN, windowMs: UPLOAD_RATE_WINDOW_MS };

/** On every route that takes a body. */
export function dropSlowBodies(app: FastifyInstance, rate = RATE): void {
  app.addHook("onRequest", async (request, reply) => {
    if (!hasBody(request)) return;
    const stop = watchSender(request, rate);
    // Somebody who was refused early may still be sending.
    reply.raw.once("close", () => request.raw.complete && stop());
  });
}

function hasBody({ headers }: FastifyRequest): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
}

/** Cuts the connection of a body that comes too slowly. @returns stops watching */
function watchSender({ raw }: FastifyRequest, { bytesPerSecondMin, windowMs }: BodyRate): () => void {
  const { socket } = raw;
  const stop = () => {
    clearInterval(timer);
    socket.off("close", stop);
  };
  let bytesBefore = socket.bytesRead;
  const timer = setInterval(() => {
    if (raw.complete) return stop();
    const bytesNow = socket.bytesRead;
    if (bytesNow - bytesBefore < (bytesPerSecondMin * windowMs) / 1000) socket.destroy();
    bytesBefore = bytesNow;
  }, windowMs);
  timer.unref();
  socket.once("close", stop);
  return stop;
}
