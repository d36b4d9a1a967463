/** A lab's network: a coordinator with a certificate of its own making, two browsers that know nothing of each other, and a program. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fingerprintOf } from "../../server/lan/lan-certificates.ts";
import { lanNames } from "../../server/lan/lan-names.ts";
import { startProcess } from "../coordinators/coordinator-process.ts";
import { launchChromium } from "../crowd/browser/browser.ts";
import { ignorePressure } from "./device.ts";
import { expect, startOn, test } from "./fixtures.ts";
import { walkClock } from "./walk-clock.ts";

const PARITAB = fileURLToPath(new URL("../../server/cli/paritab.mjs", import.meta.url));
const { addresses } = lanNames(networkInterfaces(), hostname());

test("walk: npm start -- --lan: two browsers that go on past the warning compute, and a program that trusts the authority gets answers", async () => {
  test.skip(addresses.length === 0, "this machine is on no network");
  const folder = mkdtempSync(join(tmpdir(), "paritab-lan-"));
  const recipe = walkClock(
    "the recipe for a lab's network: coordinator, two browsers, a machine without a screen, a job",
  );
  const coordinator = await startProcess({ dataDirectory: join(folder, "data"), flags: ["--lan"] });
  const browsers = [await launchChromium(1), await launchChromium(1)];
  try {
    const { url, adminToken } = coordinator;
    expect(url).toBe(`https://${addresses[0]}:${new URL(url).port}`);
    expect(coordinator.output()).toContain(`${url}/\n`);
    let authority = "";
    for (const browser of browsers) {
      // As who presses Advanced, Proceed.
      const context = await browser.newContext({ ignoreHTTPSErrors: true });
      const page = await context.newPage();
      await ignorePressure(page);
      await startOn(page, url);
      expect(await page.evaluate(() => isSecureContext && crossOriginIsolated)).toBe(true);
      authority = await (await context.request.get(`${url}/ca.crt`)).text();
    }
    expect(coordinator.output()).toContain(fingerprintOf(authority));

    const trusted = join(folder, "ca.crt");
    writeFileSync(trusted, authority);
    // A machine without a screen trusts the authority by its file.
    const headless = [
      "join",
      "--url",
      url,
      "--ca",
      trusted,
      "--profile",
      join(folder, "volunteer"),
      "--also-when-busy",
    ];
    const joined = start(headless, folder, {});
    const request = await browsers[0]!.newContext({ ignoreHTTPSErrors: true });
    const headers = { authorization: `Bearer ${adminToken}` };
    const sessions = async () => (await (await request.request.get(`${url}/api/sessions`, { headers })).json()).length;
    await expect.poll(sessions).toBe(3);
    joined.child.kill("SIGTERM");
    expect((await joined.ended).code).toBe(0);

    const code = ["--queries-per-group", "1", "--stragglers", "0", "--liars", "0"];
    const argv = ["submit", "inference", "--sample", "mnist", "--sample-count", "40", ...code, "--out", "answers.csv"];
    const submit = (environment: Record<string, string>) =>
      paritab(argv, folder, { PARITAB_URL: url, PARITAB_TOKEN: adminToken!, ...environment });
    const refused = await submit({});
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("certificate");
    const done = await submit({ NODE_EXTRA_CA_CERTS: trusted });
    expect(done).toMatchObject({ code: 0 });
    const rows = readFileSync(join(folder, "answers.csv"), "utf8").trimEnd().split("\n");
    expect(rows).toHaveLength(41);
    recipe();
  } finally {
    for (const browser of browsers) await browser.close();
    await coordinator.end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
});

const paritab = (...given: Parameters<typeof start>) => start(...given).ended;

function start(argv: string[], cwd: string, environment: Record<string, string>) {
  const env = { ...process.env, XDG_CONFIG_HOME: cwd, ...environment };
  const child = spawn(process.execPath, [PARITAB, ...argv], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, ended: closed.then((code) => ({ code, output })) };
}
