/** Which accounts the programs look at. */
import { simulationRandom } from "../../../shared/random/simulation-random.ts";
import type { InTurn } from "./in-turn.ts";
import { asked, PRODUCT, withCoins } from "./regime.ts";

/** A setting, and its words for a table. */
export interface Setting {
  readonly words: string;
  readonly game: InTurn;
}

const BOUNDS = [0.01, 0.02, 0.05, 0.1, 0.2];
const COINS = [0.02, 0.05, 0.1, 0.2, 0.35];
const KEYS = [1, 2, 4, Number.POSITIVE_INFINITY];
const upTo = (most: number) => Array.from({ length: most }, (_, n) => n + 1);
const GRIDS = {
  gate: { rows: [1, 5, 20, 40], blocks: [1, 4, 12], caps: [1] },
  whole: { rows: upTo(40), blocks: upTo(12), caps: [1, 0.5] },
} as const;

/** Equal blocks, one after the other, with coins of any strength. */
export function* equalBlocks(size: keyof typeof GRIDS): Generator<Setting> {
  const grid = GRIDS[size];
  for (const answerBound of BOUNDS)
    for (const coin of COINS)
      for (const cap of grid.caps)
        for (const rows of grid.rows)
          for (const count of grid.blocks)
            for (const retries of [0, 1, 2])
              for (const keys of KEYS) {
                const blocks = Array.from({ length: count }, () => asked(rows));
                yield {
                  words: `eps ${answerBound} c0 ${coin} N ${rows} x ${count}, ${retries} retries, ${keys} keys, c at most ${cap}`,
                  game: { regime: withCoins(coin, cap), answerBound, blocks, retries, keys },
                };
              }
}

/** The product's own terms: new and old submitters, with and without a crowd, closed and open jobs, route 1 or none. */
export function* productBlocks(size: keyof typeof GRIDS): Generator<Setting> {
  const counts = size === "gate" ? [1, 8] : [1, 2, 4, 8, 12];
  for (const answerBound of [0.001, 0.01, 0.05, 0.2])
    for (const eps of [0.1, 0.5, 1, 4])
      for (const hasCrowd of [false, true])
        for (const isOpenJob of [false, true])
          for (const routeOneShare of [0, 0.5])
            for (const count of counts)
              for (const retries of [0, 2]) {
                const rows = Math.ceil(eps / answerBound);
                if (rows > 1_000 && size === "gate") continue;
                const ask = { hasCrowd, isOpenJob, routeOneShare };
                const blocks = Array.from({ length: count }, (_, index) =>
                  asked(rows, { ...ask, submitterRows: index * rows }),
                );
                yield {
                  words: `product: eps ${answerBound} N ${rows} x ${count}, ${retries} retries, crowd ${hasCrowd}, open ${isOpenJob}, route 1 ${routeOneShare}`,
                  game: { regime: PRODUCT, answerBound, blocks, retries },
                };
              }
}

/** Blocks of drawn sizes, bounds, coins, retries, keys. */
export function* drawnBlocks(count: number, seed: number): Generator<Setting> {
  const random = simulationRandom(seed);
  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random.uniform() * values.length)]!;
  for (let n = 0; n < count; n++) {
    const blocks = Array.from({ length: 1 + Math.floor(random.uniform() * 9) }, () =>
      asked(1 + Math.floor(random.uniform() ** 2 * 40), { othersOpenOrWait: random.uniform() < 0.3 }),
    );
    const answerBound = 10 ** (-2 + 1.3 * random.uniform());
    const [coin, cap, retries, keys] = [0.02 + 0.3 * random.uniform(), oneOf([1, 0.5]), oneOf([0, 1, 2]), oneOf(KEYS)];
    const sizes = blocks.map(({ rows }) => rows).join();
    yield {
      words: `eps ${answerBound.toFixed(4)} c0 ${coin.toFixed(3)} N ${sizes}, ${retries} retries, ${keys} keys (draw ${n} of seed ${seed})`,
      game: { regime: withCoins(coin, cap), answerBound, blocks, retries, keys },
    };
  }
}
