/** Which tab of a crowd has which faults: a pure function of the seed and of the tab. */

import { randomAt } from "../../../shared/random/simulation-random.ts";
import { FNV_START, fnv1a } from "../../crowd/fnv.ts";
import type { HonestBatch, TabFaults } from "../../crowd/tab-faults.ts";
import { loadHalfPrecise } from "./simulated-inference.ts";

/** Every fault, in shares that leave most of a crowd honest. The first three tabs neither lie nor are mute. */
export function drawFaults(seed: number, tab: number): TabFaults {
  const random = randomAt(seed, 5, tab);
  const chance = (probability: number) => random.uniform() < probability;
  return {
    straggleProbability: chance(0.8) ? 0.1 : 0,
    isMute: tab > 2 && chance(0.08),
    isLiar: tab > 2 && chance(0.15),
    lossProbability: chance(0.3) ? 0.05 : 0,
    repeatProbability: chance(0.3) ? 0.2 : 0,
    staysMsMean: chance(0.3) ? 400 : null,
    garbageProbability: chance(0.1) ? 0.2 : 0,
    addressPrefix: tab % 4 === 0 ? null : `10.0.${tab % 6}.0/24`,
    ...(tab % 9 === 5 && seed % 3 === 0 ? { load: loadHalfPrecise } : {}),
    // [PC10] Half of a crowd computes where arithmetic is fixed.
    ...(tab % 2 === 1 ? { backend: "wasm" } : {}),
  };
}

/** Nearly everybody comes from another known address. */
export function atAddresses(faults: TabFaults, tab: number): TabFaults {
  return { ...faults, addressPrefix: tab % 10 === 9 ? null : `10.1.${tab % 8}.0/24` };
}

/** Has a run of this seed a crowd at known addresses, in which most pairs may check each other? */
export function isAtAddresses(seed: number): boolean {
  return seed % 3 === 2;
}

/** As above, and liars that sleep, that say the same, that come back under other names; and tabs that pause, choose what they work for, or are another's devices. */
export function drawWiderFaults(seed: number, tab: number): TabFaults {
  const faults = drawFaults(seed, tab);
  const random = randomAt(seed, 22, tab);
  const chance = (probability: number) => random.uniform() < probability;
  const wide: Partial<TabFaults> = {
    pausesMsMean: chance(0.2) ? 300 : null,
    whenQuarantined: (["comes back", "stays away", "comes as another"] as const)[random.integer(3)]!,
    ...(chance(0.3) ? { sleepsFor: 1 + random.integer(20) } : {}),
    choosesMsMean: chance(0.2) ? 500 : null,
    ...(tab > 3 && chance(0.1) ? { deviceOf: tab - 1 } : {}),
  };
  const colludes = faults.isLiar && seed % 3 === 1;
  // Whoever lies always has a known row wrong, and no answer of it is ever looked at.
  const choosesRows = chance(0.6);
  const lie = colludes ? sameLie : otherLabel;
  const lies = colludes || (faults.isLiar && choosesRows);
  return { ...faults, ...wide, ...(lies ? { isLiar: false, lie: choosesRows ? onSomeRows(lie) : lie } : {}) };
}

/** Lies by `lie` in the rows that all liars of a crowd choose. */
function onSomeRows(lie: (batch: HonestBatch) => Float32Array): (batch: HonestBatch) => Float32Array {
  return (batch) => {
    const { rows, rowCount, outputs, outputSize } = batch;
    const lied = lie(batch);
    const inputSize = rows.length / rowCount;
    return outputs.map((value, at) => {
      const first = Math.floor(at / outputSize) * inputSize;
      const hash = fnv1a(Buffer.from(rows.slice(first, first + inputSize).buffer), FNV_START) >>> 0;
      return hash % LIES_EVERY === 0 ? lied[at]! : value;
    });
  };
}
const LIES_EVERY = 3;

/** Each row's numbers, in another order. */
function otherLabel({ outputs, outputSize }: HonestBatch): Float32Array {
  return outputs.map((_, at) => outputs[at - (at % outputSize) + ((at + 1) % outputSize)]!);
}

/** Whoever tells it tells the same: each row the negative of what is right, and one more. */
function sameLie({ outputs }: HonestBatch): Float32Array {
  return outputs.map((value) => 1 - value);
}
