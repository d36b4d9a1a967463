import { expect, it } from "vitest";
import { tryPacking } from "./try-packing.ts";

const SEED = 1;
const GRAPHS = 300;

it(`[PR110] ${GRAPHS} drawn graphs from seed ${SEED} give what the library gives of the file itself`, async () => {
  const { wrong, compared } = await tryPacking(SEED, GRAPHS);
  expect(wrong).toEqual([]);
  // So that not all of them are refused.
  expect(compared).toBeGreaterThan(GRAPHS / 2);
});
