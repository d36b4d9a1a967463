/**
 * What is lost of batches that are taken back, where tabs hand over rows before they answer, and where they do not:
 *
 *     npm run bench -- taken-back [--queries N] [--seeds N] [--seed N] [--json FILE]
 *
 * The real coordinator on virtual time, and batches that take tabs from ten seconds to forty. Tabs leave in the middle of them, or become slow. Of
 * jobs whose queries go out in batches of their own, and of jobs with the code that a submission has if it names none.
 */
import { RUNTIMES } from "../../shared/compute/runtimes/runtimes.ts";
import { HONEST, type TabFaults } from "../crowd/tab-faults.ts";
import { runJobs } from "../proofs/simulator/run-jobs.ts";
import { clusteredQueries, denseClassifier, INPUT_SIZE, loadOnce } from "../proofs/simulator/simulated-inference.ts";
import { countFlag, seedsFrom } from "./flags.ts";
import { meanInterval } from "./mean-interval.ts";
import type { Measurement, MeasureOptions, Measurer } from "./measurement.ts";

const TABS = 12;
const QUERIES = 6_000;
const SEEDS = 3;
/** Of the fastest tab; the slowest takes four times as long. */
const ROW_MS = 250;
const SPREAD = 4;
const DRAW = 84;

/** How long a tab stays on average, and the share of its batches that take two to six times as long. */
const CROWDS: Readonly<Record<string, { readonly staysMs: number | null; readonly slowShare: number }>> = {
  "nobody leaves": { staysMs: null, slowShare: 0 },
  "tabs stay two minutes": { staysMs: 120_000, slowShare: 0 },
  "tabs stay half a minute": { staysMs: 30_000, slowShare: 0 },
  "one batch in five is slow": { staysMs: null, slowShare: 0.2 },
  "both, two minutes": { staysMs: 120_000, slowShare: 0.2 },
};

const CODES = {
  "K = 1, no spares": { queriesPerGroup: 1, stragglers: 0, liars: 0 },
  "K = 4, no spares": { queriesPerGroup: 4, stragglers: 0, liars: 0 },
  "K = 4, S = 2, E = 1": { queriesPerGroup: 4, stragglers: 2, liars: 1 },
} as const;

function tabOf(tab: number, { staysMs, slowShare }: (typeof CROWDS)[string], handsOver: boolean): TabFaults {
  const slow = { kind: "slow", share: slowShare, least: 2, most: 6 } as const;
  return {
    ...HONEST,
    staysMsMean: staysMs,
    computeTime: {
      ...{ fixedMs: 5, rowMs: ROW_MS * SPREAD ** (tab / (TABS - 1)), draw: DRAW },
      factors: [{ kind: "even", spread: 0.1 }, ...(slowShare > 0 ? [slow] : [])],
    },
    ...(handsOver ? {} : { slices: 0 }),
  };
}

async function lostOf(code: object, crowd: (typeof CROWDS)[string], handsOver: boolean, queries: number, seed: number) {
  const { jobs } = await runJobs({
    seed,
    checksRules: false,
    tabs: Array.from({ length: TABS }, (_, tab) => tabOf(tab, crowd, handsOver)),
    bundle: denseClassifier(),
    load: loadOnce,
    queries: { dtype: "F32", shape: [queries, INPUT_SIZE], data: clusteredQueries(5, queries) },
    jobs: [{ scheme: "systematic", ...code }],
  });
  const [{ tabRows, virtualMs }] = jobs as [(typeof jobs)[number]];
  return { lost: 1 - queries / tabRows, seconds: virtualMs / 1e3 };
}

async function run({ seed, progress, flags = {} }: MeasureOptions): Promise<Measurement> {
  // What comes from a file comes before: virtual time does not wait for it.
  await Promise.all(RUNTIMES.map(({ loadFormat }) => loadFormat()));
  const queries = countFlag(flags, "queries") ?? QUERIES;
  const seeds = seedsFrom(seed, countFlag(flags, "seeds") ?? SEEDS);
  const rows: Measurement["rows"][number][] = [];
  for (const [code, submitted] of Object.entries(CODES)) {
    for (const [crowd, of] of Object.entries(CROWDS)) {
      for (const handsOver of [false, true]) {
        const found: Awaited<ReturnType<typeof lostOf>>[] = [];
        for (const own of seeds) found.push(await lostOf(submitted, of, handsOver, queries, own));
        const lost = meanInterval(found.map((one) => one.lost));
        const seconds = meanInterval(found.map((one) => one.seconds)).mean;
        rows.push({
          ...{ code, crowd, handsOver: handsOver ? "yes" : "no" },
          ...{ lost: lost.mean, lostHalfWidth: lost.halfWidth, seconds },
        });
        progress(JSON.stringify(rows.at(-1)));
      }
    }
  }
  return {
    name: takenBack.name,
    title: takenBack.title,
    columns: [
      { key: "code", title: "code" },
      { key: "crowd", title: "crowd" },
      { key: "handsOver", title: "rows are handed over" },
      { key: "lost", title: "share of computed rows that no answer came of", digits: 3 },
      { key: "lostHalfWidth", title: "±", digits: 3 },
      { key: "seconds", title: "s", digits: 0 },
    ],
    rows,
    notes: [
      `${TABS} tabs, jobs of ${queries} queries, ${seeds.length} seeds. A row takes ${ROW_MS} ms on the fastest tab, ${SPREAD} times as long on the slowest.`,
      "Golden rows, parities, and rows that two tabs computed, are among those that no answer came of.",
    ],
  };
}

export const takenBack: Measurer = {
  name: "taken-back",
  title: "What is lost of batches that are taken back",
  flags: ["queries", "seeds"],
  run,
};
