/**
 * What every npm script runs through: `node server/setup.mjs <command> [args...]`. Plain JavaScript without dependencies,
 * for on a fresh clone there is nothing else yet. It makes sure of Node, packages, Chromium and the built pages, in this
 * order, as far as the command needs them; then it runs the command and keeps its exit code.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { constants } from "node:os";
import { basename, delimiter, dirname, join, relative } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildPages } from "./built-pages.mjs";
import { loggedStep } from "./logged-step.mjs";
import { PROGRAMS } from "./program.mjs";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BUILD = join(ROOT, "build");
/** Installed by npm: packages lie where npm put them, and the pages came built. */
const IS_PACKAGE = basename(dirname(ROOT)) === "node_modules";
const NODE_MINIMUM = [20, 19];
const FAILURE_LINES_SHOWN = 12;
const PARENT_LOOK_MS = 200;

/** What each command needs before it runs, and its program. Those that measure and prove need packages that no coordinator needs. */
const COMMANDS = {
  // Its pages it builds itself, for it looks at its settings before.
  start: { chromium: false, pages: false, program: PROGRAMS[IS_PACKAGE ? "start" : "build-and-start"] },
  dev: { development: true, chromium: false, pages: true, program: "e2e/dev/dev.ts" },
  doctor: { chromium: false, pages: false, program: PROGRAMS.doctor },
  tokens: { chromium: false, pages: false, program: PROGRAMS.tokens },
  bans: { chromium: false, pages: false, program: PROGRAMS.bans },
  "migrate-store": { chromium: false, pages: false, program: PROGRAMS["migrate-store"] },
  "receipt-keys": { chromium: false, pages: false, program: PROGRAMS["receipt-keys"] },
  backups: { chromium: false, pages: false, program: PROGRAMS.backups },
  "audit-log": { chromium: false, pages: false, program: PROGRAMS["audit-log"] },
  paritab: { chromium: false, pages: false, program: PROGRAMS.paritab },
  demo: { chromium: true, pages: true, program: "e2e/demo/demo.ts" },
  join: { chromium: true, pages: false, program: PROGRAMS.join },
  swarm: { chromium: true, pages: true, program: "e2e/crowd/browser/swarm.ts" },
  proofs: { development: true, chromium: false, pages: true, program: "e2e/proofs/proofs.ts" },
  simulate: { development: true, chromium: false, pages: false, program: "e2e/proofs/simulator/simulate.ts" },
  mutants: { development: true, chromium: false, pages: false, program: "e2e/proofs/mutants/mutants.ts" },
  stryker: { development: true, chromium: false, pages: false, program: "e2e/proofs/mutants/stryker.ts" },
  torture: { development: true, chromium: false, pages: true, program: "e2e/proofs/torture/torture.ts" },
  fuzz: { development: true, chromium: false, pages: true, program: "e2e/proofs/fuzz/fuzz.ts" },
  attack: { development: true, chromium: false, pages: true, program: "e2e/proofs/attacks/attack.ts" },
  "slow-senders": {
    development: true,
    chromium: false,
    pages: true,
    program: "e2e/proofs/slow-senders/slow-senders.ts",
  },
  bench: { development: true, chromium: false, pages: false, program: "e2e/bench/bench.ts" },
  measure: { development: true, chromium: false, pages: false, program: "e2e/measured/measure-command.ts" },
  screenshots: { development: true, chromium: true, pages: true, program: "e2e/screenshots/screenshots.ts" },
  "hidden-tab": { development: true, chromium: true, pages: true, program: "e2e/bench/volunteer-times/hidden-tab.ts" },
  "first-unit": { development: true, chromium: true, pages: true, program: "e2e/bench/volunteer-times/first-unit.ts" },
  "test:cells": {
    development: true,
    chromium: false,
    pages: true,
    postgres: true,
    program: "e2e/proofs/cells/test-cells.ts",
  },
  test: { development: true, chromium: true, pages: true, postgres: true, program: null },
};

const START_HELP = `npm start -- [--port PORT] [--data-dir DIR] [--lan] [--allow-faults]

Starts a coordinator and prints the addresses of its three pages. Ctrl-C ends it: what tabs have in hand comes in first.

  --port PORT      instead of 8787, or of PARITAB_PORT
  --data-dir DIR   jobs, answers and keys; instead of ./data, or of PARITAB_DATA_DIR
  --lan            https for a local network, by a certificate authority of its own: docs/lan.md
  --allow-faults   for tests: serves tabs that misbehave on purpose, and lets programs join as volunteers

All other settings are environment variables: docs/run-a-coordinator.md.`;
const TEST_HELP =
  "npm test\n\nTypes, style, unit, property and simulator tests, then real Chromium; half an hour on two cores. docs/CONTRIBUTING.md has the parts.";
