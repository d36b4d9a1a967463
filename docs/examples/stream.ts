import { readFile } from "node:fs/promises";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";

const paritab = createParitabClient({ baseUrl: process.env.PARITAB_URL ?? "http://localhost:8787" });

const folder = new URL("../../server/samples/mnist-mlp/", import.meta.url);
const read = async (name: string) => ({ name, data: new Uint8Array(await readFile(new URL(name, folder))) });
const model = await Promise.all(["model.json", "weights.bin"].map(read));

const stream = await paritab.stream({ model, closeAfterMs: 20, dtype: "uint8", inputScale: 1 / 255 });
const answered = (async () => {
  for await (const answer of stream) console.log(answer.index, answer.label, answer.mark);
})();
for (let n = 0; n < 12; n++) await stream.push(new Uint8Array(784).fill(20 * n));
await stream.close();
await answered;
