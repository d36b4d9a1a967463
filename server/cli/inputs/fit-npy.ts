/** Is a `.npy` file what the coordinator takes? Looked at before it is sent, and told with its name. */
import { InputError } from "../../../shared/inputs/input-error.ts";
import { checkedNpy, UnfitTensor } from "../../intake/checked-npy.ts";

/** @throws InputError where it is no array of finite numbers, or too large */
export async function requireFitNpy(npy: Blob | Uint8Array, name: string): Promise<void> {
  const [chunks, size] = npy instanceof Blob ? [npy.stream(), npy.size] : [only(npy), npy.length];
  try {
    const checked = checkedNpy(chunks, size, () => {});
    while (!(await checked.next()).done);
  } catch (error) {
    if (error instanceof UnfitTensor) throw new InputError(`${name}: ${error.message}`);
    throw error;
  }
}

async function* only(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
