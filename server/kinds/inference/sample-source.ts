/** The built-in sample as a submission's source: the MNIST test images and labels, and the model that reads them. */

import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { loadMnist, type Mnist } from "../../samples/mnist.ts";
import { loadMnistModel, loadMnistParityModel, MNIST_PARITY_QUERIES } from "../../samples/mnist-model.ts";
import { SubmissionError } from "../../shell/submission-error.ts";
import type { Store } from "../../store/store.ts";
import type { ResolvedSource } from "./resolved-source.ts";

/** Pixels are 0..255, the model was trained on 0..1. */
const PIXEL_SCALE = 1 / 255;

export function createSampleSource(store: Store) {
  let digits: Promise<Mnist> | undefined;
  /** @throws SubmissionError where the range of images is not there */
  return async ({ queryStart, queryCount }: { queryStart: number; queryCount: number }): Promise<ResolvedSource> => {
    digits ??= loadMnist("test");
    const { images, labels, count, rows, columns } = await digits;
    const end = queryStart + queryCount;
    if (end > count) {
      throw new SubmissionError(
        422,
        "no-such-images",
        `expected images within 0..${count - 1}, got ${queryStart}..${end - 1}`,
      );
    }
    const size = rows * columns;
    const queries = images.slice(queryStart * size, end * size);
    const [modelSha256, queriesSha256, labelsSha256] = await Promise.all([
      store.putBlob(await loadMnistModel()),
      store.putBlob(encodeNpy({ dtype: "U8", shape: [queryCount, rows, columns], data: queries })),
      store.putBlob(encodeNpy({ dtype: "U8", shape: [queryCount], data: labels.slice(queryStart, end) })),
    ]);
    return { modelSha256, queries: queriesSha256, labelsSha256, inputScale: PIXEL_SCALE, parityModelSha256 };
  };

  async function parityModelSha256(queriesPerGroup: number): Promise<string> {
    if (queriesPerGroup === MNIST_PARITY_QUERIES) return store.putBlob(await loadMnistParityModel());
    throw new SubmissionError(
      422,
      "no-parity-model",
      `parm: the sample's parity model was trained for K = ${MNIST_PARITY_QUERIES} queries, got K = ${queriesPerGroup}`,
    );
  }
}
