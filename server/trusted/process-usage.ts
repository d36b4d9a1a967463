/** How much memory and processor time a process has taken, as its system tells. */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";

export interface ProcessUsage {
  /** Resident set: WebAssembly heaps are in it, which V8 does not count. */
  readonly bytes: number;
  readonly cpuMs: number;
}

const PAGE_BYTES = 4096;
/** USER_HZ, of every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** @returns null where there is no such process any more, or nobody tells */
export async function processUsage(pid: number): Promise<ProcessUsage | null> {
  try {
    return process.platform === "linux" ? fromProc(pid) : await fromPs(pid);
  } catch {
    return null;
  }
}

/** At once: the kernel answers from memory, and five calls a file in other threads would take many times as long. */
function fromProc(pid: number): ProcessUsage {
  const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, "utf8");
  return usageOfProc(read("statm"), read("stat"));
}

/**
 * The most that this process ever held.
 * @example ownPeakBytes() / 2 ** 20 // 43.1, whatever the process that started this one holds
 */
export function ownPeakBytes(): number {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  // The system's `maxRSS` of a process begins with the memory of the process that started it.
  return peakBytesOf("self");
}

/** The most that a process of this Linux ever held. @throws Error where there is none */
export function peakBytesOf(pid: number | "self"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]);
}

/** @param stat the name in brackets, which may hold anything, comes before what is read here */
export function usageOfProc(statm: string, stat: string): ProcessUsage {
  const resident = Number(statm.split(" ")[1]);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return { bytes: resident * PAGE_BYTES, cpuMs: (userTicks + systemTicks) * MS_PER_TICK };
}

async function fromPs(pid: number): Promise<ProcessUsage> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=,time=", "-p", `${pid}`]);
  return usageOfPs(stdout);
}

/** Kilobytes, and [[days-]hours:]minutes:seconds with hundredths on some systems. */
export function usageOfPs(line: string): ProcessUsage {
  const [kilobytes = "", time = ""] = line.trim().split(/\s+/);
  const [days, clock] = time.includes("-") ? time.split("-") : ["0", time];
  const seconds = clock!.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return { bytes: Number(kilobytes) * 1024, cpuMs: (Number(days) * 86_400 + seconds) * 1000 };
}
