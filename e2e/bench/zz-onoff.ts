import { writeFileSync, appendFileSync } from "node:fs";
import { knownCasesOf, loadKnownCase } from "/work/wt/streams/e2e/bench/inference-case.ts";
import { jobWorld } from "/work/wt/streams/e2e/bench/job-world.ts";
import { poisson } from "/work/wt/streams/e2e/bench/load.ts";
import { streamCrowd, SLOW_SHARES } from "/work/wt/streams/e2e/bench/row-speeds/drawn-crowds.ts";
import { runStream } from "/work/wt/streams/e2e/proofs/simulator/run-stream.ts";
import { HONEST } from "/work/wt/streams/e2e/crowd/tab-faults.ts";
import { quantileOfSome } from "/work/wt/streams/shared/numbers/quantile.ts";
const ROWS = Number(process.argv[2] ?? 4000);
const [known] = knownCasesOf(["mnist"]);
const world = await jobWorld(await loadKnownCase(known!, 4000, () => {}));
const { bundle, load, queries } = world.common;
for (const slowShare of SLOW_SHARES) {
  for (const l of (process.argv[3] ?? "0.6").split(",").map(Number)) {
  for (const rowLedger of [false, true]) {
    const began = Date.now();
    const posted = poisson(1, ROWS, (slowShare === 0 ? 1.45 : 0.95) * l);
    try {
    const out = await runStream({
      ...{ seed: 1, bundle, load, postedMs: posted, settings: { rowLedger } } as any,
      tabs: streamCrowd(slowShare).tabs(1).map(({ time, isMute }: any) => ({ ...HONEST, computeTime: time, isMute })),
      queries: queries.data as Float32Array, queryCount: queries.shape[0]!,
      submission: { queriesPerGroup: 1, scheme: "uncoded", stragglers: 0, liars: 0 } as any,
      accept: "first", closeAfterMs: 20, patienceMs: 30_000,
    });
    const counted = [...out.latencyMs.subarray(ROWS >> 2)];
    const at = (s: number) => quantileOfSome(counted, s).toFixed(0);
    console.log(slowShare, l, rowLedger ? "ledger" : "rounds", "p50", at(.5), "p99", at(.99), "p99.9", at(.999), "rows/query", (out.tabRows / ROWS).toFixed(3), "took s", (Date.now() - began) / 1000);
    } catch (e) { console.log(slowShare, l, rowLedger, String((e as Error).stack).slice(0, 600)); }
  }}
}
process.exit(0);
