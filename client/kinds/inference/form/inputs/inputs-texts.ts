/** The words of models with several inputs, and of sizes that a model's file leaves open. Sentences for people, as in texts.ts. */
import { INPUT_SIZE_MAX } from "../../../../../shared/protocol/limits.ts";
import { count } from "../../../../ui/units.ts";

export const inputsTexts = {
  archive: "Queries (.npz)",
  archiveHint: (names: readonly string[]) =>
    `The model has ${count(names.length)} inputs. One archive with an array for each, named like the input; in Python: ` +
    `np.savez("queries.npz", ${names.map((name) => (/^[A-Za-z_]\w*$/.test(name) ? `${name}=${name}` : `**{"${name}": ...}`)).join(", ")}).`,
  each: "Or a file for each input (.npy, .csv or .parquet)",
  input: (name: string, shape: readonly number[], dtype: string) =>
    `${name}: ${["queries", ...shape].join(" × ")}, ${dtype}`,
  none: (name: string) => `${name}: expected an array for this input, got none; choose a .npz that holds it, or a file`,
  other: (name: string, got: string) =>
    `${name}: expected an array for this input, in a .npz or in a file called ${name}.npy, got ${got}`,
  notChosen: "Choose a .npz with the queries, or a file for each input.",
};

export const sizesTexts = {
  size: (name: string) => `Size of ${name}`,
  hint: "The model’s file leaves this size open. All queries have it.",
  problem: (name: string) => `Size of ${name} must be a whole number from 1 to ${count(INPUT_SIZE_MAX)}.`,
};
