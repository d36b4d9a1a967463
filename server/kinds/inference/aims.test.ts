/** Jobs that name a time or a budget, from submission to receipt. Tabs answer at once; nobody lies. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import { packDenseModel } from "../../../shared/compute/runtimes/tfjs/dense-model.ts";
import { type InferenceEstimate, inferenceEstimateRequestSchema } from "../../../shared/kinds/inference/estimate.ts";
import { isProblem } from "../../web/coordinator-port.ts";

const QUERIES = 60;
let opened: ShellWithTabs | null = null;
afterEach(() => opened?.close());

async function openWith(tabs: number) {
  opened = await ShellWithTabs.open(Array.from({ length: tabs }, () => ({})));
  const kernel = Float32Array.of(1, 0, 0, 1);
  const model = packDenseModel([{ kernel, bias: new Float32Array(2), activation: "linear" }]);
  const modelSha256 = await opened.store.putBlob(model);
  const data = Float32Array.from({ length: 2 * QUERIES }, (_, i) => Math.sin(i));
  const queriesSha256 = await opened.upload({ dtype: "F32", shape: [QUERIES, 2], data });
  return { shell: opened, source: { kind: "uploads", modelSha256, queriesSha256 } };
}

async function estimate(shell: ShellWithTabs, request: object): Promise<InferenceEstimate> {
  const answer = await shell.shell.estimate(inferenceEstimateRequestSchema.parse({ kind: "inference", ...request }));
  if (isProblem(answer) || answer.kind !== "inference") throw new Error(JSON.stringify(answer));
  return answer;
}

test("[DL1] without tabs no time is promised, and a job that names one is refused with the reason", async () => {
  const { shell, source } = await openWith(0);
  const said = await estimate(shell, { source });
  expect(said.chosen.finishMs).toBeNull();
  expect(said.summary).toMatch(/^No tab is ready, so there is no estimate of the time/);
  const aim = { finishWithinMs: 60_000, confidence: 0.9 };
  expect(await shell.submit({ source, aim })).toMatchObject({ status: 422, code: "impossible-aim" });
  expect(shell.shell.jobViews()).toEqual([]);
});

test("[DL1] a job with an aim ends; its view and its receipt say which code was in force, and so they do after a restart", async () => {
  const { shell, source } = await openWith(4);
  // So that tabs compute what is so small, and are measured.
  await shell.hasAskedFor(1_000);
  await shell.run({ source, queriesPerGroup: 2, stragglers: 0, liars: 0 });
  const said = await estimate(shell, { source });
  expect(said.basis).toMatchObject({ tabsReady: 4, tabsMeasured: 4, volunteersReady: 4 });
  expect(said.choices.length).toBeGreaterThan(0);
  const jobId = await shell.run({ source, aim: { finishWithinMs: 600_000, confidence: 0.9 } });
  const view = shell.shell.jobView(jobId);
  expect(view).toMatchObject({ state: "done", aim: { finishWithinMs: 600_000, confidence: 0.9 } });
  const codes = view?.kind === "inference" ? view.codes! : [];
  expect(codes[0]).toMatchObject({ queriesPerGroup: 1, reason: expect.stringMatching(/^4 tabs: /) });
  const receipt = await shell.shell.receipt(jobId);
  expect(receipt).toMatchObject({ code: { inForce: codes }, answers: { byMark: { missing: 0, unchecked: 0 } } });
  await shell.restart();
  expect(shell.shell.jobView(jobId)).toMatchObject({ state: "done", codes });
});

test("an aim chooses among audited codes alone: what it saves is time or work, never the promise", async () => {
  const { shell, source } = await openWith(3);
  await shell.run({ source, queriesPerGroup: 2, stragglers: 0, liars: 0 });
  const { choices } = await estimate(shell, { source });
  for (const { code, wrongBound } of choices) {
    expect(code.scheme).toBe("systematic");
    expect(wrongBound).toBeLessThan(0.1);
  }
});

test("a job of given sizes is estimated as one that is uploaded, and codes that make no sense are refused alike", async () => {
  const { shell, source } = await openWith(4);
  const sizes = { kind: "sizes", queryCount: QUERIES, macsPerQuery: 4, modelBytes: 100, inputSize: 2, outputSize: 2 };
  const code = { queriesPerGroup: 2, stragglers: 1, liars: 0 };
  const [given, uploaded] = [
    await estimate(shell, { source: sizes, ...code }),
    await estimate(shell, { source, ...code }),
  ];
  expect(given.chosen.tabMacs).toEqual(uploaded.chosen.tabMacs);
  expect(given.queryCount).toBe(QUERIES);
  const impossible = { kind: "inference", source: sizes, scheme: "parm", stragglers: 3, queriesPerGroup: 2 };
  expect(await shell.shell.estimate(inferenceEstimateRequestSchema.parse(impossible))).toMatchObject({ status: 422 });
});
