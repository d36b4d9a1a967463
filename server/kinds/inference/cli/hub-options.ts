/** What `paritab submit` is told, whatever it is told to read. */
import { extname } from "node:path";
import type { Acceptance } from "../../../../shared/sdk/paritab-client.ts";
import { UsageError } from "../../../cli/exit-codes.ts";

export interface HubOptions {
  /** A folder, or a model's file in one. */
  readonly model: string;
  /** Of the job, under the names of the API. */
  readonly settings: Record<string, unknown>;
  readonly accept: Acceptance | undefined;
  /** Labels of an answer. */
  readonly top: number;
  readonly out: string | undefined;
}

export type OutFormat = "csv" | "jsonl" | "npy" | "parquet";

/** @throws UsageError where the file's ending is none of these */
export function formatOf<Format extends OutFormat>(out: string, formats: readonly Format[]): Format {
  const format = formats.find((one) => extname(out).toLowerCase() === `.${one}`);
  if (format !== undefined) return format;
  const endings = formats.map((one) => `.${one}`);
  throw new UsageError(
    `--out: expected a file ending in ${endings.slice(0, -1).join(", ")} or ${endings.at(-1)}, got "${out}"`,
  );
}

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
