/** What a hostile web site, a hostile text and a hostile script in a compute thread can do: nothing. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Page, Worker } from "@playwright/test";
import type { JobListPage } from "../../shared/kinds/job-list.ts";
import type { SessionView, VolunteerView } from "../../shared/protocol/crowd-api.ts";
import { plainText } from "../../shared/protocol/plain-text.ts";
import type { LeaderboardView, TeamsView } from "../../shared/protocol/volunteer-api.ts";
import { expect, test } from "./fixtures.ts";
import { otherOrigin } from "./web-attacks/other-origin.ts";
import { SCRIPT_PAYLOADS } from "./web-attacks/script-payloads.ts";
import { attempt, WAYS_OUT } from "./web-attacks/ways-out.ts";

// As operators run it.
test.use({ allowFaults: false });

test("[PR9] [PR29] a page of another site opens no socket, changes nothing, reads nothing and frames nothing", async ({
  page,
  coordinator,
}) => {
  const { url, client } = coordinator;
  const job = '{"kind":"inference","source":{"kind":"sample","sample":"mnist","queryCount":40}}';
  const site = await otherOrigin({
    "/": `<!doctype html><title>site</title><form id=f method=post enctype=text/plain action="${url}/api/jobs"><input name='${job.slice(0, -1)},"x":"' value='"}'></form>`,
  });
  await page.goto(`${site.url}/`);
  const outcomes = (await page.evaluate(`(async () => {
    const url = ${JSON.stringify(url)}, job = ${JSON.stringify(job)};
    const settled = (promise) => promise.then(() => "done", () => "failed");
    const socket = (path) => new Promise((r) => { const s = new WebSocket(url.replace("http", "ws") + path); s.onopen = () => r("open"); s.onerror = () => r("refused"); });
    const read = (path) => settled(fetch(url + path).then((a) => a.text()));
    const post = (path, type, body) => settled(fetch(url + path, { method: "POST", mode: "no-cors", credentials: "include", headers: { "content-type": type }, body }));
    const script = (src) => new Promise((r) => { const s = document.createElement("script"); s.src = src; s.onload = () => r("done"); s.onerror = () => r("failed"); document.body.append(s); });
    const image = (src) => new Promise((r) => { const i = new Image(); i.src = src; i.onload = () => r("done"); i.onerror = () => r("failed"); });
    const sockets = [await socket("/socket.io/?EIO=4&transport=websocket"), await socket("/")];
    const reads = [await read("/api/jobs"), await read("/api/sessions"), await read("/socket.io/?EIO=4&transport=polling"), await read("/"), await script(url + "/api/jobs"), await image(url + "/favicon.ico")];
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
      for (const path of ["/api/jobs", "/api/tensors", "/api/models", "/api/tokens", "/socket.io/?EIO=4&transport=polling"]) await post(path, type, job);
    // What is no simple request asks first, and is not answered.
    const asked = [await settled(fetch(url + "/api/jobs", { method: "POST", headers: { "content-type": "application/json" }, body: job })), await settled(fetch(url + "/api/jobs/x", { method: "DELETE" }))];
    globalThis.opened = open(url + "/dashboard");
    return { sockets, reads, asked };
  })()`)) as Record<string, unknown>;
  expect(outcomes).toEqual({
    sockets: ["refused", "refused"],
    reads: ["failed", "failed", "failed", "failed", "failed", "failed"],
    asked: ["failed", "failed"],
  });
  // Whoever opened the page has lost hold of it as soon as it is there.
  await expect.poll(() => page.evaluate("opened === null || opened.closed")).toBe(true);

  const framed = await otherOrigin({
    "/": `<!doctype html><iframe src="${url}/"></iframe><iframe src="${url}/dashboard"></iframe>`,
  });
  // Loaded, that is, with all that it frames.
  await page.goto(`${framed.url}/`);
  const inside = await Promise.all(
    page
      .frames()
      .slice(1)
      .map((frame) => frame.evaluate("document.body?.innerText ?? ''").catch(() => "")),
  );
  expect(inside.join(" ")).not.toMatch(/Paritab|Start/);

  // A form that another site submits: its answer is a refusal, shown on a page of ours.
  await page.goto(`${site.url}/`);
  await page.evaluate("document.getElementById('f').submit()");
  await page.waitForURL(`${url}/**`);
  await expect(page.locator("body")).toContainText(/foreign-origin|bad-media-type/);

  expect(await client.jobs()).toEqual([]);
  expect(await client.sessions()).toEqual([]);
  await site.close();
  await framed.close();
});

test("[G13] 500 script payloads in every text that a person sees run no script, on either page", async ({
  page,
  coordinator,
}) => {
  const { url, client } = coordinator;
  expect(new Set(SCRIPT_PAYLOADS).size).toBe(500);
  const seen = await watchForScripts(page);
  const { jobId } = await client.submit({
    kind: "inference",
    source: { kind: "sample", sample: "mnist", queryCount: 40 },
  });
  const job = await client.inferenceJob(jobId);
  const time = Date.now();
  const payload = (i: number) => SCRIPT_PAYLOADS[i % SCRIPT_PAYLOADS.length]!;
  const texts = (i: number) => ({ name: payload(i), submitter: payload(i + 1), purpose: payload(i + 2) });
  const all = <T>(make: (text: string, i: number) => T): T[] => SCRIPT_PAYLOADS.map(make);
  const bodies: Record<string, () => unknown> = {
    "/api/jobs": () =>
      all((text, i) => ({
        ...job,
        jobId: `job${i}`,
        ...texts(i),
        error: text,
        waitingFor: text,
        scheme: text,
        state: i % 2 ? "failed" : "running",
      })),
    "/api/job-list": (): JobListPage => ({
      matching: 500,
      offset: 0,
      jobs: all((text, i) => ({
        jobId: `job${i}`,
        kind: "inference",
        ...{ name: text, submitter: payload(i + 1), state: i % 2 ? "failed" : "running" },
        ...{ submittedMs: time, finishedMs: i % 2 ? time : null, progress: null },
        ...(i % 4 < 2 ? { waitingFor: text, whyEnded: null } : { waitingFor: null, whyEnded: text }),
        endKind: null,
      })),
    }),
    [`/api/jobs/${jobId}`]: () => ({ ...job, ...texts(0), error: payload(3), waitingFor: payload(4) }),
    "/api/sessions": (): SessionView[] =>
      all((text, i) => ({
        sessionId: `s${i}`,
        volunteerId: `v${i}`,
        nickname: text,
        backend: text,
        state: "idle",
        presence: "here",
        precision: "float32",
        responseMsMedian: 1,
        verifiedAssignments: i,
        lateAssignments: 0,
        recent: [],
      })),
    "/api/volunteers": (): VolunteerView[] =>
      all((text, i) => ({
        volunteerId: `v${i}`,
        nickname: text,
        team: text,
        creditMacs: 1,
        auditsPassed: 0,
        auditsFailed: 1,
        quarantine: { atMs: time, jobId, roundIndex: 0, reason: text },
        released: null,
      })),
    "/api/leaderboard": (): LeaderboardView => ({
      volunteers: 500,
      rows: all((text, i) => ({ rank: i + 1, volunteerId: `v${i}`, nickname: text, creditMacs: 1 })),
      own: null,
    }),
    "/api/teams": (): TeamsView => ({
      teams: 500,
      rows: all((text, i) => ({ rank: i + 1, name: text, members: 1, creditMacs: 1 })),
      own: null,
    }),
  };
  await page.route("**/api/**", async (route) => {
    const { pathname } = new URL(route.request().url());
    const body = route.request().method() === "GET" ? bodies[pathname] : undefined;
    if (body === undefined) await route.continue();
    else await route.fulfill({ json: body() });
  });

  await page.goto(`${url}/dashboard#${encodeURIComponent(payload(1))}`);
  await expect(page.getByText(SCRIPT_PAYLOADS[0]!, { exact: true }).first()).toBeVisible();
  await expectShown(page, 500);
  await page.goto(`${url}/dashboard#jobs/${jobId}`);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(payload(0));
  await page.goto(`${url}/dashboard#crowd`);
  await expectShown(page, 500);
  await page.goto(`${url}/dashboard#new`);
  // Error texts that quote what somebody sent, and names of files.
  await page.getByLabel("My own model and queries").check();
  for (const name of SCRIPT_PAYLOADS.slice(0, 40)) {
    const file = { name: name.replaceAll("/", "-").slice(0, 100), mimeType: "text/html", buffer: Buffer.from(name) };
    await page.getByLabel("Model", { exact: true }).setInputFiles([file]);
    await page.getByLabel("Queries (.npy, .csv, .parquet, .png)").setInputFiles(file);
  }
  await page.getByRole("button", { name: "Submit", exact: true }).click();
  await expect(page.getByRole("alert").first()).toBeVisible();
  await page.screenshot(); // Everything is laid out and painted: what loads late has been asked for.

  await page.goto(`${url}/#invite=${encodeURIComponent(payload(0))}`);
  await expect(page.getByText(SCRIPT_PAYLOADS[0]!, { exact: true }).first()).toBeVisible();
  await expectShown(page, 500);
  await page.screenshot();
  expect(await seen()).toEqual({ scripts: 0, dialogs: 0 });
});

test("[G13] a real job and a real nickname with payloads run no script where they are shown", async ({
  page,
  coordinator,
}) => {
  const { url, client } = coordinator;
  const seen = await watchForScripts(page);
  // Control characters are refused before anybody sees them.
  const texts = SCRIPT_PAYLOADS.filter((text) => text.length <= 40 && !/[\p{Cc}\p{Zl}]/u.test(text));
  const names = texts.slice(0, 12);
  for (const [i, name] of names.entries()) {
    const source = { kind: "sample", sample: "mnist", queryCount: 40 } as const;
    const [submitter, purpose] = [texts[i + 12]!, texts[i + 24]!];
    await client.submit({ kind: "inference", name, submitter, purpose, source });
  }
  await page.goto(`${url}/dashboard`);
  for (const name of names) await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
  for (const { jobId } of (await client.jobs()).slice(0, 3)) {
    await page.goto(`${url}/dashboard#jobs/${jobId}`);
    await page.waitForTimeout(200);
  }
  expect(await seen()).toEqual({ scripts: 0, dialogs: 0 });
});

test("[G13] there is no way out of a compute thread to another origin", async ({ page, coordinator }) => {
  expect(Object.keys(WAYS_OUT).length).toBeGreaterThanOrEqual(20);
  const collector = await otherOrigin({ "/": "<!doctype html><title>control</title>" });
  // That the collector hears what it should: the same ways, from a thread that nothing binds.
  await page.goto(`${collector.url}/`);
  const free = await threadOf(page, "URL.createObjectURL(new Blob([''], { type: 'text/javascript' }))");
  for (const [name, way] of Object.entries(WAYS_OUT))
    await free.evaluate(attempt(way, `${collector.url}/control/${encodeURIComponent(name)}`));
  await expect.poll(() => new Set(collector.heard).size).toBeGreaterThanOrEqual(10);

  collector.heard.length = 0;
  await page.goto(coordinator.url);
  const script = readdirSync(join(import.meta.dirname, "../../build/client/assets")).find((name) =>
    name.startsWith("compute-thread-"),
  )!;
  const thread = await threadOf(page, JSON.stringify(`/assets/${script}`));
  const heard: Record<string, string[]> = {};
  for (const [name, way] of Object.entries(WAYS_OUT)) {
    await thread.evaluate(attempt(way, `${collector.url}/out/${encodeURIComponent(name)}`));
    if (collector.heard.length > 0) heard[name] = collector.heard.splice(0);
  }
  await page.waitForTimeout(500);
  expect([heard, collector.heard]).toEqual([{}, []]);
  await collector.close();
});

/** @returns what has been counted since */
async function watchForScripts(page: Page): Promise<() => Promise<{ scripts: number; dialogs: number }>> {
  let scripts = 0;
  let dialogs = 0;
  await page.exposeFunction("attacked", () => scripts++);
  page.on("dialog", (dialog) => {
    dialogs++;
    void dialog.dismiss();
  });
  return async () => {
    await page.waitForTimeout(500);
    return { scripts, dialogs };
  };
}

/** As text: so many of the payloads stand on the page, letter for letter but for characters that nobody sees. */
async function expectShown(page: Page, least: number): Promise<void> {
  const shown = async () => {
    const text = await page.evaluate("document.body.textContent");
    return SCRIPT_PAYLOADS.filter((payload) => String(text).includes(plainText(payload))).length;
  };
  await expect.poll(shown).toBeGreaterThanOrEqual(least);
}

/** @param address as an expression of the page */
async function threadOf(page: Page, address: string): Promise<Worker> {
  const [thread] = await Promise.all([
    page.waitForEvent("worker"),
    page.evaluate(`globalThis.thread = new Worker(${address}, { type: "module" }), undefined`),
  ]);
  return thread;
}
