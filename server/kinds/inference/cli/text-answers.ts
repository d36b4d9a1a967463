/** Vectors and labels of texts, and of their tokens, as files: .npy, JSONL, CSV of labels, Parquet of vectors. In the order of the texts. */
import { open, writeFile } from "node:fs/promises";
import type { HubCorpus } from "../../../../shared/hub/corpus.ts";
import { labelLines } from "../../../../shared/hub/label-lines.ts";
import { labelledTokens, ownTokens, tokenLines } from "../../../../shared/hub/token-lines.ts";
import { vectorLine, vectorOf, vectorsNpy } from "../../../../shared/hub/vector-lines.ts";
import { InputError } from "../../../../shared/inputs/input-error.ts";
import type { AnswerView } from "../../../../shared/kinds/inference/answers.ts";
import { ParquetWriter } from "../../../cli/outputs/parquet.ts";
import type { HubOptions, OutFormat } from "./hub-options.ts";

export interface Written {
  /** null: standard output, as lines. */
  readonly out: string | null;
  readonly format: OutFormat;
  print(text: string): Promise<void>;
}

export function textAnswers({ task, texts, ids, model }: HubCorpus, { top, cell }: Pick<HubOptions, "top" | "cell">) {
  async function* lines(answers: readonly AnswerView[], format: "csv" | "jsonl"): AsyncGenerator<string> {
    if (task.gives === "tokens") {
      const labelled = (outputs: readonly number[], place: number) =>
        labelledTokens(outputs, ownTokens(ids[place]!, model.tokens), model.labels!);
      const line = tokenLines(format === "csv" ? "csv" : "json", labelled, cell);
      for (const [i, answer] of answers.entries()) yield line({ ...answer, index: i }, texts[i]!);
      return;
    }
    if (task.gives === "labels") {
      requireLabels(answers);
      const line = labelLines(format === "csv" ? "csv" : "json", model.labels!, top, "text", cell);
      for (const [i, answer] of answers.entries()) yield line({ ...answer, index: i }, texts[i]!);
      return;
    }
    for (const [index, answer] of answers.entries()) {
      yield vectorLine(answer, index, texts[index]!, task.normalizes);
    }
  }

  function requireLabels(answers: readonly AnswerView[]): void {
    const [wanted, got] = [model.labels!.names.length, answers[0]?.outputs.length];
    if (got === undefined || got === wanted) return;
    throw new InputError(
      `config.json: id2label: expected ${got} names, one for each number of ${task.output}, got ${wanted}; write the numbers: --out FILE.npy`,
    );
  }

  return {
    async write(answers: readonly AnswerView[], { out, format, print }: Written): Promise<void> {
      if (out === null) {
        for await (const line of lines(answers, format === "csv" ? "csv" : "jsonl")) await print(line);
        return;
      }
      if (format === "npy")
        return writeFile(out, vectorsNpy(answers.map((answer) => vectorOf(answer, task.normalizes))));
      const file = await open(out, "w");
      try {
        if (format !== "parquet") for await (const line of lines(answers, format)) await file.write(line);
        else {
          const writer = new ParquetWriter(file, [
            { name: "text", type: "text" },
            { name: "mark", type: "text" },
            { name: "bound", type: "float" },
            { name: "embedding", type: "floats" },
          ]);
          for (const [i, answer] of answers.entries()) {
            const { mark, bound } = answer;
            await writer.add({
              text: texts[i]!,
              mark,
              bound: bound ?? Number.NaN,
              embedding: vectorOf(answer, task.normalizes),
            });
          }
          await writer.end();
        }
      } finally {
        await file.close();
      }
    },
  };
}