/** These say themselves how they are used. The others do so at the top of their file. */
const ANSWER_HELP = new Set(["tokens", "bans", "receipt-keys", "backups", "paritab", "swarm"]);

function helpOf(name, { program }) {
  if (name === "start") return START_HELP;
  if (program === null) return TEST_HELP;
  const [, comment] = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(join(ROOT, program), "utf8"));
  return comment
    .split("\n")
    .map((line) => line.replace(/^ \* ?/, "").trimEnd())
    .join("\n")
    .trim();
}

async function main(name, args) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) stop(`setup: expected one of ${Object.keys(COMMANDS).join(", ")}, got "${name}"`);
  const asksHelp = args.includes("--help") || args.includes("-h");
  if (asksHelp && !ANSWER_HELP.has(name) && (command.program === null || existsSync(join(ROOT, command.program)))) {
    console.log(helpOf(name, command));
    return;
  }
  checkNode();
  if (command.program !== null && !existsSync(join(ROOT, command.program))) {
    stop(`setup: ${name} needs the repository: the package has what runs coordinators, volunteers and jobs alone`);
  }
  mkdirSync(BUILD, { recursive: true });
  process.chdir(ROOT);
  const development = command.development === true;
  if (!IS_PACKAGE && !packagesAreInstalled(development)) installPackages(development);
  if (command.postgres) installPostgres();
  if (command.chromium && !asksHelp) process.env.PARITAB_CHROMIUM = await findOrInstallChromium();
  const pagesAreBuilt = asksHelp || !command.pages || IS_PACKAGE || buildPages();
  if (command.program === null) await runTests(pagesAreBuilt);
  else if (!pagesAreBuilt) stop("setup: the pages could not be built");
  else process.exitCode = await run(process.execPath, [...programOf(command.program), ...args]);
}

/** As Node is told to run it: the coordinator's own programs from compiled code, others with the TypeScript loader. */
function programOf(program) {
  const own = Object.entries(PROGRAMS).find(([, path]) => path === program);
  if (own !== undefined) return ["server/program.mjs", own[0]];
  return ["--import", "tsx", program];
}

// --- Node and packages ---------------------------------------------------------------------------------------------

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const isNewEnough = major > NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor >= NODE_MINIMUM[1]);
  if (!isNewEnough) stop(`Paritab needs Node ${NODE_MINIMUM.join(".")} or newer; this is ${process.versions.node}.`);
}

/**
 * Every package of the lockfile that is needed lies in node_modules in its version. By content: file times say little after a clone.
 * @param development those of tests and measurements too
 */
function packagesAreInstalled(development) {
  const installed = readJson(join(ROOT, "node_modules", ".package-lock.json"))?.packages;
  if (installed === undefined) return false;
  const wanted = readJson(join(ROOT, "package-lock.json"))?.packages ?? {};
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === "" || entry.optional || (entry.dev && !development) || installed[path]?.version === entry.version,
  );
}

function installPackages(development) {
  const hasLockfile = existsSync(join(ROOT, "package-lock.json"));
  const which = development ? "--include=dev" : "--omit=dev";
  const args = [hasLockfile ? "ci" : "install", which, "--no-audit", "--no-fund"];
  const title = `Installing npm packages (npm ${args[0]}, a minute or two)`;
  if (!loggedStep(title, "npm-install.log", [["npm", args]])) stop("setup: the packages could not be installed");
}

// --- Chromium ------------------------------------------------------------------------------------------------------

/** The path of a Chromium that runs. */
async function findOrInstallChromium() {
  const given = process.env.PARITAB_CHROMIUM;
  if (given) return runs(given) ? given : stop(`PARITAB_CHROMIUM: expected a Chromium that runs, got ${given}`);
  const found = await findChromium();
  if (found !== null) return found;

  const isRoot = process.getuid?.() === 0;
  if (mayAptGet()) {
    aptGet("Chromium", "chromium");
    const installed = await findChromium();
    if (installed !== null) return installed;
  }
  const playwright = [bin("playwright"), ["install", ...(isRoot ? ["--with-deps"] : []), "chromium"]];
  loggedStep("Installing Chromium with Playwright", "chromium-install.log", [playwright]);
  const advice = "sudo npx playwright install --with-deps chromium";
  return (
    (await findChromium()) ?? stop(`There is no Chromium that runs here, and it could not be installed. Run: ${advice}`)
  );
}

