/** Every formula against cases that another implementation computed. */
import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import {
  ATTEMPT_WEIGHT,
  acceptanceConstant,
  attemptBound,
  jobChecks,
  pooledBound,
  sampleChecksNeeded,
  serviceBound,
} from "./acceptance.ts";
import { anchorShare, baseCheckShare, duplicateShare } from "./check-rates.ts";
import { coinOf, coinThreshold } from "./coins.ts";
import { colluderShare } from "./crowd-window.ts";
import { finiteBlockShare } from "./finite-block.ts";
import { countsFor, pairAgrees } from "./pair-agreement.ts";
import { partnersNeeded } from "./partners.ts";
import vectors from "./vectors/cross-checks.json" with { type: "json" };
import { agreedBound, blockBound, checksNeeded, recordBoundAdaptive } from "./volunteer-bounds.ts";

type Arguments = readonly never[];
interface Case {
  readonly input: unknown;
  readonly expected: unknown;
}

const SAMPLE = ATTEMPT_WEIGHT.sample;
/** By the name that the cases have. */
const FORMULAS: Readonly<Record<string, (...input: never[]) => unknown>> = {
  blockBound,
  recordBoundAdaptive,
  acceptanceConstant,
  pooledBound,
  serviceBound,
  colluderShare,
  kappaNeeded: checksNeeded,
  // The cases count duplicates of two sides, with limits of their own, unless they say otherwise.
  duplicateShare: (rows: number, checks: number, share: number, sides = 2, least = 0.01, most = 0.075) =>
    duplicateShare(rows, checks, share, sides, least, most),
  anchorShare,
  agreedBound,
  pairAgrees,
  countsFor,
  finiteBlockShare,
  partnersNeeded,
  waveKappa: (bound: number, tolerated: number, weight: number = SAMPLE) =>
    sampleChecksNeeded(bound, tolerated, weight),
  attemptBound: (named: number, checks: number, weight: number = SAMPLE) => attemptBound(named, checks, weight),
  coinThreshold,
  baseCheckShare,
  jobKappa: jobChecks,
  coin: ({ secretHex, text }: { secretHex: string; text: string }) =>
    coinOf(createHmac("sha256", Buffer.from(secretHex, "hex")).update(text).digest("binary")),
};

const { note: _, ...casesOf } = vectors;
const all = Object.entries(casesOf as Readonly<Record<string, readonly Case[]>>).flatMap(([name, cases]) =>
  cases.map((one) => ({ name, ...one })),
);

/** Numbers that JSON lacks stand as words. */
function read(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(read);
  if (typeof value === "string" && /^(NaN|-?Infinity)$/.test(value)) return Number(value);
  return value;
}

test("there are 267 cases, of 20 formulas", () => {
  expect(all).toHaveLength(267);
  expect(Object.keys(casesOf)).toEqual(Object.keys(FORMULAS));
});

test.each(all)("$name($input) = $expected", ({ name, input, expected }) => {
  const values = (Array.isArray(input) ? (read(input) as unknown[]) : [input]) as unknown as Arguments;
  const got = FORMULAS[name]!(...values);
  const wanted = read(expected);
  if (typeof wanted !== "number" || !Number.isFinite(wanted) || wanted === 0) return expect(got).toBe(wanted);
  const relative = Math.abs((got as number) - wanted) / Math.abs(wanted);
  expect([got, relative <= 1e-6]).toEqual([got, true]);
});
