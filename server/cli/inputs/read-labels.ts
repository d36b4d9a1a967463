/** Labels: one number a row, from `.npy`, `.npz` or a CSV of one column. */
import { InputError } from "../../../shared/inputs/input-error.ts";
import { type NpyArray, parseNpy } from "../../../shared/protocol/npy.ts";
import { asNpy, type Numbers } from "../../../shared/sdk/as-npy.ts";
import { type Rows, readRows } from "./read-rows.ts";

/**
 * @param anyNumbers as a linear regression has them; otherwise they must be whole
 * @throws InputError where it is not one column, or a number is not whole and has to be
 */
export async function readLabels(
  path: string,
  stdin: AsyncIterable<Uint8Array>,
  anyNumbers = false,
): Promise<Pick<Rows, "numbers" | "shape">> {
  const { numbers, shape, dtype } = await readRows(path, { stdin, isWide: anyNumbers });
  if (shape.length === 1) return { numbers, shape };
  if (shape.length !== 2 || shape[1] !== 1) {
    throw new InputError(`${path}: expected one label a row, got an array of shape (${shape.join(", ")})`);
  }
  return { numbers: anyNumbers ? numbers : column(numbers, dtype, path), shape };
}

/** n x 1 as n whole numbers. */
function column(numbers: Numbers, dtype: NpyArray["dtype"], path: string): Numbers {
  const { data } = "dtype" in numbers ? numbers : parseNpy(numbers as Uint8Array);
  if (dtype === "U8") return { dtype, shape: [data.length], data: data as Uint8Array };
  const labels = Array.from(data as ArrayLike<number | bigint>, Number);
  try {
    asNpy(labels);
  } catch (error) {
    throw new InputError(`${path}: ${(error as Error).message}`);
  }
  return labels;
}
