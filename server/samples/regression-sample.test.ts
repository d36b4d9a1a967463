import { describe, expect, it } from "vitest";
import { parseNpy } from "../../shared/protocol/npy.ts";
import { SubmissionError } from "../shell/submission-error.ts";
import { MemoryStore } from "../store/testing/memory-store.ts";
import { loadMnist } from "./mnist.ts";
import { createRegressionSample, regressionSampleShape, regressionTestSet } from "./regression-sample.ts";
import type { TableRequest } from "./regression-tables.ts";

describe("createRegressionSample", () => {
  it("puts gisette-like into the store as it was drawn, whole numbers of 0..999 with their scale", async () => {
    const store = new MemoryStore();
    const rows = 300;
    const source = await createRegressionSample(store)("gisette-like", rows);
    expect(source.inputScale).toBe(1 / 999);
    const features = parseNpy((await store.getBlob(source.featuresSha256))!);
    const labels = parseNpy((await store.getBlob(source.labelsSha256))!);
    const { columns, labels: known } = regressionSampleShape("gisette-like", rows);
    expect([features.dtype, features.shape]).toEqual(["U16", [rows, columns]]);
    expect((features.data as Uint16Array).reduce((most, value) => Math.max(most, value), 0)).toBe(999);
    expect([labels.dtype, labels.shape]).toEqual(["I32", [rows]]);
    expect([...new Set(labels.data as Int32Array)].sort((a, b) => a - b)).toEqual(known);
  });

  it("puts the first MNIST digits into the store, and even the fewest rows have all ten", async () => {
    const store = new MemoryStore();
    const { featuresSha256, labelsSha256, inputScale } = await createRegressionSample(store)("mnist", 20);
    const { images, labels } = await loadMnist("train");
    const features = parseNpy((await store.getBlob(featuresSha256))!);
    expect(features).toEqual({ dtype: "U8", shape: [20, 784], data: Uint8Array.from(images.subarray(0, 20 * 784)) });
    expect(parseNpy((await store.getBlob(labelsSha256))!).data).toEqual(Uint8Array.from(labels.subarray(0, 20)));
    expect([...new Set(labels.subarray(0, 20))].sort((a, b) => a - b)).toEqual(
      regressionSampleShape("mnist", 20).labels,
    );
    expect(inputScale).toBe(1 / 255);
  });

  /** Tables of one byte, that say when they are made. */
  function counted(fails = false) {
    const asked: TableRequest[] = [];
    let atOnce = 0;
    const makeTable = async (request: TableRequest) => {
      asked.push(request);
      expect(++atOnce).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      atOnce--;
      if (fails) throw new Error("out of memory");
      return { featuresNpy: Uint8Array.of(request.rows % 251), labelsNpy: Uint8Array.of(252) };
    };
    return { asked, makeTable };
  }

  it("makes each table once, one at a time, and again where the store has forgotten it", async () => {
    const { asked, makeTable } = counted();
    let store = new MemoryStore();
    const sample = createRegressionSample(
      { putBlob: (bytes) => store.putBlob(bytes), hasBlob: (sha256) => store.hasBlob(sha256) },
      makeTable,
    );
    const [first, same, other] = await Promise.all([sample("mnist"), sample("mnist", 6_000), sample("mnist", 50)]);
    expect(same).toEqual(first);
    expect(other.featuresSha256).not.toBe(first.featuresSha256);
    expect(asked.map(({ rows }) => rows)).toEqual([6_000, 50]);
    await sample("mnist");
    expect(asked).toHaveLength(2);
    store = new MemoryStore();
    expect(await sample("mnist")).toEqual(first);
    expect(asked).toHaveLength(3);
  });

  it("what failed is tried again, and more rows than there are is said before anything is made", async () => {
    const { asked, makeTable } = counted(true);
    const sample = createRegressionSample(new MemoryStore(), makeTable);
    await expect(sample("mnist")).rejects.toThrow("out of memory");
    await expect(sample("mnist")).rejects.toThrow("out of memory");
    expect(asked).toHaveLength(2);
    await expect(sample("gisette-like", 6_001)).rejects.toThrow(SubmissionError);
    await expect(sample("gisette-like", 6_001)).rejects.toThrow(
      "source.rows: expected at most 6000 of gisette-like, got 6001",
    );
    expect(asked).toHaveLength(2);
  });
});

it("the test set of mnist is the original's", async () => {
  const { featuresNpy, labelsNpy } = await regressionTestSet("mnist");
  const { images, labels } = await loadMnist("test");
  expect(parseNpy(featuresNpy)).toMatchObject({ dtype: "U8", shape: [10_000, 784] });
  expect(Buffer.compare(featuresNpy.subarray(-images.length), images)).toBe(0);
  expect(parseNpy(labelsNpy).data).toEqual(Uint8Array.from(labels));
});
