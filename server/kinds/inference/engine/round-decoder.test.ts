/** Rows that were handed over of a worker index that has not come whole, when its round is decoded without it. SPEC.md SL6. */
import { expect, test } from "vitest";
import { makeScheme } from "../../../../shared/coding/make-scheme.ts";
import { DECODED_HOW } from "../../../../shared/coding/scheme.ts";
import { emptyTally } from "../../../../shared/verify/estimate-confidence.ts";
import type { ResultReference } from "../core/work.ts";
import { estimateCodeOf, NO_ESTIMATE } from "./estimate-codes.ts";
import type { Computing } from "./job-data.ts";
import type { OpenRound } from "./open-rounds.ts";
import { plainDecode } from "./plain-decode.ts";
import { type DecoderParts, RoundDecoder } from "./round-decoder.ts";
import { type RoundPlan, splitRows } from "./round-plan.ts";
import type { InferenceInputs, InferenceOutputs } from "./task-types.ts";

const [G, K, C] = [4, 2, 2];
/** Says label 1. */
const ONE = [0, 1];
const ZERO = [1, 0];

const result = (workerIndex: number): ResultReference => ({
  ...{ workerIndex, assignmentId: 10 + workerIndex, volunteerId: `v${workerIndex}`, precision: "float32" },
  ...{ auditedRows: 1, opinionBy: null },
});

/** Of worker index 0 three rows were handed over, the second of which says another label than its estimate; nothing came of its rest. */
function halfRound() {
  const scheme = makeScheme("systematic", { queryCount: K, stragglerCount: 1, liarCount: 0 });
  const whole: RoundPlan = {
    ...{ scheme, rows: Uint32Array.from({ length: G * K }, (_, row) => row), ownRows: G * K },
    ...{ placements: null, groupCount: G, splits: [] },
  };
  const plan = splitRows(whole, 0, [0, 1, 3], scheme.workerCount);
  const outputsOf: Record<number, number[][]> = {
    0: [ONE, ZERO, ONE],
    1: [ONE, ONE, ONE, ONE],
    2: [ONE, ONE, ONE, ONE],
  };
  const results = new Map(
    Object.entries(outputsOf).map(([slot, rows]) => [
      10 + Number(slot),
      { outputs: Float32Array.from(rows.flat()), checked: null },
    ]),
  );
  return {
    plan,
    candidates: new Map(),
    results,
    reference: { jobId: "job", roundIndex: 0, generation: 0 },
  } as unknown as OpenRound;
}

async function decoded(round: OpenRound, auditSuspects: boolean) {
  const bin = 0;
  const heldOut = emptyTally();
  const { agreed, total } = heldOut.coded as { agreed: number[]; total: number[] };
  [agreed[bin], total[bin]] = [995, 1_000];
  const asked: InferenceInputs["decode"][] = [];
  const output: InferenceOutputs["decode"] = {
    outputs: Float32Array.from(Array.from({ length: G * K }, () => ONE).flat()),
    how: Uint8Array.from({ length: G * K }, (_, row) => (row % K === 0 ? DECODED_HOW.estimated : DECODED_HOW.raw)),
    measured: {
      ...{ heldOut: emptyTally(), better: "coded" },
      codes: Uint8Array.from({ length: G * K }, (_, row) =>
        row % K === 0 ? estimateCodeOf("coded", bin) : NO_ESTIMATE,
      ),
    },
    ...{ spots: { agreed: 0, total: 0 }, suspectAudits: [], located: [] },
    ...{ checkedRows: new Uint8Array(G * K), rejectedCounts: new Uint32Array(3) },
  };
  const data = {
    job: {
      outputSize: C,
      submission: { task: "classification", completion: "exact", confidenceFloor: 0 },
      outputScale: null,
    },
    plan: { ...PLAN, scheme: round.plan.scheme },
  };
  const computing = {
    data,
    executor: {
      async run(_name: string, input: InferenceInputs["decode"]) {
        asked.push(input);
        return output;
      },
    },
  } as unknown as Computing;
  const looked: { workerIndex: number; rows: readonly number[] }[] = [];
  const parts = {
    queries: { neighbourhood: () => null },
    answers: { heldOut },
    checks: {
      async auditLocated(
        _effectId: number,
        _round: OpenRound,
        { workerIndex }: ResultReference,
        rows: readonly number[],
      ) {
        looked.push({ workerIndex, rows });
        return { workerIndex, checked: rows.length, failed: 0 };
      },
    },
    known: { planOf: () => ({ ...PLAN, scheme: round.plan.scheme }) },
  } as unknown as DecoderParts;
  const outcome = await new RoundDecoder(computing, parts).decode(round, {
    ...{ type: "decode", jobId: "job", effectId: 7, roundIndex: 0, generation: 0 },
    ...{ results: [result(0), result(1), result(2)], auditSuspects },
  });
  return { outcome, looked, asked };
}

