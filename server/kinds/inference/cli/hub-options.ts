/** What `paritab submit` is told, whatever it is told to read. */
import type { WriteCell } from "../../../../shared/inputs/csv-cell.ts";
import type { Acceptance } from "../../../../shared/sdk/paritab-client.ts";

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

/** Of fewer pictures or texts than a group has there is a smaller group, unless somebody says how large it is. */
export function groupFor(count: number, settings: Record<string, unknown>): { queriesPerGroup?: number } {
  const isSaid = "queriesPerGroup" in settings || "aim" in settings;
  return isSaid || count >= QUERIES_PER_GROUP ? {} : { queriesPerGroup: count };
}

/** As a submission has it that does not say. */
const QUERIES_PER_GROUP = 4;
