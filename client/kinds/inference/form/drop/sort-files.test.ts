import { expect, test } from "vitest";
import { modelTogether, sortFiles } from "./sort-files.ts";

const files = (...names: string[]) => names.map((name) => new File(["x"], name));
const sorted = (...names: string[]) => {
  const { model, queries, labels, refused } = sortFiles(files(...names));
  return {
    model: model.map(({ name }) => name),
    queries: queries.map(({ name }) => name),
    labels: labels?.name ?? null,
    refused: refused.map(({ name }) => name),
  };
};

test("a folder with a model, pictures and labels is told apart, whatever order it comes in", () => {
  expect(
    sorted(
      "set/labels.csv",
      "set/b.png",
      "set/model/weights.bin",
      "set/model/model.json",
      "set/a.png",
      "set/.DS_Store",
    ),
  ).toEqual({
    model: ["weights.bin", "model.json"],
    queries: ["set/b.png", "set/a.png"],
    labels: "set/labels.csv",
    refused: [],
  });
});

test("what stands beside a model may be dropped after it, and again; another model takes its place", () => {
  const named = (dropped: string[], before: string[]) =>
    modelTogether(files(...dropped), files(...before)).map(({ name }) => name);
  expect(named(["input-sizes.json"], ["net.onnx"])).toEqual(["net.onnx", "input-sizes.json"]);
  expect(named(["input-sizes.json"], ["net.onnx", "input-sizes.json"])).toEqual(["net.onnx", "input-sizes.json"]);
  expect(named(["other.onnx"], ["net.onnx", "input-sizes.json"])).toEqual(["other.onnx"]);
  expect(sorted("model-outputs.json", "input-values.json").model).toEqual(["model-outputs.json", "input-values.json"]);
});

test("of two tables the one that is called so holds the labels; a lone one holds queries", () => {
  const nothing = { model: [], refused: [] };
  expect(sorted("X.npy", "y.npy")).toEqual({ ...nothing, queries: ["X.npy"], labels: "y.npy" });
  expect(sorted("y_test.npy", "x_test.npy")).toEqual({ ...nothing, queries: ["x_test.npy"], labels: "y_test.npy" });
  expect(sorted("inputs.npz", "y.npy")).toEqual({ ...nothing, queries: ["inputs.npz"], labels: "y.npy" });
  expect(sorted("labels.npy")).toEqual({ ...nothing, queries: ["labels.npy"], labels: null });
  expect(sorted("summary.csv")).toEqual({ ...nothing, queries: ["summary.csv"], labels: null });
  expect(sorted("a.npy", "b.npy")).toEqual({ ...nothing, queries: ["a.npy"], labels: null, refused: ["b.npy"] });
});

test("files of other programs are named, with what makes one of ours of them", () => {
  const { refused } = sortFiles(files("net.h5", "net.pt", "photo.jpg", "notes.docx", "net.onnx"));
  expect(refused.map(({ say }) => /--keras|onnx\.export|np\.save|PNG|read here/.exec(say)?.[0])).toEqual([
    "--keras",
    "onnx.export",
    "PNG",
    "read here",
  ]);
});
