/** Small crowds: that lies are what they are called, and that the bench counts what became of them. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadMnist } from "../../server/samples/mnist.ts";
import { ANSWER_MARKS } from "../../shared/kinds/inference/answers.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { MODEL_FOLDERS } from "../models/model-files.ts";
import { ATTACK_PARTS, crowdCases, everyAttack, K, PAPER_QUERIES, paperCases, rareCases } from "./attack-cases.ts";
import { type AttackSetting, attackCrowd } from "./attack-crowd.ts";
import { ATTACKS, type Attack, coalition, sleeper, someRows } from "./attack-lies.ts";
import type { AttackTally } from "./attack-tally.ts";
import { attacks, run } from "./attacks.ts";
import { knownCasesOf, loadKnownCase } from "./inference-case.ts";
import { type JobWorld, jobWorld } from "./job-world.ts";
import { poissonUpperLimit } from "./poisson-limit.ts";

const QUERIES = 600;
/** Slow tabs have small claims, so that each computes a dozen batches. */
const ROW_MS = 700;
const LIARS = 2;
const SEED = 3;

let world: JobWorld;
beforeAll(async () => {
  const [known] = knownCasesOf(["mnist"]);
  world = await jobWorld(await loadKnownCase(known!, QUERIES, () => {}));
});

function crowd(attack: Attack, seed = SEED, more: Partial<AttackSetting> = {}): Promise<AttackTally> {
  const submission = { scheme: "systematic", queriesPerGroup: K, stragglers: 2, liars: LIARS } as const;
  const attacks = Array.from({ length: LIARS }, () => attack);
  const setting = { attack: "", attacks, tabs: K + 2 + 2 * LIARS, submission, rowMs: ROW_MS };
  return attackCrowd({ ...setting, ...more }, world, seed, 0);
}

describe("where every row is a lie", () => {
  const names = Object.keys(ATTACKS).filter(
    (name) => ATTACKS[name]!.corruptsEveryRow && !ATTACKS[name]!.comesAsAnother,
  );

  test("there are nine such attacks", () => {
    expect(names).toHaveLength(9);
  });

  test.each(names)(
    "%s: each liar is named, or turned away, by its first lie, nothing audited is wrong, accuracy is the model's",
    async (name) => {
      const tally = await crowd(ATTACKS[name]!);
      // Of the two that would lie, whoever is given a batch does; the other may never be asked.
      const { liars } = tally;
      expect(liars).toBeGreaterThan(0);
      expect(tally).toMatchObject({ answers: QUERIES, named: liars });
      // [DP7] It may have a second batch in hand while the first is looked at.
      expect(tally.liedBatchesOfNamed).toBeGreaterThanOrEqual(liars);
      // Who replays tells the truth first, of known rows too (CK10): a coin or the sample finds it, which may come later.
      if (name !== "replay") expect(tally.liedBatchesOfNamed).toBeLessThanOrEqual(2 * liars);
      expect(tally).toMatchObject({ wrongAudited: 0, wrongFinal: 0, wrongWhileFinal: 0, honestQuarantined: 0 });
      expect(tally.hits / QUERIES).toBe(world.inferenceCase.base);
      expect(tally.audited).toBe(QUERIES);
    },
  );
});

test("who comes back under another name is named each time, and nobody honest is", async () => {
  // A crowd in which it comes again a dozen times: whether a newcomer is given work before the job ends is chance.
  const tally = await crowd(ATTACKS["another identity each time"]!, 2);
  expect(tally.liars).toBeGreaterThan(LIARS);
  expect(tally.named).toBe(tally.liars);
  expect(tally).toMatchObject({ wrongAudited: 0, honestQuarantined: 0 });
});

