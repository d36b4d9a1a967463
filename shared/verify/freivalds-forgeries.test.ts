import { describe, expect, test } from "vitest";
import { LagrangeCode } from "../coding/lagrange-code.ts";
import { MODULUS } from "../field/modulus.ts";
import { matrixProduct } from "../field/products.ts";
import { randomResidues } from "../field/random-residues.ts";
import { simulationRandom } from "../random/simulation-random.ts";
import { KEY_COUNT, makeVerificationKey, type VerificationKey, verifyWithAll } from "./freivalds.ts";

/** A round's honest results, by worker index, and those of the round before. */
interface Round {
  readonly results: readonly Uint32Array[];
  readonly before: readonly Uint32Array[];
  readonly roundIndex: number;
}

type Attack = (worker: number, round: Round) => Uint32Array;

const [WORKERS, ROWS, COLUMNS, ROUNDS] = [12, 8, 10, 1_300];
const random = simulationRandom(30_100);

const ATTACKS: Readonly<Record<string, Attack>> = {
  /** The papers' reverse attack: the negative of the truth. */
  reverse: (worker, { results }) => results[worker]!.map((value) => (MODULUS - value) % MODULUS),
  constant: () => new Uint32Array(ROWS).fill(1),
  noise: (worker, { results }) => results[worker]!.map((value) => (value + 1 + random.integer(1_000)) % MODULUS),
  "one changed entry": (worker, { results }) => {
    const forged = results[worker]!.slice();
    const at = random.integer(ROWS);
    forged[at] = (forged[at]! + 1 + random.integer(MODULUS - 1)) % MODULUS;
    return forged;
  },
  replay: (worker, { before }) => before[worker]!,
  swapped: (worker, { results }) => results[(worker + 1) % WORKERS]!,
  "honest for 20 rounds": (worker, round) => {
    return round.roundIndex < 20 ? round.results[worker]! : ATTACKS.reverse!(worker, round);
  },
};

describe("12 workers, two keys each, kept for all rounds", () => {
  const code = new LagrangeCode({ blockCount: 9, maskCount: 0, workerCount: WORKERS, degree: 1, modulus: MODULUS });
  const blocks = Array.from({ length: 9 }, () => randomResidues(ROWS * COLUMNS, MODULUS, random));
  const shards = Array.from({ length: WORKERS }, (_, i) => code.encode(i, blocks));
  const secrets = Array.from({ length: KEY_COUNT }, () => randomResidues(ROWS, MODULUS, random));
  const keys: VerificationKey[][] = shards.map((shard) =>
    secrets.map((secret) => makeVerificationKey(secret, shard, ROWS, COLUMNS, MODULUS)),
  );
  const multiply = (vector: Uint32Array) =>
    shards.map((shard) => matrixProduct(shard, ROWS, COLUMNS, vector, 1, MODULUS));
  const counts = { forged: 0, accepted: 0, honest: 0, refused: 0 };

  test.each(Object.entries(ATTACKS))("%s: none is accepted, every liar is named in its first lie", (_, attack) => {
    let before = multiply(randomResidues(COLUMNS, MODULUS, random));
    for (let roundIndex = 0; roundIndex < ROUNDS; roundIndex++) {
      const vector = randomResidues(COLUMNS, MODULUS, random);
      const round = { results: multiply(vector), before, roundIndex };
      for (let worker = 0; worker < WORKERS; worker++) {
        const submitted = attack(worker, round);
        const isHonest = submitted.every((value, r) => value === round.results[worker]![r]);
        const isAccepted = verifyWithAll(keys[worker]!, vector, submitted, MODULUS);
        counts[isHonest ? "honest" : "forged"]++;
        if (isHonest && !isAccepted) counts.refused++;
        if (!isHonest && isAccepted) counts.accepted++;
      }
      before = round.results;
    }
    // Each forged submission is refused: that is also "in its first lie".
    expect(counts.accepted).toBe(0);
  });

  test("honest results are never refused", () => {
    for (let roundIndex = 0; roundIndex < ROUNDS; roundIndex++) {
      const vector = randomResidues(COLUMNS, MODULUS, random);
      multiply(vector).forEach((result, worker) => {
        counts.honest++;
        if (!verifyWithAll(keys[worker]!, vector, result, MODULUS)) counts.refused++;
      });
    }
    expect(counts.refused).toBe(0);
  });

  test("at least 100,000 forged submissions were tried", () => {
    expect(counts.forged).toBeGreaterThanOrEqual(100_000);
    expect(counts.forged).toBe(Object.keys(ATTACKS).length * WORKERS * ROUNDS - 20 * WORKERS);
    expect(counts.honest).toBe(ROUNDS * WORKERS + 20 * WORKERS);
  });
});
