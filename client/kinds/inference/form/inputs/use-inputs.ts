/** An array for each input of a model that has several: from one `.npz` archive, or from a file for each. */
import { useState } from "preact/hooks";
import type { ModelInput } from "../../../../../shared/compute/model-runtime.ts";
import { InputError } from "../../../../../shared/inputs/input-error.ts";
import { arraysByInput, type NamedNpy } from "../../../../../shared/inputs/inputs-by-name.ts";
import { fileKindOf, labelsFrom, numbersFrom } from "../../../../ui/files/numbers-file.ts";
import { useAsked } from "../../../../ui/use-asked.ts";
import { inputsTexts as texts } from "./inputs-texts.ts";

export interface ChosenInputs {
  /** By the inputs' names, in their order; null: not all are there. */
  readonly files: ReadonlyMap<string, File> | null;
  readonly labelsFile: File | null;
  readonly isReading: boolean;
  /** What is wrong with the files, all of it; null: nothing. */
  readonly problem: string | null;
  pick(input: string, file: File | null): void;
}

/**
 * @param inputs of the model, as soon as they are known; nothing is read where there is only one
 * @param queries as chosen: an archive, or files that are called like the inputs
 */
export function useInputs(inputs: readonly ModelInput[], queries: readonly File[], labels: File | null): ChosenInputs {
  const [own, setOwn] = useState<Readonly<Record<string, File | null>>>({});
  const isChosen = queries.length > 0 || inputs.some(({ name }) => own[name] != null);
  const isAsked = inputs.length > 1 && isChosen;
  const read = useAsked(isAsked ? [JSON.stringify(inputs), queries, own, labels] : null, async () => {
    const archive = queries.length === 1 && fileKindOf(queries) === "npz" ? await unpackerOf(queries[0]!) : null;
    const arrayOf = async (name: string): Promise<NamedNpy> => {
      const file = own[name] ?? queries.find((one) => one.name.replace(/\.[^.]*$/, "") === name);
      if (file != null) return { bytes: await npyIn(file), what: file.name };
      if (archive !== null) return archive(name);
      const others = queries.map((one) => one.name).join(", ");
      throw new InputError(others === "" ? texts.none(name) : texts.other(name, others));
    };
    const arrays = await arraysByInput(inputs, arrayOf);
    const files = new Map(inputs.map(({ name }) => [name, new File([arrays[name]!], `${name}.npy`)]));
    return { files, labels: labels === null ? null : await labelsFrom(labels, {}) };
  });
  const there = isAsked && read.kind === "there" ? read.value : null;
  return {
    files: there?.files ?? null,
    labelsFile: there?.labels ?? null,
    isReading: isAsked && (read.kind === "asking" || read.kind === "nothing"),
    problem: isAsked && read.kind === "failed" ? read.message : null,
    pick: (input, file) => setOwn((before) => ({ ...before, [input]: file })),
  };
}

async function npyIn(file: File): Promise<Uint8Array<ArrayBuffer>> {
  const { npy } = await numbersFrom([file], { labelColumn: null });
  return new Uint8Array(await npy.arrayBuffer());
}

async function unpackerOf(archive: File): Promise<(name: string) => NamedNpy> {
  const { arrayOfNpz } = await import("../../../../../shared/inputs/npz.ts");
  const packed = new Uint8Array(await archive.arrayBuffer());
  return (name) => ({ bytes: arrayOfNpz(packed, name, archive.name), what: `${archive.name}: "${name}"` });
}
