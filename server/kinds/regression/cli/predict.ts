import { writeFile } from "node:fs/promises";
import { predictionsCsv } from "../../../../shared/inputs/predictions-csv.ts";
import type { RegressionPredictions } from "../../../../shared/kinds/regression/weights.ts";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import { asNpy } from "../../../../shared/sdk/as-npy.ts";
import type { Call, ClientCommand } from "../../../cli/command.ts";
import { EXIT } from "../../../cli/exit-codes.ts";
import { readRows } from "../../../cli/inputs/read-rows.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";

const FORMATS = ["csv", "npy", "json"] as const;

export const predict: ClientCommand = {
  name: "predict",
  summary: "predict new rows with the weights of a regression",
  usage: "JOB --features FILE [--probabilities] [--out FILE]",
  about:
    "The coordinator computes the predictions from the job's weights; no tab sees the rows. One prediction a line: a label, or for " +
    "`linear` a number. A table is read by the names of its columns, wherever and by whomever the job was submitted: their order does not matter, " +
    "columns that were not trained on are left out, missing ones are named and refused. Empty cells and unknown words count as in the training. Rows without names " +
    "stand in the order of the training.",
  flags: {
    features: {
      value: "FILE",
      help: "rows: CSV, Parquet, .npy, .npz (FILE.npz:NAME), a folder of PNG pictures, or - for stdin",
    },
    "label-column": {
      value: "COLUMN",
      help: "of a table without a header: the column to leave out, as in the table of the training",
    },
    channels: { value: "1|3", help: "of pictures: grey or colours (default: as the first)" },
    probabilities: { help: "a CSV: beside each label the probability of every label" },
    out: {
      value: "FILE",
      help: "write there: .csv with the probabilities, .json with all that is told, or .npy with n float64 (a label of words as its place)",
    },
  },
  words: [1, 1],
  examples: [
    ["paritab predict JOB --features new.csv", "one line a row"],
    ["paritab predict JOB --features new.csv --out predictions.csv", "with the probability of each label"],
  ],
  async run(call) {
    const { client, terminal, words, flags, json } = call;
    const out = flags.text("out");
    const format = out === undefined ? null : formatOfEnding("--out", out, FORMATS);
    const channels = flags.oneOf("channels", ["1", "3"]);
    const rows = await readRows(flags.required("features"), {
      stdin: terminal.stdin,
      labelColumn: flags.text("label-column"),
      channels: channels === undefined ? null : (Number(channels) as 1 | 3),
      columnsOf: async () => (await client.tableModel(words[0]!, terminal.signal)).columns,
    });
    const told = await client.predict(words[0]!, asNpy(rows.numbers), terminal.signal);
    const answer = { ...told, notes: [...(rows.notes ?? []), ...told.notes] };
    for (const note of answer.notes) terminal.say(note);
    if (out !== undefined && format !== null) await writeFile(out, fileOf(answer, format, call));
    else if (json) await terminal.out(`${JSON.stringify(answer)}\n`);
    else if (flags.has("probabilities")) await terminal.out(predictionsCsv(answer));
    else await terminal.out(answer.predictions.map((one) => `${one}\n`).join(""));
    return EXIT.ok;
  },
};

function fileOf(
  answer: RegressionPredictions,
  format: (typeof FORMATS)[number],
  { terminal }: Pick<Call, "terminal">,
): string | Uint8Array {
  if (format === "csv") return predictionsCsv(answer);
  if (format === "json") return `${JSON.stringify(answer)}\n`;
  const { predictions, labels } = answer;
  if (labels?.some((label) => typeof label === "string") === true) {
    terminal.say(`a .npy holds places: ${labels.map((label, place) => `${place} is ${label}`).join(", ")}`);
  }
  const data = Float64Array.from(predictions, (one) => (typeof one === "number" ? one : labels!.indexOf(one)));
  return encodeNpy({ dtype: "F64", shape: [data.length], data });
}
