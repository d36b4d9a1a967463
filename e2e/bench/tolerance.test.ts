import { expect, test } from "vitest";
import { run } from "./tolerance.ts";

test("[SE1] back-ends in this process lie far within the tolerance of float32, on every model, and the table says so", {
  timeout: 120_000,
}, async () => {
  const { rows, tables } = await run({ seed: 3, progress: () => {}, rows: 16, withBrowser: false });
  const pairs = new Set(rows.map(({ one, other }) => `${one} ${other}`));
  expect(pairs).toEqual(new Set(["plain wasm", "plain cpu", "wasm cpu"]));
  const verdicts = tables![0]!.rows.map(({ precision, verdict }) => [precision, verdict]);
  expect(verdicts).toEqual([
    ["float32", "holds"],
    ["float32", "holds"],
    ["float16", "not measured: it takes a browser"],
    ["float16", "not measured: it takes a browser"],
  ]);
});
