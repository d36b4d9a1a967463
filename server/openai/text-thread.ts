/**
 * The thread that reads models' folders and turns texts into tokens: neither the event loop nor jobs at work wait for a tokenizer. A
 * folder never changes, so what was read of it is kept.
 */
import { ModelError } from "../../shared/compute/errors.ts";
import type { NamedFile } from "../../shared/compute/runtimes/runtime-description.ts";
import type { Pool } from "../../shared/hub/pooling.ts";
import { type TextModel, type TextTask, textModel, textModelFiles, textTask } from "../../shared/hub/text-model.ts";
import { InputError } from "../../shared/inputs/input-error.ts";
import { Problems } from "../../shared/inputs/problems.ts";
import { hubPlace } from "../hub/hub-folder.ts";

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
  | ({ readonly work: "files"; readonly length: number } & AskedFolder);

/** problem: what is wrong with the folder. Errors lose their class between threads, so this is no exception. */
export type TextAnswer =
  | { readonly problem: string }
  | TextModelFacts
  | { readonly ids: readonly (readonly number[])[] }
  | { readonly files: readonly NamedFile[] };

const FOLDERS_HELD_MAX = 2;
const held = new Map<string, Promise<TextModel>>();

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
      case "files": {
        const files = textModelFiles(texts, task, work.length);
        return { files: files.map(({ name, data }) => ({ name, bytes: data })) };
      }
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
  const problems = new Problems();
  const model = await textModel(await hubPlace(path), problems);
  problems.throwIfAny();
  return model!;
}
