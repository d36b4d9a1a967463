/** What `paritab submit` is told, whatever it is told to read. */
import { defused, quoted, type WriteCell } from "../../../../shared/inputs/csv-cell.ts";
import type { Acceptance } from "../../../../shared/sdk/paritab-client.ts";
import type { Flag, FlagValues } from "../../../cli/command.ts";

export interface HubOptions {
  /** A folder, or a model's file in one. */
  readonly model: string;
  /** Of the job, under the names of the API. */
  readonly settings: Record<string, unknown>;
  readonly accept: Acceptance | undefined;
  /** Labels of an answer. */
  readonly top: number;
  /** Boxes that are less sure are left out. */
  readonly threshold: number;
  readonly out: string | undefined;
  /** How texts and names are written in CSV. */
  readonly cell: WriteCell;
}

/** Of commands that write texts or names into CSV. */
export const RAW_CELLS_FLAG: Readonly<Record<string, Flag>> = {
  "raw-cells": {
    help: "CSV: write texts and names as they are. Otherwise one that a spreadsheet would take for a formula (it begins with = + - or @, and is no number) gets an apostrophe before it",
  },
};
export const cellOf = (flags: FlagValues): WriteCell => (flags.has("raw-cells") ? quoted : defused);

export type OutFormat = "csv" | "jsonl" | "npy" | "parquet";

/** A file is read at the end: it holds the answers as they are by then, as far as nobody says otherwise. */
export function acceptFor(said: Acceptance | undefined, out: string | undefined): Acceptance | undefined {
  return said ?? (out === undefined ? undefined : "final");
}

/** Of fewer pictures or texts than a group has there is a smaller group, unless somebody says how large it is. */
export function groupFor(count: number, settings: Record<string, unknown>): { queriesPerGroup?: number } {
  const isSaid = "queriesPerGroup" in settings || "aim" in settings;
  return isSaid || count >= QUERIES_PER_GROUP ? {} : { queriesPerGroup: count };
}

/** As a submission has it that does not say. */
const QUERIES_PER_GROUP = 4;
