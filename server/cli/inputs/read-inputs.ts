/** An array for each input of a model, from one `.npz` archive that has them under the inputs' names. */
import { readFile } from "node:fs/promises";
import { arraysByInput } from "../../../shared/inputs/inputs-by-name.ts";
import { arrayOfNpz } from "../../../shared/inputs/npz.ts";
import type { ModelUploaded } from "../../../shared/protocol/uploads-api.ts";
import { unreadable } from "./model-folder.ts";

type Inputs = ModelUploaded["inputs"];

/** Would such an archive hold a query's inputs? One with FILE.npz:NAME holds whole rows. */
export function holdsInputs(path: string, inputs: Inputs): boolean {
  return inputs.length > 1 && path.toLowerCase().endsWith(".npz");
}

/** @throws InputError with each that is missing or does not fit */
export async function readInputs(path: string, inputs: Inputs): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const archive = new Uint8Array(await readFile(path).catch((error: Error) => unreadable(path, error)));
  return arraysByInput(inputs, (name) => ({
    bytes: arrayOfNpz(archive, name, path),
    what: `${path}: "${name}"`,
  }));
}
