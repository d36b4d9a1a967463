import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections (Linux from 32768 on): those may be taken at any moment. */
const [FIRST, END] = [20_000, 32_000];
const given = new Set<number>();

/**
 * A port that nobody has just now: for a process that wants to be told one, and to come back to it after a restart. Processes that
 * ask at the same time draw each its own.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, END);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
