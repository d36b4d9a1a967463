/** `.npz`, numpy's archive of named arrays: a zip of `.npy` files. */
import { type UnzipFileInfo, unzipSync } from "fflate";
import { TENSOR_BYTES_MAX } from "../protocol/limits.ts";
import { InputError } from "./input-error.ts";

/**
 * @param key which array; null: the only one
 * @returns the bytes of its `.npy` file
 * @throws InputError where there is no such array, or there are several to choose from
 */
export function arrayOfNpz(bytes: Uint8Array, key: string | null, name: string): Uint8Array<ArrayBuffer> {
  const keys = arrayNames(bytes, name);
  const wanted = key ?? onlyName(keys, name);
  requireNamed(wanted, keys, name);
  let found: Uint8Array | undefined;
  try {
    const files = unzipSync(bytes, {
      filter(file) {
        if (file.name.replace(/\.npy$/, "") !== wanted) return false;
        requireSize(file, name);
        return true;
      },
    });
    found = Object.values(files)[0];
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${name}: "${wanted}" cannot be unpacked: ${(error as Error).message}`);
  }
  return new Uint8Array(found!);
}

/** @throws InputError where there are several to choose from, or none */
export function onlyName(keys: readonly string[], name: string): string {
  const [only] = keys;
  if (keys.length === 1 && only !== undefined) return only;
  throw new InputError(`${name}: expected ${name}:NAME to say which array, because it holds ${shown(keys)}`);
}

/** @throws InputError where there is no such array */
export function requireNamed(wanted: string, keys: readonly string[], name: string): void {
  if (!keys.includes(wanted)) throw new InputError(`${name}: expected an array named "${wanted}", got ${shown(keys)}`);
}

/** @throws InputError where it is no archive */
export function arrayNames(bytes: Uint8Array, name: string): string[] {
  const keys: string[] = [];
  list(bytes, name, ({ name: file }) => void keys.push(file.replace(/\.npy$/, "")));
  return keys;
}

/** Looks at the directory alone; nothing is unpacked. */
function list(bytes: Uint8Array, name: string, see: (file: UnzipFileInfo) => void): void {
  try {
    unzipSync(bytes, {
      filter(file) {
        see(file);
        return false;
      },
    });
  } catch (error) {
    throw new InputError(`${name}: expected a .npz archive, got something else (${(error as Error).message})`);
  }
}

/** The size that the archive announces is what the unpacker allocates: a small file cannot become a huge one. */
function requireSize({ originalSize }: UnzipFileInfo, name: string): void {
  if (originalSize > TENSOR_BYTES_MAX) {
    throw new InputError(`${name}: expected an array of at most ${TENSOR_BYTES_MAX} bytes, got ${originalSize}`);
  }
}

const shown = (keys: readonly string[]) => (keys.length === 0 ? "none" : keys.join(", ").slice(0, 200));
