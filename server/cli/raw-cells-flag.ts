/** How texts and names are written in CSV. */
import { defused, quoted, type WriteCell } from "../../shared/inputs/csv-cell.ts";
import type { Flag, FlagValues } from "./command.ts";

/** The flag of commands that write texts or names into CSV. */
export const RAW_CELLS_FLAG: Readonly<Record<string, Flag>> = {
  "raw-cells": {
    help: "CSV: write texts and names as they are. Otherwise one that a spreadsheet would take for a formula (it begins with = + - or @, and is no number) gets an apostrophe before it",
  },
};
export const cellOf = (flags: FlagValues): WriteCell => (flags.has("raw-cells") ? quoted : defused);
