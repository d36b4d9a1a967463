/** What a volunteer finds again later: the jobs it helped with, and what became of them. */
import { digits, ended, expect, forOneTab, startOn, test } from "./fixtures.ts";

test("the jobs that one has helped with stay on the page, with what became of them", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  await page.getByRole("slider", { name: "Intensity" }).fill("100");
  const { jobId } = await client.submit(digits(40, { ...forOneTab, name: "old letters", submitter: "ada" }));
  const { finalCount } = await ended(client, jobId);
  const helped = page.getByRole("region", { name: "Jobs you helped with" }).first();
  await expect(helped).toContainText("old letters");
  await page.getByRole("button", { name: "Stop at once" }).click();
  await page.reload();
  await expect(helped.getByRole("row").nth(1)).toContainText(`done, ${finalCount} of 40 answers final`);
  await helped.getByRole("link", { name: "Follow old letters" }).click();
  await expect(page.getByTestId("job-state")).toHaveText("done");
});
