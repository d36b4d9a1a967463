/** Makes of a table's files the rows that are trained on and held out, and their targets. */
import { parseNpy } from "../../../../../shared/protocol/npy.ts";
import type { FeatureSource } from "../survey.ts";
import { featuresOf, labelsOf, type TrainingFiles } from "../training-data.ts";
import { classesOfLabels, targetsOfRows } from "./classes.ts";
import { fitTable, matrixOf, type TableSettings, type Term } from "./fit-table.ts";
import { drawHeldOut } from "./hold-out.ts";

export interface TableTraining extends TableSettings {
  /** What the labels stand for, by their number; null: they are numbers. */
  readonly labelNames: readonly string[] | null;
  /** What the columns are called; null: they have no names. */
  readonly columnNames: readonly string[] | null;
  /** null: it is found. */
  readonly rate: number | null;
  readonly momentum: number;
  readonly l2: number;
  /** As far from the optimum as it may stop, in parts of the largest weight. */
  readonly tolerance: number;
}

export interface TableFiles extends TrainingFiles {
  readonly table: TableTraining;
}

export interface TableRows {
  /** cell - centre: rows x terms */
  readonly matrix: FeatureSource;
  /** rows x outputs */
  readonly targets: Float64Array;
}

export interface PreparedTable {
  readonly terms: readonly Term[];
  readonly outputs: number;
  /** What the classes are called, in their order; empty for linear. */
  readonly labels: readonly (number | string)[];
  /** Places in the table of the rows that are trained on, in its order. */
  readonly trainedRows: Uint32Array;
  readonly trained: TableRows;
  /** null: no rows are held out. */
  readonly heldOut: TableRows | null;
}

/** @throws DataError or NpyError, with words for the submitter */
export function prepareTable({ table, ...files }: TableFiles): PreparedTable {
  const { kind, inputScale, validationShare, splitSeed } = files;
  const features = featuresOf(parseNpy(files.featuresNpy), inputScale);
  const labels = labelsOf(parseNpy(files.labelsNpy), features.rows);
  const classes = classesOfLabels(kind, labels, table.labelNames);
  const { trained, heldOut } = drawHeldOut(features.rows, validationShare, splitSeed, classes?.classOf ?? null);
  const terms = fitTable(features, inputScale, trained, table);
  const rowsOf = (rows: Uint32Array): TableRows => ({
    matrix: matrixOf(features, rows, terms, table.gap),
    targets: targetsOfRows(kind, labels, classes, rows),
  });
  const outputs = kind === "softmax" ? classes!.labels.length : 1;
  return {
    ...{ terms, outputs, trainedRows: trained },
    labels: classes === null ? [] : classes.labels.map((label) => table.labelNames?.[label] ?? label),
    ...{ trained: rowsOf(trained), heldOut: heldOut.length === 0 ? null : rowsOf(heldOut) },
  };
}
