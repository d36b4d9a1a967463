/** The boundary of the field kernels: what may pass, and in which representation. */
import { FieldError } from "../../field/field-error.ts";
import { CENTRED_MAX, MODULUS, requireLength } from "../../field/modulus.ts";
import type { FieldEntries } from "./field-kernels.ts";

/** @throws FieldError unless rows and columns are whole numbers from 1 on and fit the entries */
export function requireShape(who: string, entries: FieldEntries, rows: number, columns: number): void {
  for (const count of [rows, columns]) {
    if (!Number.isInteger(count) || count < 1) {
      throw new FieldError(`${who}: expected at least one row and one column, got ${rows} x ${columns}`);
    }
  }
  requireLength(who, "the matrix", entries.length, rows * columns);
}

/** @throws FieldError unless `thin` is columns x width, with a width from 1 on */
export function requireThin(who: string, thin: FieldEntries, columns: number, width: number): void {
  if (!Number.isInteger(width) || width < 1) throw new FieldError(`${who}: expected a width from 1 on, got ${width}`);
  requireLength(who, "the right factor", thin.length, columns * width);
}

/**
 * The error for the first entry that is no residue, or no centred one.
 * @param entries of which one is known to be wrong
 */
export function entryError(who: string, entries: FieldEntries): FieldError {
  const at = entries.findIndex((entry) => !isEntry(entry, entries));
  const range = entries instanceof Int32Array ? `+-${CENTRED_MAX}` : `[0, ${MODULUS})`;
  return new FieldError(`${who}: expected entries in ${range}, got ${entries[at]} at ${at}`);
}

function isEntry(entry: number, entries: FieldEntries): boolean {
  return entries instanceof Int32Array ? Math.abs(entry) <= CENTRED_MAX : entry < MODULUS;
}

/**
 * A copy in [0, q).
 * @throws FieldError where an entry does not belong to its representation
 */
export function residuesOf(who: string, entries: FieldEntries): Uint32Array {
  const residues = new Uint32Array(entries.length);
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!;
    if (!isEntry(entry, entries)) throw entryError(who, entries);
    residues[i] = entry < 0 ? entry + MODULUS : entry;
  }
  return residues;
}
