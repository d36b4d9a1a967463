/**
 * Draws the app's icons from its mark: `npm run screenshots -- icons`. The maskable one keeps the mark inside the middle
 * four fifths, for phones cut icons into their own shapes.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { launchChromium } from "../crowd/browser/browser.ts";

const CLIENT = join(import.meta.dirname, "../../client");
/** The mark's own. */
const GROUND = "#0f5c63";
const ICONS = [
  { name: "icon-192", size: 192, markShare: 1, ground: "transparent" },
  { name: "icon-512", size: 512, markShare: 1, ground: "transparent" },
  { name: "icon-maskable-512", size: 512, markShare: 0.8, ground: GROUND },
] as const;

export async function drawIcons(): Promise<void> {
  const mark = await readFile(join(CLIENT, "ui/mark.svg"), "utf8");
  const browser = await launchChromium(1);
  try {
    const page = await browser.newPage();
    for (const { name, size, markShare, ground } of ICONS) {
      await page.setViewportSize({ width: size, height: size });
      const markSize = Math.round(size * markShare);
      await page.setContent(
        `<style>body{margin:0;background:transparent}
         div{width:${size}px;height:${size}px;display:grid;place-items:center;background:${ground}}
         svg{width:${markSize}px;height:${markSize}px}</style><div>${mark}</div>`,
      );
      const png = await page.screenshot({ omitBackground: true });
      await writeFile(join(CLIENT, `pwa/${name}.png`), png);
      console.log(`client/pwa/${name}.png: ${png.length} bytes`);
    }
  } finally {
    await browser.close();
  }
}
