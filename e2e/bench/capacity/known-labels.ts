/** What the sample's model itself says of each digit of the MNIST test set. */
import { loadMnist } from "../../../server/samples/mnist.ts";
import { loadMnistModel } from "../../../server/samples/mnist-model.ts";
import { createPlainRuntime } from "../../../shared/compute/runtimes/tfjs/plain-runtime.ts";

const OUTPUTS = 10;

export async function knownLabels(): Promise<number[]> {
  const { images, count } = await loadMnist("test");
  const model = await createPlainRuntime().load(await loadMnistModel());
  const outputs = await model.run(
    Float32Array.from(images, (pixel) => pixel / 255),
    count,
  );
  return Array.from({ length: count }, (_, query) => {
    const row = outputs.subarray(query * OUTPUTS, (query + 1) * OUTPUTS);
    return row.indexOf(Math.max(...row));
  });
}
