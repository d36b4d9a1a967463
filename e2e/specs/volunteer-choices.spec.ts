/** A volunteer looks at the jobs before Start, works for one project alone, and says no to a job while it runs. */
import { digits, ended, expect, forOneTab, startOn, test } from "./fixtures.ts";
import { seriousProblems } from "./page-manners.ts";

test("jobs are told before Start; a project is chosen, and a no while a job runs ends that at once", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  const purpose = "Reading old postcodes.";
  const ada = await client.submit(digits(4_000, { ...forOneTab, name: "Ada’s digits", submitter: "ada", purpose }));
  const bob = await client.submit(digits(400, { ...forOneTab, name: "Bob’s digits", submitter: "bob" }));
  await page.goto(url);
  const list = page.getByRole("list", { name: "Jobs at work" });
  await expect(list.getByText("Ada’s digits")).toBeVisible();
  await expect(list.getByText(purpose)).toBeVisible();
  await expect(list.getByText("for bob")).toBeVisible();

  await page.getByRole("radio", { name: "Only these" }).check();
  await page.getByRole("checkbox", { name: "ada" }).uncheck();
  await expect(list.getByText("Not among your projects.")).toBeVisible();
  expect(await seriousProblems(page)).toEqual([]);
  await startOn(page, url);
  await ended(client, bob.jobId);
  expect((await client.inferenceJob(ada.jobId)).waitingFor).toMatch(/work only for other projects or jobs/);

  // The same page, on its way: all again, and a no to what it works on then; slowly, so that there is something left of it.
  const intensity = page.getByRole("slider", { name: "Intensity" });
  await intensity.fill("5");
  await page.getByRole("radio", { name: "All of them" }).check();
  await expect.poll(async () => (await client.inferenceJob(ada.jobId)).roundsDone).toBeGreaterThan(0);
  await list.getByRole("button", { name: "No to Ada’s digits" }).click();
  await expect(list.getByText("You said no to it.")).toBeVisible();
  await expect(page.getByText("You chose, so you are not asked to check", { exact: false })).toBeVisible();
  await expect
    .poll(async () => (await client.inferenceJob(ada.jobId)).waitingFor)
    .toMatch(/work only for other projects/);
  await expect(page.getByRole("heading", { name: "Computing" })).toHaveCount(0);
  expect(await seriousProblems(page)).toEqual([]);
  await intensity.fill("100");
  await page.getByRole("button", { name: "Take it again: Ada’s digits" }).click();
  await ended(client, ada.jobId);
});
