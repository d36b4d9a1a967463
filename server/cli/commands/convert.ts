import { writeFile } from "node:fs/promises";
import { InputError } from "../../../shared/inputs/input-error.ts";
import { asNpy } from "../../../shared/sdk/as-npy.ts";
import type { ClientCommand } from "../command.ts";
import { EXIT } from "../exit-codes.ts";
import { FILL_ADVICE, readRows } from "../inputs/read-rows.ts";
import { formatOfEnding } from "../outputs/format-of-ending.ts";
import { requireOutPlace } from "../outputs/out-place.ts";

export const convert: ClientCommand = {
  name: "convert",
  summary: "turn CSV, Parquet, an array of an .npz, or a folder of pictures into .npy",
  usage: "FILE OUT.npy [--label-column COLUMN --labels-out FILE.npy]",
  about:
    "Reads what `submit` reads and writes the .npy file that it would upload, for curl and for numpy. Nothing is sent. " +
    "Tables become float32, pictures uint8 (n x height x width x channels), labels int32.",
  flags: {
    "label-column": {
      value: "COLUMN",
      help: "of a table: a name of its header, or a place from 0; it is taken out of the rows",
    },
    "labels-out": { value: "FILE.npy", help: "write the labels here: from the column, or from the class folders" },
    fill: { value: "mean", help: "empty cells of a table get their column's mean; otherwise they are refused" },
    channels: { value: "1|3", help: "of pictures: grey or colours (default: as the first)" },
  },
  words: [2, 2],
  examples: [
    ["paritab convert digits.csv X.npy --label-column label --labels-out y.npy", "queries and labels from one CSV"],
    ["paritab convert pictures/ X.npy --channels 1", "a folder of PNG pictures as grey pixels"],
  ],
  async run({ terminal, words, flags, json }) {
    const [from, to] = words as [string, string];
    const channels = flags.oneOf("channels", ["1", "3"]);
    const labelsOut = flags.text("labels-out");
    formatOfEnding("OUT.npy", to, ["npy"]);
    await requireOutPlace("OUT.npy", to);
    const rows = await readRows(from, {
      stdin: terminal.stdin,
      labelColumn: flags.text("label-column"),
      fillsGaps: flags.oneOf("fill", ["mean"]) !== undefined,
      fillAdvice: FILL_ADVICE,
      channels: channels === undefined ? null : (Number(channels) as 1 | 3),
    });
    if (labelsOut !== undefined && rows.labels === null) {
      throw new InputError(`${from}: expected labels for --labels-out, got none; name their --label-column`);
    }
    for (const note of rows.notes ?? []) terminal.say(`${from}: ${note}`);
    const npy = asNpy(rows.numbers);
    await writeFile(to, npy instanceof Blob ? npy.stream() : npy);
    if (labelsOut !== undefined && rows.labels !== null) await writeFile(labelsOut, asNpy(rows.labels) as Uint8Array);
    const report = { file: to, dtype: rows.dtype, shape: rows.shape, labels: labelsOut ?? null };
    await terminal.out(json ? `${JSON.stringify(report)}\n` : `${to}: ${rows.dtype} (${rows.shape.join(", ")})\n`);
    return EXIT.ok;
  },
};
