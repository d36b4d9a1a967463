/** What "#tfjs" is in Node (package.json). */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as inNode from "#tfjs";

const FOLDER = new URL("../../shared/compute/runtimes/tfjs/", import.meta.url);

test("has every part of the library that files ask #tfjs for: one that is missing would show where it is used", () => {
  const sources = readdirSync(FOLDER)
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(new URL(name, FOLDER), "utf8"))
    .filter((text) => text.includes('import * as tf from "#tfjs"'));
  expect(sources.length).toBeGreaterThan(1);
  const called = new Set(sources.flatMap((text) => [...text.matchAll(/\btf\.([a-z]\w*)/g)].map(([, name]) => name!)));
  const classes = new Set(
    sources.flatMap((text) => [...text.matchAll(/instanceof tf\.(\w+)/g)].map(([, name]) => name!)),
  );
  expect(called.size).toBeGreaterThan(10);
  expect([...called, ...classes].filter((name) => !(name in inNode))).toEqual([]);
  expect(Object.entries(inNode).filter(([, value]) => value === undefined)).toEqual([]);
});

test("is one library with what is imported by the name of its package: a thread has one current back-end", async () => {
  const tf = await import("@tensorflow/tfjs");
  expect(inNode.engine()).toBe(tf.engine());
});
