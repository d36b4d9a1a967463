/**
 * The process in which the coordinators of tests run one beside the other; the threads and processes that compute are theirs in common.
 * It runs the compiled code, as every other coordinator does.
 */
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { compiledServer } from "../../server/compiled.mjs";
import { nameSourceLines } from "../../server/source-lines.mjs";

// Whoever asked is gone.
process.on("disconnect", () => process.exit(0));
process.umask(0o077);
nameSourceLines();
const compiled = await compiledServer();
const load = (name) => import(pathToFileURL(join(compiled, "server", name)).href);
const [{ readConfig }, { openCompute }, { startCoordinator }] = await Promise.all(
  ["config.js", "open-compute.js", "start-coordinator.js"].map(load),
);
const { executor, modelRuns } = openCompute({ ...readConfig(process.env, []), submitterOf: () => "anybody" });
const compute = { modelRuns, executor: { ...executor, close: async () => {} } };
const running = new Map();

async function start({ coordinator, dataDirectory, settings }) {
  const flags = ["--port", "0", "--data-dir", dataDirectory, ...settings.flags];
  const started = await startCoordinator(readConfig({ ...process.env, ...settings.environment }, flags), () => compute);
  running.set(coordinator, started);
  return started;
}

async function end({ coordinator }) {
  const ended = running.get(coordinator);
  running.delete(coordinator);
  await ended.close();
  return ended;
}

/** @param {import("./host-messages.ts").Asked} asked */
function hear(asked) {
  const { coordinator } = asked;
  /** @param {Omit<import("./host-messages.ts").Reply, "coordinator">} said */
  const reply = (said) => void process.send({ coordinator, ...said });
  (asked.kind === "start" ? start(asked) : end(asked)).then(
    ({ url, adminToken }) => reply({ url, adminToken, problem: null }),
    (error) => reply({ url: "", adminToken: null, problem: String(error.stack ?? error) }),
  );
}

process.on("message", hear);
