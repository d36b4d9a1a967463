import { expect, test } from "vitest";
import { type HubDrop, hubDrop, takesTexts } from "./hub-drop.ts";

const files = (...names: string[]) => names.map((name) => new File(["x"], name));
const shown = (drop: HubDrop | null) =>
  drop && {
    name: drop.name,
    files: [...drop.files.keys()],
    photos: drop.photos.map(({ name }) => name),
    texts: drop.texts?.name ?? null,
  };

test("a folder and photographs, dropped together, are told apart", () => {
  const drop = hubDrop(
    files(
      "resnet-50/onnx/model.onnx",
      "resnet-50/config.json",
      "resnet-50/preprocessor_config.json",
      "p/a.jpg",
      "p/b.PNG",
      "p/c.heic",
      "p/d.svg",
      "p/.DS_Store",
      "resnet-50/README.md",
    ),
    null,
  );
  expect(shown(drop)).toEqual({
    name: "resnet-50",
    files: ["onnx/model.onnx", "config.json", "preprocessor_config.json", "README.md"],
    photos: ["p/a.jpg", "p/b.PNG", "p/c.heic"],
    texts: null,
  });
  expect(drop!.others).toEqual(["p/d.svg"]);
  expect(hubDrop(files("q/d.gif", "q/e.jpg"), drop)!.others).toEqual(["q/d.gif"]);
  expect(takesTexts(drop!)).toBe(false);
});

test("files without a folder are one; words of a tokenizer are no texts", () => {
  const drop = hubDrop(files("model.onnx", "tokenizer.json", "vocab.txt", "merges.txt", "corpus.jsonl"), null);
  expect(shown(drop)).toEqual({
    name: "",
    files: ["model.onnx", "tokenizer.json", "vocab.txt", "merges.txt"],
    photos: [],
    texts: "corpus.jsonl",
  });
  expect(takesTexts(drop!)).toBe(true);
});

test("a folder that reads both, as a CLIP's does, gets what came with it", () => {
  const clip = ["clip/model.onnx", "clip/tokenizer.json", "clip/preprocessor_config.json"];
  expect(takesTexts(hubDrop(files(...clip, "photos/a.jpg"), null)!)).toBe(false);
  expect(takesTexts(hubDrop(files(...clip, "corpus.jsonl"), null)!)).toBe(true);
  expect(takesTexts(hubDrop(files(...clip), null)!)).toBe(false);
});

test("pictures may follow their model, another model forgets it, and nothing that is read says nothing", () => {
  const first = hubDrop(files("m/model.onnx", "m/config.json", "m/preprocessor_config.json"), null);
  expect(shown(hubDrop(files("a.webp"), first))).toMatchObject({ name: "m", photos: ["a.webp"] });
  const second = hubDrop(files("n/model.onnx", "n/config.json"), hubDrop(files("a.webp"), first));
  expect(shown(second)).toMatchObject({ name: "n", photos: ["a.webp"] });
  expect(hubDrop(files("model.json", "weights.bin"), first)).toBeNull();
  expect(hubDrop(files("notes.docx"), first)).toBeNull();
});

test("a model alone, and a model of a runtime that the Hub does not have, is no such folder", () => {
  expect(hubDrop(files("net.onnx", "a.png"), null)).toBeNull();
  expect(hubDrop(files("m/model.json", "m/config.json", "m/w.bin"), null)).toBeNull();
  expect(hubDrop(files("a.jpg"), null)).toBeNull();
});
