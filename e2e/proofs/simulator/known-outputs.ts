/** A model that has answered some rows before: those are looked up, bit for bit the same, and only others are computed. */
import type { LoadedModel } from "../../../shared/compute/model-runtime.ts";
import { fnv1a } from "../../crowd/fnv.ts";

/**
 * @param rows count x inputSize
 * @param outputs count x outputSize: what the model gave for them
 */
export function withKnownOutputs(model: LoadedModel, rows: Float32Array, outputs: Float32Array): LoadedModel {
  const { inputSize, outputSize } = model.facts;
  const known = new Int32Array(rows.buffer, rows.byteOffset, rows.length);
  const placesByHash = new Map<number, number[]>();
  for (let place = 0; place * inputSize < known.length; place++) {
    const hash = hashOf(known, place * inputSize, inputSize);
    const places = placesByHash.get(hash);
    if (places) places.push(place);
    else placesByHash.set(hash, [place]);
  }

  const placeOf = (asked: Int32Array, at: number): number | undefined =>
    placesByHash
      .get(hashOf(asked, at, inputSize))
      ?.find((place) => isSame(known, place * inputSize, asked, at, inputSize));

  return {
    ...model,
    async run(asked, rowCount) {
      const words = new Int32Array(asked.buffer, asked.byteOffset, asked.length);
      const places = Array.from({ length: rowCount }, (_, row) => placeOf(words, row * inputSize));
      const unknown = places.flatMap((place, row) => (place === undefined ? [row] : []));
      if (unknown.length === rowCount) return model.run(asked, rowCount);
      const answers = new Float32Array(rowCount * outputSize);
      places.forEach((place, row) => {
        if (place === undefined) return;
        answers.set(outputs.subarray(place * outputSize, (place + 1) * outputSize), row * outputSize);
      });
      if (unknown.length === 0) return answers;
      const rest = new Float32Array(unknown.length * inputSize);
      unknown.forEach((row, r) => {
        rest.set(asked.subarray(row * inputSize, (row + 1) * inputSize), r * inputSize);
      });
      const computed = await model.run(rest, unknown.length);
      unknown.forEach((row, r) => {
        answers.set(computed.subarray(r * outputSize, (r + 1) * outputSize), row * outputSize);
      });
      return answers;
    },
  };
}

function hashOf(words: Int32Array, at: number, length: number): number {
  return fnv1a(words.subarray(at, at + length));
}

function isSame(a: Int32Array, atA: number, b: Int32Array, atB: number, length: number): boolean {
  for (let i = 0; i < length; i++) if (a[atA + i] !== b[atB + i]) return false;
  return true;
}
