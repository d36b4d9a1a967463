/** The built-in sample as files, for whoever wants to look at it, or try it on a machine of their own, before submitting. */
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { loadMnist, type Mnist } from "./mnist.ts";
import { loadMnistModel } from "./mnist-model.ts";

export interface SampleFiles {
  /** A packed model (model-bundle.ts). */
  model(): Promise<Uint8Array>;
  /** `.npy`, uint8, shape (count, 28, 28). null: the range of images is not there. */
  queries(start: number, count: number): Promise<Uint8Array | null>;
}

export function createSampleFiles(): SampleFiles {
  let digits: Promise<Mnist> | undefined;
  return {
    model: loadMnistModel,
    async queries(start, count) {
      digits ??= loadMnist("test");
      const { images, count: most, rows, columns } = await digits;
      if (start + count > most) return null;
      const data = images.slice(start * rows * columns, (start + count) * rows * columns);
      return encodeNpy({ dtype: "U8", shape: [count, rows, columns], data });
    },
  };
}
