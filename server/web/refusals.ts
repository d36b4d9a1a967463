/** Requests without a valid token, counted by address: who tries many is told no more than that they are too many. */
import type { FastifyRequest } from "fastify";
import { RateLimiterMemory } from "rate-limiter-flexible";
import { REFUSALS_PER_MINUTE_MAX } from "../../shared/protocol/limits.ts";
import { ApiFailure } from "./api-failure.ts";
import type { AddressReader } from "./client-address.ts";

/** Counts the failure and throws it, or that there were too many. */
export type Refuse = (request: FastifyRequest, failure: ApiFailure) => Promise<never>;

export function createRefusals(readAddress: AddressReader): Refuse {
  const counts = new RateLimiterMemory({ points: REFUSALS_PER_MINUTE_MAX, duration: 60 });
  return async (request, failure) => {
    const { key } = readAddress(request.headers, request.socket.remoteAddress);
    if (key !== null) await counts.consume(key).catch(() => Promise.reject(tooMany()));
    throw failure;
  };
}

function tooMany(): ApiFailure {
  const message = `expected at most ${REFUSALS_PER_MINUTE_MAX} requests a minute without a valid token, got more`;
  return new ApiFailure(429, "too-many-requests", message);
}
