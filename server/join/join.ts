/**
 * `paritab join --url URL`: a volunteer without a screen. It opens the volunteer's page in a Chromium of its own, sets what was asked for,
 * presses Start, and says how it goes until Ctrl-C, which finishes the batch in hand first.
 */
import { createHash, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium, type Page } from "playwright";
import { TAB_THREADS_MAX } from "../../shared/protocol/limits.ts";
import { plainLines } from "../../shared/protocol/plain-text.ts";
import { chromiumPath } from "./chromium-path.ts";

const SAID_EVERY_MS = 10_000;
const FINISH_MS_MAX = 60_000;

interface JoinOptions {
  readonly url: string;
  readonly threads: number | null;
  /** Of the time, in percent. */
  readonly intensity: number | null;
  readonly nickname: string | null;
  readonly team: string | null;
  /** Works on though the machine is under pressure. */
  readonly alsoWhenBusy: boolean;
  /** Where its key and settings lie: who comes back is the same volunteer. */
  readonly profile: string;
  /** PEM of an authority that this browser is to trust besides those of the system; null: none. */
  readonly authority: string | null;
}

/** @throws Error that says everything that is wrong with the flags, one line each */
export function readJoinOptions(
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  read: (path: string) => string = (path) => readFileSync(path, "utf8"),
): JoinOptions {
  const text = { type: "string" } as const;
  const options = {
    url: text,
    threads: text,
    intensity: text,
    nickname: text,
    team: text,
    profile: text,
    ca: text,
    "also-when-busy": { type: "boolean", default: false },
  } as const;
  const { values } = parseArgs({ args: [...argv], options });
  const problems: string[] = [];
  const wholeNumber = (flag: "threads" | "intensity", least: number, most: number): number | null => {
    const given = values[flag];
    if (given === undefined) return null;
    const value = /^\d{1,3}$/.test(given) ? Number(given) : Number.NaN;
    if (!(value >= least && value <= most)) {
      problems.push(`--${flag}: expected a whole number from ${least} to ${most}, got "${given}"`);
    }
    return value;
  };
  const url = values.url ?? "";
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    problems.push(`--url: expected an address like https://paritab.example.org, got "${url || "nothing"}"`);
  }
  const threads = wholeNumber("threads", 1, TAB_THREADS_MAX);
  const intensity = wholeNumber("intensity", 5, 100);
  let authority: string | null = null;
  try {
    if (values.ca !== undefined) authority = new X509Certificate(read(values.ca)).toString();
  } catch (error) {
    problems.push(`--ca: expected a file with a certificate, got ${values.ca}: ${(error as Error).message}`);
  }
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const data = environment.XDG_DATA_HOME || join(homedir(), ".local", "share");
  return {
    url,
    threads,
    intensity,
    nickname: values.nickname ?? null,
    team: values.team ?? null,
    alsoWhenBusy: values["also-when-busy"],
    profile: values.profile ?? join(data, "paritab", "volunteer"),
    authority,
  };
}

async function main(): Promise<void> {
  const options = readJoinOptions(process.argv.slice(2), process.env);
  const context = await open(options);
  const page = context.pages()[0] ?? (await context.newPage());
  let signals = 0;
  const asked = new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.on(signal, () => {
        if (++signals > 1) process.exit(130);
        resolve();
      });
    }
  });
  await start(page, options);
  let said = "";
  const tell = async () => {
    const now = await stateOf(page);
    if (now !== said) console.error(plainLines(now));
    said = now;
  };
  const timer = setInterval(() => void tell().catch(() => {}), SAID_EVERY_MS);
  await Promise.race([asked, new Promise((gone) => context.once("close", gone))]);
  clearInterval(timer);
  if (signals > 0) await finish(page);
  await context.close();
  if (signals === 0) throw new Error("the browser has ended by itself");
}

async function open({ profile, authority }: JoinOptions): Promise<BrowserContext> {
  mkdirSync(profile, { recursive: true, mode: 0o700 });
  const executablePath = chromiumPath();
  const trusted = authority === null ? [] : [`--ignore-certificate-errors-spki-list=${publicKeyHash(authority)}`];
  try {
    return await chromium.launchPersistentContext(profile, {
      headless: true,
      // As root, in containers, Chromium has no sandbox of its own.
      chromiumSandbox: process.getuid?.() !== 0,
      args: ["--no-first-run", "--disable-background-networking", "--disable-component-update", ...trusted],
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      ...(executablePath === undefined ? {} : { executablePath }),
    });
  } catch (error) {
    const reason = String((error as Error).message).split("\n")[0];
    const advice = `set PARITAB_CHROMIUM to a Chromium; does another \`paritab join\` work with ${profile}? --profile names another`;
    throw new Error(`chromium: expected it to start, got ${reason}; ${advice}`, { cause: error });
  }
}

/** As Chromium wants it: base64 of the sha-256 of the public key. */
function publicKeyHash(certificate: string): string {
  const { publicKey } = new X509Certificate(certificate);
  return createHash("sha256")
    .update(publicKey.export({ type: "spki", format: "der" }))
    .digest("base64");
}

async function start(page: Page, options: JoinOptions): Promise<void> {
  const { url, threads, intensity, nickname, team, alsoWhenBusy } = options;
  await page.goto(url).catch((error: unknown) => {
    throw new Error(`${url} cannot be opened: ${String((error as Error).message).split("\n")[0]}`, { cause: error });
  });
  const button = page.getByRole("button", { name: "Start", exact: true });
  await button.or(page.getByRole("button", { name: "Stop at once" })).waitFor();
  if (threads !== null) await page.getByLabel("Compute threads").selectOption(String(threads));
  if (intensity !== null) await page.getByRole("slider", { name: "Intensity" }).fill(String(intensity));
  if (nickname !== null) await page.getByLabel("Nickname").fill(nickname);
  if (team !== null) await page.getByLabel("Team", { exact: true }).fill(team);
  await page.getByLabel("Ease off when the computer is busy or hot").setChecked(!alsoWhenBusy);
  if (await button.isVisible()) await button.click();
  console.error(`joined ${url}; Ctrl-C finishes the batch in hand, twice ends at once`);
}

async function stateOf(page: Page): Promise<string> {
  const textOf = async (testId: string) =>
    (await page.getByTestId(testId).count()) > 0 && page.getByTestId(testId).textContent();
  const title = await page.locator(".state").textContent();
  const why = await textOf("why");
  const done = await textOf("done");
  return `${title}. ${why || ""}${done ? ` ${done} batches done.` : ""}`;
}

async function finish(page: Page): Promise<void> {
  const button = page.getByRole("button", { name: "Finish, then stop" });
  if (!(await button.isVisible().catch(() => false))) return;
  await button.click();
  await page
    .getByRole("heading", { name: "Finished" })
    .waitFor({ timeout: FINISH_MS_MAX })
    .catch(() => undefined);
  console.error(plainLines(await stateOf(page)));
}

if (process.argv[1] === import.meta.filename) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}
