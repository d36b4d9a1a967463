/** What a volunteer finds again later: the jobs it helped with, and what became of them. */
import { lastingSource } from "./dense-files.ts";
import { digits, ended, expect, forOneTab, startOn, test } from "./fixtures.ts";
import { seriousProblems } from "./page-manners.ts";

const ROWS = 8_000;

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

test("at the next visit one is told, once, what became of the jobs that one has helped with", async ({
  page,
  coordinator,
  openTabs,
}) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  await page.getByRole("slider", { name: "Intensity" }).fill("100");
  // Neither job ends while the page is open.
  const lasting = { kind: "inference", task: "regression", source: await lastingSource(client, ROWS) } as const;
  const { jobId } = await client.submit({ ...lasting, ...forOneTab, name: "old letters", submitter: "ada" });
  const gone = await client.submit({ ...lasting, ...forOneTab, name: "birds", submitter: "bob" });
  const helped = page.getByRole("region", { name: "Jobs you helped with" }).first();
  await expect(helped).toContainText("old letters");
  await expect(helped).toContainText("birds");
  await page.getByRole("button", { name: "Stop at once" }).click();
  await expect(page.getByRole("heading", { name: "Stopped" })).toBeVisible();
  // As a browser that is closed and opened again the next day.
  const context = page.context();
  await page.close();
  await client.cancel(gone.jobId);
  // What the coordinator had begun to check it finishes first.
  await ended(client, gone.jobId);
  await client.deleteJob(gone.jobId);
  await openTabs({ tabs: 2 });
  const { finalCount } = await ended(client, jobId);

  const next = await context.newPage();
  await next.goto(url);
  const news = next.getByRole("region", { name: "Since your last visit" });
  await expect(news.getByRole("listitem").filter({ hasText: "old letters" })).toHaveText(
    new RegExp(
      `^old letters for ada: done, ${finalCount.toLocaleString("en")} of ${ROWS.toLocaleString("en")} answers final\\. This browser computed [1-9][\\d,]* rows of it\\.$`,
    ),
  );
  await expect(news.getByRole("listitem").filter({ hasText: "birds" })).toHaveText(
    "birds for bob: it was deleted, or the coordinator no longer keeps it.",
  );
  await expect(news.getByRole("link", { name: "Follow old letters" })).toBeVisible();
  expect(await seriousProblems(next)).toEqual([]);
  await next.reload();
  await expect(next.getByRole("region", { name: "Jobs you helped with" }).first()).toContainText("done, ");
  await expect(news).toHaveCount(0);
});
