import { expect, test } from "vitest";
import type { HubDrop } from "../../../hub/hub-drop.ts";
import { askedOfFiles, askedOfHub } from "./asked-of-form.ts";
import type { HubAsked } from "./hub/prepare-hub.ts";
import type { ReadyForm } from "./inference-fields.ts";

const file = (name: string) => new File([], name);
const PLAIN: HubAsked = { column: null, pool: null, normalizes: null, truncates: false, skipsBroken: false };
const drop = (changes: Partial<HubDrop>): HubDrop => ({
  ...{ name: "vit", files: new Map([["preprocessor_config.json", file("p")]]), photos: [], texts: null, others: [] },
  ...changes,
});
const rest = { kind: "inference", name: "my birds", queriesPerGroup: 4 } as ReadyForm["rest"];

test("pictures are named by the innermost folder that they were dropped in, and what was asked of them by its flags", () => {
  const photos = ["trip/a/1.jpg", "trip/a/b/2.jpg"].map(file);
  const words = askedOfHub(drop({ photos }), { ...PLAIN, skipsBroken: true }, { rest });
  expect(words.join(" ")).toBe("paritab submit --model vit --images trip/a --skip-broken --name my birds");
  const loose = askedOfHub(drop({ photos: ["1.jpg", "2.jpg"].map(file) }), PLAIN, { rest });
  expect(loose.join(" ")).toContain("--images pictures ");
});

test("texts by their file, with the column, the pool and the cut", () => {
  const files = new Map([["tokenizer.json", file("t")]]);
  const asked = { ...PLAIN, column: "left, right", pool: "mean", normalizes: true, truncates: true } as const;
  const words = askedOfHub(drop({ name: "bert", files, texts: file("pairs.csv") }), asked, { rest });
  expect(words.slice(0, 14).join(" ")).toBe(
    "paritab submit --model bert --texts pairs.csv --column left --column right --pool mean --normalize --truncate",
  );
});

test("files of one's own by their names; a setting that is as it would be anyway is left out", () => {
  const uploads = { model: [file("m.onnx")], parity: [], queries: file("sent.npy"), labels: null, inputScale: 1 / 255 };
  const form = { uploads, sample: null, rest: { ...rest, stragglers: 2 } } as ReadyForm;
  const words = askedOfFiles(form, { queries: [file("digits.csv")], labels: file("y.npy") });
  expect(words.join(" ")).toBe(
    `paritab submit inference --model m.onnx --queries digits.csv --labels y.npy --input-scale ${1 / 255} --name my birds --stragglers 2`,
  );
  expect(askedOfFiles({ ...form, uploads: null }, { queries: [], labels: null })).toEqual([]);
});
