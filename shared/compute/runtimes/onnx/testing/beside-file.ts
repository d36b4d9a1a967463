/** A file's packed model beside the file itself, on the same library. */
import { hashNoise } from "../../../hash-noise.ts";
import type { LoadedModel } from "../../../model-runtime.ts";
import { onnxOutputs } from "../edit-onnx.ts";
import { loadOnnxFile } from "../file-onnx.ts";
import { createOnnxRuntime } from "../onnx-runtime.ts";
import { packOnnx } from "../pack-onnx.ts";

export interface BothRan {
  /** Of the file, and of what packing made of it: row after row. */
  readonly file: Float64Array[];
  readonly packed: Float32Array[];
}

/** @param drawRow numbers of one query @throws ModelError where the packed model is refused, or one of both does not run */
export async function besideFile(
  file: Uint8Array,
  rowCount: number,
  drawRow: (size: number, row: number) => Float32Array,
): Promise<BothRan> {
  const packed = await createOnnxRuntime().load(packOnnx(file), { triesRow: false });
  const own = await loadOnnxFile(file, [], { sizes: new Map(), values: new Map() }, onnxOutputs(file).slice(0, 1));
  try {
    return await bothRun(packed, own, rowCount, drawRow);
  } finally {
    packed.dispose();
    own.dispose();
  }
}

async function bothRun(
  packed: LoadedModel,
  own: Awaited<ReturnType<typeof loadOnnxFile>>,
  rowCount: number,
  drawRow: (size: number, row: number) => Float32Array,
): Promise<BothRan> {
  const { inputSize, outputSize } = packed.facts;
  const rows = Array.from({ length: rowCount }, (_, row) => drawRow(inputSize, row));
  const all = Float32Array.from(rows.flatMap((row) => [...row]));
  const outputs = await packed.run(all, rowCount);
  const file: Float64Array[] = [];
  for (const row of rows) file.push(await own.run(row));
  return { file, packed: rows.map((_, row) => outputs.slice(row * outputSize, (row + 1) * outputSize)) };
}

/** Between -3 and 3, zeros of both signs among them; of whole numbers below `most`. */
export function someRow(size: number, row: number, most: number | null = null): Float32Array {
  return Float32Array.from({ length: size }, (_, i) => {
    const noise = hashNoise(row + 1, i);
    if (most !== null) return Math.floor(((noise + 1) / 2) * most);
    return i % 5 === 4 ? (row % 2 === 0 ? 0 : -0) : 3 * noise;
  });
}
