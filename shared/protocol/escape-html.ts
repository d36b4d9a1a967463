const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

/**
 * A text as the content of an element of HTML or SVG, or as an attribute's value in double quotes.
 * @example escapeHtml('a <b> & "c"') // -> "a &lt;b&gt; &amp; &quot;c&quot;"
 */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}
