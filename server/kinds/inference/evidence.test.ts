/** Nobody is quarantined without the rows that speak against them, whichever check found them. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs, type TabBehaviour } from "../../../e2e/crowd/shell-with-tabs.ts";
import { INPUT_SIZE, model, queries } from "../../shell/testing/small-job.ts";

const LIE = 50;
const OUTPUT_SIZE = 3;
const HONEST = 7;
const ROWS = 480;
const NAME = "volunteer-00";
const many = Float32Array.from({ length: ROWS * INPUT_SIZE }, (_, i) => {
  return queries[i % queries.length]! + Math.floor(i / queries.length) / 7;
});

let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

/** One job; the first tab lies about some of its rows, the others are honest. @param lies about the row of its batch? */
async function run(lies: (row: number) => boolean, settings: object = {}): Promise<ShellWithTabs> {
  const liar: TabBehaviour = {
    answers: ({ outputs }) => outputs.map((value, at) => (lies(Math.floor(at / OUTPUT_SIZE)) ? value + LIE : value)),
  };
  const world = await ShellWithTabs.open([liar, ...Array.from({ length: HONEST }, () => ({}))]);
  opened = world;
  // Half of the rows are checked.
  await world.hasAskedFor(1_000);
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(model),
    world.upload({ dtype: "F32", shape: [ROWS, INPUT_SIZE], data: many }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256 };
  await world.run({ scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0, ...settings, source });
  return world;
}

const quarantined = ({ shell }: ShellWithTabs) =>
  shell.volunteers().flatMap(({ volunteerId, quarantine }) => (quarantine === null ? [] : [volunteerId]));

test.each([
  ["in each claim", (row: number) => row > 0],
  ["in one row of each claim", (row: number) => row === 1],
])("of somebody who lies %s, what was sent and what was expected is kept", async (_, lies) => {
  const world = await run(lies);
  expect(quarantined(world)).toEqual([NAME]);
  expect(world.evidence.length).toBeGreaterThan(0);
  for (const { volunteerId, rows } of world.evidence) {
    expect(volunteerId).toBe(NAME);
    for (const { received, expected } of rows) {
      expect(received).toHaveLength(OUTPUT_SIZE);
      for (const [i, value] of received.entries()) expect(value - expected[i]!).toBeCloseTo(LIE, 3);
    }
  }
});

test("of nobody who is not named anything is kept", async () => {
  const world = await run(() => false);
  expect(quarantined(world)).toEqual([]);
  expect(world.evidence).toEqual([]);
});
