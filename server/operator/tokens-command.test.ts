import { expect, test } from "vitest";
import { coordinatorUrl } from "./coordinator-url.ts";
import { runTokens } from "./tokens-command.ts";

test("it asks where a coordinator with this environment listens", () => {
  expect(coordinatorUrl({})).toBe("http://localhost:8787");
  expect(coordinatorUrl({ PARITAB_PORT: "9000" })).toBe("http://localhost:9000");
  expect(coordinatorUrl({ PARITAB_PORT: "9000", PARITAB_URL: "https://a.example" })).toBe("https://a.example");
});

test("--help says how it is used, and is no error; a wrong command line is", async () => {
  const said: string[] = [];
  const run = (...argv: string[]) => runTokens(argv, {}, (line) => said.push(line));
  expect(await run("--help")).toBe(0);
  expect(await run("list", "-h")).toBe(0);
  expect(await run("lst")).toBe(2);
  expect(said).toHaveLength(3);
  expect(new Set(said).size).toBe(1);
  expect(said[0]).toMatch(/^usage: npm run tokens .*PARITAB_PORT/s);
});

test("PARITAB_PORT is asked, and nothing else", async () => {
  const asked = runTokens(["list"], { PARITAB_PORT: "1" }, () => {});
  await expect(asked).rejects.toThrow(/the coordinator at http:\/\/localhost:1 cannot be reached/);
});
