/** Nobody is quarantined without the rows that speak against them, whichever check found them. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { INPUT_SIZE, model, QUERIES, queries, SYSTEMATIC } from "../../shell/testing/small-job.ts";

const LIE = 50;
const OUTPUT_SIZE = 3;
const HONEST = 7;
const NAME = "volunteer-00";

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

/** One job; the first tab does what it is told to, the others are honest. */
async function run(first: TabBehaviour, groupsPerRound: number): Promise<ShellWithTabs> {
  const world = await ShellWithTabs.open([first, ...Array.from({ length: HONEST }, () => ({}))]);
  opened = world;
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [QUERIES, INPUT_SIZE], data: queries }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256 };
  await world.run({ ...SYSTEMATIC, groupsPerRound, source });
  return world;
}

const quarantined = ({ shell }: ShellWithTabs) =>
  shell.volunteers().flatMap(({ volunteerId, quarantine }) => (quarantine === null ? [] : [volunteerId]));

test("of somebody who lies in each batch, what was sent and what was expected is kept", async () => {
  const isLie = (at: number) => at >= OUTPUT_SIZE;
  const answers: TabBehaviour["answers"] = ({ outputs }) =>
    outputs.map((value, at) => (isLie(at) ? value + LIE : value));
  const world = await run({ answers }, 2);
  expect(quarantined(world)).toEqual([NAME]);
  expect(world.evidence.length).toBeGreaterThan(0);
  for (const { volunteerId, rows, assignmentId } of world.evidence) {
    expect(volunteerId).toBe(NAME);
    expect(assignmentId).toBeGreaterThan(0);
    for (const { received, expected } of rows) {
      expect(received).toHaveLength(OUTPUT_SIZE);
      for (const [i, value] of received.entries()) expect(value - expected[i]!).toBeCloseTo(LIE, 3);
    }
  }
});

test("of somebody who lies about one row, the row is kept, also where it is found only at the end of the job", async () => {
  const GROUPS = 12;
  const found = { onArrival: 0, atTheEnd: 0 };
  for (let lied = 0; lied < 2 * GROUPS; lied++) {
    const row = lied % GROUPS;
    const batchesLied = new Set<number>();
    const linesLied: number[][] = [];
    const world = await run(
      {
        answers: ({ outputs, workerIndex }) => {
          batchesLied.add(workerIndex);
          linesLied.push([...outputs.subarray(row * OUTPUT_SIZE, (row + 1) * OUTPUT_SIZE)]);
          return outputs.map((value, at) => (Math.floor(at / OUTPUT_SIZE) === row ? value + LIE : value));
        },
      },
      GROUPS,
    );
    expect(world.evidence.length > 0).toBe(quarantined(world).length > 0);
    for (const { volunteerId, roundIndex, workerIndex, assignmentId, rows } of world.evidence) {
      expect([volunteerId, roundIndex, rows.length]).toEqual([NAME, 0, 1]);
      // Where it stands in the batch the tab does not know: it is known by what was lied about.
      expect(rows[0]!.row).toBeLessThan(GROUPS);
      const isIt = (line: number[]) => line.every((value, c) => Math.abs(value - rows[0]!.expected[c]!) < 1e-3);
      expect(linesLied.some(isIt)).toBe(true);
      expect(batchesLied).toContain(workerIndex);
      expect(rows[0]!.received[0]! - rows[0]!.expected[0]!).toBeCloseTo(LIE, 3);
      found[assignmentId === undefined ? "atTheEnd" : "onArrival"]++;
    }
    world.close();
  }
  expect(found.onArrival).toBeGreaterThan(0);
  expect(found.atTheEnd).toBeGreaterThan(0);
});
