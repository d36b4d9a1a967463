/** Rows that tabs hand over before their answers, through crashes, with liars and tabs that come, go and are late. SPEC.md RW4, PROTOCOL.md PR106. */
import { expect, test } from "vitest";
import type { CoordinatorState } from "../../../server/coordinator/state.ts";
import { rowsJobs } from "../../../server/kinds/inference/rows/core/rows-job.ts";
import { HONEST, type TabFaults } from "../../crowd/tab-faults.ts";
import { atAddresses, isAtAddresses } from "./draw-faults.ts";
import { simulate } from "./simulation.ts";

/** A row takes from half a millisecond to twenty. */
const faults = (tab: number): TabFaults => ({
  ...HONEST,
  computeTime: { fixedMs: 1, rowMs: 0.5 * 40 ** (tab / 7), factors: [{ kind: "even", spread: 0.3 }], draw: 7 },
  straggleProbability: tab % 3 === 0 ? 0.2 : 0,
  staysMsMean: tab % 2 === 0 ? 300 : null,
  pausesMsMean: tab === 3 ? 300 : null,
  repeatProbability: 0.1,
  lossProbability: tab === 1 ? 0.05 : 0,
  isLiar: tab === 5,
  slices: 1 + (tab % 4) * 3,
});

const PLAIN = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0 } as const;
const SPARES = [
  {},
  { stragglers: 1, liars: 1, spares: "parities" },
  { stragglers: 2, spares: "backups" },
  { stragglers: 2 },
] as const;

/** Rows that are held of claims which are out: their tabs have handed them over, and are still at the others. */
function handedOver(state: Pick<CoordinatorState, "jobs">): number {
  return rowsJobs(state).reduce(
    (sum, { claims }) =>
      sum +
      [...claims.values()].filter(({ unanswered, indexOf }) => unanswered.size > 0 && unanswered.size < indexOf.size)
        .length,
    0,
  );
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])(
  "seed %i: [RW4] a job whose tabs hand rows over before their answers, and are late or gone with the others, ends right",
  async (seed) => {
    let handed = 0;
    const queryCount = 700;
    const report = await simulate({
      seed,
      tabs: 10,
      queryCount,
      faults: isAtAddresses(seed) ? (tab) => atAddresses(faults(tab), tab) : faults,
      crashMsMean: seed % 2 === 1 ? null : 900,
      jobs: [{ ...PLAIN, queriesPerGroup: seed % 2 === 0 ? 4 : 1, ...SPARES[seed % SPARES.length] }],
      observe({ state }) {
        handed = Math.max(handed, handedOver(state));
      },
    });
    expect(report.violations).toEqual([]);
    expect(report.jobs).toMatchObject([{ state: "done", answers: queryCount, missing: 0 }]);
    expect(report.falselyQuarantined).toEqual([]);
    expect(handed).toBeGreaterThan(0);
  },
);

/** One wrong row in each batch; then one of two ways to be looked at less. */
const EVASIONS = [
  "hands over six rows of each batch and leaves",
  "leaves before the duplicate of a fellow's lie",
] as const;
const BOUND = 0.01;
/** Wrong answers come in clumps: of three seeds all may be of one. */
const EVASION_SEEDS = Array.from({ length: 16 }, (_, n) => n + 1);

function evasive(how: (typeof EVASIONS)[number]) {
  /** Rows that were lied about, and by which tab. */
  const lied = new Map<string, number>();
  const rowOf = (rows: Float32Array, rowCount: number, row: number) =>
    rows.subarray((row * rows.length) / rowCount, ((row + 1) * rows.length) / rowCount).join();
  return (tab: number): Partial<TabFaults> => ({
    whenQuarantined: "comes as another",
    lie({ rows, outputs, rowCount, outputSize }) {
      const said = Float32Array.from(outputs);
      const at = Math.min(2, rowCount - 1);
      const wrong = said.subarray(at * outputSize, (at + 1) * outputSize);
      wrong.set([...wrong.slice(1), wrong[0]!]);
      lied.set(rowOf(rows, rowCount, at), tab);
      return said;
    },
    leavesAfterSlice({ rows, rowCount }, handedOver) {
      if (how === EVASIONS[0]) return handedOver >= 6;
      const left = Array.from({ length: rowCount - handedOver }, (_, n) => rowOf(rows, rowCount, handedOver + n));
      return left.some((row) => (lied.get(row) ?? tab) !== tab);
    },
  });
}

test.each(
  EVASIONS.flatMap((how) => [1, 4].flatMap((k) => [false, true].map((addressed) => [how, k, addressed] as const))),
)(
  "[RW4] [VF9] a liar who %s (K = %i, at addresses of their own: %s) gains nothing: what is final is within the bound, and nothing of it stays once it is named",
  async (how, queriesPerGroup, isAddressed) => {
    let [final, wrong] = [0, 0];
    for (const seed of EVASION_SEEDS) {
      const evades = evasive(how);
      const crowd = (tab: number): TabFaults => ({
        ...HONEST,
        computeTime: { fixedMs: 1, rowMs: 0.5 * 10 ** (tab / 11), factors: [{ kind: "even", spread: 0.3 }], draw: 7 },
        slices: 8,
        ...(tab % 4 === 1 ? evades(tab) : {}),
      });
      const report = await simulate({
        seed,
        tabs: 12,
        queryCount: 600,
        faults: isAddressed ? (tab) => atAddresses(crowd(tab), tab) : crowd,
        jobs: [{ ...PLAIN, queriesPerGroup, answerBound: BOUND }],
      });
      expect(report.violations).toEqual([]);
      expect(report.jobs).toMatchObject([{ state: "done", missing: 0 }]);
      expect(report.falselyQuarantined).toEqual([]);
      final += report.jobs[0]!.final;
      wrong += report.jobs[0]!.wrongFinal;
    }
    expect(final).toBeGreaterThan(0);
    expect(wrong).toBeLessThanOrEqual(BOUND * final);
  },
);
