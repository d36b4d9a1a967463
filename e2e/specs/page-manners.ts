/** What every page has to keep to, whatever it shows: readable by everybody, and no wider than its window. */
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

type AxeResults = Awaited<ReturnType<AxeBuilder["analyze"]>>;

const SERIOUS = new Set(["serious", "critical"]);

/**
 * @returns what axe finds wrong. Of what it finds right it tells one element each: our pages have no frames, and to tell of all elements takes longer
 * than to look at them.
 */
export async function axeViolations(page: Page): Promise<AxeResults["violations"]> {
  const { violations } = await new AxeBuilder({ page })
    .options({ resultTypes: ["violations"] })
    .setLegacyMode(true)
    .analyze();
  return violations;
}

/** @returns what axe calls serious or critical, with the elements; nothing in a good page */
export async function seriousProblems(page: Page): Promise<string[]> {
  return (await axeViolations(page))
    .filter(({ impact }) => SERIOUS.has(impact ?? ""))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}

/**
 * How far the page, or a table whose rows are cards on a phone, can be scrolled sideways; asked again until it is laid out,
 * which is a little after its window has changed.
 */
export const sidewaysPx = (page: Page) =>
  page.evaluate(() => {
    const overflow = ({ scrollWidth, clientWidth }: Element) => scrollWidth - clientWidth;
    // As wide as style.css takes a phone to be.
    const asCards = Array.from(document.querySelectorAll(".scroll:has(> .cards)")).filter(
      ({ clientWidth }) => clientWidth <= 480,
    );
    return Math.max(overflow(document.documentElement), ...asCards.map(overflow));
  });

/** In light and dark, wide and narrow: axe finds nothing, and nothing scrolls sideways. */
export async function expectSoundPage(page: Page, narrowPx: number): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, narrowPx]) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 900 });
      const violations = await axeViolations(page);
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ target }) => target.join(" "))])).toEqual([]);
      // As text: the compiler of this file's readers knows no page.
      await expect
        .poll(() => page.evaluate("document.documentElement.scrollWidth - innerWidth"))
        .toBeLessThanOrEqual(0);
    }
  }
}
