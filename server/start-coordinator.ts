/** Wires a coordinator together: store, numerics, core, HTTP, sockets. Starts only when called. */
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pino from "pino";
import type { Config } from "./config.ts";
import { secretRandom } from "./numerics/secret-random.ts";
import { threadPoolExecutor } from "./numerics/thread-pool-executor.ts";
import { createSampleSource } from "./samples/sample-source.ts";
import { systemClock } from "./shell/clock.ts";
import { CoordinatorShell } from "./shell/coordinator-shell.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";
import { createApi } from "./web/api.ts";
import { createGateway } from "./web/gateway.ts";
import { createHostRules } from "./web/host-rules.ts";

/** The event loop keeps one core; one more computes. */
const NUMERICS_THREADS = 1;
const TOKEN_BYTES = 18;

export interface RunningCoordinator {
  /** Where it listens, for instance http://127.0.0.1:8787 */
  readonly url: string;
  /** Tells the tabs, lets writes under way finish, and lets everything go. */
  close(): Promise<void>;
}

/** @throws where the port is taken, the store cannot be opened, or the client has not been built */
export async function startCoordinator(config: Config): Promise<RunningCoordinator> {
  const logger = pino({ level: config.logLevel });
  const clientDirectory = fileURLToPath(new URL("../build/client/", import.meta.url));
  const swarmDirectory = fileURLToPath(new URL("../build/swarm/", import.meta.url));
  const buildHash = await builtClientHash(clientDirectory);
  const store = await openSqliteStore(config.dataDirectory);
  const executor = threadPoolExecutor({ threads: NUMERICS_THREADS });
  const eventLog = config.eventLogFile === null ? null : createWriteStream(config.eventLogFile, { flags: "a" });
  const shell = new CoordinatorShell({
    clock: systemClock(),
    store,
    executor,
    secretRandom,
    makeToken: () => randomBytes(TOKEN_BYTES).toString("base64url"),
    resolveSample: createSampleSource(store),
    buildHash,
    faultsAllowed: config.allowFaults,
    onProblem: (message, error) => logger.error({ err: error }, message),
    ...(eventLog === null ? {} : { onEvent: (event) => void eventLog.write(`${JSON.stringify(event)}\n`) }),
  });
  await shell.restore();
  const hostRules = createHostRules(config.publicUrl, config.host);
  const app = await createApi({
    port: shell,
    store,
    hostRules,
    directories: { client: clientDirectory, swarm: config.allowFaults ? swarmDirectory : null },
    isHttps: config.publicUrl?.protocol === "https:",
    logger,
  });
  const gateway = createGateway(app.server, {
    port: shell,
    hostRules,
    buildHash,
    trustProxy: config.trustProxy,
    allowMissingOrigin: config.allowFaults,
  });
  await app.listen({ port: config.port, host: config.host });
  const { port } = app.server.address() as AddressInfo;
  const url = `http://${config.host.includes(":") ? `[${config.host}]` : config.host}:${port}`;
  logger.info({ url, dataDirectory: config.dataDirectory, faults: config.allowFaults }, "coordinator listens");
  return {
    url,
    async close() {
      shell.close();
      await gateway.close();
      await app.close();
      await executor.close();
      await store.close();
      eventLog?.end();
    },
  };
}

async function builtClientHash(clientDirectory: string): Promise<string> {
  try {
    return (JSON.parse(await readFile(join(clientDirectory, "build.json"), "utf8")) as { buildHash: string }).buildHash;
  } catch (error) {
    throw new Error("the pages have not been built: run `npm run build`, or start with `npm start`, which does", {
      cause: error,
    });
  }
}
