/** Every command that asks a coordinator, with what it needs to get so far; and the files that it reads. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeNpy } from "../../../shared/protocol/npy.ts";

const ENCODER = fileURLToPath(new URL("../../models/small-encoder", import.meta.url));
export const MODEL = fileURLToPath(new URL("../../../server/samples/mnist-mlp", import.meta.url));

export const SUBMITS: Readonly<Record<string, readonly string[]>> = {
  inference: ["--model", MODEL, "--queries", "X.npy"],
  regression: ["--features", "X.npy", "--labels", "y.npy"],
  matmul: ["--left", "X.npy", "--right", "W.npy"],
};
const JOB = "a".repeat(24);
export const LINES: Readonly<Record<string, readonly string[]>> = {
  login: ["--no-token"],
  "model add": ["encoder", ENCODER],
  "model list": [],
  "model remove": ["encoder"],
  submit: ["--model", ENCODER, "--texts", "corpus.txt"],
  capacity: [],
  ...Object.fromEntries(
    Object.entries(SUBMITS).flatMap(([kind, line]) =>
      ["submit", "estimate"].map((verb) => [`${verb} ${kind}`, line] as const),
    ),
  ),
  watch: [JOB],
  results: [JOB],
  predict: [JOB, "--features", "X.npy"],
  export: [JOB, "--out", "model.onnx"],
  receipt: [JOB],
  jobs: [],
  stop: [JOB],
  cancel: [JOB],
  delete: [JOB, "--yes"],
  unchecked: [JOB],
  redo: [JOB],
  recheck: [JOB, "--model", MODEL],
  auditor: [],
  class: ["30"],
};
/** These work on files alone or on nothing, or start another program. */
export const ELSEWHERE = ["completion", "convert", "join", "migrate-store", "serve", "swarm", "verify"];

export function writeFilesOfLines(folder: string): void {
  const F32 = (shape: number[]) =>
    encodeNpy({ dtype: "F32", shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });
  writeFileSync(join(folder, "X.npy"), F32([4, 784]));
  writeFileSync(join(folder, "W.npy"), F32([784, 2]));
  writeFileSync(join(folder, "y.npy"), encodeNpy({ dtype: "I32", shape: [4], data: Int32Array.of(0, 1, 0, 1) }));
  writeFileSync(join(folder, "corpus.txt"), "a text\nanother one\n");
}

export const withPaths = (line: readonly string[], folder: string) =>
  line.map((word) => (/\.(npy|txt|onnx)$/.test(word) ? join(folder, word) : word));
