import { EXPORT_FORMATS } from "../../../../shared/kinds/regression/export-formats.ts";
import type { ClientCommand } from "../../../cli/command.ts";
import { EXIT } from "../../../cli/exit-codes.ts";
import { formatOfEnding } from "../../../cli/outputs/format-of-ending.ts";
import { writeWhole } from "../../../cli/outputs/whole-file.ts";

export const exportModel: ClientCommand = {
  name: "export",
  summary: "write what a regression has learned as a model file: ONNX or JSON",
  usage: "JOB --out FILE",
  about:
    "FILE.onnx takes a table as it is, " +
    "with an input for each column, by its name (numbers float64, words as texts; without names one input, X). It fills gaps as the " +
    "training did and gives `label` and `probabilities`, or `prediction`. FILE.json has the weights in the table's units, with names, for people and programs.",
  flags: { out: { value: "FILE", help: `the file: ${EXPORT_FORMATS.map((format) => `.${format}`).join(" or ")}` } },
  words: [1, 1],
  examples: [
    ["paritab export JOB --out model.onnx", "for onnxruntime"],
    ["paritab export JOB --out model.json", "to read, or for a program of your own"],
  ],
  async run({ client, terminal, words, flags }) {
    const out = flags.required("out");
    const format = formatOfEnding("--out", out, EXPORT_FORMATS);
    const bytes = await client.modelFile(words[0]!, format, terminal.signal);
    await writeWhole(out, (file) => file.writeFile(bytes));
    return EXIT.ok;
  },
};
