/** Graphics devices of WebGPU, of which the library itself neither looks for errors nor frees what lies idle. */
import { ModelError } from "../../errors.ts";

/** The part of GPUDevice that is used. */
export interface GraphicsDevice {
  readonly lost: Promise<{ readonly message: string }>;
  pushErrorScope(filter: ErrorFilter): void;
  popErrorScope(): Promise<{ readonly message: string } | null>;
}

const ERROR_FILTERS = ["validation", "out-of-memory", "internal"] as const;
type ErrorFilter = (typeof ERROR_FILTERS)[number];

interface Watched {
  lost: ModelError | null;
  /** Of the work that waits now. */
  onLost: (error: ModelError) => void;
}

// One listener for each device: one for each piece of work would keep what that work returned as long as the device lives.
const watched = new WeakMap<GraphicsDevice, Watched>();

function watch(device: GraphicsDevice): Watched {
  const known = watched.get(device);
  if (known !== undefined) return known;
  const state: Watched = { lost: null, onLost: () => {} };
  watched.set(device, state);
  device.lost.then(({ message }) => {
    state.lost = new ModelError(`webgpu: expected a graphics device, got a lost one: ${message}`);
    state.onLost(state.lost);
  });
  return state;
}

/**
 * A shader that does not compile, a buffer that is too large or a device that was taken away throws nothing by itself: what is read is zeros,
 * or never comes, so that an honest device would be taken for a liar.
 * @param work one piece at a time for each device
 * @throws ModelError where the device is lost, now or while the work waits, or says an error of the work
 */
export async function withSoundDevice<T>(device: GraphicsDevice, work: () => Promise<T>): Promise<T> {
  const state = watch(device);
  if (state.lost !== null) throw state.lost;
  const untilLost = new Promise<never>((_, reject) => {
    state.onLost = reject;
  });
  for (const filter of ERROR_FILTERS) device.pushErrorScope(filter);
  try {
    const [outcome] = await Promise.allSettled([Promise.race([work(), untilLost])]);
    if (state.lost !== null) throw state.lost;
    // Also where the work threw: scopes are a stack, and the next work's would lie on these.
    const errors = await Promise.race([Promise.all(ERROR_FILTERS.map(() => device.popErrorScope())), untilLost]);
    const error = errors.find((one) => one !== null);
    if (error) throw new ModelError(`webgpu: expected no error, got ${error.message.split("\n")[0]}`);
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  } finally {
    state.onLost = () => {};
  }
}

/** What the library's back-end holds on its device, in part. */
export interface DeviceBuffers {
  readonly freeBuffers: ReadonlyMap<string, { readonly size: number; destroy(): void }[]>;
  /** In bytes, those that lie free among them. */
  numBytesAllocated: number;
  readonly numBytesUsed: number;
  numFreeBuffers: number;
}

/** Room for what batches of a model take in turn. */
const FREE_BYTES_MAX = 256 * 1024 * 1024;

/**
 * The library keeps each buffer for a later one of the very same size, those of models and sizes of batches that never come again among them.
 * Between pieces of work alone: no command that waits needs them.
 */
export function freeIdleBuffers(buffers: DeviceBuffers): void {
  if (buffers.numBytesAllocated - buffers.numBytesUsed <= FREE_BYTES_MAX) return;
  for (const idle of buffers.freeBuffers.values()) {
    for (const buffer of idle.splice(0)) {
      buffer.destroy();
      buffers.numBytesAllocated -= buffer.size;
      buffers.numFreeBuffers--;
    }
  }
}
