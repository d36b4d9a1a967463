/** The composition root: reads settings, starts the coordinator, ends it on SIGINT and SIGTERM. */
import { setTimeout as sleep } from "node:timers/promises";
import { BEGIN_ANEW_MS, SECOND_SIGNAL_MS_MIN } from "../shared/protocol/limits.ts";
import { classWords } from "./class-words.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { lanWords } from "./lan/lan-words.ts";
import { pageWords } from "./page-words.ts";
import { type RunningCoordinator, startCoordinator } from "./start-coordinator.ts";
import { type OpenedStore, openStore } from "./store/open-store.ts";
import { StoreError } from "./store/store.ts";
import { setUpV8 } from "./v8-settings.ts";

/** As of a command line that is wrong. */
const CONFIG_EXIT = 2;
/** Of what a lost lease left under way; whoever looks after processes starts it again then. */
const END_MS_MAX = 30_000;

/** One coordinator after the other: one that has lost its lease comes back under a new epoch. */
class Lives {
  #config: Config;
  #now: RunningCoordinator | null = null;

  constructor(config: Config) {
    this.#config = config;
  }

  /** null: one has ended, and the next one has not begun. */
  get now(): RunningCoordinator | null {
    return this.#now;
  }

  async begin(): Promise<RunningCoordinator> {
    return this.#beginOn(await openStore(this.#config));
  }

  async #beginOn(opened: OpenedStore): Promise<RunningCoordinator> {
    const coordinator = await startCoordinator(this.#config, undefined, opened);
    this.#now = coordinator;
    // Others know it by where it listens.
    this.#config = { ...this.#config, port: Number(new URL(coordinator.url).port) || this.#config.port };
    void coordinator.lost.then((why) => this.#beginAnew(coordinator, why)).catch(endWith);
    return coordinator;
  }

  /** [CE2] What it has in memory is not to be believed any more: nothing of it is kept. */
  async #beginAnew(lost: RunningCoordinator, why: string): Promise<void> {
    console.error(`${why}: it begins anew`);
    this.#now = null;
    const tooLong = setTimeout(
      () => endWith(new StoreError(`what was under way does not end: ${lost.ending ?? "nothing by name"}`)),
      END_MS_MAX,
    );
    await lost.close();
    clearTimeout(tooLong);
    const { url } = await this.#beginOn(await this.#openPatiently());
    console.error(`it is back at ${url}`);
  }

  /** Its database may be away again. */
  async #openPatiently(): Promise<OpenedStore> {
    for (;;) {
      try {
        return await openStore(this.#config);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        console.error(error.message);
        await sleep(BEGIN_ANEW_MS);
      }
    }
  }
}

async function main(pagesAreThere: () => boolean): Promise<void> {
  const config = readConfig(process.env, process.argv.slice(2));
  // Before the umask: whoever serves them later may be somebody else.
  if (!pagesAreThere()) throw new PagesError("the pages could not be built");
  // Questions, answers and standings: for nobody else on this machine to read. [OP7]
  process.umask(0o077);
  setUpV8();
  // Where nobody listens any more, or the disk under it is full: that is no reason to stop. [OP5]
  for (const output of [process.stdout, process.stderr]) output.on("error", () => {});
  const lives = new Lives(config);
  let askedAtMs: number | null = null;
  const close = async () => {
    const nowMs = performance.now();
    if (askedAtMs !== null) {
      // Whoever asks again does not want to wait. One wish may come twice: to the whole group, and handed on by npm.
      if (nowMs - askedAtMs >= SECOND_SIGNAL_MS_MIN) process.exit(1);
      return;
    }
    askedAtMs = nowMs;
    await lives.now?.drainAndClose();
    process.exit(0);
  };
  const { url, lan, adminToken, beginClass } = await lives.begin();
  process.on("SIGINT", close);
  process.on("SIGTERM", close);
  // The token on the terminal alone: not in the log, which others may read.
  const token = adminToken === null ? "" : `\n  administrator's token, shown this once: ${adminToken}`;
  const others = lan === null ? "" : `\n${lanWords(lan, Number(new URL(url).port))}`;
  const { classSeats, publicUrl } = config;
  const ofClass = classSeats === null ? "" : `\n${classWords(publicUrl?.origin ?? url, await beginClass(classSeats))}`;
  console.log(`${pageWords(url, publicUrl)}${token}${others}${ofClass}`);
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

function endWith(error: unknown): never {
  console.error(explain(error));
  process.exit(error instanceof ConfigError ? CONFIG_EXIT : 1);
}

/** @param pagesAreThere asked once the settings are known to be right; it may build them */
export function runCoordinator(pagesAreThere: () => boolean = () => true): void {
  main(pagesAreThere).catch(endWith);
}
