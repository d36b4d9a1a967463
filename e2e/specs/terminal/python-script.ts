import { fileURLToPath } from "node:url";
import { spawned } from "./spawned.ts";

const PACKAGE = fileURLToPath(new URL("../../../docs/python", import.meta.url));

interface PythonScript {
  readonly python: string;
  /** Of the coordinator. */
  readonly url: string;
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Called with all that was printed so far. */
  readonly onOut?: (out: string) => void;
}

/** Runs a script that may import the Python client, in a folder, against a coordinator. */
export function pythonScript(
  script: string,
  { python, url, folder, environment = {}, onOut = () => {} }: PythonScript,
) {
  const own = { PYTHONPATH: PACKAGE, PYTHONDONTWRITEBYTECODE: "1", PARITAB_URL: url };
  const env = { ...process.env, ...own, ...environment };
  return spawned(python, ["-u", "-c", script], { cwd: folder, env }, { onOut });
}
