/**
 * Trains a parity model for the `parm` code: a network that says of the sum of K queries what the base model would say of
 * each, added up.
 *
 *     npx tsx e2e/models/train-parity.ts [--base NAME-OR-FOLDER] [--data mnist|fashion] [--queries-per-group 8]
 *                                        [--epochs 150] [--out FOLDER] [--python python3]
 *
 * The base model is one of this folder's or any folder of tfjs files, whose queries are images of the data set / 255. What it
 * says is computed here, so any model that Paritab runs will do; the training itself is train_parity.py, which needs Debian's
 * python3-torch and libopenblas0-pthread and takes about ten minutes on one core.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { loadFashion } from "../datasets/fashion.ts";
import { loadMnistSet } from "../datasets/mnist.ts";
import { sayUsageErrors } from "../flags/usage-error.ts";
import { runAll } from "../proofs/scenarios/mnist-base.ts";
import { loadModel, MODEL_FOLDERS, type ModelFolderName } from "./model-files.ts";

sayUsageErrors();
const { values: options } = parseArgs({
  options: {
    base: { type: "string", default: "mnist-mlp" },
    data: { type: "string", default: "mnist" },
    "queries-per-group": { type: "string", default: "8" },
    epochs: { type: "string", default: "150" },
    out: { type: "string" },
    python: { type: "string", default: "python3" },
  },
});

const LOADERS = { mnist: loadMnistSet, fashion: loadFashion };
if (!Object.hasOwn(LOADERS, options.data)) {
  throw new Error(`train-parity: expected --data ${Object.keys(LOADERS).join(" or ")}, got "${options.data}"`);
}
const loadImages = LOADERS[options.data as keyof typeof LOADERS];
const isOurs = Object.hasOwn(MODEL_FOLDERS, options.base);
if (!isOurs && options.out === undefined) {
  throw new Error("train-parity: expected --out FOLDER beside a --base that is none of e2e/models, got none");
}
const baseFolder = isOurs ? MODEL_FOLDERS[options.base as ModelFolderName] : options.base;
const outName = `${options.base}-parity-${options["queries-per-group"]}`;
const out =
  options.out ??
  (Object.hasOwn(MODEL_FOLDERS, outName)
    ? MODEL_FOLDERS[outName as ModelFolderName]
    : fileURLToPath(new URL(`./${outName}`, import.meta.url)));

const folder = await mkdtemp(join(tmpdir(), "paritab-parity-"));
try {
  const base = await loadModel(baseFolder);
  const { inputSize, outputSize } = base.facts;
  for (const part of ["train", "test"] as const) {
    const { images, labels, count } = await loadImages(part);
    const queries = Float32Array.from(images, (pixel) => pixel / 255);
    const outputs = await runAll(base, queries, count);
    const save = (name: string, file: Uint8Array) => writeFile(join(folder, `${part}-${name}.npy`), file);
    await save("queries", encodeNpy({ dtype: "F32", shape: [count, inputSize], data: queries }));
    await save("outputs", encodeNpy({ dtype: "F32", shape: [count, outputSize], data: outputs }));
    await save("labels", encodeNpy({ dtype: "U8", shape: [count], data: labels }));
  }
  const script = fileURLToPath(new URL("./train_parity.py", import.meta.url));
  const args = [script, folder, options["queries-per-group"], options.epochs, out];
  execFileSync(options.python, args, { stdio: "inherit", env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } });
  console.log(`wrote ${out}`);
} finally {
  await rm(folder, { recursive: true });
}
