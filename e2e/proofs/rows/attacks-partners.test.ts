/** Coalitions that want to be each other's partners, and tabs that want to know what a row is for. */
import { expect, test } from "vitest";
import { CheckedBlock } from "../../../server/checks/checked-rows.ts";
import { termsFor } from "../../../server/checks/testing/driven-block.ts";
import { RowsStory } from "../../../server/kinds/inference/rows/testing/rows-story.ts";
import type { RowClaim } from "../../../server/kinds/inference/rows/work.ts";
import { RowLedger } from "../../../server/rows/ledger.ts";
import { UNCODED } from "../../../server/rows/words.ts";
import { simulationRandom } from "../../../shared/random/simulation-random.ts";

const ROWS = 4_000;
const SHARE = 0.15;

test("a coalition that is first at a job is its own partner no more often than it is drawn", () => {
  const ledger = new RowLedger({ rowCount: ROWS, rule: UNCODED, orderKey: null, sizes: { fairPart: 1 } });
  const random = simulationRandom(5);
  // Of 32 that are ready 8 work together; the others are busy with other jobs, and this ledger has not heard of them.
  const ready = Array.from({ length: 32 }, (_, n) => `v${n}`);
  const block = new CheckedBlock({
    ...{ ledger, terms: termsFor({ rows: ROWS, q: 0.02, h: SHARE, c: 0.12 }), random, windowRows: null },
    coinOf: () => random.uniform(),
    partners: {
      draw: (author, notAmong) => {
        const others = ready.filter((one) => one !== author && !notAmong.has(one));
        return others[random.integer(others.length)] ?? null;
      },
      isCrowdReady: () => true,
      groupOf: (volunteerId) => volunteerId,
    },
  });
  block.begin(0);
  for (const volunteerId of ready.slice(0, 8)) block.join({ sessionId: volunteerId, volunteerId, rowsPerMs: 0.01 }, 0);
  for (let nowMs = 0; !ledger.isDone; nowMs += 100) {
    const { claim } = block.take("v0", nowMs);
    const items = claim?.items.map(({ item }) => item) ?? [];
    block.answer(claim?.claimId ?? 0, items, nowMs + 50);
  }
  // Seven of 31 that may be drawn; before one draw alone counted 90 of 100 duplicates went to an accomplice.
  expect(block.waits.partners / (SHARE * ROWS)).toBeLessThan(1 / 3);
});

// A tab that knew them would compute these alone rightly: it would pass its measuring, and let checks lie.
test("a row's place in its claim says nothing of what it is for", () => {
  const story = new RowsStory();
  story.crowd(12);
  story.submit("job", 1_000, { macsPerQuery: 1e9 });
  story.answerAll();
  const claims = story.effects.flatMap((effect) =>
    effect.type === "sendAssignment" ? [(effect.payload as RowClaim).rows.map(({ as }) => as)] : [],
  );
  const mixed = claims.filter((row) => row.includes("answer") && row.some((as) => as !== "answer"));
  expect(mixed.length).toBeGreaterThan(0);
  expect(mixed.some((row) => row[0] === "answer")).toBe(true);
});
