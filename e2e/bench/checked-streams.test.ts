import { beforeAll, expect, test } from "vitest";
import { RUNTIMES } from "../../shared/compute/runtimes/runtimes.ts";
import { run } from "./checked-streams.ts";

/** So loose that such a stream has several ledgers. */
const SMALL = { seed: 1, seeds: 1, volunteers: 20, rows: 2_400, bound: 0.05, known: 100_000, progress: () => {} };

beforeAll(async () => {
  // What comes from a file comes before: virtual time does not wait for it.
  await Promise.all(RUNTIMES.map(({ loadFormat }) => loadFormat()));
});

const byRules = async (only: string) => {
  const { rows } = await run({ ...SMALL, only });
  return new Map(rows.map((row) => [row.rules, row as Record<string, number>]));
};

test("[CC14] where nobody lies the coordinator computes few rows of a stream of single rows, and all answers are final", async () => {
  const found = await byRules("nobody lies");
  const [audits, checked] = [found.get("audits")!, found.get("cross-checks")!];
  expect(audits.trustedShare).toBeGreaterThanOrEqual(1);
  expect(checked).toMatchObject({ wrongFinal: 0, finalShare: 1, honestNamed: 0, named: 0 });
  expect(checked.trustedShare).toBeLessThan(0.1);
  expect(checked.duplicateShare).toBeLessThan(0.04);
  expect(checked.finalEarly).toBeGreaterThan(0.5);
  // As its receipt says.
  expect(checked.ledgers).toBeGreaterThan(2);
  expect(checked.certified).toBe(checked.ledgers);
  expect(found.get("chosen")).toMatchObject({ trustedShare: checked.trustedShare });
}, 120_000);

test("[CC14] where a fifth lies in one row of twenty no more is wrong and final than bounds say, and nobody honest is named", async () => {
  const found = await byRules("one row in twenty");
  for (const rules of ["cross-checks", "chosen"]) {
    const { everWrongFinal, limit95, honestNamed, named } = found.get(rules)!;
    expect(everWrongFinal).toBeLessThanOrEqual(limit95!);
    expect(honestNamed).toBe(0);
    expect(named).toBeGreaterThan(0);
  }
}, 120_000);
