/** The worker page in the states that a volunteer meets, one after the other in one visit. */
import type { Page } from "playwright";

export interface PageState {
  readonly name: string;
  /** From the state before to this one. */
  reach(page: Page): Promise<void>;
}

const WAIT_MS_MAX = 120_000;
const titled = (page: Page, name: string) => page.getByRole("heading", { name, level: 2, exact: true });

export const VOLUNTEER_STATES: readonly PageState[] = [
  { name: "start", reach: async () => undefined },
  {
    name: "computing",
    async reach(page) {
      await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.getByTestId("progress").waitFor({ timeout: WAIT_MS_MAX });
      // Some credit has come and the speed has settled.
      await page.getByTestId("speed").waitFor({ timeout: WAIT_MS_MAX });
      await page.waitForFunction(() => document.querySelector('[data-testid="credit"]')?.textContent !== "0");
      await page.waitForTimeout(3_000);
      await titled(page, "Computing").waitFor({ timeout: WAIT_MS_MAX });
    },
  },
  {
    name: "schedule",
    async reach(page) {
      await page.getByLabel("Only at certain hours").check();
      await page.getByRole("button", { name: "nights" }).click();
      // Whatever the hour is, today is not one of the days.
      for (const box of (await page.locator(".schedule-day input:checked").all()).reverse()) await box.uncheck();
      const later = ["Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Monday"];
      const day = later[(new Date().getDay() + 1) % 7]!;
      await page.locator(".schedule").getByRole("checkbox", { name: day }).check();
      await page.getByLabel(`${day}, from`).selectOption("22:00");
      await page.getByLabel(`${day}, until`).selectOption("07:00");
      await page.getByText(`Paused until 22:00 on ${day} by your schedule.`).first().waitFor({ timeout: WAIT_MS_MAX });
    },
  },
  {
    name: "finished",
    async reach(page) {
      await page.getByRole("button", { name: "Finish, then stop" }).click();
      await titled(page, "Finished").waitFor({ timeout: WAIT_MS_MAX });
    },
  },
];
