/** What is said before a job or a stream begins of how it will be checked, and of what that brings. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { inferenceEstimateRequestSchema } from "../../../shared/kinds/inference/estimate.ts";
import { isProblem } from "../../web/coordinator-port.ts";

let opened: ShellWithTabs;
let modelSha256: string;
beforeEach(async () => {
  opened = await ShellWithTabs.open(Array.from({ length: 4 }, () => ({})));
  await opened.hasAskedFor(1_000);
  const kernel = Float32Array.of(1, 0, 0, 1);
  const layer = { kernel, bias: new Float32Array(2), activation: "linear" } as const;
  modelSha256 = await opened.store.putBlob(packDenseModel([layer]));
  const queriesSha256 = await opened.upload({ dtype: "F32", shape: [40, 2], data: new Float32Array(80) });
  // From then on all four are ready.
  await opened.run({ ...CODE, source: { kind: "uploads", modelSha256, queriesSha256 } });
});
afterEach(() => opened.close());

const CODE = { scheme: "systematic", queriesPerGroup: 1, stragglers: 0, liars: 0 } as const;
const SIZES = { kind: "sizes", macsPerQuery: 4, modelBytes: 100, inputSize: 2, outputSize: 2 } as const;

async function estimateOf(request: object) {
  const said = await opened.shell.estimate(inferenceEstimateRequestSchema.parse({ kind: "inference", ...request }));
  if (isProblem(said) || said.kind !== "inference") throw new Error(JSON.stringify(said));
  return said;
}

test("[CK2] a small strict job that the coordinator cannot compute soon is told beforehand that nothing of it will be final, and how many rows suffice", async () => {
  const dear = { ...SIZES, macsPerQuery: 1e9 };
  const job = { ...CODE, strict: "yes" };
  const { rows, summary } = await estimateOf({ ...job, source: { ...dear, queryCount: 150 } });
  expect(rows).toMatchObject({ finalBy: "nobody", coordinatorRows: 0, rowsThatSuffice: expect.any(Number) });
  const { rowsThatSuffice } = rows!;
  expect(rowsThatSuffice).toBeGreaterThan(150);
  expect(summary).toContain(`${rowsThatSuffice} rows`);
  const enough = await estimateOf({ ...job, source: { ...dear, queryCount: rowsThatSuffice } });
  expect(enough.rows).toMatchObject({ finalBy: "account", promise: expect.stringMatching(/wrong and final/) });
  // What is soon computed is computed here.
  const soon = await estimateOf({ ...job, source: { ...SIZES, queryCount: 150 } });
  expect(soon.rows).toMatchObject({ finalBy: "coordinator", coordinatorRows: 150 });
});

test("[CK14] an estimate of a stream says what checks of it cost by its submitter's account, and when answers are final", async () => {
  const source = { kind: "stream", modelSha256 };
  const few = await estimateOf({ ...CODE, source: { ...source, queryCount: 500 } });
  expect(few).toMatchObject({ queryCount: 500, volunteersReady: 4 });
  expect(few.rows).toMatchObject({ finalBy: "account", promise: expect.stringMatching(/wrong and final/) });
  expect(few.chosen.coordinatorRows!.p50).toBe(few.rows!.coordinatorRows);
  expect(few.summary).toMatch(/Answers become final together: the first 64, .* within 1 h/);
  const audited = await estimateOf({ ...CODE, source: { ...source, crossChecks: "no" } });
  expect(audited.queryCount).toBe(10_000);
  expect(audited.rows!.duplicateRows).toBe(0);
  expect(audited.summary).toContain("Each answer is final as soon as its checks are done");
  // Nothing of it is begun.
  expect(opened.shell.jobViews()).toHaveLength(1);
});

test("[CK11] of the rows that the coordinator computes there is one number, whatever the code, and a job that says nothing sends no row twice", async () => {
  for (const queryCount of [2_000, 20_000]) {
    const { chosen, choices, rows } = await estimateOf({ source: { ...SIZES, queryCount } });
    expect(chosen.code).toMatchObject({ stragglers: 0, liars: 0 });
    // Four tabs at no known address.
    expect(rows).toMatchObject({ finalBy: "account", duplicateRows: 0 });
    for (const { coordinatorRows } of [chosen, ...choices]) {
      expect(coordinatorRows!.p50).toBe(rows!.coordinatorRows);
    }
  }
});

test("[CK11] of a stream too", async () => {
  const streamed = await estimateOf({ source: { kind: "stream", modelSha256, queryCount: 500 } });
  const fields = ["chosen.coordinatorRows", "choices.coordinatorRows", "rows.coordinatorRows"];
  expect(rowsNamedIn(streamed)).toEqual(new Set(fields));
  expect(streamed.summary).toContain(
    `the coordinator computes about ${streamed.chosen.coordinatorRows!.p50.toLocaleString("en")}`,
  );
});

/** Fields, wherever they are, that say how many rows somebody audits or the coordinator computes. */
function rowsNamedIn(value: object, path: readonly string[] = []): Set<string> {
  const found = Object.entries(value).flatMap(([name, field]) => {
    const place = /^\d+$/.test(name) ? path : [...path, name];
    if (/^(audited|coordinator)Rows$/.test(name)) return [place.join(".")];
    return typeof field === "object" && field !== null ? [...rowsNamedIn(field, place)] : [];
  });
  return new Set(found);
}

test("an estimate of a stream whose code is none, or that names an aim, is refused with the reason", async () => {
  const refused = async (request: object) => {
    const said = await opened.shell.estimate(inferenceEstimateRequestSchema.parse({ kind: "inference", ...request }));
    return isProblem(said) ? said.message : said;
  };
  const source = { kind: "stream", modelSha256 };
  expect(await refused({ source, aim: { finishWithinMs: 60_000 } })).toMatch(/^aim: expected a job that has all/);
  expect(await refused({ source, scheme: "parm", queriesPerGroup: 2, stragglers: 2, liars: 0 })).toMatch(/parm/);
});
