/**
 * WebAssembly kernels that pick or put by place do not look at the places. What lies outside is the memory of every other model that the
 * thread has loaded, so they are looked at here, as tfjs itself does for GatherV2.
 */
import * as tf from "#tfjs";
import { ModelError } from "../../errors.ts";

interface Guarded {
  /** Places, and the lengths that they lie within: place n of the list is one along axis n % lengths.length. */
  places(inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap | undefined): { at: tf.TensorInfo; lengths: number[] };
}

const GUARDED: Readonly<Record<string, Guarded>> = {
  GatherNd: {
    places({ params, indices }) {
      return { at: indices!, lengths: params!.shape.slice(0, indices!.shape.at(-1)) };
    },
  },
  SparseToDense: {
    places({ sparseIndices }, attrs) {
      return { at: sparseIndices!, lengths: attrs!.outputShape as number[] };
    },
  },
};

/** Once for the thread, where the back-end has started: tfjs lets no back-end start again that was let go. */
export function guardPlaces(): void {
  for (const [kernelName, { places }] of Object.entries(GUARDED)) {
    const own = tf.getKernel(kernelName, "wasm");
    if (own === undefined) throw new Error(`tfjs: expected the kernel ${kernelName} on wasm, got none`);
    tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({
      ...own,
      kernelFunc(args) {
        const { at, lengths } = places(args.inputs, args.attrs);
        requireWithin(kernelName, (args.backend as tf.KernelBackend).readSync(at.dataId), lengths);
        return own.kernelFunc(args);
      },
    });
  }
}

function requireWithin(kernelName: string, places: ArrayLike<unknown>, lengths: readonly number[]): void {
  for (let n = 0; n < places.length; n++) {
    const place = Number(places[n]);
    if (!(place >= 0 && place < lengths[n % lengths.length]!)) {
      throw new ModelError(`model run: ${kernelName}: expected places within [${lengths}], got ${place}`);
    }
  }
}
