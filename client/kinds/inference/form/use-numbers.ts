/** Queries and labels as they were chosen, and as the `.npy` files that the form goes on with. */
import { useEffect, useState } from "preact/hooks";
import type { CsvColumns } from "../../../../shared/inputs/csv.ts";
import { pictureForm } from "../../../../shared/inputs/picture-form.ts";
import { likelyLabels } from "../../../ui/files/column-choice.tsx";
import { columnsOf, kindOf, labelsFrom, type NumbersFile, numbersFrom } from "../../../ui/files/numbers-file.ts";

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
  pickLabels(file: File | null): void;
  pickColumn(column: string | null): void;
}

type Read = { kind: "reading" } | { kind: "there"; files: NumbersFile } | { kind: "refused"; message: string };

const NOTHING: Picked = { queries: [], labels: null, columns: null, labelColumn: null };

/** @param inputShape of the model, once it is known: pictures take its channels */
export function useNumbers(inputShape: readonly number[] | null): ChosenNumbers {
  const [picked, setPicked] = useState<Picked>(NOTHING);
  const [read, setRead] = useState<Read>({ kind: "reading" });
  const { queries, labels, labelColumn } = picked;
  // What is sent as it is need not be waited for.
  const plain = asTheyAre(queries, labels);
  const shapeText = inputShape?.join() ?? "";

  useEffect(() => {
    if (plain || queries.length === 0) return;
    let isStale = false;
    setRead({ kind: "reading" });
    const readAll = async (): Promise<NumbersFile> => {
      const form = pictureForm(shapeText === "" ? [] : shapeText.split(",").map(Number));
      const files = await numbersFrom(queries, { labelColumn, ...form });
      return { npy: files.npy, labels: files.labels ?? (labels === null ? null : await labelsFrom(labels, {})) };
    };
    readAll().then(
      (files) => !isStale && setRead({ kind: "there", files }),
      (error: unknown) => !isStale && setRead({ kind: "refused", message: (error as Error).message }),
    );
    return () => {
      isStale = true;
    };
  }, [queries, labels, labelColumn, shapeText, plain]);

  async function pickQueries(files: readonly File[]): Promise<void> {
    setPicked({ ...picked, queries: files, columns: null, labelColumn: null });
    if (files.length !== 1 || kindOf(files) !== "csv") return;
    // A header that cannot be read is refused with the rest of the file.
    const found = await columnsOf(files[0]!).catch(() => null);
    if (found === null || found.count < 2) return;
    setPicked((now) => (now.queries === files ? { ...now, columns: found, labelColumn: likelyLabels(found) } : now));
  }

  const isWaiting = !plain && queries.length > 0;
  const there = isWaiting && read.kind === "there" ? read.files : null;
  return {
    ...picked,
    queriesFile: plain ? queries[0]! : (there?.npy ?? null),
    labelsFile: plain ? labels : (there?.labels ?? null),
    isReading: isWaiting && read.kind === "reading",
    problem: isWaiting && read.kind === "refused" ? read.message : null,
    pickQueries: (files) => void pickQueries(files),
    pickLabels: (file) => setPicked({ ...picked, labels: file }),
    pickColumn: (column) => setPicked({ ...picked, labelColumn: column }),
  };
}

function asTheyAre(queries: readonly File[], labels: File | null): boolean {
  const isNpy = (file: File) => kindOf([file]) === "npy";
  return queries.length === 1 && isNpy(queries[0]!) && (labels === null || isNpy(labels));
}
