import { expect, test } from "vitest";
import type { TabFaults } from "../../crowd/tab-faults.ts";
import { drawFaults } from "./draw-faults.ts";
import { loadOther } from "./simulated-inference.ts";
import { type SimulationOptions, simulate } from "./simulation.ts";
import { storedJobs } from "./stored-jobs.ts";

const SEEDS = 16;
/** The coordinator computes most of a small job itself, and nothing is found of its volunteers. */
const QUERIES = 200;

/** What is said of jobs that stay checked, or do not: at submission, or once their rows came. */
interface Seen {
  readonly broken: string[];
  crashes: number;
  confirmed: number;
  liarsNamed: number;
  unchecked: { fromTheStart: number; found: number };
  fixedOnly: { fromTheStart: number; found: number };
}

/** @param others of every seed's crowd: who computes otherwise, and is as honest as the rest */
async function runAll(
  others: (tab: number) => Partial<TabFaults> | null,
  world: Pick<SimulationOptions, "loadInOrder" | "loadAsTabs">,
): Promise<Seen> {
  const seen: Seen = {
    ...{ broken: [], crashes: 0, confirmed: 0, liarsNamed: 0 },
    ...{ unchecked: { fromTheStart: 0, found: 0 }, fixedOnly: { fromTheStart: 0, found: 0 } },
  };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const unchecked = new Map<string, boolean>();
    const fixedOnly = new Map<string, boolean>();
    const report = await simulate({
      ...world,
      seed,
      queryCount: QUERIES,
      jobs: ["exact", "fast"].map((completion) => ({
        scheme: "systematic" as const,
        completion: completion as "exact" | "fast",
        ifUnstable: "unchecked" as const,
      })),
      faults: (tab) => {
        const other = others(tab);
        return { ...drawFaults(seed, tab), ...(other && { ...other, isLiar: false, garbageProbability: 0 }) };
      },
      loadSecond: loadOther,
      crashMsMean: seed % 2 === 0 ? 400 : null,
      onEvent: (event) => {
        if (event.type === "outcome" && event.outcome.type === "rowsConfirmed") seen.confirmed++;
      },
      observe: ({ state }) => {
        for (const stored of storedJobs(state)) {
          const { jobId, isFixedOnly } = stored;
          if (stored.unchecked !== null) unchecked.set(jobId, /trusted runs of one row/.test(stored.unchecked));
          if (isFixedOnly === true || stored.fixedOnly !== undefined) fixedOnly.set(jobId, isFixedOnly !== true);
        }
      },
    });
    seen.broken.push(...report.violations.map((violation) => `seed ${seed}: ${violation}`));
    for (const volunteerId of report.falselyQuarantined) seen.broken.push(`seed ${seed}: ${volunteerId} is honest`);
    for (const { state } of report.jobs) if (state !== "done") seen.broken.push(`seed ${seed}: a job is ${state}`);
    seen.crashes += report.crashes;
    seen.liarsNamed += report.quarantined.length;
    for (const wasFound of unchecked.values()) seen.unchecked[wasFound ? "found" : "fromTheStart"]++;
    for (const wasFound of fixedOnly.values()) seen.fixedOnly[wasFound ? "found" : "fromTheStart"]++;
  }
  return seen;
}

const none = { fromTheStart: 0, found: 0 };

test("[VF15] [VF14] jobs of which float32 does not determine every row, where tabs' WebAssembly does not run here: through crashes nobody honest is named, and all of them end", {
  timeout: 300_000,
}, async () => {
  // Tabs compute in WebAssembly as the second implementation does.
  const seen = await runAll((tab) => (tab % 2 === 1 ? { load: loadOther, backend: "wasm" } : null), {
    loadAsTabs: () => Promise.reject(new Error("injected: WebAssembly could not be loaded")),
  });
  expect(seen.broken).toEqual([]);
  // The runs meet what they are there for.
  expect(seen.unchecked.found).toBeGreaterThan(2);
  expect(seen.unchecked.fromTheStart).toBeGreaterThan(2);
  expect(seen.fixedOnly).toEqual(none);
  expect(seen.confirmed).toBeGreaterThan(SEEDS / 2);
  expect(seen.crashes).toBeGreaterThan(SEEDS / 4);
});

test("[VF15] [PC13] [PC11] where it runs here they are for WebAssembly alone, and checked: through crashes no honest card is named, liars are, and all of them end", {
  timeout: 300_000,
}, async () => {
  // A quarter of the crowd are cards, which compute as the second implementation does.
  const seen = await runAll((tab) => (tab % 4 === 1 ? { onCard: loadOther, backend: "webgl" } : null), {
    loadInOrder: loadOther,
  });
  expect(seen.broken).toEqual([]);
  // The runs meet what they are there for.
  expect(seen.fixedOnly.found).toBeGreaterThan(2);
  expect(seen.fixedOnly.fromTheStart).toBeGreaterThan(2);
  expect(seen.unchecked).toEqual(none);
  expect(seen.liarsNamed).toBeGreaterThan(0);
  expect(seen.confirmed).toBeGreaterThan(SEEDS / 2);
  expect(seen.crashes).toBeGreaterThan(SEEDS / 4);
});
