import { expect, test } from "vitest";
import { outline } from "./outline.ts";

test("numbers are for people: grouped, with three digits, and moments as times of day", () => {
  const text = outline({
    submittedMs: Date.UTC(2026, 10, 26, 6),
    rows: 173184,
    bound: 0.00040000000000000013,
    p: 1e-9,
  });
  expect(text).toBe(
    [
      "submitted ms  2026-11-26T06:00:00.000Z",
      "rows          173,184",
      "bound         0.0004",
      "p             1e-9",
      "",
    ].join("\n"),
  );
});

test("sentences have a line each, words stand beside each other", () => {
  expect(outline({ rounds: 2, notes: ["One thing.", "Another."], backends: ["wasm", "webgpu"] })).toBe(
    ["rounds    2", "notes     One thing.", "          Another.", "backends  wasm, webgpu", ""].join("\n"),
  );
});

test("fields nest, and like objects are a table", () => {
  expect(outline({ code: { stragglers: 2, error: null }, tabs: [{ name: "a", macs: 1234567.5 }] })).toBe(
    ["code", "  stragglers  2", "  error       -", "tabs", "  name     macs", "  a     1230000", ""].join("\n"),
  );
});
