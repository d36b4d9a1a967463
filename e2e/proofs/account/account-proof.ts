/**
 * `npx tsx e2e/proofs/account/account-proof.ts [--drawn 1500] [--seed 1]`, or `npm run proofs -- --only account`: the most that a coalition gets
 * through the product's account, exactly, in every setting of settings.ts. Ends with 1 if any gets more than eps allows.
 */
import { parseArgs } from "node:util";
import { sayUsageErrors } from "../../flags/usage-error.ts";
import { wholeNumber } from "../../flags/whole-number.ts";
import { worstInTurn } from "./in-turn.ts";
import { gainInterleaved, ratioInterleaved } from "./interleaved.ts";
import { PRODUCT, withCoins } from "./regime.ts";
import { drawnBlocks, equalBlocks, productBlocks, type Setting } from "./settings.ts";

/** Rounding of sums, in shares of eps M. */
const ROUNDING = 1e-9;

sayUsageErrors();
const { values } = parseArgs({
  options: { drawn: { type: "string", default: "1500" }, seed: { type: "string", default: "1" } },
});
let isSound = true;

function look(name: string, settings: Iterable<Setting>): void {
  let [count, largest, at] = [0, 0, ""];
  for (const { words, game } of settings) {
    const { ratio } = worstInTurn(game);
    count++;
    if (ratio > largest) [largest, at] = [ratio, words];
  }
  if (largest > 1 + ROUNDING) isSound = false;
  console.log(`${name}: ${count} settings, largest E[wrong and final] / (eps M) ${largest.toFixed(5)} at ${at}`);
}

look("equal blocks", equalBlocks("whole"));
look("the product's terms", productBlocks("whole"));
look("drawn blocks", drawnBlocks(wholeNumber("--drawn", values.drawn, 1), wholeNumber("--seed", values.seed, 0)));

const SEVERAL = [
  [10, 10],
  [20, 20],
  [6, 6, 6],
  [12, 3, 1],
  [4, 4, 4, 4],
  [3, 5, 2, 4],
  [1, 1, 1, 1, 1, 1],
] as const;
for (const sizes of SEVERAL) {
  for (const [regime, words] of [
    [withCoins(0.05, 1), "c0 .05"],
    [withCoins(0.35, 1), "c0 .35"],
    [PRODUCT, "product"],
  ] as const) {
    for (const answerBound of [0.05, 0.2]) {
      const retries = sizes.length > 4 ? 0 : 1;
      const { gain, states } = gainInterleaved({ regime, answerBound, sizes, retries, mayCancel: true, price: 1 });
      const ratio = ratioInterleaved({ regime, answerBound, sizes, retries: 0 });
      if (gain > ROUNDING) isSound = false;
      console.log(
        `open at once: ${sizes.join()} rows, eps ${answerBound}, ${words}: gain above eps M ${gain.toFixed(6)} (${states} states), ratio ${ratio.toFixed(3)}`,
      );
    }
  }
}
console.log(isSound ? "nothing gets more than eps allows" : "MORE THAN EPS ALLOWS");
process.exitCode = isSound ? 0 : 1;
