/** How many requests a minute: counted by token, without one by address. This machine's own are not counted. */
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { RATES_REMEMBERED_MAX, REQUESTS_PER_MINUTE_MAX } from "../../shared/protocol/limits.ts";
import { identityOf } from "./access-hooks.ts";
import { ApiFailure } from "./api-failure.ts";
import type { AddressReader } from "./client-address.ts";

const UNCOUNTED = "";

/** Register it after the hooks that know who asks. Routes leave themselves out with `config: { rateLimit: false }`. */
export async function addRateLimits(
  app: FastifyInstance,
  readAddress: AddressReader,
  requestsPerMinuteMax = REQUESTS_PER_MINUTE_MAX,
): Promise<void> {
  await app.register(rateLimit, {
    max: requestsPerMinuteMax,
    timeWindow: 60_000,
    cache: RATES_REMEMBERED_MAX,
    keyGenerator: (request) => {
      const { tokenId } = identityOf(request);
      if (tokenId !== null) return `token ${tokenId}`;
      const { key } = readAddress(request.headers, request.socket.remoteAddress);
      return key === null ? UNCOUNTED : `address ${key}`;
    },
    allowList: (_request, key) => key === UNCOUNTED,
    errorResponseBuilder: (_request, { max, ttl }) => {
      const seconds = Math.ceil(ttl / 1000);
      return new ApiFailure(
        429,
        "too-many-requests",
        `expected at most ${max} requests a minute, got more; try again in ${seconds} s`,
      );
    },
  });
}
