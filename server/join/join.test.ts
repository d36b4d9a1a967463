import { expect, test } from "vitest";
import { makeAuthority } from "../lan/lan-certificates.ts";
import { readJoinOptions } from "./join.ts";

const URL_FLAG = ["--url", "https://paritab.example.org"];

test("what is not said stays as the page has it, and the key lies where data of programs lie", () => {
  expect(readJoinOptions(URL_FLAG, { XDG_DATA_HOME: "/data" })).toEqual({
    url: "https://paritab.example.org",
    threads: null,
    intensity: null,
    nickname: null,
    team: null,
    alsoWhenBusy: false,
    profile: "/data/paritab/volunteer",
    authority: null,
  });
});

test("everything that is wrong is said at once", () => {
  const argv = ["--url", "ftp://a", "--threads", "0", "--intensity", "101", "--ca", "none.crt"];
  const wrong = () => readJoinOptions(argv, {}, () => "no certificate");
  for (const flag of ["--url", "--threads", "--intensity", "--ca"]) expect(wrong).toThrow(`${flag}: expected`);
  expect(() => readJoinOptions([], {})).toThrow('got "nothing"');
  expect(() => readJoinOptions(["--thread", "1"], {})).toThrow("--thread");
});

test("an authority is read from its file", () => {
  const { certificate } = makeAuthority({ addresses: ["10.0.0.1"], hostname: "lab.local" }, Date.now());
  const read = (path: string) => (path === "ca.crt" ? certificate : "");
  expect(readJoinOptions([...URL_FLAG, "--ca", "ca.crt"], {}, read).authority?.trim()).toBe(
    certificate.replaceAll("\r", "").trim(),
  );
});
