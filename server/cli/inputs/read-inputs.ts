/** An array for each input of a model, from one `.npz` archive that has them under the inputs' names. */
import { readFile } from "node:fs/promises";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { Problems } from "../../../shared/inputs/problems.ts";
import { NpyError, parseNpy } from "../../../shared/protocol/npy.ts";
import type { ModelUploaded } from "../../../shared/protocol/uploads-api.ts";
import { unreadable } from "./model-folder.ts";
import { arrayOfNpz } from "./npz.ts";

type Inputs = ModelUploaded["inputs"];

/** Would such an archive hold a query's inputs? One with FILE.npz:NAME holds whole rows. */
export function holdsInputs(path: string, inputs: Inputs): boolean {
  return inputs.length > 1 && path.toLowerCase().endsWith(".npz");
}

/**
 * @returns the bytes of each `.npy` file, by the names of the inputs
 * @throws InputError with each that is missing, or of another shape than its input or of another length than the first
 */
export async function readInputs(path: string, inputs: Inputs): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const archive = new Uint8Array(await readFile(path).catch((error: Error) => unreadable(path, error)));
  const arrays: Record<string, Uint8Array<ArrayBuffer>> = {};
  const problems = new Problems();
  let count: number | null = null;
  for (const { name, shape } of inputs) {
    await problems.attempt(() => {
      const bytes = arrayOfNpz(archive, name, path);
      const [own = 0, ...rest] = shapeOf(bytes, `${path}: "${name}"`);
      count ??= own;
      if (own !== count || sizeOf(rest) !== sizeOf(shape)) {
        const expected = [count, ...shape].join(", ");
        throw new InputError(`${path}: "${name}": expected shape (${expected}), got (${[own, ...rest].join(", ")})`);
      }
      arrays[name] = bytes;
    });
  }
  problems.throwIfAny();
  return arrays;
}

function shapeOf(bytes: Uint8Array, what: string): readonly number[] {
  try {
    return parseNpy(bytes).shape;
  } catch (error) {
    if (error instanceof NpyError) throw new InputError(`${what}: ${error.message}`);
    throw error;
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
