/** The API's description as a page. */
import { expect, test } from "./fixtures.ts";
import { axeViolations } from "./page-manners.ts";

test.use({ allowFaults: false });

for (const colorScheme of ["light", "dark"] as const) {
  test(`the API's page can be read in ${colorScheme} colours, on a phone`, async ({ browser, coordinator }) => {
    const context = await browser.newContext({ colorScheme, viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    const requests: string[] = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    await page.goto(`${coordinator.url}/api/docs`);
    await expect(page.getByRole("heading", { level: 1, name: "Paritab: the API" })).toBeVisible();
    await page.getByRole("navigation", { name: "Groups" }).getByRole("link", { name: "answers" }).click();
    await expect(page.getByRole("heading", { name: "GET /api/jobs/{jobId}/answers.json" })).toBeInViewport();
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    const violations = await axeViolations(page);
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
    expect(requests.filter((path) => path !== "/favicon.ico")).toEqual(["/api/docs", "/api/docs.css"]);
    await context.close();
  });
}
