/** Rows of a worker index among several slots: where each is, what a decoder gets of them, and what is stored. SPEC.md SL6. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeScheme } from "../../../../shared/coding/make-scheme.ts";
import { placements } from "../../../../shared/coding/placement.ts";
import { shuffle } from "../../../../shared/random/draws.ts";
import { simulationRandom } from "../../../../shared/random/simulation-random.ts";
import { emptyTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { BatchSource } from "../core/batch-source.ts";
import { JobAnswers, MARK } from "./job-answers.ts";
import {
  batchRowsIn,
  eachOwnRow,
  ownPlaceOf,
  queriesHeldBy,
  queryHeldAt,
  type RoundPlan,
  rowsOfGroups,
  slotsByRow,
  splitRows,
} from "./round-plan.ts";
import { decodePlan, encodePlan, splitSlotsIn, splitsIn } from "./stored-plan.ts";
import { wholeBatches } from "./whole-batches.ts";

const WIDTH = 2;

/** A round of G groups of K queries, with S parities, some of whose worker indices were split, some of them twice. */
const rounds = fc
  .record({
    ...{ seed: fc.nat(), K: fc.integer({ min: 2, max: 5 }), G: fc.integer({ min: 2, max: 20 }), S: fc.nat(2) },
    ...{
      filled: fc.nat(4),
      splits: fc.array(fc.record({ of: fc.nat(), share: fc.double({ min: 0, max: 0.99, noNaN: true }) }), {
        maxLength: 6,
      }),
    },
  })
  .map(({ seed, K, G, S, filled, splits }) => {
    const random = simulationRandom(seed);
    const scheme = makeScheme("systematic", { queryCount: K, stragglerCount: S, liarCount: 0 });
    const rows = shuffle(
      Uint32Array.from({ length: G * K }, (_, query) => query),
      random,
    );
    const whole: RoundPlan = {
      ...{ scheme, rows, ownRows: G * K - Math.min(filled, K - 1), groupCount: G, splits: [] },
      placements: placements(random, G, K),
    };
    let [plan, slots] = [whole, scheme.workerCount];
    for (const { of, share } of splits) {
      // Of those that hold queries, and of what was split off.
      const held = [
        ...Array.from({ length: K }, (_, w) => w),
        ...Array.from({ length: slots - scheme.workerCount }, (_, s) => scheme.workerCount + s),
      ];
      const slot = held[of % held.length]!;
      const all = batchRowsIn(plan, slot);
      if (all < 2) continue;
      const order = shuffle(
        Uint32Array.from({ length: all }, (_, r) => r),
        random,
      );
      const done = [...order.subarray(0, 1 + Math.floor(share * (all - 1)))].sort((a, b) => a - b);
      plan = splitRows(plan, slot, done, slots++);
    }
    return { whole, plan, slots, random };
  });

test("[SL6] each row of a split worker index is in one of its slots, and is found there", () => {
  fc.assert(
    fc.property(rounds, ({ whole, plan, slots }) => {
      const { queryCount, workerCount } = whole.scheme;
      const seen = new Map<number, number>();
      for (let slot = 0; slot < slots; slot++) {
        const queries = queriesHeldBy(plan, slot);
        if (slot >= queryCount && slot < workerCount) {
          expect(queries).toBeNull();
          continue;
        }
        expect(queries).toHaveLength(batchRowsIn(plan, slot));
        queries!.forEach((query, r) => {
          expect(queryHeldAt(plan, slot, r)).toBe(query);
          const row = plan.rows.indexOf(query);
          expect(seen.has(row)).toBe(false);
          seen.set(row, slot);
          expect(ownPlaceOf(plan, row)).toEqual({ workerIndex: slot, row: r });
          const { of } = plan.splits.find(({ workerIndex }) => workerIndex === slot) ?? { of: slot };
          expect(whole.placements![row]).toBe(of);
          // 0: its worker index was not split.
          expect(slotsByRow(plan)?.[row] || slot + 1).toBe(slot + 1);
        });
        expect(queryHeldAt(plan, slot, batchRowsIn(plan, slot))).toBeNull();
        eachOwnRow(plan, slot, (row, r) => expect([plan.rows[row], row < plan.ownRows]).toEqual([queries![r], true]));
      }
      expect(seen.size).toBe(whole.rows.length);
    }),
  );
});

