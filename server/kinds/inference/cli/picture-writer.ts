/** Writes answers about pictures: lines as they come, archives of masks and depths, or the numbers as arrays at the end. */
import type { HubPlace } from "../../../../shared/hub/hub-place.ts";
import {
  type PictureAnswers,
  type PictureFormat,
  pictureEntries,
  pictureLines,
} from "../../../../shared/hub/picture-answers.ts";
import { namesFor } from "../../../../shared/hub/picture-model.ts";
import type { WriteCell } from "../../../../shared/inputs/csv-cell.ts";
import { npzEntries, shapedNpy, writeZip, type ZipEntry } from "../../../../shared/inputs/zip-writer.ts";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import { writeWhole } from "../../../cli/outputs/whole-file.ts";
import type { Terminal } from "../../../cli/terminal.ts";

interface Written {
  readonly format: PictureFormat;
  /** Labels of an answer. */
  readonly top: number;
  readonly cell: WriteCell;
  readonly place: HubPlace;
}

type WriteAnswer = (answer: AnswerView) => Promise<void>;
type Answered<T> = (write: WriteAnswer) => Promise<T>;

export interface PictureWriter {
  /** @param out a file; null: standard output @param answered hands over each answer, in order */
  written<T>(out: string | null, terminal: Pick<Terminal, "out">, answered: Answered<T>): Promise<T>;
  /** Of arrays: makes the file of all numbers of the job, n x C. null: the answers are written as they come. */
  readonly ofArray: ((npy: Uint8Array) => Promise<Uint8Array>) | null;
}

/** @throws InputError where config.json names another number of labels than the model gives */
export function pictureWriter(asked: PictureAnswers, { format, top, cell, place }: Written): PictureWriter {
  if (format === "npy" || format === "npz") {
    return {
      written: (_out, _terminal, answered) => answered(async () => {}),
      ofArray: async (npy) =>
        format === "npy" ? shapedNpy(npy, asked.outputs) : zipped(npzEntries(npy, asked.outputs)),
    };
  }
  if (format === "zip") {
    const entriesOf = pictureEntries(asked);
    return {
      written: (out, _terminal, answered) =>
        writeWhole(out!, (file) => inZip(entriesOf, answered, (bytes) => file.write(bytes))),
      ofArray: null,
    };
  }
  const size = asked.outputs.reduce(
    (sum, { shape }) => sum + shape.reduce((product, length) => product * length, 1),
    0,
  );
  const names =
    asked.task.gives === "labels"
      ? namesFor({ labels: asked.labels, place }, size)
      : ({ holds: "values", names: [] } as const);
  const line = pictureLines(format === "csv" ? "csv" : "json", asked, { names, top, cell });
  const lines = <T>(answered: Answered<T>, print: (text: string) => Promise<unknown>) =>
    answered(async (answer) => void (await print(line(answer))));
  return {
    written: (out, terminal, answered) =>
      out === null
        ? lines(answered, (text) => terminal.out(text))
        : writeWhole(out, (file) => lines(answered, (text) => file.write(text))),
    ofArray: null,
  };
}

export async function zipped(entries: Iterable<ZipEntry>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  await writeZip(entries, (bytes) => void parts.push(bytes));
  return Buffer.concat(parts);
}

/** An archive whose entries are written while answers come. */
async function inZip<T>(
  entriesOf: (answer: AnswerView) => ZipEntry[],
  answered: Answered<T>,
  write: (bytes: Uint8Array) => Promise<unknown>,
): Promise<T> {
  const waiting: ZipEntry[] = [];
  let wake = () => {};
  let isOver = false;
  async function* entries(): AsyncGenerator<ZipEntry> {
    for (;;) {
      const entry = waiting.shift();
      if (entry !== undefined) yield entry;
      else if (isOver) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  const work = answered(async (answer) => {
    waiting.push(...entriesOf(answer));
    wake();
  }).finally(() => {
    isOver = true;
    wake();
  });
  const [result] = await Promise.all([work, writeZip(entries(), write)]);
  return result;
}
