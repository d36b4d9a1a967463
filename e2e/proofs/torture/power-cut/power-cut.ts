/** Pulls the plug of a process: it runs with power-cut.c before it, and its disk is then what a power cut would have left. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RandomSource } from "../../../../shared/random/random.ts";
import { DiskImage } from "./disk-image.ts";
import { readWriteLog } from "./write-log.ts";

const SOURCE = join(import.meta.dirname, "power-cut.c");

/** Why it cannot be done on this machine, in words; null: it can. */
export function noPowerCut(): string | null {
  if (process.platform !== "linux") return "power cuts: expected Linux, whose loader preloads libraries";
  const found = spawnSync("cc", ["--version"], { stdio: "ignore" }).status === 0;
  return found ? null : "power cuts: expected a C compiler named cc";
}

export class PowerCut {
  readonly #directory = mkdtempSync(join(tmpdir(), "paritab-power-cut-"));
  readonly #library = join(this.#directory, "power-cut.so");
  readonly #root: string;
  #log = "";
  #lives = 0;
  #before: DiskImage;

  /**
   * @param root the directory that the plug is pulled of, by its real path
   * @throws Error where the library cannot be compiled
   */
  constructor(root: string) {
    this.#root = root;
    const compiled = spawnSync("cc", ["-shared", "-fPIC", "-O2", "-o", this.#library, SOURCE, "-ldl", "-lpthread"]);
    if (compiled.status !== 0) throw new Error(`power-cut.c: expected it to compile, got\n${compiled.stderr}`);
    this.#before = new DiskImage(root);
  }

  /** The environment of the next life. What lies on the disk now is durable. */
  environment(): Record<string, string> {
    this.#before = new DiskImage(this.#root);
    if (this.#log !== "") rmSync(this.#log, { force: true });
    this.#log = join(this.#directory, `life-${this.#lives++}.log`);
    // Its own thread pool makes the calls that are seen, not the kernel's ring.
    return { LD_PRELOAD: this.#library, POWER_CUT_ROOT: this.#root, POWER_CUT_LOG: this.#log, UV_USE_IO_URING: "0" };
  }

  /**
   * The process is dead. Its directory becomes what the cut leaves.
   * @returns writes and names that were at risk
   */
  pull(random: RandomSource): number {
    const image = this.#before;
    if (existsSync(this.#log)) for (const record of readWriteLog(this.#log)) image.add(record);
    const { atRisk } = image;
    image.cut(random);
    return atRisk;
  }

  close(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
