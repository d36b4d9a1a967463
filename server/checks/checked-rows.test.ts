/** Laws of a checked block, under drawn crowds. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BlockDriver } from "./testing/block-driver.ts";
import { type DrivenBlock, type Manner, termsFor } from "./testing/driven-block.ts";

const MANNERS: Manner[] = ["honest", "lone", "party", "mute", "half"];

const crowds: fc.Arbitrary<DrivenBlock> = fc.record({
  seed: fc.nat(2 ** 31),
  rows: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 13, max: 60 })),
  people: fc
    .array(fc.record({ manner: fc.constantFrom(...MANNERS), lieShare: fc.constantFrom(0.05, 0.3, 1) }), {
      maxLength: 8,
    })
    .map((others) => [
      { id: "v0", manner: "honest" as const, lieShare: 0 },
      ...others.map((one, i) => ({ ...one, id: `v${i + 1}` })),
    ]),
  terms: fc
    .record({
      q: fc.constantFrom(0, 0.05, 0.3),
      h: fc.constantFrom(0, 0.2, 0.5),
      c: fc.constantFrom(0.02, 0.3, 0.7),
      firstRows: fc.constantFrom(0, 10),
    })
    .map(({ ...shares }) => termsFor({ rows: 60, ...shares })),
  sampleBy: fc.constantFrom("coordinator" as const, "crowd" as const),
  windowRows: fc.constantFrom(null, null, 5, 15),
  knownNeeded: fc.constantFrom(0, 0, 1, 2),
  namedShare: fc.constantFrom(0, 0.5, 1),
  steps: fc.constantFrom(50, 300, 1_000),
  crash: fc.constantFrom(0, 0.01),
  leave: fc.constantFrom(0, 0.03),
  namedElsewhere: fc.constantFrom(0, 0.01),
  takeOut: fc.constantFrom(0, 0.03, 0.1),
});

describe("a checked block", () => {
  it("keeps its laws whatever its crowd does", () => {
    fc.assert(
      fc.property(crowds, (crowd) => {
        expect(new BlockDriver(crowd).toTheEnd().broken).toEqual([]);
      }),
      { numRuns: Number(process.env.RUNS ?? 300), seed: Number(process.env.SEED ?? 36) },
    );
  });

  it("has the same effects for the same seed", () => {
    fc.assert(
      fc.property(crowds, (crowd) => {
        expect(new BlockDriver(crowd).toTheEnd().told).toEqual(new BlockDriver(crowd).toTheEnd().told);
      }),
      { numRuns: 30, seed: 36 },
    );
  });
});
