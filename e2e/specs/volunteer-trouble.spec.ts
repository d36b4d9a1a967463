/** What goes wrong around a volunteer's tab, and how it comes back by itself. */
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Worker } from "@playwright/test";
import { digits, ended, expect, forOneTab, startOn, test } from "./fixtures.ts";

/** More than the coordinator computes by itself: tabs have a part in it. */
const TABS_ROWS = 400;

test("a second tab of the same browser says where the first one works, and takes over when it stops", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  const second = await page.context().newPage();
  await second.goto(url);
  await expect(second.getByRole("heading", { name: "Already running in another tab" })).toBeVisible();
  expect(await client.sessions()).toHaveLength(1);
  await page.getByRole("button", { name: "Stop at once" }).click();
  await second.getByRole("button", { name: "Start", exact: true }).click();
  await expect(second.getByRole("heading", { name: "Already running in another tab" })).toBeHidden();
  await expect(second.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  await expect.poll(async () => (await client.sessions()).length).toBe(1);
});

/** Between tab and coordinator, to be cut. Counts what it was asked to let through meanwhile. */
async function wireTo(url: string): Promise<{ url: string; cut(): Promise<void>; mend(): Promise<void> }> {
  const port = Number(new URL(url).port);
  const open = new Set<Socket>();
  let server: Server;
  const listen = (at: number) =>
    new Promise<number>((listening) => {
      server = createServer((near) => {
        const far = connect(port, "127.0.0.1");
        for (const socket of [near, far]) {
          open.add(socket);
          socket.on("close", () => open.delete(socket)).on("error", () => socket.destroy());
        }
        near.pipe(far).pipe(near);
      }).listen(at, "127.0.0.1", () => listening((server.address() as { port: number }).port));
    });
  const own = await listen(0);
  return {
    url: `http://localhost:${own}`,
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
    mend: async () => void (await listen(own)),
  };
}

test("when the network goes, the page says when it tries again, and goes on by itself", async ({
  page,
  coordinator,
}) => {
  const { client } = coordinator;
  const wire = await wireTo(coordinator.url);
  await startOn(page, wire.url);
  await wire.cut();
  await expect(page.getByRole("heading", { name: "Reconnecting" })).toBeVisible();
  // Waits grow with every attempt, and each is counted down.
  await expect(page.getByTestId("why")).toHaveText(/^The coordinator cannot be reached\. Trying again in [2-9] s\.$/);
  await expect.poll(() => client.sessions()).toEqual([]);
  await wire.mend();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  const { jobId } = await client.submit(digits(TABS_ROWS, forOneTab));
  expect(await ended(client, jobId)).toMatchObject({ state: "done", answersByMark: { missing: 0 } });
  await wire.cut();
});

test("a coordinator that restarts finds its tabs again", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  await coordinator.restart();
  await expect(page.getByRole("heading", { name: "Waiting for work" })).toBeVisible();
  const { jobId } = await client.submit(digits(TABS_ROWS, forOneTab));
  expect(await ended(client, jobId)).toMatchObject({ state: "done", answersByMark: { missing: 0 } });
});

/** The workers of the page, those below its session worker too. */
async function computeThreadOf(workers: () => Worker[]): Promise<Worker> {
  await expect.poll(() => workers().filter((worker) => /compute-thread/.test(worker.url())).length).toBe(1);
  return workers().find((worker) => /compute-thread/.test(worker.url()))!;
}

test("a lost graphics context costs a batch, never an answer: the thread is replaced and nobody is blamed", async ({
  page,
  coordinator,
}) => {
  const { client, url } = coordinator;
  await startOn(page, `${url}/?backend=webgl`);
  await expect.poll(async () => (await client.sessions())[0]?.state).toBe("idle");
  await page.getByRole("slider", { name: "Intensity" }).fill("100");
  const thread = await computeThreadOf(() => page.workers());
  // The browser takes the context away in the middle of the next batch, as it does when a driver resets.
  await thread.evaluate(() => {
    const { drawElements } = WebGL2RenderingContext.prototype;
    WebGL2RenderingContext.prototype.drawElements = function (...given) {
      this.getExtension("WEBGL_lose_context")?.loseContext();
      drawElements.apply(this, given);
    };
  });
  const { jobId } = await client.submit(digits(TABS_ROWS, forOneTab));
  const job = await ended(client, jobId);
  expect(job).toMatchObject({ state: "done", answersByMark: { missing: 0 }, failedAudits: 0 });
  expect(await client.volunteers()).toMatchObject([{ quarantine: null, auditsFailed: 0 }]);
  await expect(page.getByText(/1 that could not be done/)).toBeVisible();
  await expect(page.getByTestId("backend")).toHaveText("WebGL");
});

test("a compute thread that the browser ends is replaced, and the work goes on", async ({ page, coordinator }) => {
  const { client, url } = coordinator;
  await startOn(page, url);
  const thread = await computeThreadOf(() => page.workers());
  await thread.evaluate(() => self.close());
  const { jobId } = await client.submit(digits(TABS_ROWS, forOneTab));
  expect(await ended(client, jobId)).toMatchObject({ state: "done", answersByMark: { missing: 0 } });
});
