import { expect, test } from "vitest";
import { sizesText, typedSizeProblem, withSizesFile } from "./open-sizes.ts";

test.each(["", " ", "0", "-1", "1.5", "many", "65537", "1e3"])("%j is no size", (text) => {
  expect(typedSizeProblem("length", { length: text })).toBe("Size of length must be a whole number from 1 to 65,536.");
});

test("sizes stand beside the model once all are said, with those that a file said before", async () => {
  const names = ["length", "toString"];
  expect(sizesText(names, { length: "128" }, {})).toBeNull();
  expect(sizesText([], {}, { height: 3 })).toBeNull();
  const text = sizesText(names, { length: " 128 ", toString: "4" }, { height: 3 });
  expect(JSON.parse(text!)).toEqual({ height: 3, length: 128, toString: 4 });
  const files = [new File(["x"], "net.onnx"), new File(["{}"], "input-sizes.json")];
  const sent = withSizesFile(files, text);
  expect(sent.map(({ name }) => name)).toEqual(["net.onnx", "input-sizes.json"]);
  expect(await sent[1]!.text()).toBe(text);
  expect(withSizesFile(files, null)).toBe(files);
  expect(withSizesFile([], text)).toEqual([]);
});
