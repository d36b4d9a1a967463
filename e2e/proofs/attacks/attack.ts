/**
 * `npm run attack -- [NAME] [--seed N] [--short] [--times N]`: what attackers of our own did to a coordinator, done again, with its figure
 * before and after. Without a name: all of them. Those that take long say on standard error how far they are.
 */
import { parseArgs } from "node:util";
import { sayUsageErrors, UsageError } from "../../flags/usage-error.ts";
import { wholeNumber } from "../../flags/whole-number.ts";
import { ATTACKS } from "./attacks.ts";

sayUsageErrors();
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    short: { type: "boolean", default: false },
    times: { type: "string" },
  },
});
const seed = wholeNumber("--seed", values.seed, 0);
const times = values.times === undefined ? {} : { times: wholeNumber("--times", values.times, 1) };
const unknown = positionals.find((name) => !Object.hasOwn(ATTACKS, name));
if (unknown !== undefined) {
  throw new UsageError(`attack: expected one of ${Object.keys(ATTACKS).join(", ")}, got "${unknown}"`);
}
for (const name of positionals.length > 0 ? positionals : Object.keys(ATTACKS)) {
  const startMs = performance.now();
  const progress = (line: string) =>
    console.error(`${((performance.now() - startMs) / 1000).toFixed(0)} s ${name}: ${line}`);
  const { before, after, holds } = await ATTACKS[name]!({ seed, isLong: !values.short, progress, ...times });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(
    `${name}: ${holds ? "held" : "DID NOT HOLD"} (${seconds} s, seed ${seed})\n  before: ${before}\n  after:  ${after}`,
  );
  if (!holds) process.exitCode = 1;
}
