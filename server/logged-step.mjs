import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const LOG_LINES_SHOWN = 40;

/** One line of progress, the output in a log, whose end is shown where a step fails. @returns whether none did */
export function loggedStep(title, logName, steps) {
  const logPath = join(ROOT, "build", logName);
  const log = openSync(logPath, "w");
  const startMs = Date.now();
  process.stderr.write(`${title}... `);
  const failed = steps.find(([program, args]) => {
    return spawnSync(program, args, { cwd: ROOT, stdio: ["ignore", log, log] }).status !== 0;
  });
  closeSync(log);
  if (failed === undefined) {
    process.stderr.write(`done in ${Math.round((Date.now() - startMs) / 1000)} s\n`);
    return true;
  }
  const lines = readFileSync(logPath, "utf8").trimEnd().split("\n");
  process.stderr.write(`failed:\n\n${lines.slice(-LOG_LINES_SHOWN).join("\n")}\n\n`);
  process.stderr.write(`${failed[0]} ${failed[1].join(" ")} failed. The whole output is in ${logPath}\n`);
  return false;
}
