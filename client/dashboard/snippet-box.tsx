import { useState } from "preact/hooks";
import { askedTexts as texts } from "./asked/asked-texts.ts";

/** Something to be copied into a terminal or a program. */
export function SnippetBox({ name, text }: { name: string; text: string }) {
  const [isCopied, setIsCopied] = useState(false);
  // Browsers offer it on secure addresses only; the text can be selected anyway.
  const canCopy = "clipboard" in navigator;
  async function copy(): Promise<void> {
    await navigator.clipboard.writeText(text);
    setIsCopied(true);
  }
  return (
    <section class="snippet" aria-label={name}>
      <header>
        <h2>{name}</h2>
        {canCopy && (
          <button type="button" class="small" aria-label={texts.copyAs(name)} onClick={() => void copy()}>
            {isCopied ? texts.copied : texts.copy}
          </button>
        )}
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: only what has the focus can be scrolled from the keyboard */}
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </section>
  );
}
