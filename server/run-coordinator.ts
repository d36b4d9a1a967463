/** The composition root: reads settings, starts the coordinator, ends it on SIGINT and SIGTERM. */
import { SECOND_SIGNAL_MS_MIN } from "../shared/protocol/limits.ts";
import { ConfigError, readConfig } from "./config.ts";
import { lanWords } from "./lan/lan-words.ts";
import { pageWords } from "./page-words.ts";
import { startCoordinator } from "./start-coordinator.ts";
import { StoreError } from "./store/store.ts";
import { setUpV8 } from "./v8-settings.ts";

/** As of a command line that is wrong. */
const CONFIG_EXIT = 2;

async function main(pagesAreThere: () => boolean): Promise<void> {
  const config = readConfig(process.env, process.argv.slice(2));
  // Before the umask: whoever serves them later may be somebody else.
  if (!pagesAreThere()) throw new PagesError("the pages could not be built");
  // Questions, answers and standings: for nobody else on this machine to read. [OP7]
  process.umask(0o077);
  setUpV8();
  // Where nobody listens any more, or the disk under it is full: that is no reason to stop. [OP5]
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  const coordinator = await startCoordinator(config);
  let askedAtMs: number | null = null;
  const close = async () => {
    const nowMs = performance.now();
    if (askedAtMs !== null) {
      // Whoever asks again does not want to wait. One wish may come twice: to the whole group, and handed on by npm.
      if (nowMs - askedAtMs >= SECOND_SIGNAL_MS_MIN) process.exit(1);
      return;
    }
    askedAtMs = nowMs;
    await coordinator.drainAndClose();
    process.exit(0);
  };
  process.on("SIGINT", close);
  process.on("SIGTERM", close);
  // [CE2] What it has in memory is not to be believed any more: whoever looks after processes starts it again.
  void coordinator.lost.then((why) => {
    console.error(why);
    process.exit(1);
  });
  const { url, lan, adminToken } = coordinator;
  // The token on the terminal alone: not in the log, which others may read.
  const token = adminToken === null ? "" : `\n  administrator's token, shown this once: ${adminToken}`;
  const others = lan === null ? "" : `\n${lanWords(lan, Number(new URL(url).port))}`;
  console.log(`${pageWords(url, config.publicUrl)}${token}${others}`);
}

/** What an operator can mend is said in a sentence; anything else with its trace. */
function explain(error: unknown): unknown {
  if (error instanceof ConfigError || error instanceof StoreError || error instanceof PagesError) return error.message;
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "EADDRINUSE")
    return `port ${(error as { port?: number }).port} is taken: stop the program that listens there, or set PARITAB_PORT or --port`;
  if (code === "EACCES") return "this port needs more rights: set PARITAB_PORT or --port to one above 1023";
  return error;
}

class PagesError extends Error {
  override readonly name = "PagesError";
}

/** @param pagesAreThere asked once the settings are known to be right; it may build them */
export function runCoordinator(pagesAreThere: () => boolean = () => true): void {
  main(pagesAreThere).catch((error: unknown) => {
    console.error(explain(error));
    process.exit(error instanceof ConfigError ? CONFIG_EXIT : 1);
  });
}
