/** Who runs a coordinator stands on the worker page before anything is computed for them. */
import { expect, test } from "./fixtures.ts";

const OPERATOR = "City archive <lab@example.org>";

test.use({ environment: { PARITAB_OPERATED_BY: OPERATOR } });

test("before Start a volunteer reads who runs the coordinator, in the operator's own words", async ({
  page,
  coordinator,
}) => {
  await page.goto(coordinator.url);
  await page.getByRole("link", { name: "points under “Before you start”" }).click();
  const consent = page.getByRole("region", { name: "Before you start" });
  await expect(consent.getByText(`${OPERATOR}. The coordinator at localhost:`)).toBeVisible();
});
