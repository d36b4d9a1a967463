/** The rules that a volunteer sets: each holds work back, says which one it is, and is remembered. */
import { injectBattery } from "./device.ts";
import { digits, expect, forOneTab, startOn, test } from "./fixtures.ts";

test("intensity is 60 % until it is changed, and stays changed", async ({ page, coordinator }) => {
  await page.goto(coordinator.url);
  const slider = page.getByRole("slider", { name: "Intensity" });
  await expect(slider).toHaveValue("60");
  await expect(page.getByText("Computes 60 % of the time and rests in between.")).toBeVisible();
  await slider.focus();
  await page.keyboard.press("ArrowLeft");
  await expect(slider).toHaveValue("55");
  await page.reload();
  await expect(slider).toHaveValue("55");
  await slider.focus();
  await page.keyboard.press("End");
  await expect(page.getByText("Computes all the time.")).toBeVisible();
});

test("on battery nothing is computed unless the volunteer allows it", async ({ page, coordinator }) => {
  await injectBattery(page);
  await startOn(page, coordinator.url);
  await expect(page.getByText("Plugged in now.")).toBeVisible();
  await page.evaluate("paritabBattery.unplug()");
  await expect(page.getByTestId("why")).toHaveText(/^Paused because your device runs on its battery\./);
  await expect.poll(async () => (await coordinator.client.sessions())[0]?.state).toBe("paused");
  await page.evaluate("paritabBattery.plugIn()");
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();

  await page.evaluate("paritabBattery.unplug()");
  await expect(page.getByRole("heading", { name: "Paused" })).toBeVisible();
  await page.getByLabel("Only while plugged in").uncheck();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Only while plugged in")).not.toBeChecked();
});

test.describe("with the rule about busy machines on, as it is by default", () => {
  test.use({ mindsPressure: true });
  test("a busy or hot computer is spared, at once and with patience afterwards", async ({
    page,
    coordinator,
    device,
  }) => {
    await device.pressure("nominal");
    await startOn(page, coordinator.url);
    await device.pressure("serious");
    await expect(page.getByTestId("eased")).toHaveText(/^Your intensity is halved for now/);
    await device.pressure("critical");
    await expect(page.getByTestId("why")).toHaveText(/^Paused because your computer is under heavy load or hot\./);
    await expect.poll(async () => (await coordinator.client.sessions())[0]?.state).toBe("paused");
    // Calm alone does not bring it back: it has to stay calm for a minute.
    await device.pressure("nominal");
    await page.waitForTimeout(5_000);
    await expect(page.getByRole("heading", { name: "Paused" })).toBeVisible();
    await page.getByLabel("Ease off when the computer is busy or hot").uncheck();
    await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  });
});

test("a schedule says until when it holds work back", async ({ page, coordinator }) => {
  await startOn(page, coordinator.url);
  await page.getByLabel("Only at certain hours").check();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
  const schedule = page.locator(".schedule");
  for (const day of weekdays) await schedule.getByRole("checkbox", { name: day }).uncheck();
  await expect(page.getByTestId("why")).toHaveText("Paused by your schedule, which has no hour in it.");

  // The day after tomorrow, from seven to nine.
  const now = new Date();
  const later = weekdays[(now.getDay() + 1) % 7]!;
  await schedule.getByRole("checkbox", { name: later }).check();
  await schedule.getByLabel(`${later}, until`).selectOption("09:00");
  await schedule.getByLabel(`${later}, from`).selectOption("07:00");
  await expect(page.getByTestId("why")).toHaveText(`Paused until 07:00 on ${later} by your schedule.`);
  await page.reload();
  await expect(schedule.getByLabel(`${later}, from`)).toHaveValue("7");

  await expect(page.getByTestId("why")).toHaveText(`Paused until 07:00 on ${later} by your schedule.`);
  await schedule.getByRole("button", { name: "all day" }).click();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
});

test("only while nobody is at the computer, where the browser may tell", async ({ page, coordinator, device }) => {
  await startOn(page, coordinator.url);
  await device.allowIdleDetection();
  await device.user("active");
  await page.getByLabel("Only while I am away").check();
  await expect(page.getByTestId("why")).toHaveText(/^Paused while you use your computer\./);
  await device.user("idle");
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  await expect(page.getByText("You are away now.")).toBeVisible();
});

test("where the browser was not allowed to tell, the rule stays off and says so", async ({ page, coordinator }) => {
  await page.goto(coordinator.url);
  await page.getByLabel("Only while I am away").click();
  await expect(page.getByText("Permission to detect idle time was denied, so this rule is off.")).toBeVisible();
  await expect(page.getByLabel("Only while I am away")).not.toBeChecked();
});

test("a browser that saves data is spared", async ({ page, coordinator, device }) => {
  await device.savesData(true);
  await page.goto(coordinator.url);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByTestId("why")).toHaveText("Paused because your browser asks sites to save data.");
  await page.getByLabel("Not while my browser saves data").uncheck();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
});

test("a day's traffic has the limit that the volunteer sets, also after a reload", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  await page.getByRole("slider", { name: "Intensity" }).fill("100");
  await page.getByLabel("Limit the traffic of a day").check();
  await page.getByLabel("MB a day").fill("1");
  await client.submit(digits(10_000, forOneTab));
  const usedUp = /^Paused until midnight: today’s 1 MB are used up\./;
  await expect(page.getByTestId("why")).toHaveText(usedUp);
  await page.reload();
  await expect(page.getByTestId("why")).toHaveText(usedUp);
  await page.getByLabel("MB a day").fill("1000");
  await expect(page.getByRole("heading", { name: "Computing" })).toBeVisible();
});

test("on a mobile network nothing is computed unless the volunteer allows it, and the sentence leads to the rule", async ({
  page,
  coordinator,
}) => {
  // Desktop browsers do not tell the kind of network: the answer of a phone's is injected.
  await page.addInitScript(() => {
    const phone = Object.assign(new EventTarget(), { type: "cellular", saveData: false });
    Object.defineProperty(navigator, "connection", { value: phone });
  });
  await page.goto(coordinator.url);
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByTestId("why")).toHaveText(/^Paused because your device is on a mobile network\./, {
    timeout: 60_000,
  });
  await page.getByRole("link", { name: "Change this rule" }).click();
  const rule = page.getByLabel("Not on a mobile network");
  await expect(rule).toBeFocused();
  await page.keyboard.press("Space");
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Change this rule" })).toHaveCount(0);
});
