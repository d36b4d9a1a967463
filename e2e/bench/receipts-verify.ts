/** `node --import tsx e2e/bench/receipts-verify.ts FILE`: `paritab verify FILE` in a process of its own; prints its exit code, time and memory. */
import { cli } from "../specs/terminal/fake-terminal.ts";

const startMs = performance.now();
const { code } = await cli(["verify", process.argv[2]!]);
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuMs = (userCPUTime + systemCPUTime) / 1_000;
console.log(JSON.stringify({ code, cpuMs, ms: performance.now() - startMs, megabytes: maxRSS / 1024 }));