test("[SL6] a decoder gets the batch that it would have got, once all of its slots have come", () => {
  fc.assert(
    fc.property(rounds, fc.nat(), ({ whole, plan, slots }, lost) => {
      const outputsOf = (of: RoundPlan, slot: number) => {
        const queries =
          queriesHeldBy(of, slot) ?? Uint32Array.from({ length: of.groupCount }, (_, g) => 1_000 * slot + g);
        return Float32Array.from(
          { length: queries.length * WIDTH },
          (_, i) => queries[Math.floor(i / WIDTH)]! + (i % WIDTH) / 2,
        );
      };
      const came = Array.from({ length: slots }, (_, workerIndex) => ({ workerIndex }));
      const all = wholeBatches(plan, came, ({ workerIndex }) => outputsOf(plan, workerIndex), WIDTH);
      const expected = Array.from({ length: whole.scheme.workerCount }, (_, workerIndex) => ({
        ...{ workerIndex, outputs: outputsOf(whole, workerIndex) },
      }));
      expect(all).toEqual(expected);
      const missing = lost % slots;
      const { of: lostOf } = plan.splits.find(({ workerIndex }) => workerIndex === missing) ?? { of: missing };
      const some = wholeBatches(
        plan,
        came.filter(({ workerIndex }) => workerIndex !== missing),
        ({ workerIndex }) => outputsOf(plan, workerIndex),
        WIDTH,
      );
      expect(some).toEqual(expected.filter(({ workerIndex }) => workerIndex !== lostOf));
    }),
  );
});

test("[SL6] [VF2] rows of a worker index that do not fit are those of whoever gave them", () => {
  fc.assert(
    fc.property(rounds, fc.array(fc.nat(19)), ({ whole, plan }, drawn) => {
      const groups = [...new Set(drawn.map((g) => g % whole.groupCount))].sort((a, b) => a - b);
      for (let workerIndex = 0; workerIndex < whole.scheme.queryCount; workerIndex++) {
        const expected = groups.map((g) => queryHeldAt(whole, workerIndex, g));
        const found = rowsOfGroups(plan, workerIndex, groups).flatMap(({ workerIndex: slot, rows }) =>
          rows.map((row) => queryHeldAt(plan, slot, row)),
        );
        expect(found.sort()).toEqual(expected.sort());
      }
    }),
  );
});

const source = (volunteerId: string, auditedRows: number): BatchSource => ({
  ...{ volunteerId, auditedRows, precision: "float32", opinionBy: null },
});

test("[SL6] a round is stored with its slots, and is read as it was: each answer with the checks of its slot", () => {
  fc.assert(
    fc.property(rounds, ({ plan, slots }) => {
      const { scheme, ownRows } = plan;
      // One volunteer answered everything: what was checked of each slot differs.
      const sources = Array.from({ length: slots }, (_, slot) =>
        slot >= scheme.queryCount && slot < scheme.workerCount ? null : source("v1", slot + 1),
      );
      const stored = encodePlan(
        { ...plan, rowsPerGroup: plan.scheme.queryCount },
        { sources, heldOut: emptyTally(), estimates: [] },
      );
      const read = decodePlan(stored);
      expect(splitsIn(read)).toEqual(plan.splits);
      const told = plan.splits.map(({ rows, ...slot }) => ({ ...slot, rows: rows.length }));
      expect(splitSlotsIn(read)).toEqual(told.length === 0 ? {} : { splits: told });
      const answers = new JobAnswers(plan.rows.length, 1, { task: "classification" });
      const filled = <A extends { fill(value: number): A }>(array: A, value: number) => array.fill(value);
      answers.importRound({
        ...{ jobId: "job", roundIndex: 0, generation: 0, plan: stored, volunteers: ["v1"] },
        ...{ queryIndices: plan.rows.subarray(0, ownRows), outputs: new Float32Array(ownRows) },
        ...{ marks: filled(new Uint8Array(ownRows), MARK.audited), sources: new Uint8Array(ownRows) },
        ...{ firstLabels: new Int32Array(ownRows), firstMarks: filled(new Uint8Array(ownRows), MARK.audited) },
        ...{ firstMs: 1, exactMs: 1, estimatedAtFirst: 0, redispatched: 0 },
      });
      for (const { workerIndex, rows } of plan.splits) {
        for (const row of rows) {
          if (row >= ownRows) continue;
          const found = { batchRows: rows.length, auditedRows: workerIndex + 1 };
          expect(answers.sources.of(plan.rows[row]!)).toMatchObject(found);
        }
      }
    }),
  );
});
