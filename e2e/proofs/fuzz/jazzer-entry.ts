/** What jazzer.js calls with its inputs: one parser, named in the environment. Built as one script, so that all of it is watched. */
import { messageTarget } from "./message-target.ts";
import { parserTargets } from "./parser-targets.ts";

const targets = [...parserTargets(), messageTarget];
const target = targets.find(({ name }) => name === process.env.FUZZ_TARGET);
if (target === undefined) throw new Error(`FUZZ_TARGET: expected one of ${targets.map(({ name }) => name).join(", ")}`);
const { errors, run } = target;

export function fuzz(data: Buffer): void {
  try {
    void run(Uint8Array.from(data));
  } catch (error) {
    if (!(error instanceof Error && errors.includes(error.name))) throw error;
  }
}
