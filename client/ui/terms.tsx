import type { ComponentChildren } from "preact";

interface TermsProps {
  readonly rows: readonly (readonly [term: string, words: ComponentChildren])[];
  readonly class?: string;
  readonly label?: string;
  /** Are the words figures, to be set large? */
  readonly areFigures?: boolean;
}

/** Terms, and what is to be said of each. */
export function Terms({ rows, label, areFigures, ...props }: TermsProps) {
  return (
    <dl class={props.class} aria-label={label}>
      {rows.map(([term, words]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd class={areFigures ? "figure" : undefined}>{words}</dd>
        </div>
      ))}
    </dl>
  );
}