test("a sleeper is not suspected before it lies, and is named when it does", async () => {
  const never = await crowd({ lie: sleeper(1_000), corruptsEveryRow: false });
  expect(never).toMatchObject({ liars: 0, named: 0, honestQuarantined: 0 });
  const late = await crowd({ lie: sleeper(2), corruptsEveryRow: false });
  expect(late).toMatchObject({ liars: LIARS, named: LIARS, wrongAudited: 0, wrongFinal: 0, honestQuarantined: 0 });
});

describe("lies", () => {
  const batch = (count: number, rowCount = 200) => {
    const rows = Float32Array.from({ length: rowCount * 4 }, (_, i) => Math.sin(i + 1));
    const outputs = Float32Array.from({ length: rowCount * 3 }, (_, i) => Math.cos(i * i));
    return { count, rows, outputs, rowCount, outputSize: 3 };
  };
  const setting = (tab: number) => ({ seed: 1, tab, honestOutputs: new Float32Array(30) });
  const changedRows = (honest: Float32Array, said: Float32Array | null) => {
    if (said === null) return [];
    return Array.from({ length: honest.length / 3 }, (_, g) => g).filter((g) =>
      said.subarray(3 * g, 3 * g + 3).some((value, c) => value !== honest[3 * g + c]),
    );
  };

  test("of some rows only: as many as it says, others each time", () => {
    const lie = someRows(0.05)(setting(0));
    let changed = 0;
    for (let count = 0; count < 100; count++) {
      const { outputs, ...rest } = batch(count);
      changed += changedRows(outputs, lie({ outputs, ...rest })).length;
    }
    // 1,000 expected of 20,000, standard deviation 31.
    expect(Math.abs(changed - 1_000)).toBeLessThan(155);
  });

  test("of a coalition: whoever is asked, the same rows are changed, and alike", () => {
    const told = [0, 1, 2].map((tab) => coalition(0.05).lie(setting(tab))(batch(tab)));
    expect(told[1]).toEqual(told[0]);
    expect(told[2]).toEqual(told[0]);
    const changed = changedRows(batch(0, 2_000).outputs, coalition(0.05).lie(setting(0))(batch(0, 2_000)));
    // 100 expected, standard deviation 10.
    expect(Math.abs(changed.length - 100)).toBeLessThan(50);
  });

  test("replay says what the liar should have said of the batch before", () => {
    const lie = ATTACKS.replay!.lie(setting(0));
    const [first, second] = [batch(0), { ...batch(1), outputs: batch(1).outputs.map((value) => value + 1) }];
    expect(lie(first)).toBeNull();
    expect(lie(second)).toEqual(first.outputs);
    expect(lie(first)).toEqual(second.outputs);
  });

  test("the colluding codeword moves every row by one, so that colluders fit together", () => {
    const { outputs, ...rest } = batch(0);
    const said = ATTACKS["colluding codeword"]!.lie(setting(0))({ outputs, ...rest })!;
    expect(said.subarray(0, 3)).toEqual(outputs.subarray(3, 6));
    expect(said.subarray(-3)).toEqual(outputs.subarray(0, 3));
  });
});

test("the table: a row for each attack and E, rare lies by bound, the large crowds, the paper's code", async () => {
  const attackCount = Object.keys(ATTACKS).length;
  expect(everyAttack()).toHaveLength(3 * attackCount);
  // Where nobody is quarantined nobody comes back as another, and a sleeper's second job says nothing new.
  expect(paperCases()).toHaveLength(3 * (attackCount - 3));
  expect(rareCases()).toHaveLength(3 * 3);
  for (const { attacks, tabs } of crowdCases()) expect([attacks.length, tabs]).toEqual([20, 100]);
  for (const { scheme, workers, liars } of [...everyAttack(), ...paperCases()]) {
    expect(workers).toBe(scheme === "systematic" ? K + 2 + liars : 2 * K + 2 * liars + 1);
  }

  const { rows } = await run({ seed: SEED, progress: () => {}, answers: QUERIES, limit: QUERIES, only: "sign flip" });
  expect(rows).toHaveLength(6);
  for (const row of rows) {
    // The paper's code has crowds of its own size: two of them are at least as many.
    const isOurs = row.scheme === "systematic";
    expect([row.crowds, row.answers]).toEqual(isOurs ? [1, QUERIES] : [2, 2 * PAPER_QUERIES]);
    expect(row.rules).toBe(isOurs ? "checks" : "none");
    const shares = Object.values(row.shareByMark as Record<string, number>);
    expect(shares).toHaveLength(ANSWER_MARKS.length);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    // [CK10] Of the paper's code nothing is audited, but who has a known row wrong is found.
    expect(row.namedShare).toBe(1);
    expect(row.wrongAudited).toBe(0);
  }
});

