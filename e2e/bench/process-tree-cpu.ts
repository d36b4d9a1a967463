/** Processor time of a process with all its threads and all processes that it began, ended ones too, as Linux counts it. */
import { readdirSync, readFileSync } from "node:fs";

/** Linux counts in hundredths of a second, whatever the clock of its kernel. */
const MS_PER_TICK = 10;

interface ProcessStat {
  readonly parent: number;
  /** Of its own threads alone. */
  readonly ownMs: number;
  /** Its own, and that of its children that have ended and were waited for. */
  readonly cpuMs: number;
}

/**
 * @param pid of the process at the root
 * @returns milliseconds since it began
 * @throws Error where the system has no /proc, or no such process
 * @example processTreeCpuMs(process.pid) // -> 1840
 */
export function processTreeCpuMs(pid: number): number {
  const stats = new Map<number, ProcessStat>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? statOf(Number(name)) : null;
    if (stat !== null) stats.set(Number(name), stat);
  }
  if (!stats.has(pid)) throw new Error(`process tree: expected a process ${pid} in /proc, got none`);
  const isBelow = (one: number): boolean => {
    if (one === pid) return true;
    const parent = stats.get(one)?.parent;
    return parent !== undefined && parent !== one && isBelow(parent);
  };
  return [...stats].reduce((sum, [one, { cpuMs }]) => (isBelow(one) ? sum + cpuMs : sum), 0);
}

/** The same of all processes that it began, without its own threads. Linux counts those that have ended as its own, beside its threads. */
export function childrenCpuMs(pid: number): number {
  return processTreeCpuMs(pid) - itself(pid).ownMs;
}

/** Of these, the processes that are there. */
export function livingChildrenCpuMs(pid: number): number {
  return processTreeCpuMs(pid) - itself(pid).cpuMs;
}

function itself(pid: number): ProcessStat {
  const stat = statOf(pid);
  if (stat === null) throw new Error(`process tree: expected a process ${pid} in /proc, got none`);
  return stat;
}

/** Of the thread that a process began with. */
export function mainThreadCpuMs(pid: number): number {
  return cpuMsIn(fieldsOf(readFileSync(`/proc/${pid}/task/${pid}/stat`, "utf8")), 2);
}

/** Processes end while one looks: null. */
function statOf(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "utf8");
  } catch {
    return null;
  }
  const fields = fieldsOf(text);
  return { parent: Number(fields[1]), ownMs: cpuMsIn(fields, 2), cpuMs: cpuMsIn(fields, 4) };
}

/** Its name stands in brackets and may hold anything; what follows are numbers: state, parent, ..., utime, stime, cutime, cstime. */
function fieldsOf(stat: string): string[] {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

/** @param count 2: its own time; 4: with that of children that have ended */
function cpuMsIn(fields: readonly string[], count: 2 | 4): number {
  return fields.slice(11, 11 + count).reduce((sum, ticks) => sum + Number(ticks), 0) * MS_PER_TICK;
}
