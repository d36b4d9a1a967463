/** Starts another program of the project in this terminal, and ends as it does. */
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExitCode } from "../exit-codes.ts";

const SETUP = fileURLToPath(new URL("../../setup.mjs", import.meta.url));

/** @param pathFlags whose values are files: that program runs in another folder */
export function handOn(command: string, args: readonly string[], pathFlags: readonly string[]): Promise<ExitCode> {
  const absolute = args.map((arg, i) => {
    if (pathFlags.includes(args[i - 1] ?? "")) return resolve(arg);
    const flag = pathFlags.find((name) => arg.startsWith(`${name}=`));
    return flag === undefined ? arg : `${flag}=${resolve(arg.slice(flag.length + 1))}`;
  });
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [SETUP, command, ...absolute], { stdio: "inherit" });
    const terminate = () => child.kill("SIGTERM");
    process.once("SIGTERM", terminate);
    child.once("error", failed);
    child.once("exit", (code, signal) => {
      process.off("SIGTERM", terminate);
      done((code ?? 128 + (constants.signals[signal!] ?? 0)) as ExitCode);
    });
  });
}
