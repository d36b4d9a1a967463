import { writeFile } from "node:fs/promises";
import { inTrainedOrder } from "../../../../shared/inputs/column-order.ts";
import type { FloatArray } from "../../../../shared/inputs/table-shape.ts";
import { encodeNpy } from "../../../../shared/protocol/npy.ts";
import { asNpy, type Numbers } from "../../../../shared/sdk/as-npy.ts";
import type { Call, ClientCommand } from "../../../cli/command.ts";
import { EXIT } from "../../../cli/exit-codes.ts";
import { type Rows, readRows } from "../../../cli/inputs/read-rows.ts";

export const predict: ClientCommand = {
  name: "predict",
  summary: "predict new rows with the weights of a regression",
  usage: "JOB --features FILE [--out FILE.npy]",
  about:
    "The coordinator computes the predictions from the job's weights; no tab sees the rows. One prediction a line: a label, or for " +
    "`linear` a number. Rows as for `submit regression`, with as many columns as the job was trained on. Columns of a table with a header are " +
    "put in the order of the training by their names, where that data had names too; other names are refused.",
  flags: {
    features: {
      value: "FILE",
      help: "rows: .npy, .npz (FILE.npz:NAME), CSV, Parquet, a folder of PNG pictures, or - for stdin",
    },
    "label-column": {
      value: "COLUMN",
      help: "of a table: the column to leave out, as in the table of the training",
    },
    channels: { value: "1|3", help: "of pictures: grey or colours (default: as the first)" },
    out: { value: "FILE.npy", help: "write n float64 to this .npy file, instead of lines" },
  },
  words: [1, 1],
  examples: [["paritab predict JOB --features new.csv", "one line a row"]],
  async run(call) {
    const { client, terminal, words, flags, json } = call;
    const channels = flags.oneOf("channels", ["1", "3"]);
    const rows = await readRows(flags.required("features"), {
      stdin: terminal.stdin,
      labelColumn: flags.text("label-column"),
      skipsLabels: true,
      channels: channels === undefined ? null : (Number(channels) as 1 | 3),
    });
    const numbers = await inOrder(call, rows);
    const answer = await client.predict(words[0]!, asNpy(numbers), terminal.signal);
    const out = flags.text("out");
    if (out !== undefined) {
      const data = Float64Array.from(answer.predictions);
      await writeFile(out, encodeNpy({ dtype: "F64", shape: [data.length], data }));
    } else
      await terminal.out(json ? `${JSON.stringify(answer)}\n` : answer.predictions.map((one) => `${one}\n`).join(""));
    return EXIT.ok;
  },
};

/** By the names of the columns, where both sides have some. @throws InputError that names what does not fit */
async function inOrder({ client, terminal, words, flags }: Call, { numbers, columnNames }: Rows): Promise<Numbers> {
  if (columnNames == null) return numbers;
  const trained = (await client.columns(words[0]!, terminal.signal)).columnNames;
  if (trained === null) {
    terminal.say("the data of the training had no names of columns: these are taken in the order in which they stand");
    return numbers;
  }
  return inTrainedOrder(flags.required("features"), numbers as FloatArray, columnNames, trained);
}
