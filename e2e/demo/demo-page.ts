/** The demo's end as a page: the sentence, two pictures and the table, in one file that needs no server. */
import { escapeHtml } from "../../shared/protocol/escape-html.ts";
import {
  type DemoFigures,
  demoSentence,
  demoTable,
  LEGEND,
  percent,
  quarantineLines,
  secondsOf,
} from "./demo-table.ts";
import type { SchemeFigures } from "./scheme-figures.ts";

const BAR_PIXELS = 360;
const ROW_PIXELS = 34;
const NAME_PIXELS = 110;
const VALUE_PIXELS = 90;

export function demoPage(figures: DemoFigures, notes: readonly string[]): string {
  const { schemes } = figures;
  const slowest = Math.max(...schemes.map(({ firstMsP95 }) => firstMsP95 ?? 0));
  const right = bars(schemes, ({ finalAccuracy }) => ({ share: finalAccuracy, text: percent(finalAccuracy) }));
  const soon = bars(schemes, ({ firstMsP95 }) => ({
    share: firstMsP95 === null ? 0 : firstMsP95 / slowest,
    text: firstMsP95 === null ? "never" : `${secondsOf(firstMsP95)} s`,
  }));
  const lines = [LEGEND.join(" "), ...quarantineLines(figures), ...notes];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Paritab: the demo</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.6rem; line-height: 1.25; }
  pre { overflow-x: auto; font-size: 13px; }
  svg { max-width: 100%; height: auto; }
  text { font: 14px system-ui, sans-serif; fill: currentColor; }
  rect { fill: #8a9a97; }
  rect.ours { fill: #0f766e; }
</style>
<h1>Twelve tabs read handwritten digits; some are late, two slow, one lies</h1>
<p><strong>${escapeHtml(demoSentence(figures))}</strong></p>
<h2>Right labels in the end</h2>
${right}
<h2>Nineteen of twenty queries had an answer within</h2>
${soon}
<h2>All figures</h2>
<pre tabindex="0">${escapeHtml(demoTable(figures))}</pre>
${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join("\n")}
</html>
`;
}

type Bar = (scheme: SchemeFigures) => { readonly share: number; readonly text: string };

function bars(schemes: readonly SchemeFigures[], bar: Bar): string {
  const told = schemes.map((scheme) => `${scheme.name} ${bar(scheme).text}`).join(", ");
  const rows = schemes.map((scheme, index) => {
    const { share, text } = bar(scheme);
    const y = index * ROW_PIXELS;
    const width = Math.max(1, Math.round(share * BAR_PIXELS));
    const kind = scheme.name === "systematic" ? ' class="ours"' : "";
    return (
      `<text x="0" y="${y + 21}">${escapeHtml(scheme.name)}</text>` +
      `<rect${kind} x="${NAME_PIXELS}" y="${y + 6}" width="${width}" height="${ROW_PIXELS - 12}"/>` +
      `<text x="${NAME_PIXELS + width + 8}" y="${y + 21}">${escapeHtml(text)}</text>`
    );
  });
  const [width, height] = [NAME_PIXELS + BAR_PIXELS + VALUE_PIXELS, schemes.length * ROW_PIXELS];
  return `<svg role="img" aria-label="${escapeHtml(told)}" viewBox="0 0 ${width} ${height}" width="${width}">${rows.join("")}</svg>`;
}
