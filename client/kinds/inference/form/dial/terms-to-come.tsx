import type { ComponentChildren } from "preact";
import { Terms } from "../../../../ui/terms.tsx";

interface TermsToComeProps {
  /** As they mostly come, to be as tall as they will be. */
  readonly rows: readonly (readonly [term: string, words: string])[];
  /** Over the first row's words: why the others are not there yet. */
  readonly children: ComponentChildren;
}

/** Terms whose words come later, in a place as large as they will take: what stands below does not move under a pointer. */
export function TermsToCome({ rows, children }: TermsToComeProps) {
  return (
    <Terms
      rows={rows.map(([term, words], i) => [
        term,
        <span key={term} class="terms-to-come">
          {i === 0 && <span>{children}</span>}
          <span class="to-come">{words}</span>
        </span>,
      ])}
    />
  );
}
