/** Queries and labels as they were chosen, and as the `.npy` files that the form goes on with. */
import { useState } from "preact/hooks";
import type { CsvColumns } from "../../../../shared/inputs/csv.ts";
import { likelyLabels } from "../../../../shared/inputs/label-texts.ts";
import { pictureForm } from "../../../../shared/inputs/picture-form.ts";
import { columnsOf, fileKindOf, isTable, labelsFrom, numbersFrom } from "../../../ui/files/numbers-file.ts";
import { useAsked } from "../../../ui/use-asked.ts";

interface Picked {
  readonly queries: readonly File[];
  readonly labels: File | null;
  readonly columns: CsvColumns | null;
  readonly labelColumn: string | null;
}

export interface ChosenNumbers extends Picked {
  readonly queriesFile: File | null;
  readonly labelsFile: File | null;
  readonly isReading: boolean;
  /** What is wrong with the files; null: nothing. */
  readonly problem: string | null;
  pickQueries(files: readonly File[]): void;
  /** Both at once; none of one leaves what was chosen of it. */
  pickAll(queries: readonly File[], labels: File | null): void;
  pickLabels(file: File | null): void;
  pickColumn(column: string | null): void;
}

const NOTHING: Picked = { queries: [], labels: null, columns: null, labelColumn: null };

/** @param inputShape of the model, once it is known: pictures take its channels */
export function useNumbers(inputShape: readonly number[] | null): ChosenNumbers {
  const [picked, setPicked] = useState<Picked>(NOTHING);
  const { queries, labels, labelColumn } = picked;
  // What is sent as it is need not be waited for.
  const plain = asTheyAre(queries, labels);
  const shapeText = inputShape?.join() ?? "";

  const isWaiting = !plain && queries.length > 0;
  const read = useAsked(isWaiting ? [queries, labels, labelColumn, shapeText] : null, async () => {
    const form = pictureForm(shapeText === "" ? [] : shapeText.split(",").map(Number));
    const files = await numbersFrom(queries, { labelColumn, ...form });
    return { npy: files.npy, labels: files.labels ?? (labels === null ? null : await labelsFrom(labels, {})) };
  });

  async function pickQueries(files: readonly File[], labelsBeside = picked.labels): Promise<void> {
    setPicked({ queries: files, labels: labelsBeside, columns: null, labelColumn: null });
    if (files.length !== 1 || !isTable(fileKindOf(files))) return;
    // A header that cannot be read is refused with the rest of the file.
    const found = await columnsOf(files[0]!).catch(() => null);
    if (found === null || found.count < 2) return;
    setPicked((now) => (now.queries === files ? { ...now, columns: found, labelColumn: likelyLabels(found) } : now));
  }

  const there = isWaiting && read.kind === "there" ? read.value : null;
  return {
    ...picked,
    queriesFile: plain ? queries[0]! : (there?.npy ?? null),
    labelsFile: plain ? labels : (there?.labels ?? null),
    isReading: isWaiting && (read.kind === "asking" || read.kind === "nothing"),
    problem: isWaiting && read.kind === "failed" ? read.message : null,
    pickQueries: (files) => void pickQueries(files),
    pickAll(files, found) {
      if (files.length > 0) void pickQueries(files, found ?? labels);
      else if (found !== null) setPicked({ ...picked, labels: found });
    },
    pickLabels: (file) => setPicked({ ...picked, labels: file }),
    pickColumn: (column) => setPicked({ ...picked, labelColumn: column }),
  };
}

function asTheyAre(queries: readonly File[], labels: File | null): boolean {
  const isNpy = (file: File) => fileKindOf([file]) === "npy";
  return queries.length === 1 && isNpy(queries[0]!) && (labels === null || isNpy(labels));
}
