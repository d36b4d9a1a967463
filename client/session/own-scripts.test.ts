import { expect, test } from "vitest";
import { ownScriptUrl } from "./own-scripts.ts";

const BASE = "https://paritab.example/dashboard";

test("a script of our own origin may be started, whichever way its address is written", () => {
  for (const text of ["/assets/a.js", "assets/a.js", "https://paritab.example/assets/a.js", "//paritab.example/a.js"]) {
    expect(new URL(ownScriptUrl(text, BASE)).origin).toBe("https://paritab.example");
  }
});

test("one of another origin, port or protocol may not, nor text that is code itself", () => {
  const others = [
    "https://evil.example/a.js",
    "//evil.example/a.js",
    "http://paritab.example/a.js",
    "https://paritab.example:8443/a.js",
  ];
  for (const text of [
    ...others,
    "data:text/javascript,alert(1)",
    "javascript:alert(1)",
    "blob:https://paritab.example/1",
  ]) {
    expect(() => ownScriptUrl(text, BASE)).toThrow(TypeError);
  }
});
