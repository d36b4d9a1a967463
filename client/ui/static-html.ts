/** What a component draws as HTML, for the file of a page. Pure. */
import type { ComponentChildren, VNode } from "preact";
import { escapeHtml } from "../../shared/protocol/escape-html.ts";

/**
 * @param drawn of components without hooks: nothing changes in a file
 * @returns HTML without what only scripts do, such as what a click does
 */
export function staticHtml(drawn: ComponentChildren): string {
  if (drawn === null || drawn === undefined || typeof drawn === "boolean") return "";
  if (Array.isArray(drawn)) return drawn.map(staticHtml).join("");
  if (typeof drawn !== "object") return escapeHtml(String(drawn));
  const { type, props } = drawn as VNode<Record<string, unknown>>;
  if (typeof type === "function") return staticHtml((type as (props: unknown) => ComponentChildren)(props));
  const { children, ...attributes } = props;
  const written = Object.entries(attributes).map(([name, value]) => attribute(name, value));
  return `<${type}${written.join("")}>${staticHtml(children as ComponentChildren)}</${type}>`;
}

function attribute(name: string, value: unknown): string {
  if (value === null || value === undefined || value === false || typeof value === "function") return "";
  // Attributes of SVG keep their capitals.
  const written = name === "tabIndex" ? "tabindex" : name;
  return value === true ? ` ${written}` : ` ${written}="${escapeHtml(String(value))}"`;
}
