/**
 * The thread that looks through uploaded models. A small bundle's bytes are moved, not copied; a large one is written to a file, weight after
 * weight, so that it is never whole in memory.
 */
import { move, transferableSymbol, valueSymbol } from "piscina";
import { inMemory } from "../../shared/compute/byte-space.ts";
import { writeSpace } from "../file-space.ts";
import { prepareModel, type UsableOutputs } from "./prepare-model.ts";
import { type ReceivedFile, withOpened } from "./received-file.ts";

export interface IntakeTask {
  readonly files: readonly ReceivedFile[];
  /** Where a bundle goes that is larger than this. */
  readonly bundlePath: string;
  readonly inMemoryBytesMax: number;
}

/** problem: as prepareModel has it. length: of the bundle at bundlePath. */
export type IntakeAnswer =
  | { readonly problem: string }
  | ({ readonly outputs: UsableOutputs } & ({ readonly bundle: Uint8Array } | { readonly length: number }));

export default function prepare({ files, bundlePath, inMemoryBytesMax }: IntakeTask): Promise<unknown> {
  return withOpened(files, async (opened) => {
    const verdict = await prepareModel(opened);
    if ("problem" in verdict) return verdict satisfies IntakeAnswer;
    const { bundle, outputs } = verdict;
    if (bundle.length > inMemoryBytesMax) {
      writeSpace(bundlePath, bundle);
      return { outputs, length: bundle.length } satisfies IntakeAnswer;
    }
    const bytes = inMemory(bundle);
    return move({
      [transferableSymbol]: [bytes.buffer],
      [valueSymbol]: { outputs, bundle: bytes } satisfies IntakeAnswer,
    } as never);
  });
}
