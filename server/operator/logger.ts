/** Structured logs, one JSON line each. Requests are named by route alone: an address may hold anything, and a volunteer's none may be kept. */
import pino, { type Logger } from "pino";
import type { LogLevel } from "../config.ts";

export function createLogger(level: LogLevel): Logger {
  return pino({
    level,
    serializers: { err: pino.stdSerializers.err, req: routeOf, res: ({ statusCode }) => ({ statusCode }) },
    redact: ["authorization", "*.authorization", "token", "*.token"],
  });
}

function routeOf(request: { method?: string; routeOptions?: { url?: string } }) {
  return { method: request.method, route: request.routeOptions?.url };
}
