import fc from "fast-check";
import { expect, test } from "vitest";
import { PROTOCOL_VERSION } from "./limits.ts";
import { failedSchema, identifySchema, modelBackendSchema } from "./messages.ts";
import { plainJson, plainLines, plainText } from "./plain-text.ts";

const STEERS =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C\uFEFF\u{E0001}\u{E0020}-\u{E007F}]/u;
const anything = fc.string({ unit: "binary", maxLength: 60 });

test("plain text is one line that steers nothing, and text that steers nothing stays as it is", () => {
  fc.assert(
    fc.property(anything, (text) => {
      expect(plainText(text)).not.toMatch(STEERS);
      expect(plainLines(text).replaceAll(/[\n\t]/g, "")).not.toMatch(STEERS);
      expect(plainText(plainText(text))).toBe(plainText(text));
    }),
  );
  for (const text of ["Grüße, 世界", "👩‍🔬 tests", "क्‍ष", "a 'b' \"c\" <d> \\x1b"]) expect(plainText(text)).toBe(text);
  expect(plainText("a\u001b[2J\r\nb\u009b31m\u202Ec")).toBe("a\uFFFD[2J b\uFFFD31m\uFFFDc");
});

test("texts and names of fields of JSON become plain, and all else is as it was", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      const text = JSON.stringify(value);
      const plain = plainJson(text);
      expect(JSON.stringify(plain).replaceAll(/\\u[0-9a-f]{4}|\\[ntrbf]/g, "\u0000")).not.toMatch(STEERS);
      if (!/\\[^"\\]/.test(text) && !STEERS.test(text) && !/\p{Cf}/u.test(text))
        expect(plain).toEqual(JSON.parse(text));
    }),
  );
  expect(plainJson('{"\\u001b]0;x\\u0007":["a\\nb"],"n":-0.5}')).toEqual({ "\uFFFD]0;x\uFFFD": ["a b"], n: -0.5 });
});

test("[PR10] what a tab says of itself and of a failure is plain text, and its back-end is one of the list", () => {
  const token = "t".repeat(22);
  const identify = {
    protocolVersion: PROTOCOL_VERSION,
    buildHash: "b",
    publicKey: new Uint8Array(65),
    signature: new Uint8Array(64),
    backend: "wasm",
  };
  fc.assert(
    fc.property(anything, anything, anything, (nickname, team, message) => {
      const said = identifySchema.safeParse({ ...identify, nickname: nickname.slice(0, 40), team: team.slice(0, 40) });
      expect(said.data?.nickname).not.toMatch(STEERS);
      expect(said.data?.team).not.toMatch(STEERS);
      expect(failedSchema.parse({ token, message }).message).not.toMatch(STEERS);
    }),
  );
  for (const backend of ["webgl", "wasm", "cpu", "webgpu", "none"])
    expect(identifySchema.safeParse({ ...identify, backend }).success).toBe(true);
  for (const backend of ["", "wasm\u001b[2J", "WASM", "gpu", "\u001b[2J"]) {
    expect(identifySchema.safeParse({ ...identify, backend }).success).toBe(false);
    expect(modelBackendSchema.safeParse({ modelSha256: "a".repeat(64), backend }).success).toBe(false);
  }
});
