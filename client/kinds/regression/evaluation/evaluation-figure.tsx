import type { ComponentChildren } from "preact";
import { evaluationTexts } from "./evaluation-texts.ts";

interface EvaluationFigureProps {
  readonly title: string;
  /** What the picture shows, in a sentence. */
  readonly summary: string;
  readonly isWide?: boolean;
  readonly picture: ComponentChildren;
  readonly table: ComponentChildren;
}

/** A picture of how good a regression is, with the same figures as a table behind it. */
export function EvaluationFigure({ title, summary, isWide = false, picture, table }: EvaluationFigureProps) {
  return (
    <figure class={isWide ? "chart evaluation wide" : "chart evaluation"}>
      <figcaption>{title}</figcaption>
      {picture}
      <p class="hint">{summary}</p>
      <details class="as-tables">
        <summary>{evaluationTexts.asTable}</summary>
        {table}
      </details>
    </figure>
  );
}
