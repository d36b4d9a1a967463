/** On a data set of few rows, without the master's time: what each code must wait for. */
import { describe, expect, test } from "vitest";
import { type CurveCase, contendersOf, membersOf, slowFactor } from "./avcc-curve.ts";
import { replay } from "./avcc-runs.ts";

const SHAPE = { values: new Uint8Array(0), rows: 600, columns: 500, inputScale: 1 };
const CASE: CurveCase = { stragglers: 2, liars: 1, slowness: "same", factor: 10 };

async function secondsOf(curveCase: CurveCase): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const [name, plan] of Object.entries(contendersOf(curveCase))) {
    const members = membersOf(curveCase, plan, 3);
    const { endsMs } = await replay({ plan, members, iterations: 20, data: { features: SHAPE }, costs: {} });
    found[name] = endsMs.at(-1)! / 1e3;
  }
  return found;
}

test("every code has twelve workers, and the best static ones as many blocks as S and M leave", () => {
  const plans = contendersOf(CASE);
  for (const plan of Object.values(plans)) expect(plan.volunteerCount).toBe(12);
  const blocks = Object.fromEntries(Object.entries(plans).map(([name, { blockCount }]) => [name, blockCount]));
  expect(blocks).toEqual({
    uncoded: 12,
    "lcc of the paper": 9,
    "best static lcc": 8,
    "best static avcc": 9,
    avcc: 9,
  });
});

test("liars whom nobody expected: avcc begins with the blocks of none, names them and goes on, and no forged result counts", async () => {
  const lies: CurveCase = { stragglers: 1, liars: 2, slowness: "lies", factor: 2 };
  const { avcc, ...known } = contendersOf(lies);
  expect(avcc!.blockCount).toBe(11);
  expect([known["best static avcc"]!.blockCount, known["best static lcc"]!.blockCount]).toEqual([9, 7]);
  const members = membersOf(lies, avcc!, 3);
  const run = await replay({ plan: avcc!, members, iterations: 40, data: { features: SHAPE }, costs: {} });
  expect([run.endsMs.length, run.liarsNamed, run.wrongAccepted]).toEqual([40, 2, 0]);
  expect(run.codeChanges).toBeGreaterThan(0);
});

describe("the slow ones", () => {
  const slowIn = (curveCase: CurveCase, roundId: number, iteration: number) =>
    Array.from({ length: 12 }, (_, worker) => slowFactor(curveCase, 3, worker, roundId, iteration)).filter(
      (f) => f > 1,
    );

  test("are as many as the case says, in every round", () => {
    for (let round = 0; round < 30; round++) {
      expect(slowIn(CASE, round, round)).toEqual([10, 10]);
      expect(slowIn({ ...CASE, slowness: "other" }, round, round)).toEqual([10, 10]);
      const more: CurveCase = { ...CASE, stragglers: 1, slowness: "more" };
      expect(slowIn(more, round, round)).toHaveLength(round >= 15 ? 3 : 1);
    }
  });

  test("the paper's lcc and uncoded wait for two, codes made for two do not", async () => {
    const seconds = await secondsOf(CASE);
    expect(seconds["lcc of the paper"]! / seconds.avcc!).toBeGreaterThan(4);
    expect(seconds.uncoded! / seconds.avcc!).toBeGreaterThan(4);
    expect(seconds["best static lcc"]! / seconds.avcc!).toBeLessThan(2);
  });
});
