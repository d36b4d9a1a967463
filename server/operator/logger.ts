/** Structured logs, one JSON line each. Requests are named by route alone: an address may hold anything, and a volunteer's none may be kept. */
import pino, { type Logger } from "pino";
import type { LogLevel } from "../config.ts";

/** Lines that wait for a disk with room; those that come beyond it are left out. */
const WAITING_BYTES_MAX = 1024 * 1024;

export function createLogger(level: LogLevel): Logger {
  const destination = pino.destination({ dest: 1, sync: true, maxLength: WAITING_BYTES_MAX });
  // A standard output that cannot be written is no reason to stop: with nobody listening, pino would hang here for good. [OP5]
  destination.on("error", () => {});
  const options = {
    level,
    serializers: {
      err: pino.stdSerializers.err,
      req: routeOf,
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
    redact: ["authorization", "*.authorization", "token", "*.token"],
  };
  return pino(options, destination);
}

function routeOf(request: { method?: string; routeOptions?: { url?: string } }) {
  return { method: request.method, route: request.routeOptions?.url };
}
