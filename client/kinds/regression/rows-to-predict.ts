/** Reads a chosen file as rows that the coordinator predicts. */
import { modelRowsOf } from "../../../shared/inputs/model-rows.ts";
import type { TableModel } from "../../../shared/kinds/regression/table-model.ts";
import { encodeNpy } from "../../../shared/protocol/npy.ts";
import { fileKindOf, numbersFrom, parquetRowsIn } from "../../ui/files/numbers-file.ts";

export interface FileRows {
  /** A .npy file: rows x columns of the model. */
  readonly rows: Blob;
  /** Sentences on cells and columns that the model does not know. */
  readonly notes: readonly string[];
}

/**
 * @param modelOf asked of a table alone: its columns are found by their names
 * @throws InputError that names file, line and column
 */
export async function rowsToPredict(file: File, modelOf: () => Promise<TableModel>): Promise<FileRows> {
  const kind = fileKindOf([file]);
  if (kind !== "csv" && kind !== "parquet") {
    return { rows: (await numbersFrom([file], { labelColumn: null })).npy, notes: [] };
  }
  const { columns } = await modelOf();
  const { values, rows, notes } =
    kind === "csv" ? modelRowsOf(await file.text(), file.name, columns) : await parquetRowsIn(file, columns);
  return { rows: new Blob([encodeNpy({ dtype: "F64", shape: [rows, columns.length], data: values })]), notes };
}
