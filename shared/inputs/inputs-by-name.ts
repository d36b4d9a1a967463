/** An array for each input of a model, by the inputs' names. */
import { NpyError, parseNpy } from "../protocol/npy.ts";
import { InputError } from "./input-error.ts";
import { Problems } from "./problems.ts";

/** The bytes of a `.npy` file, and what says in errors which one it is. */
export interface NamedNpy {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly what: string;
}

/** Of a model. */
export interface NamedInput {
  readonly name: string;
  /** Of one query. */
  readonly shape: readonly number[];
}

/**
 * @param arrayOf that of an input; throws InputError where there is none
 * @returns the bytes of each `.npy` file, by the names of the inputs
 * @throws InputError with each that is missing, or of another shape than its input or of another length than the first
 */
export async function arraysByInput(
  inputs: readonly NamedInput[],
  arrayOf: (name: string) => NamedNpy | Promise<NamedNpy>,
): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const arrays: Record<string, Uint8Array<ArrayBuffer>> = {};
  const problems = new Problems();
  let count: number | null = null;
  for (const { name, shape } of inputs) {
    await problems.attempt(async () => {
      const { bytes, what } = await arrayOf(name);
      const [own = 0, ...rest] = npyShape(bytes, what);
      count ??= own;
      if (own !== count || sizeOf(rest) !== sizeOf(shape)) {
        const expected = [count, ...shape].join(", ");
        throw new InputError(`${what}: expected shape (${expected}), got (${[own, ...rest].join(", ")})`);
      }
      arrays[name] = bytes;
    });
  }
  problems.throwIfAny();
  return arrays;
}

/** @throws InputError where it is no `.npy` file */
export function npyShape(bytes: Uint8Array, what: string): readonly number[] {
  try {
    return parseNpy(bytes).shape;
  } catch (error) {
    if (error instanceof NpyError) throw new InputError(`${what}: ${error.message}`);
    throw error;
  }
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
