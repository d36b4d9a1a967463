/**
 * The thread that reads models' folders and turns texts into tokens: neither the event loop nor jobs at work wait for a tokenizer. A
 * folder never changes, so what was read of it is kept.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { inMemory } from "../../shared/compute/byte-space.ts";
import { ModelError } from "../../shared/compute/errors.ts";
import type { Pool } from "../../shared/hub/pooling.ts";
import { type TextModel, type TextTask, textModel, textModelFiles, textTask } from "../../shared/hub/text-model.ts";
import { InputError } from "../../shared/inputs/input-error.ts";
import { Problems } from "../../shared/inputs/problems.ts";
import { readMain } from "../cli/inputs/model-folder.ts";
import { writeSpace } from "../file-space.ts";
import { hubPlace } from "../hub/hub-folder.ts";
import type { ReceivedFile } from "../intake/received-file.ts";

export interface TextModelFacts {
  readonly task: TextTask;
  readonly inputs: TextModel["inputs"];
  readonly padId: number;
  /** Tokens of one text; null: the folder names no limit. */
  readonly countMax: number | null;
  /** Tokens of every text; null: the model's file leaves that free. */
  readonly fixedLength: number | null;
  /** Of an empty text. */
  readonly emptyCount: number;
}

export interface AskedFolder {
  readonly folder: string;
  readonly pool: Pool | null;
  readonly normalizes: boolean | null;
}

export type TextWork =
  | ({ readonly work: "look" } & AskedFolder)
  | ({ readonly work: "encode"; readonly texts: readonly string[] } & AskedFolder)
  | ({ readonly work: "files"; readonly length: number; readonly changedPath: string } & AskedFolder);

/** problem: what is wrong with the folder. Errors lose their class between threads, so this is no exception. */
export type TextAnswer =
  | { readonly problem: string }
  | TextModelFacts
  | { readonly ids: readonly (readonly number[])[] }
  | { readonly files: readonly ReceivedFile[] };

const FOLDERS_HELD_MAX = 2;
/** Without the model's file, which may have a gigabyte. */
const held = new Map<string, Promise<TextModel>>();
/** A changed model of more goes to the disk. */
const IN_MEMORY_BYTES_MAX = 8 * 1024 * 1024;

export default async function textWork(work: TextWork): Promise<TextAnswer> {
  try {
    const texts = await folderOf(work.folder);
    const task = textTask(texts, work.pool, work.normalizes);
    const { tokens, inputs } = texts;
    switch (work.work) {
      case "look":
        return {
          task,
          inputs,
          padId: tokens.padId,
          countMax: texts.fixedLength ?? tokens.countMax,
          fixedLength: texts.fixedLength,
          emptyCount: tokens.emptyCount,
        };
      case "encode":
        return { ids: work.texts.map((text) => tokens.encode(text)) };
      case "files":
        return { files: await filesFor(work, task) };
    }
  } catch (error) {
    if (error instanceof InputError || error instanceof ModelError) return { problem: error.message };
    throw error;
  }
}

function folderOf(path: string): Promise<TextModel> {
  const known = held.get(path);
  if (known !== undefined) return known;
  const read = readFolder(path);
  held.set(path, read);
  read.catch(() => held.delete(path));
  const [oldest] = held.keys();
  if (held.size > FOLDERS_HELD_MAX) held.delete(oldest!);
  return read;
}

async function readFolder(path: string): Promise<TextModel> {
  const { texts } = await readWithModel(path);
  return { ...texts, model: { ...texts.model, files: [] } };
}

type Beside = Awaited<ReturnType<typeof readMain>>["beside"];

/** Files that lie beside the model's main one are not read. */
async function readWithModel(path: string): Promise<{ readonly texts: TextModel; readonly beside: Beside }> {
  const problems = new Problems();
  let beside: Beside = [];
  const place = await hubPlace(path, async (mainPath) => {
    const read = await readMain(mainPath);
    beside = read.beside;
    return [read.main];
  });
  const texts = await textModel(place, problems);
  problems.throwIfAny();
  return { texts: texts!, beside };
}

/** What is uploaded for texts of so many tokens. What is not changed is taken where it lies. */
async function filesFor(
  { folder, length, changedPath }: Extract<TextWork, { work: "files" }>,
  task: TextTask,
): Promise<ReceivedFile[]> {
  const { texts, beside } = await readWithModel(folder);
  const { files, mainPath } = texts.model;
  const unchanged = files[0]!.data;
  const made = textModelFiles(texts, task, length).map(({ name, data }): ReceivedFile => {
    if (data.length <= IN_MEMORY_BYTES_MAX) return { name, bytes: inMemory(data) };
    if (data === unchanged) return { name, path: join(folder, mainPath), length: data.length, isKept: true };
    writeSpace(changedPath, data);
    return { name, path: changedPath, length: data.length };
  });
  const others = beside.map(
    ({ name, path }): ReceivedFile => ({ name, path, length: statSync(path).size, isKept: true }),
  );
  return [...made, ...others];
}
