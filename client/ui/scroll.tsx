import type { ComponentChildren } from "preact";

/** What is wider than a phone moves inside its own frame, by keyboard too; the page itself never scrolls sideways. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: the section round it is a landmark already, this is a part of it
    // biome-ignore lint/a11y/noNoninteractiveTabindex: only what has the focus can be scrolled from the keyboard
    <div class="scroll" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
