/** Fewer queries than a group has: whoever submits them is not asked for another K. */
import { afterEach, expect, test } from "vitest";
import { ShellWithTabs } from "../../../e2e/crowd/shell-with-tabs.ts";
import type { SchemeName } from "../../../shared/coding/schemes/schemes.ts";
import { packOnnx } from "../../../shared/compute/runtimes/onnx/pack-onnx.ts";
import { node } from "../../../shared/compute/runtimes/onnx/testing/operator-case.ts";
import { smallOnnx } from "../../../shared/compute/runtimes/onnx/testing/small-onnx.ts";
import { inferenceEstimateRequestSchema } from "../../../shared/kinds/inference/estimate.ts";
import { isProblem } from "../../web/coordinator-port.ts";

const WIDTH = 3;
const NEGATES = packOnnx(
  smallOnnx({
    input: { name: "x", shape: [-1, WIDTH] },
    outputs: ["y"],
    nodes: [node("Neg", ["x"], {}, ["y"])],
    weights: [],
  }),
);

let world: ShellWithTabs;
afterEach(() => world.close());

async function jobOf(rows: number, settings: object) {
  world = await ShellWithTabs.open(
    Array.from({ length: 9 }, () => ({})),
    "onnx",
  );
  const data = Float32Array.from({ length: rows * WIDTH }, (_, i) => i + 1);
  const [modelSha256, queriesSha256] = await Promise.all([
    world.store.putBlob(NEGATES),
    world.upload({ dtype: "F32", shape: [rows, WIDTH], data }),
  ]);
  const source = { kind: "uploads", modelSha256, queriesSha256 };
  return { data, submission: { kind: "inference", task: "regression", ...settings, source } };
}

test.each([1, 2, 3])(
  "%i queries of a submission that says nothing of a code are one group, and every answer is the model's own",
  async (rows) => {
    const { data, submission } = await jobOf(rows, {});
    const estimate = await world.shell.estimate(inferenceEstimateRequestSchema.parse(submission));
    expect(estimate).toMatchObject({ chosen: { code: { queriesPerGroup: rows } } });
    const jobId = await world.run(submission);
    expect(world.shell.jobView(jobId)).toMatchObject({ state: "done", queryCount: rows, queriesPerGroup: rows });
    const { outputs } = (await world.shell.desks.inference.allAnswers(jobId))!;
    expect([...outputs]).toEqual([...data].map((value) => -value));
  },
);

const CODED: [SchemeName, object][] = [
  ["systematic", { stragglers: 2, liars: 1 }],
  ["spline", { stragglers: 1 }],
  ["approxifer", { stragglers: 1, liars: 0 }],
  ["replication", { stragglers: 0, liars: 1 }],
  ["uncoded", {}],
];
test.each(CODED)(
  "a code of %s that asks for larger groups has one of as many queries as there are",
  async (scheme, code) => {
    const { submission } = await jobOf(3, { scheme, queriesPerGroup: 4, parts: 1, ...code });
    const jobId = await world.run(submission);
    expect(world.shell.jobView(jobId)).toMatchObject({ state: "done", queriesPerGroup: 3 });
  },
);

test("a parity model is made for its K: fewer queries are refused, in one sentence", async () => {
  const { submission } = await jobOf(3, { scheme: "parm", queriesPerGroup: 4, stragglers: 1 });
  const { source } = submission;
  const reply = await world.submit({ ...submission, source: { ...source, parityModelSha256: source.modelSha256 } });
  expect(isProblem(reply) && reply.message).toBe("K = 4 queries are encoded together, but only 3 were submitted");
});
