/**
 * `npm run proofs [-- --only simulate,torture] [--times 4] [--list]`: the long form of each proof whose short form is in the
 * gate, one after the other; --times makes seeds, cycles, seconds and sockets so many times as many. One line a proof at the
 * end. Other settings: each proof's own command (docs/proofs.md).
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { sayUsageErrors, UsageError } from "../flags/usage-error.ts";
import { wholeNumber } from "../flags/whole-number.ts";
import { noPowerCut } from "./torture/power-cut/power-cut.ts";

interface Proof {
  readonly name: string;
  readonly program: string;
  readonly args: (times: number) => readonly (string | number)[];
}

const PROOFS: readonly Proof[] = [
  {
    name: "simulate, safety",
    program: "simulator/simulate.ts",
    args: (times) => ["--seeds", 600 * times, "--start", 10_000],
  },
  {
    name: "simulate, liveness",
    program: "simulator/simulate.ts",
    args: (times) => ["--seeds", 150 * times, "--start", 20_000, "--mode", "liveness"],
  },
  {
    name: "simulate, several coordinators",
    program: "simulator/simulate.ts",
    args: (times) => ["--seeds", 300 * times, "--start", 30_000, "--mode", "cells"],
  },
  {
    name: "simulate, a thousand tabs",
    program: "simulator/simulate.ts",
    args: (times) => ["--seeds", times, "--start", 3_000_001, "--tabs", 1_000],
  },
  { name: "torture, kill", program: "torture/torture.ts", args: (times) => ["--cycles", 50 * times] },
  ...(noPowerCut() === null
    ? [
        {
          name: "torture, power cut",
          program: "torture/torture.ts",
          args: (times: number) => ["--cycles", 50 * times, "--fault", "power"],
        },
      ]
    : []),
  { name: "account", program: "account/account-proof.ts", args: (times) => ["--drawn", 1_500 * times] },
  { name: "fuzz", program: "fuzz/fuzz.ts", args: (times) => ["--seconds", 5 * times] },
  {
    name: "fuzz, packing",
    program: "fuzz/fuzz.ts",
    args: (times) => ["packing", "--graphs", 5_000 * times, "--seed", 100_000],
  },
  { name: "memory", program: "memory/memory.ts", args: (times) => ["--jobs", 3_000 * times, "--real", 2_000 * times] },
  { name: "receipts", program: "receipts/edits.ts", args: (times) => ["--edits", 10_000 * times] },
  { name: "attacks", program: "attacks/attack.ts", args: () => [] },
  { name: "journeys", program: "journeys/journeys.ts", args: () => [] },
  { name: "slow senders", program: "slow-senders/slow-senders.ts", args: (times) => ["--sockets", 2_000 * times] },
  { name: "mutants", program: "mutants/mutants.ts", args: () => [] },
];

sayUsageErrors();
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    times: { type: "string", default: "1" },
    list: { type: "boolean", default: false },
  },
});
const times = wholeNumber("--times", values.times, 1);
const parts = values.only?.split(",") ?? [""];
const chosen = PROOFS.filter(({ name }) => parts.some((part) => name.includes(part)));
if (chosen.length === 0) {
  const names = PROOFS.map(({ name }) => name).join("; ");
  throw new UsageError(`--only: expected parts of ${names}, got "${values.only}"`);
}

const verdicts: string[] = [];
for (const { name, program, args } of chosen) {
  const command = [`e2e/proofs/${program}`, ...args(times).map(String)];
  console.log(`--- ${name}: ${command.join(" ")}`);
  if (values.list) continue;
  const startMs = performance.now();
  const { status } = spawnSync(process.execPath, ["--import", "tsx", ...command], { stdio: "inherit" });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  verdicts.push(`${status === 0 ? "holds" : "FAILED"}  ${name}, ${seconds} s`);
  if (status !== 0) process.exitCode = 1;
}
if (verdicts.length > 0) console.log(`\n${verdicts.join("\n")}`);
