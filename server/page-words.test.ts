import { expect, test } from "vitest";
import { pageWords } from "./page-words.ts";

test("pages are named as people reach them, through the proxy where there is one", () => {
  const url = "http://127.0.0.1:8787";
  expect(pageWords(url, null)).toBe(
    `Paritab listens on ${url}\n  volunteers: ${url}/\n  submitters: ${url}/dashboard\n  operator:   ${url}/operator`,
  );
  const lines = pageWords(url, new URL("https://p.example:8443")).split("\n");
  expect(lines).toEqual([
    `Paritab listens on ${url}`,
    "  volunteers: https://p.example:8443/",
    "  submitters: https://p.example:8443/dashboard",
    "  operator:   https://p.example:8443/operator",
  ]);
});
