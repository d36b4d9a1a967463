/** The first rows of what is about to be submitted, from the coordinator's sample or from a file on this computer. */
import { PREVIEW_FILE_BYTES_MAX } from "../../../../../shared/protocol/limits.ts";
import { type NpyArray, parseNpy } from "../../../../../shared/protocol/npy.ts";
import type { ParitabClient } from "../../../../../shared/sdk/paritab-client.ts";
import type { InferenceFields } from "../inference-fields.ts";
import { rowSize } from "./query-rows.ts";

export const PREVIEW_ROWS = 12;

export interface Preview {
  /** The first rows; at most PREVIEW_ROWS. */
  readonly rows: NpyArray;
  /** Of all that is to be submitted. */
  readonly queryCount: number;
  /** Of those rows; null: there are none. */
  readonly labels: readonly number[] | null;
  /** How many there are of them in all. */
  readonly labelCount: number | null;
}

export type PreviewState =
  | { readonly kind: "nothing" }
  | { readonly kind: "reading" }
  | { readonly kind: "there"; readonly preview: Preview }
  | { readonly kind: "too-large" }
  | { readonly kind: "failed"; readonly message: string };

export type PreviewSource = Pick<
  InferenceFields,
  "source" | "queryStart" | "queryCount" | "queriesFile" | "labelsFile"
>;

/** @throws NpyError, ParitabApiError */
export async function loadPreview(
  client: Pick<ParitabClient, "sampleQueries">,
  { source, queryStart, queryCount, queriesFile, labelsFile }: PreviewSource,
  signal: AbortSignal,
): Promise<PreviewState> {
  if (source === "sample") {
    const [start, all] = [Number(queryStart), Number(queryCount)];
    if (!isCount(queryStart) || !isCount(queryCount) || all === 0) return { kind: "nothing" };
    const rows = await client.sampleQueries(start, Math.min(all, PREVIEW_ROWS), signal);
    return { kind: "there", preview: { rows, queryCount: all, labels: null, labelCount: null } };
  }
  if (queriesFile === null) return { kind: "nothing" };
  if (queriesFile.size > PREVIEW_FILE_BYTES_MAX) return { kind: "too-large" };
  const queries = await arrayIn(queriesFile);
  const all = queries.shape[0] ?? 0;
  const labels = labelsFile === null || labelsFile.size > PREVIEW_FILE_BYTES_MAX ? null : await arrayIn(labelsFile);
  const rows = firstRows(queries, PREVIEW_ROWS);
  return {
    kind: "there",
    preview: {
      rows,
      queryCount: all,
      labels: labels === null ? null : Array.from(labels.data.subarray(0, rows.shape[0]), Number),
      labelCount: labels === null ? null : (labels.shape[0] ?? 0),
    },
  };
}

function isCount(text: string): boolean {
  return /^\d{1,7}$/.test(text.trim());
}

async function arrayIn(file: File): Promise<NpyArray> {
  return parseNpy(new Uint8Array(await file.arrayBuffer()));
}

/** A copy, so that the file's bytes can go. */
export function firstRows(array: NpyArray, most: number): NpyArray {
  const [all = 0, ...rest] = array.shape;
  const count = Math.min(all, most);
  const data = array.data.slice(0, count * rowSize(array.shape));
  return { ...array, shape: [count, ...rest], data } as NpyArray;
}
