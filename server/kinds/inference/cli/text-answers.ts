/** Vectors and labels of texts, and of their tokens, as files: .npy, JSONL, CSV of labels, Parquet of vectors. In the order of the texts. */
import { open, writeFile } from "node:fs/promises";
import { answerSpan, spanLines } from "../../../../shared/hub/answer-spans.ts";
import type { HubCorpus } from "../../../../shared/hub/corpus.ts";
import { type AskedText, labelLines } from "../../../../shared/hub/label-lines.ts";
import { labelledTokens, ownTokens, tokenLines } from "../../../../shared/hub/token-lines.ts";
import { vectorLine, vectorOf, vectorsNpy } from "../../../../shared/hub/vector-lines.ts";
import { candidateAnswer, entailmentPlace } from "../../../../shared/hub/zero-shot.ts";
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

/** @param candidates labels that each text was paired with, in the place of the folder's; empty: none */
export function textAnswers(
  { task, texts, pairs, ids, paired, model }: HubCorpus,
  { top, cell }: Pick<HubOptions, "top" | "cell">,
  candidates: readonly string[] = [],
) {
  const asked = (place: number): AskedText => (pairs === null ? texts[place]! : [texts[place]!, pairs[place]!]);

  async function* lines(answers: readonly AnswerView[], format: "csv" | "jsonl"): AsyncGenerator<string> {
    if (task.gives === "tokens") {
      const labelled = (outputs: readonly number[], place: number) =>
        labelledTokens(outputs, ownTokens(ids[place]!, model.tokens), model.labels!);
      const line = tokenLines(format === "csv" ? "csv" : "json", labelled, cell);
      for (const [i, answer] of answers.entries()) yield line({ ...answer, index: i }, texts[i]!);
      return;
    }
    const lineFormat = format === "csv" ? "csv" : "json";
    if (task.gives === "spans") {
      const spanOf = (outputs: readonly number[], place: number) =>
        answerSpan(
          outputs,
          { ids: ids[place]!, second: paired![place]!.second, context: pairs![place]! },
          model.tokens,
        );
      const line = spanLines(lineFormat, spanOf, cell);
      for (const [i, answer] of answers.entries()) yield line({ ...answer, index: i }, [texts[i]!, pairs![i]!]);
      return;
    }
    if (candidates.length > 0) {
      const entailment = entailmentPlace(model.labels);
      const names = { holds: "one", names: candidates } as const;
      const line = labelLines(lineFormat, names, Math.min(top, candidates.length), "text", cell);
      for (let start = 0; start < answers.length; start += candidates.length) {
        const own = candidateAnswer(answers.slice(start, start + candidates.length), entailment);
        yield line({ ...own, index: start / candidates.length }, texts[start]!);
      }
      return;
    }
    if (task.gives === "labels") {
      requireLabels(answers);
      const line = labelLines(lineFormat, model.labels!, top, pairs === null ? "text" : "pair", cell);
      for (const [i, answer] of answers.entries()) yield line({ ...answer, index: i }, asked(i));
      return;
    }
    for (const [index, answer] of answers.entries()) yield vectorLine(answer, index, asked(index), task.normalizes);
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
            ...(pairs === null ? [] : [{ name: "text_pair", type: "text" } as const]),
            { name: "mark", type: "text" },
            { name: "bound", type: "float" },
            { name: "embedding", type: "floats" },
          ]);
          for (const [i, answer] of answers.entries()) {
            const { mark, bound } = answer;
            await writer.add({
              text: texts[i]!,
              ...(pairs === null ? {} : { text_pair: pairs[i]! }),
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
