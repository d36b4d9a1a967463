/**
 * The thread that looks through uploaded models. A small bundle's bytes are moved, not copied; a large one is written to a file, weight after
 * weight, so that it is never whole in memory.
 */
import { move, transferableSymbol, valueSymbol } from "piscina";
import { type ByteSpace, inMemory } from "../../shared/compute/byte-space.ts";
import { writeSpace } from "../file-space.ts";
import { prepareModel, type UsableOutputs } from "./prepare-model.ts";
import { type ReceivedFile, withOpened } from "./received-file.ts";

export interface IntakeTask {
  readonly files: readonly ReceivedFile[];
  /** Where a bundle, and the files as they came, go that are larger than this. */
  readonly bundlePath: string;
  readonly sourcePath: string;
  readonly inMemoryBytesMax: number;
}

/** In memory, or of that length in a file. */
export type HandedOver = { readonly bytes: Uint8Array } | { readonly length: number };

/** problem: as prepareModel has it. bundle: at bundlePath where it is in a file; source: at sourcePath, null: not kept. */
export type IntakeAnswer =
  | { readonly problem: string }
  | { readonly outputs: UsableOutputs; readonly bundle: HandedOver; readonly source: HandedOver | null };

export default function prepare(task: IntakeTask): Promise<unknown> {
  const { files, bundlePath, sourcePath, inMemoryBytesMax } = task;
  return withOpened(files, async (opened) => {
    const verdict = await prepareModel(opened);
    if ("problem" in verdict) return verdict satisfies IntakeAnswer;
    const { outputs } = verdict;
    const buffers: ArrayBuffer[] = [];
    const handedOver = (space: ByteSpace, path: string): HandedOver => {
      if (space.length > inMemoryBytesMax) {
        writeSpace(path, space);
        return { length: space.length };
      }
      const bytes = Uint8Array.from(inMemory(space));
      buffers.push(bytes.buffer);
      return { bytes };
    };
    const bundle = handedOver(verdict.bundle, bundlePath);
    const source = verdict.source === null ? null : handedOver(verdict.source, sourcePath);
    const answer: IntakeAnswer = { outputs, bundle, source };
    return move({ [transferableSymbol]: buffers, [valueSymbol]: answer } as never);
  });
}
