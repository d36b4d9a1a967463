/**
 * `npm run stryker [-- --only shared/verify] [--missing] [--print] [--processes COUNT] [--json FILE]`: StrykerJS changes one
 * operator or constant at a time, and the tests beside it are run. A few files at a time, so that little is lost when it is
 * stopped; what was found is kept in build/stryker, and a later run asks only for mutants whose code or tests have changed.
 * --missing leaves out files that were measured as they are now, --print runs nothing. Then the score by room, and the
 * survivors that survivors.md gives no reason for: the run fails where there are any.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { sayUsageErrors, UsageError } from "../../flags/usage-error.ts";
import { PROJECT } from "./patch-files.ts";
import { MUTATED_ROOMS, type MutatedRoom, mutatedFiles } from "./stryker-rooms.ts";
import { acceptedSurvivors, accepts, matches, type Report, type Survivor, survivorsOf } from "./survivors.ts";

/** Of code that is mutated in one go: to start takes as long as some dozens of mutants. */
const LINES_AT_ONCE = 500;

sayUsageErrors();
const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true, default: [""] },
    missing: { type: "boolean", default: false },
    print: { type: "boolean", default: false },
    processes: { type: "string", default: "1" },
    json: { type: "string" },
  },
});

interface Count {
  readonly files: string;
  readonly mutants: number;
  readonly killed: number;
  readonly survived: number;
  readonly notReached: number;
}

const rooms = MUTATED_ROOMS.map((room) => ({
  room,
  files: mutatedFiles(room).filter((file) => values.only.some((start) => file.startsWith(start))),
})).filter(({ files }) => files.length > 0);
if (rooms.length === 0) throw new UsageError(`stryker: expected --only to begin a file's name, got "${values.only}"`);

const output = join(PROJECT, "build", "stryker");
const measured = new Map<string, string>(Object.entries(readJson(join(output, "measured.json")) ?? {}));
if (!values.print) for (const { room, files } of rooms) for (const some of inPieces(files)) measure(room, some);

const accepted = acceptedSurvivors();
const survivors: Survivor[] = [];
const counts: Count[] = [];
for (const { room, files } of rooms) {
  const report: Report = readJson(reportPath(room)) ?? { files: {} };
  const ofRoom: Count[] = [];
  for (const file of files.filter(isMeasured)) {
    const { [file]: ofFile } = report.files;
    if (ofFile === undefined) continue; // nothing in it that could be changed
    survivors.push(...survivorsOf(file, ofFile));
    ofRoom.push(countOf(file, ofFile));
  }
  counts.push(sumOf(room, ofRoom), ...ofRoom.filter(({ mutants }) => mutants > 0));
}

console.log("| files | mutants | killed | survived | reached by no test beside them | score |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const { files, mutants, killed, survived, notReached } of counts) {
  const score = mutants === 0 ? "" : `${((100 * killed) / mutants).toFixed(1)} %`;
  console.log(`| \`${files}\` | ${mutants} | ${killed} | ${survived} | ${notReached} | ${score} |`);
}
const notMeasured = rooms.flatMap(({ files }) => files.filter((file) => !isMeasured(file)));
if (notMeasured.length > 0) console.log(`\nnot measured as they are now: ${notMeasured.join(", ")}`);

const unexplained = survivors.filter((survivor) => !accepted.some((one) => accepts(one, survivor)));
console.log(`\n${survivors.length} survivors, ${unexplained.length} of them without a reason in survivors.md`);
for (const { file, line, change, isReached } of unexplained)
  console.log(`    ${file}: ${change}\n        line ${line}${isReached ? "" : ", which no test reaches"}`);

const everyFile = MUTATED_ROOMS.flatMap(mutatedFiles);
const looked = new Set(rooms.flatMap(({ files }) => files.filter(isMeasured)));
const isGone = accepted.filter((one) => {
  const files = everyFile.filter((file) => matches(one.file, file));
  return files.every((file) => looked.has(file)) && !survivors.some((survivor) => accepts(one, survivor));
});
if (isGone.length > 0) console.log("\nin survivors.md, but not among these survivors (any more):");
for (const { file, change } of isGone) console.log(`    ${file}: ${change}`);

if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ counts, notMeasured, unexplained }, null, 2)}\n`);
process.exitCode = unexplained.length > 0 ? 1 : 0;

function inPieces(files: readonly string[]): string[][] {
  const pieces: string[][] = [];
  let lines = LINES_AT_ONCE;
  for (const file of files.filter((one) => !values.missing || !isMeasured(one))) {
    const ofFile = readFileSync(join(PROJECT, file), "utf8").split("\n").length;
    if (lines + ofFile > LINES_AT_ONCE) {
      pieces.push([]);
      lines = 0;
    }
    pieces.at(-1)!.push(file);
    lines += ofFile;
  }
  return pieces;
}

function measure(room: MutatedRoom, files: readonly string[]): void {
  mkdirSync(output, { recursive: true });
  console.log(`stryker: ${files.join(", ")}`);
  const digests = files.map(digestOf);
  const flags = ["--incremental", "--incrementalFile", reportPath(room), "--concurrency", values.processes];
  const stryker = join(PROJECT, "node_modules", ".bin", "stryker");
  const { status } = spawnSync(
    stryker,
    ["run", "e2e/proofs/mutants/stryker.config.json", ...flags, "--mutate", `${files}`],
    {
      cwd: PROJECT,
      stdio: "inherit",
      env: { ...process.env, STRYKER_ROOM: room },
    },
  );
  if (status !== 0) throw new Error(`stryker: expected ${files.join(", ")} to be measured, got exit status ${status}`);
  for (const [at, file] of files.entries()) measured.set(file, digests[at]!);
  writeFileSync(join(output, "measured.json"), JSON.stringify(Object.fromEntries(measured), null, 2));
}

function isMeasured(file: string): boolean {
  return measured.get(file) === digestOf(file);
}

function digestOf(file: string): string {
  return createHash("sha256")
    .update(readFileSync(join(PROJECT, file)))
    .digest("hex");
}

function reportPath(room: MutatedRoom): string {
  return join(output, `${room.replaceAll("/", "--")}.json`);
}

function readJson<T>(path: string): T | undefined {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

/** Mutants of code that is run once, when a module is loaded, are in no count; nor are those that do not compile. */
function countOf(files: string, { mutants }: Report["files"][string]): Count {
  const count = (...some: string[]) => mutants.filter(({ status }) => some.includes(status)).length;
  const [killed, survived, notReached] = [count("Killed", "Timeout"), count("Survived"), count("NoCoverage")];
  return { files, mutants: killed + survived + notReached, killed, survived, notReached };
}

function sumOf(files: string, counts: readonly Count[]): Count {
  const sum = (key: Exclude<keyof Count, "files">) => counts.reduce((total, count) => total + count[key], 0);
  return {
    files,
    mutants: sum("mutants"),
    killed: sum("killed"),
    survived: sum("survived"),
    notReached: sum("notReached"),
  };
}
