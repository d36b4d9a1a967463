import { readFile } from "node:fs/promises";
import { createParitabClient } from "../../shared/sdk/paritab-client.ts";

const paritab = createParitabClient({ baseUrl: process.env.PARITAB_URL ?? "http://localhost:8787" });

const folder = new URL("../../server/samples/mnist-mlp/", import.meta.url);
const read = async (name: string) => ({ name, data: new Uint8Array(await readFile(new URL(name, folder))) });
const model = await Promise.all(["model.json", "weights.bin"].map(read));
const queries = Array.from({ length: 12 }, (_, i) => new Float32Array(784).fill(i / 12));

for await (const answer of paritab.inference({ model, queries })) {
  console.log(answer.index, answer.label, answer.mark, answer.final);
}
