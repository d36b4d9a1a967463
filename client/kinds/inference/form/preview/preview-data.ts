/** The first rows of what is about to be submitted, from the coordinator's sample or from a file on this computer. */
import { PREVIEW_FILE_BYTES_MAX } from "../../../../../shared/protocol/limits.ts";
import { type NpyArray, parseNpy } from "../../../../../shared/protocol/npy.ts";
import type { ParitabClient } from "../../../../../shared/sdk/paritab-client.ts";
import { type Asked, useAsked } from "../../../../ui/use-asked.ts";
import type { InferenceFields } from "../inference-fields.ts";
import { rowOf, rowSize } from "./query-rows.ts";
import { unusableNumber } from "./unusable-number.ts";

const PREVIEW_ROWS = 12;

export interface Preview {
  /** The first rows; at most PREVIEW_ROWS. */
  readonly rows: NpyArray;
  /** Of all that is to be submitted. */
  readonly queryCount: number;
  /** Of those rows; null: there are none. */
  readonly labels: readonly number[] | null;
  /** How many there are of them in all. */
  readonly labelCount: number | null;
  /** What of the queries, all of them, no tab can compute with; null: nothing. */
  readonly unusable: string | null;
}

/** too-large: the file can be submitted, not looked at. null: nothing is chosen yet */
export type PreviewFound = Preview | "too-large" | null;

export type PreviewSource = Pick<
  InferenceFields,
  "source" | "queryStart" | "queryCount" | "queriesFile" | "inputFiles" | "labelsFile"
>;

const SETTLE_MS = 250;

export function usePreview(client: ParitabClient, of: PreviewSource): Asked<PreviewFound> {
  const { source, queryStart, queryCount, queriesFile, inputFiles, labelsFile } = of;
  return useAsked(
    [client, source, queryStart, queryCount, queriesFile, inputFiles, labelsFile],
    (signal) => loadPreview(client, of, signal),
    { settleMs: SETTLE_MS, keeps: true },
  );
}

export function previewIn(asked: Asked<PreviewFound>): Preview | null {
  return asked.kind === "there" && typeof asked.value === "object" ? asked.value : null;
}

/** @throws NpyError, ParitabApiError */
async function loadPreview(
  client: Pick<ParitabClient, "sampleQueries">,
  { source, queryStart, queryCount, queriesFile, inputFiles, labelsFile }: PreviewSource,
  signal: AbortSignal,
): Promise<PreviewFound> {
  if (source === "sample") {
    const [start, all] = [Number(queryStart), Number(queryCount)];
    if (!isCount(queryStart) || !isCount(queryCount) || all === 0) return null;
    const rows = await client.sampleQueries(start, Math.min(all, PREVIEW_ROWS), signal);
    return { rows, queryCount: all, labels: null, labelCount: null, unusable: null };
  }
  const files = inputFiles instanceof Map ? [...inputFiles.values()] : queriesFile === null ? [] : [queriesFile];
  if (files.length === 0) return null;
  if (files.reduce((sum, { size }) => sum + size, 0) > PREVIEW_FILE_BYTES_MAX) return "too-large";
  const arrays = await Promise.all(files.map(arrayIn));
  const all = arrays[0]!.shape[0] ?? 0;
  const labels = labelsFile === null || labelsFile.size > PREVIEW_FILE_BYTES_MAX ? null : await arrayIn(labelsFile);
  const rows = sideBySide(arrays.map((array) => firstRows(array, PREVIEW_ROWS)));
  return {
    rows,
    queryCount: all,
    labels: labels === null ? null : Array.from(labels.data.subarray(0, rows.shape[0]), Number),
    labelCount: labels === null ? null : (labels.shape[0] ?? 0),
    unusable: arrays.map(unusableNumber).find((problem) => problem !== null) ?? null,
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

/** The inputs of each query one after the other, as the model's rows have them. @param arrays of as many rows */
function sideBySide(arrays: readonly NpyArray[]): NpyArray {
  const [only, ...others] = arrays as [NpyArray, ...NpyArray[]];
  if (others.length === 0) return only;
  const count = only.shape[0] ?? 0;
  const rows = Array.from({ length: count }, (_, row) => arrays.flatMap((array) => rowOf(array, row)));
  return { dtype: "F32", shape: [count, rows[0]?.length ?? 0], data: Float32Array.from(rows.flat()) };
}
