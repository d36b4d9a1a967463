/** Whoever follows a page of docs/ gets through: its commands are run as they stand, against a real coordinator with real tabs. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { freePort } from "../../server/testing/free-port.ts";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";
import { type Block, type Page, pages } from "../proofs/tree/docs-page.ts";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));
const PAGES = [
  "volunteer.md",
  "first-job.md",
  "command-line.md",
  "regression-jobs.md",
  "python.md",
  "library.md",
  "streams.md",
];
const TABS = 7;
const READY_MS_MAX = 240_000;

let folder: string;
let port: number;
const terminals = new Map<string, ChildProcess>();
const hasNumpy = spawnSync("python3", ["-c", "import numpy"]).status === 0;

/** What the commands of the page that is being followed have written so far. */
let transcript = "";

test.beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "paritab-docs-"));
  port = await freePort();
  // Several pages say it, others take it for done.
  const { status, output } = await bash("npm link", REPOSITORY);
  expect(status, output).toBe(0);
});
// Of commands that do not end nothing else is known.
test.afterEach(async () => {
  if (test.info().status === "timedOut") console.log(transcript, await whatIsGoingOn());
});
test.afterAll(async () => {
  for (const terminal of [...terminals.values()].reverse()) await end(terminal);
  rmSync(folder, { recursive: true, force: true });
});

for (const name of PAGES) {
  test(`whoever follows docs/${name} gets through`, async () => {
    const page = pages().find((one) => one.name === name)!;
    for (const { kind, code } of page.blocks) if (kind === "sh terminal") await openTerminal(code);
    const work = mkdtempSync(join(folder, "work-"));
    const { status, output } = await bash(scriptOf(page), work);
    expect(status, output).toBe(0);
  });
}

/** All blocks of a page as one script: what one sets, the next may use. */
function scriptOf({ blocks }: Page): string {
  return ["set -eu", ...blocks.flatMap(linesOf)].join("\n");
}

function linesOf({ kind, code }: Block): string[] {
  if (kind === "sh") return [here(code)];
  if (kind === "sh repository") return [`(cd "$REPOSITORY"\n${here(code)})`];
  if (kind === "py" && hasNumpy) return [`python3 - <<'PYTHON'\n${code}PYTHON`];
  return [];
}

const here = (code: string) => code.replaceAll("localhost:8787", `localhost:${port}`);

function environment(): NodeJS.ProcessEnv {
  const bin = join(folder, "npm", "bin");
  mkdirSync(bin, { recursive: true });
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith("PARITAB_") && !name.startsWith("npm_"));
  return {
    ...Object.fromEntries(kept),
    PATH: `${bin}:${process.env.PATH}`,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, "config"),
    // `npm link` links here, and asks nobody.
    npm_config_prefix: join(folder, "npm"),
    npm_config_offline: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    REPOSITORY,
    PARITAB_URL: `http://localhost:${port}`,
  };
}

/** Runs on until the end of all tests. The same command in two pages is one terminal. */
async function openTerminal(code: string): Promise<void> {
  if (terminals.has(code)) return;
  const { PARITAB_URL: _, REPOSITORY: __, ...rest } = environment();
  const chromium = process.env.PARITAB_CHROMIUM;
  const terminal = spawn("bash", ["-c", here(code)], {
    cwd: REPOSITORY,
    env: {
      ...rest,
      HOME: process.env.HOME ?? folder,
      PARITAB_PORT: String(port),
      PARITAB_DATA_DIR: join(folder, "data"),
      ...(chromium === undefined ? {} : { PARITAB_CHROMIUM: chromium }),
    },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  terminals.set(code, terminal);
  let output = "";
  for (const stream of [terminal.stdout!, terminal.stderr!]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const isReady = code.startsWith("npm start") ? coordinatorIsUp : tabsAreReady;
  const endMs = Date.now() + READY_MS_MAX;
  while (!(await isReady())) {
    const problem =
      terminal.exitCode !== null ? `ended with ${terminal.exitCode}` : Date.now() > endMs ? "is not ready" : null;
    if (problem !== null) throw new Error(`${code.trim()}: ${problem}\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function whatIsGoingOn(): Promise<string> {
  const asked = [client().jobs(), client().sessions(), client().volunteers()];
  return JSON.stringify(await Promise.all(asked), null, 1);
}

const client = () => createParitabClient({ baseUrl: `http://localhost:${port}` });
const coordinatorIsUp = () => client().health();
const tabsAreReady = async () => {
  const sessions = await client().sessions();
  return sessions.filter(({ state }) => state === "idle" || state === "working").length >= TABS;
};

function bash(script: string, cwd: string): Promise<{ status: number | null; output: string }> {
  const child = spawn("bash", ["-c", script], { cwd, env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  transcript = `${script}\n---\n`;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      transcript += chunk;
    });
  }
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, output: transcript })));
}

/** The whole group: npm, the program below it, its browser. */
async function end(terminal: ChildProcess): Promise<void> {
  if (terminal.exitCode !== null || terminal.signalCode !== null) return;
  // The shell exits at once; its output closes when the coordinator, too, has written what it had to, into the folder that is removed next.
  const ended = new Promise((resolve) => terminal.once("close", resolve));
  process.kill(-terminal.pid!, "SIGTERM");
  await ended;
}
