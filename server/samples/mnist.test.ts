import { describe, expect, it } from "vitest";
import { loadMnist } from "./mnist.ts";

describe("loadMnist", () => {
  it("has the 60,000 and 10,000 digits, each as often as in the original", async () => {
    const expected = {
      train: [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949],
      test: [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009],
    };
    for (const part of ["train", "test"] as const) {
      const { images, labels, count, rows, columns } = await loadMnist(part);
      const histogram = new Array<number>(10).fill(0);
      for (const label of labels) histogram[label]!++;
      expect(histogram).toEqual(expected[part]);
      expect([rows, columns]).toEqual([28, 28]);
      expect(labels).toHaveLength(count);
      expect(images).toHaveLength(count * 784);
    }
  });
});
