import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pictureSet } from "./picture-set.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "paritab-pictures-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FILES: Readonly<Record<string, string>> = {
  "10.jpg": "ten",
  "2.JPEG": "two",
  "cats/1.webp": "",
  [`${"long-".repeat(30)}/${"name-".repeat(15)}.png`]: "x".repeat(70_000),
  "cats/notes.txt": "no picture",
  ".hidden.png": "no picture",
  "__MACOSX/2.jpg": "no picture",
};
const PICTURES = Object.entries(FILES).filter(([, content]) => content !== "no picture");

function write(root: string): void {
  for (const [name, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), content);
  }
}

async function read(path: string): Promise<[string, string][]> {
  const set = await pictureSet(path);
  const got: [string, string][] = [];
  for await (const one of set.bytes()) {
    if ("problem" in one) throw one.problem;
    got.push([one.name, Buffer.from(one.bytes).toString()]);
  }
  expect(got.map(([name]) => name)).toEqual(set.names);
  expect(set.others.named).toEqual(set.names.length > 1 ? ["cats/notes.txt"] : []);
  return got;
}
const sorted = (entries: [string, string][]) => entries.toSorted(([a], [b]) => (a < b ? -1 : 1));

test("a folder's pictures come in the order of their names, folders and all", async () => {
  write(folder);
  const got = await read(folder);
  expect(sorted(got)).toEqual(sorted(PICTURES));
  expect(got.slice(0, 2).map(([name]) => name)).toEqual(["2.JPEG", "10.jpg"]);
});

test("a zip gives its pictures, deflated and stored", async () => {
  const path = join(folder, "photos.zip");
  for (const level of [0, 6] as const) {
    const files = Object.entries(FILES).map(([name, content]) => [name, Buffer.from(content)] as const);
    writeFileSync(path, zipSync(Object.fromEntries(files), { level, comment: "a comment" } as never));
    expect(sorted(await read(path))).toEqual(sorted(PICTURES));
  }
});

test.each(["ustar", "pax", "gnu"])("a tar of format %s gives its pictures, packed with gzip or not", async (format) => {
  write(join(folder, "in"));
  const tar = execFileSync("tar", [`--format=${format}`, "-C", join(folder, "in"), "-c", ...Object.keys(FILES)], {
    maxBuffer: 1e8,
  });
  writeFileSync(join(folder, "photos.tar"), tar);
  writeFileSync(join(folder, "photos.tar.gz"), gzipSync(tar));
  for (const name of ["photos.tar", "photos.tar.gz"]) {
    expect(sorted(await read(join(folder, name)))).toEqual(sorted(PICTURES));
  }
});

test("a tar of a whole folder gives its pictures under their names, though all begin with ./ there", async () => {
  write(join(folder, "in"));
  const tar = execFileSync("tar", ["-C", join(folder, "in"), "-c", "."], { maxBuffer: 1e8 });
  writeFileSync(join(folder, "photos.tar"), tar);
  expect(sorted(await read(join(folder, "photos.tar")))).toEqual(sorted(PICTURES));
});

test("one picture is a set of one", async () => {
  writeFileSync(join(folder, "cat.jpg"), "cat");
  expect(await read(join(folder, "cat.jpg"))).toEqual([["cat.jpg", "cat"]]);
});

const zipped = Buffer.from(zipSync({ "a.jpg": Buffer.from("a".repeat(1000)), "b.jpg": Buffer.from("b") }));
const bad: [what: string, file: string, content: Buffer, message: RegExp][] = [
  ["no archive", "a.bin", Buffer.from("hello"), /expected a folder, a .zip, a .tar .* got another file/],
  ["an archive without pictures", "a.zip", Buffer.from(zipSync({ "a.txt": Buffer.from("a") })), /got 0$/],
  ["a zip that is cut off", "a.zip", zipped.subarray(0, 60), /expected a whole .zip file/],
  [
    "a zip whose directory points elsewhere",
    "a.zip",
    withBytes(zipped, zipped.length - 6, 9),
    /entries in the dir|whole/,
  ],
  ["a tar that is cut off", "a.tar", tarHead("a.jpg", 5_000), /more bytes: is the file whole/],
];
test.each(bad)("%s is refused by name", async (_what, file, content, message) => {
  const path = join(folder, file);
  writeFileSync(path, content);
  const failure = await read(path).then(
    () => "nothing",
    (error: Error) => `${error.name}: ${error.message}`,
  );
  expect(failure).toMatch(message);
  expect(failure).toMatch(/^InputError: /);
  expect(failure).toContain(path);
});

test("an entry that unpacks to more than the directory says is refused", async () => {
  const path = join(folder, "bomb.zip");
  const bomb = Buffer.from(zipSync({ "a.jpg": Buffer.alloc(100_000) }));
  const directory = bomb.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
  bomb.writeUInt32LE(100, directory + 24);
  writeFileSync(path, bomb);
  await expect(read(path)).rejects.toThrow(/a.jpg: (it cannot be unpacked|expected 100 bytes)/);
});

test("a picture that is not there, or an empty folder, is said", async () => {
  await expect(pictureSet(join(folder, "none"))).rejects.toThrow(/none: there is no such file/);
  await expect(pictureSet(folder)).rejects.toThrow(/expected 1 to 1000000 JPEG, PNG or WebP pictures.*got 0/);
});

function withBytes(bytes: Buffer, at: number, value: number): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt32LE(value, at);
  return changed;
}

/** The head of an entry whose bytes do not come. */
function tarHead(name: string, size: number): Buffer {
  const head = Buffer.alloc(512 + 100);
  head.write(name, 0);
  head.write(size.toString(8).padStart(11, "0"), 124);
  head.write("0", 156);
  head.write("ustar", 257);
  return head;
}