async function findChromium() {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const candidates = names.map(onPath);
  candidates.push("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
  try {
    const { chromium } = await import(pathToFileURL(join(ROOT, "node_modules/playwright/index.mjs")).href);
    candidates.push(chromium.executablePath());
  } catch {
    // Playwright knows no browser for this system; the others may do.
  }
  return candidates.find((path) => path !== null && runs(path)) ?? null;
}

function mayAptGet() {
  return process.getuid?.() === 0 && onPath("apt-get") !== null;
}

/** @returns whether it is installed now */
function aptGet(title, debianPackage) {
  process.env.DEBIAN_FRONTEND = "noninteractive";
  const steps = [
    ["apt-get", ["update"]],
    ["apt-get", ["install", "-y", "--no-install-recommends", debianPackage]],
  ];
  return loggedStep(`Installing ${title} with apt-get`, `${debianPackage}-install.log`, steps);
}

/**
 * Tests start servers of their own. On a developer's machine without PostgreSQL they leave out what needs one, and say so; where it can be
 * installed it is, and the tests fail if it cannot.
 */
function installPostgres() {
  const isThere = onPath("initdb") !== null || existsSync("/usr/lib/postgresql");
  if (isThere || !mayAptGet()) return;
  if (!aptGet("PostgreSQL", "postgresql")) stop("setup: PostgreSQL could not be installed, which tests need");
}

/** A file of that name is not enough: on some systems it only tells how to install the real one. */
function runs(path) {
  return existsSync(path) && spawnSync(path, ["--version"], { timeout: 60_000 }).status === 0;
}

function onPath(name) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

// --- tests ---------------------------------------------------------------------------------------------------------

/**
 * Everything, even after a failure; the counts are the very last line. Browser tests wait a good deal, so they run beside all
 * the others. Proofs wait too: unit tests, which keep every processor at work, come after them, when browser tests are over.
 */
async function runTests(pagesAreBuilt) {
  const results = join(BUILD, "test-results");
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  process.env.PLAYWRIGHT_JSON_OUTPUT_NAME = join(results, "browser.json");
  const vitest = (title, project) => {
    const file = join(results, `${title}.json`);
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const count = () => vitestCounts(readJson(file));
    const failures = () => vitestFailures(readJson(file));
    return { title, tool: "vitest", args: ["run", "--project", project, ...reporters], count, failures };
  };
  const beside = [
    { title: "types", tool: "tsc", args: ["-b"], count: countOfExit },
    { title: "style", tool: "biome", args: ["check", "."], count: countOfExit },
    vitest("proofs", "proofs*"),
    vitest("unit tests", "unit"),
  ];
  const browser = {
    title: "browser tests",
    tool: "playwright",
    args: ["test", "--reporter=list,json"],
    count: () => playwrightCounts(readJson(process.env.PLAYWRIGHT_JSON_OUTPUT_NAME)),
    failures: () => playwrightFailures(readJson(process.env.PLAYWRIGHT_JSON_OUTPUT_NAME)),
  };
  const done = (await Promise.all([beside, [browser]].map(runSteps))).flat();
  if (stoppedBy !== null) process.exit(128 + constants.signals[stoppedBy]);
  const pages = pagesAreBuilt ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
  const total = [{ counts: pages }, ...done].reduce((sum, { counts }) => added(sum, counts), NOTHING);
  // Once more at the end: of a log that somebody cut, the end is there.
  for (const { title, failures } of done) {
    for (const { test, message } of failures) console.log(`\nFAILED (${title}) ${test}\n${message}`);
  }
  console.log();
  for (const { title, counts, ms } of done) console.log(`--- ${title}: ${line(counts)} in ${seconds(ms)}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
  console.log(`\n${line(total)}`);
}

/** What ended the tests before their time. */
let stoppedBy = null;

/** One after the other. */
async function runSteps(steps) {
  const done = [];
  for (const { title, tool, args, count, failures = () => [] } of steps) {
    if (stoppedBy !== null) break;
    const startMs = Date.now();
    console.log(`--- ${title}: ${tool} ${args[0]}`);
    const status = await run(bin(tool), args, title);
    const counts = count(status);
    // A tool that failed without a failed test (a file that does not load, no tests at all) is a failure of its own.
    if (status !== 0 && counts.failed === 0) counts.failed = 1;
    if (counts.passed + counts.failed === 0) counts.failed = 1;
    done.push({ title, counts, failures: failures(), ms: Date.now() - startMs });
    console.log(`--- ${title}: ${line(counts)} in ${seconds(done.at(-1).ms)}`);
  }
  return done;
}

const NOTHING = { passed: 0, failed: 0, skipped: 0 };
const added = (a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped });
const seconds = (ms) => `${Math.round(ms / 1000)} s`;

const line = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

const countOfExit = (status) => ({ passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 });

function vitestCounts(report) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of report?.testResults ?? []) {
    const statuses = file.assertionResults.map((test) => test.status);
    const failed = statuses.filter((status) => status === "failed").length;
    counts.passed += statuses.filter((status) => status === "passed").length;
    counts.failed += failed === 0 && file.status === "failed" ? 1 : failed;
    counts.skipped += statuses.filter((status) => status !== "passed" && status !== "failed").length;
  }
  return counts;
}

function playwrightCounts(report) {
  const { expected = 0, unexpected = 0, flaky = 0, skipped = 0 } = report?.stats ?? {};
  return { passed: expected, failed: unexpected + flaky, skipped };
}

/** @returns each failed test: its file and title, and the first lines of its message */
function vitestFailures(report) {
  return (report?.testResults ?? []).flatMap((file) => {
    const name = relative(ROOT, file.name);
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    if (failed.length === 0 && file.status === "failed") return [{ test: name, message: firstLines(file.message) }];
    return failed.map((test) => ({
      test: `${name} > ${test.fullName}`,
      message: firstLines(test.failureMessages.join("\n")),
    }));
  });
}

function playwrightFailures(report) {
  const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)];
  const failed = (report?.suites ?? []).flatMap(specs).filter((spec) => !spec.ok);
  return failed.map((spec) => {
    const errors = spec.tests.flatMap((test) => test.results.flatMap((result) => result.errors));
    return {
      test: `${spec.file}:${spec.line} > ${spec.title}`,
      // A test may have failed for several reasons, each with its own first lines.
      message: errors.map((error) => firstLines(error.message)).join("\n"),
    };
  });
}

const firstLines = (text) => text.split("\n").slice(0, FAILURE_LINES_SHOWN).join("\n");

// --- processes -----------------------------------------------------------------------------------------------------

/**
 * Runs a program in the foreground; signals reach it.
 * @param title stands before each of its lines, where others run beside it
 * @returns its exit code, 128 + n where signal n ended it
 */
function run(program, args, title = null) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, stdio: title === null ? "inherit" : ["ignore", "pipe", "pipe"] });
    if (title !== null) for (const output of [child.stdout, child.stderr]) printLines(output, title);
    // A terminal sends Ctrl-C to the child itself: sent on, it would arrive twice.
    const forward = (signal) => {
      stoppedBy = signal;
      if (signal !== "SIGINT" || process.stdin.isTTY !== true) child.kill(signal);
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, forward);
    // Where a signal has come by itself, npm and the shell died of the same one: that is no second wish to stop.
    const stopWatching = whenNpmIsGone(() => {
      if (stoppedBy === null) forward("SIGTERM");
    });
    const end = (status) => {
      stopWatching();
      for (const signal of signals) process.off(signal, forward);
      resolve(status);
    };
    child.on("error", (error) => {
      console.error(`${program}: ${error.message}`);
      end(127);
    });
    // Not `exit`: what it said last is still to be read then.
    child.on("close", (status, signal) => end(status ?? 128 + (constants.signals[signal] ?? 0)));
  });
}

function printLines(output, title) {
  createInterface({ input: output }).on("line", (said) => console.log(said === "" ? "" : `${title} | ${said}`));
}

/**
 * npm hands SIGTERM to the shell between it and us, which dies of it and tells nobody: we notice that we have another parent.
 * @returns stops watching
 */
function whenNpmIsGone(act) {
  if (process.env.npm_lifecycle_event === undefined) return () => {};
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, PARENT_LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function bin(tool) {
  return join(ROOT, "node_modules", ".bin", tool);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

function stop(message) {
  console.error(message);
  process.exit(1);
}

await main(process.argv[2] ?? "", process.argv.slice(3));
