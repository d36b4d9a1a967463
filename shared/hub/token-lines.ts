/** Answers of a model that names each token of a text (names of persons and places, parts of speech), as lines of CSV or JSON. */
import { defused, type WriteCell } from "../inputs/csv-cell.ts";
import { InputError } from "../inputs/input-error.ts";
import type { WrittenAnswer } from "./label-lines.ts";
import { type LabelNames, topLabels } from "./label-names.ts";
import type { TextTokens } from "./text-tokens.ts";

export interface LabelledToken {
  /** As the tokenizer has it: a word, or a piece of one. */
  readonly token: string;
  readonly label: string;
  /** 0 to 1 */
  readonly score: number;
}

const HEAD = "text,token,label,score,mark,final,bound\n";

/** What is known of a text's tokens before the model has named them. */
export interface OwnTokens {
  /** As the tokenizer has them, special ones left out. */
  readonly words: readonly string[];
  /** Special tokens before them. */
  readonly start: number;
  /** All of them, special ones too. */
  readonly count: number;
}

export function ownTokens(ids: readonly number[], tokens: Pick<TextTokens, "tokenOf" | "ownPlaces">): OwnTokens {
  const { start, end } = tokens.ownPlaces(ids);
  return { words: ids.slice(start, end).map((id) => tokens.tokenOf(id)), start, count: ids.length };
}

/**
 * The tokens of a text, each with its surest label.
 * @param outputs a number for each label of each place, special ones and padding among them; none where there is no answer
 * @throws InputError where the folder names more or fewer labels than the model gives
 */
export function labelledTokens(
  outputs: readonly number[],
  { words, start, count: tokenCount }: OwnTokens,
  labels: LabelNames,
): LabelledToken[] {
  if (outputs.length === 0) return [];
  const count = labels.names.length;
  if (outputs.length % count !== 0 || outputs.length < count * tokenCount) {
    throw new InputError(
      `config.json: id2label: expected a name for each label of a token, got ${count} names for ${outputs.length} numbers of ${tokenCount} tokens`,
    );
  }
  return words.map((token, i) => {
    const place = start + i;
    const [surest] = topLabels(outputs.slice(place * count, (place + 1) * count), labels, 1);
    return { token, ...surest! };
  });
}

/** @param cell how a text is written in CSV @returns the writer of what is written of one text: a line of JSON, or a line of CSV for each of its tokens */
export function tokenLines(
  format: "csv" | "json",
  labelled: (outputs: readonly number[], index: number) => readonly LabelledToken[],
  cell: WriteCell = defused,
): (answer: WrittenAnswer, text: string) => string {
  let hasHead = false;
  return ({ index, mark, final, bound, outputs }, text) => {
    const tokens = labelled(outputs, index);
    if (format === "json") return `${JSON.stringify({ text, index, mark, final, bound, tokens })}\n`;
    const head = hasHead ? "" : HEAD;
    hasHead = true;
    const lines = tokens.map(
      ({ token, label, score }) =>
        `${[index, cell(token), cell(label), score.toPrecision(6), mark, final, bound ?? ""].join()}\n`,
    );
    return head + lines.join("");
  };
}
