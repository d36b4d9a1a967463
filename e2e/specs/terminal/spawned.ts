/** A program in a process of its own, whose output is heard as it comes and whole at its end. */
import { type ChildProcessWithoutNullStreams, type SpawnOptions, spawn } from "node:child_process";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Each is called with all that this output has said so far. */
interface Heard {
  onOut?(out: string): void;
  onErr?(err: string, pid: number): void;
}

export function spawned(
  program: string,
  args: readonly string[],
  options: Pick<SpawnOptions, "cwd" | "env" | "detached">,
  { onOut, onErr }: Heard = {},
): { readonly child: ChildProcessWithoutNullStreams; readonly ended: Promise<Ended> } {
  const child = spawn(program, args, { ...options, stdio: "pipe" });
  let [out, err] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
    onOut?.(out);
  });
  child.stderr.on("data", (text) => {
    err += text;
    onErr?.(err, child.pid!);
  });
  return { child, ended: new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err }))) };
}
