/** The built-in data of regressions as `.npy` files. Takes seconds of computing: see sample-thread.ts. */
import type { RegressionSample } from "../../shared/kinds/regression/submission.ts";
import { encodeNpy } from "../../shared/protocol/npy.ts";
import { GISETTE_LIKE_SEED, gisetteLike } from "./gisette-like.ts";
import { loadMnist } from "./mnist.ts";

/** train: what a job is trained on; test: digits that no training set has. */
export interface TableRequest {
  readonly sample: RegressionSample;
  readonly part: "train" | "test";
  /** The first so many. */
  readonly rows: number;
}

export interface SampleTable {
  /** X: rows x columns of whole numbers */
  readonly featuresNpy: Uint8Array<ArrayBuffer>;
  /** y: rows */
  readonly labelsNpy: Uint8Array<ArrayBuffer>;
}

/** Rows that there are. MNIST's test part is the original's; fours and nines of it are gisette-like's. */
export const TABLE_ROWS: Readonly<Record<RegressionSample, Readonly<Record<TableRequest["part"], number>>>> = {
  "gisette-like": { train: 6_000, test: 982 + 1_009 },
  mnist: { train: 60_000, test: 10_000 },
};

export const TABLE_COLUMNS: Readonly<Record<RegressionSample, number>> = { "gisette-like": 5_000, mnist: 784 };
/** -1: a four, 1: a nine. Also the first twenty rows have all of them. */
export const TABLE_LABELS: Readonly<Record<RegressionSample, readonly number[]>> = {
  "gisette-like": [-1, 1],
  mnist: Array.from({ length: 10 }, (_, digit) => digit),
};

/** x = entry * scale lies in 0..1. */
export const TABLE_SCALES: Readonly<Record<RegressionSample, number>> = { "gisette-like": 1 / 999, mnist: 1 / 255 };

export async function makeTable({ sample, part, rows }: TableRequest): Promise<SampleTable> {
  if (!(rows >= 1 && rows <= TABLE_ROWS[sample][part])) {
    throw new RangeError(`${sample}: expected 1 to ${TABLE_ROWS[sample][part]} rows, got ${rows}`);
  }
  return sample === "mnist" ? mnistTable(part, rows) : gisetteTable(part, rows);
}

async function mnistTable(part: TableRequest["part"], rowCount: number): Promise<SampleTable> {
  const { images, labels, rows, columns } = await loadMnist(part);
  const size = rows * columns;
  return {
    featuresNpy: encodeNpy({ dtype: "U8", shape: [rowCount, size], data: images.subarray(0, rowCount * size) }),
    labelsNpy: encodeNpy({ dtype: "U8", shape: [rowCount], data: labels.subarray(0, rowCount) }),
  };
}

async function gisetteTable(part: TableRequest["part"], rowCount: number): Promise<SampleTable> {
  const { [part]: split, columns } = await gisetteLike({ seed: GISETTE_LIKE_SEED });
  const data = split.values.subarray(0, rowCount * columns);
  return {
    featuresNpy: encodeNpy({ dtype: "U16", shape: [rowCount, columns], data }),
    labelsNpy: encodeNpy({
      dtype: "I32",
      shape: [rowCount],
      data: Int32Array.from(split.labels.subarray(0, rowCount)),
    }),
  };
}
