import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loginFile, readLogin, whereTo, writeLogin } from "./settings.ts";

let folder: string;
let environment: Record<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paritab-login-"));
  environment = { XDG_CONFIG_HOME: folder };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const stored = { url: "https://paritab.example.org", token: "secret" };

test("address and token are stored where XDG says, for the owner alone", async () => {
  const path = await writeLogin(environment, stored);
  expect(path).toBe(join(folder, "paritab", "login.json"));
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "paritab")).mode & 0o777).toBe(0o700);
  expect(await readLogin(environment)).toEqual(stored);
  expect(loginFile({ HOME: "/home/ada" })).toBe("/home/ada/.config/paritab/login.json");
});

test("what is stored before stays until the new is whole, and an old file's mode does not stay", async () => {
  const path = await writeLogin(environment, stored);
  chmodSync(path, 0o644);
  await writeLogin(environment, { ...stored, token: null });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("flag wins over environment, environment over what is stored, and that over the default", async () => {
  expect((await whereTo(environment, undefined)).url).toBe("http://localhost:8787");
  await writeLogin(environment, stored);
  expect(await whereTo(environment, undefined)).toEqual(stored);
  const named = { ...environment, PARITAB_URL: "http://a.example:1/" };
  expect((await whereTo(named, undefined)).url).toBe("http://a.example:1");
  expect((await whereTo(named, "http://b.example:2")).url).toBe("http://b.example:2");
});

test("a stored token goes to its own address alone; PARITAB_TOKEN to whatever is named", async () => {
  await writeLogin(environment, stored);
  expect((await whereTo(environment, "http://elsewhere.example")).token).toBeUndefined();
  expect((await whereTo({ ...environment, PARITAB_TOKEN: "mine" }, "http://elsewhere.example")).token).toBe("mine");
});

test("a file that others may read, or that is no login, is refused by name", async () => {
  const path = await writeLogin(environment, stored);
  chmodSync(path, 0o640);
  await expect(readLogin(environment)).rejects.toThrow(
    /login.json: expected a file that only you may read .*got mode 640/,
  );
  writeFileSync(path, "{}");
  chmodSync(path, 0o600);
  await expect(readLogin(environment)).rejects.toThrow(/login.json: expected what `paritab login` wrote/);
});
