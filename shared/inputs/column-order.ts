/** Names of columns, which travel with what a regression learned: a table to predict is read by them. */
import { COLUMN_NAME_LENGTH_MAX, COLUMN_NAMES_BYTES_MAX } from "../protocol/limits.ts";

/** @returns may they be sent with a submission? */
export function areNamesKept(names: readonly string[]): boolean {
  const bytes = new TextEncoder().encode(JSON.stringify(names)).length;
  return bytes <= COLUMN_NAMES_BYTES_MAX && names.every(isNameKept);
}

const isNameKept = (name: string) => name.length <= COLUMN_NAME_LENGTH_MAX && !/\p{Cc}/u.test(name);
