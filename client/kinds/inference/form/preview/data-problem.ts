/** What keeps the chosen queries from the chosen model, and what would mend it: said before anything is sent. Pure. */
import type { LocalModelFacts } from "../dial/use-local-model.ts";
import { problemTexts as texts } from "../submit-texts.ts";
import type { Preview } from "./preview-data.ts";
import { rowSize } from "./query-rows.ts";

/** @param model null: none is chosen, or it was not read yet. @returns null: nothing does */
export function dataProblem(
  preview: Preview | null,
  model: Pick<LocalModelFacts, "inputShape" | "sizes"> | null,
): string | null {
  if (preview === null) return null;
  const { rows, queryCount, unusable } = preview;
  if (queryCount === 0) return texts.empty;
  if (unusable !== null) return unusable;
  return model === null ? null : sizeProblem(rows.shape, queryCount, model);
}

function sizeProblem(
  shape: readonly number[],
  queryCount: number,
  { inputShape, sizes: { inputSize } }: Pick<LocalModelFacts, "inputShape" | "sizes">,
): string | null {
  const size = rowSize(shape);
  if (size === inputSize) return null;
  const wrong = texts.size(size, inputSize, inputShape);
  const numbers = size * queryCount;
  if (queryCount > 1 && numbers === inputSize) return `${wrong} ${texts.oneQuery(inputShape)}`;
  if (numbers % inputSize === 0) return `${wrong} ${texts.reshape(numbers / inputSize, inputShape)}`;
  return `${wrong} ${texts.otherFile}`;
}
