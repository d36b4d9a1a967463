import { expect, test } from "vitest";
import { knownCasesOf, loadKnownCase } from "../../bench/inference-case.ts";
import { halfRowsAccuracy } from "./half-rows.ts";

test("[PR60] on MNIST half-precision mixtures cost no accuracy, in any scheme that has mixtures", async () => {
  const known = knownCasesOf(["mnist"]).find(({ model }) => model === "mnist-mlp")!;
  const inferenceCase = await loadKnownCase(known, 2_000, () => {});
  for (const name of ["approxifer", "spline", "systematic", "parm"] as const) {
    const { overall, degraded, changedLabels, answers } = await halfRowsAccuracy(inferenceCase, name, 1, 1);
    console.log(
      `${name}: float16 minus float32 ${(overall.float16 - overall.float32).toFixed(4)} overall, ` +
        `${(degraded.float16 - degraded.float32).toFixed(4)} degraded; labels changed ${changedLabels.toFixed(4)} of ${answers}`,
    );
    expect(answers).toBe(2_000);
    expect(Math.abs(overall.float16 - overall.float32)).toBeLessThanOrEqual(0.001);
    expect(changedLabels).toBeLessThanOrEqual(0.002);
  }
  inferenceCase.model.dispose();
});