/** What of a plan a decoder asks for. */
const PLAN = {
  isPlain: false,
  verification: "audits",
  hasSpares: true,
  estimates: "withheld",
  endsExact: true,
  splits: [],
};

test("[SL6] [VF2] rows that were handed over meet the estimates of their round, though no decoder takes them", async () => {
  const round = halfRound();
  const { looked, asked, outcome } = await decoded(round, true);
  expect(asked[0]!.arrived).toEqual([1, 2]);
  expect(looked).toEqual([{ workerIndex: 0, rows: [1] }]);
  expect(outcome.suspectAudits).toEqual([{ workerIndex: 0, checked: 1, failed: 0 }]);
  expect((await decoded(halfRound(), false)).looked).toEqual([]);
});

test("[SL6] what is estimated for rows that were handed over is told to nobody, and is no estimate", async () => {
  const round = halfRound();
  const { outcome } = await decoded(round, true);
  expect(outcome).toMatchObject({ estimatedRows: 1, unanswered: [] });
  expect([...round.candidates.get(7)!.isWithheld]).toEqual([1, 0, 1, 0, 0, 0, 1, 0]);
});

/**
 * Rows as they are, and nothing beside: which decode tasks are asked for, and for which rounds likeness is.
 * @param whileLocated what happens to the round meanwhile
 */
async function plainDecoded(auditSuspects: boolean, whileLocated: (round: OpenRound) => void = () => {}) {
  const scheme = makeScheme("systematic", { queryCount: K, stragglerCount: 0, liarCount: 0 });
  const plan: RoundPlan = {
    ...{ scheme, rows: Uint32Array.from({ length: G * K }, (_, row) => row), ownRows: G * K },
    ...{ placements: null, groupCount: G, splits: [] },
  };
  const held = { outputs: Float32Array.from(Array.from({ length: G }, () => ONE).flat()), checked: null };
  const results = new Map([10, 11].map((assignmentId) => [assignmentId, held]));
  const reference = { jobId: "job", roundIndex: 0, generation: 0 };
  const round = { plan, candidates: new Map(), results, reference } as unknown as OpenRound;
  const asked: InferenceInputs["decode"][] = [];
  const located: number[] = [];
  const submission = { task: "classification", completion: "exact", confidenceFloor: 0 };
  const ofPlan = { ...PLAN, isPlain: true, scheme };
  const computing = {
    data: { job: { outputSize: C, submission, outputScale: null }, plan: ofPlan },
    executor: {
      async run(_name: string, input: InferenceInputs["decode"]) {
        asked.push(input);
        return plainDecode(plan, input);
      },
    },
  } as unknown as Computing;
  const neighbourhood = { firstPlace: 0 };
  const parts = {
    queries: {
      neighbourhood: () => (located.length > 0 ? neighbourhood : null),
      async locate(_plan: unknown, roundIndex: number) {
        located.push(roundIndex);
        whileLocated(round);
      },
    },
    answers: { heldOut: emptyTally() },
    known: { planOf: () => ofPlan },
  } as unknown as DecoderParts;
  const effect = { type: "decode", jobId: "job", effectId: 7, roundIndex: 0, generation: 0 } as const;
  const decoder = new RoundDecoder(computing, parts);
  await decoder.decode(round, { ...effect, results: [result(0), result(1)], auditSuspects });
  return { asked, located };
}

test("[VF2] [SC5] audited rows that go out alone are compared with those that are alike, wherever these lie; rows under coins are copied", async () => {
  const { asked, located } = await plainDecoded(true);
  expect(located).toEqual([0]);
  expect(asked.map(({ estimates, suspects }) => [estimates?.neighbourhood, suspects?.rows.length])).toEqual([
    [{ firstPlace: 0 }, G * K],
  ]);
  expect(await plainDecoded(false)).toEqual({ asked: [], located: [] });
});

test("[VF8] [PC2] results that are let go of while their round is located are decoded all the same", async () => {
  // A finer opinion stands instead of the first, and its volunteer's word is void; then the job is cancelled.
  const { asked } = await plainDecoded(true, ({ results }) => results.clear());
  expect(asked.map(({ arrived, batches }) => [arrived, batches.map((batch) => [...batch])])).toEqual([
    [
      [0, 1],
      [Array.from({ length: G }, () => ONE).flat(), Array.from({ length: G }, () => ONE).flat()],
    ],
  ]);
});