test("the parts hold every case once", () => {
  const parts = Object.values(ATTACK_PARTS).map((cases) => cases().length);
  const all = [everyAttack(), rareCases(), crowdCases(), paperCases()].flat().length;
  expect(parts.reduce((sum, count) => sum + count, 0)).toBe(all);
  expect(new Set(ATTACK_PARTS.open!().map(({ attack }) => attack)).size).toBe(9);
});

test("a part is run by itself, and one that is none is refused with the names of those that are", async () => {
  const asked = { seed: SEED, progress: () => {}, answers: 1, limit: 120 };
  const { rows } = await run({ ...asked, part: "paper", only: "constant" });
  expect(rows.map(({ scheme }) => scheme)).toEqual(["approxifer", "approxifer", "approxifer"]);
  await expect(run({ ...asked, part: "papers" })).rejects.toThrow(
    '--part: expected one of open, evasive, rare, crowd, paper, got "papers"',
  );
});

test("a model, queries and labels of one's own are lied about as well", async () => {
  const folder = await mkdtemp(join(tmpdir(), "paritab-attacks-"));
  try {
    const { images, labels } = await loadMnist("test");
    const count = 240;
    const queries = images.slice(0, count * 784);
    await writeFile(join(folder, "q.npy"), encodeNpy({ dtype: "U8", shape: [count, 28, 28, 1], data: queries }));
    await writeFile(join(folder, "l.npy"), encodeNpy({ dtype: "U8", shape: [count], data: labels.slice(0, count) }));
    const flags = {
      model: MODEL_FOLDERS["mnist-cnn"],
      queries: join(folder, "q.npy"),
      labels: join(folder, "l.npy"),
      "input-scale": String(1 / 255),
      answers: String(count),
      only: "constant",
    };
    const { rows } = await attacks.run({ seed: SEED, progress: () => {}, flags });
    const own = rows.filter(({ scheme }) => scheme === "systematic");
    expect(own).toHaveLength(3);
    for (const row of own) {
      expect(row.base as number).toBeGreaterThan(0.97);
      expect(row).toMatchObject({ answers: count, wrongAudited: 0, wrongFinal: 0 });
      expect(row.finalAccuracy).toBe(row.base);
    }
    // In so few batches a lone liar may never be asked.
    expect(own.at(-1)!.namedShare).toBe(1);
    const withoutLabels = attacks.run({ seed: SEED, progress: () => {}, flags: { model: flags.model } });
    await expect(withoutLabels).rejects.toThrow(/--model, --queries and --labels together/);
    const missing = attacks.run({ seed: SEED, progress: () => {}, flags: { ...flags, model: folder } });
    await expect(missing).rejects.toThrow(/model\.json/);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("the 95 % upper limit of a Poisson count is the table's, and far out the normal distribution's", () => {
  expect([0, 0.05, 0.5, 1, 2, 5, 10].map((mean) => poissonUpperLimit(mean))).toEqual([0, 0, 2, 3, 5, 9, 15]);
  expect(Math.abs(poissonUpperLimit(10_000) - (10_000 + 1.645 * 100))).toBeLessThan(2);
  expect(() => poissonUpperLimit(-1)).toThrow(RangeError);
  expect(() => poissonUpperLimit(Number.NaN)).toThrow(RangeError);
});
