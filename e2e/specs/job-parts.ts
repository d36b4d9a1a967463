/** The parts of a job's page, as people choose them. */
import type { Page } from "@playwright/test";

export async function openPart(
  page: Page,
  name: "Answers" | "Progress" | "Receipt" | "How it was asked",
): Promise<void> {
  await page.getByRole("navigation", { name: "Parts of this job" }).getByRole("link", { name, exact: true }).click();
}
