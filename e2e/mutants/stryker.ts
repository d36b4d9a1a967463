/**
 * `npm run stryker [-- --only shared/verify] [--missing] [--print] [--processes COUNT] [--json FILE]`: StrykerJS changes one
 * operator or constant at a time, and the tests beside it are run. One file after the other, so that nothing is lost when it
 * is stopped. A later run asks only for mutants whose code or tests have changed; --missing leaves out files that were
 * measured as they are now, --print runs nothing. Then the score by room, and the survivors that survivors.md gives no
 * reason for: the run fails where there are any.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { PROJECT } from "./patch-files.ts";
import { MUTATED_ROOMS, mutatedFiles } from "./stryker-rooms.ts";
import { acceptedSurvivors, accepts, matches, type Report, type Survivor, survivorsOf } from "./survivors.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
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
  ...room,
  files: mutatedFiles(room).filter((file) => file.startsWith(values.only)),
})).filter(({ files }) => files.length > 0);
if (rooms.length === 0) throw new Error(`stryker: expected --only to begin a file's name, got "${values.only}"`);

if (!values.print) for (const { files, tests } of rooms) for (const file of files) measure(file, tests);

const accepted = acceptedSurvivors();
const survivors: Survivor[] = [];
const counts: Count[] = [];
const notMeasured: string[] = [];
for (const { room, files } of rooms) {
  const ofRoom: Count[] = [];
  for (const file of files) {
    const report = readReport(file);
    if (report === undefined) notMeasured.push(file);
    else {
      ofRoom.push(countOf(file, report));
      survivors.push(...survivorsOf(report));
    }
  }
  counts.push(sumOf(room, ofRoom), ...ofRoom.filter(({ mutants }) => mutants > 0));
}

console.log("| files | mutants | killed | survived | reached by no test beside them | score |");
console.log("| --- | --- | --- | --- | --- | --- |");
for (const { files, mutants, killed, survived, notReached } of counts) {
  const score = mutants === 0 ? "" : `${((100 * killed) / mutants).toFixed(1)} %`;
  console.log(`| \`${files}\` | ${mutants} | ${killed} | ${survived} | ${notReached} | ${score} |`);
}
if (notMeasured.length > 0) console.log(`\nnot measured as they are now: ${notMeasured.join(", ")}`);

const unexplained = survivors.filter((survivor) => !accepted.some((one) => accepts(one, survivor)));
console.log(`\n${survivors.length} survivors, ${unexplained.length} of them without a reason in survivors.md`);
for (const { file, line, becomes, isReached } of unexplained)
  console.log(`    ${file}: ${becomes}\n        line ${line}${isReached ? "" : ", which no test reaches"}`);

const measured = counts.map(({ files }) => files);
const gone = accepted.filter(
  (one) => measured.some((file) => matches(one.file, file)) && !survivors.some((survivor) => accepts(one, survivor)),
);
if (gone.length > 0) console.log("\nin survivors.md, but not among these survivors (any more):");
for (const { file, becomes } of gone) console.log(`    ${file}: ${becomes}`);

if (values.json !== undefined)
  writeFileSync(values.json, `${JSON.stringify({ counts, notMeasured, unexplained }, null, 2)}\n`);
process.exitCode = unexplained.length > 0 ? 1 : 0;

function measure(file: string, tests: readonly string[]): void {
  if (values.missing && readReport(file) !== undefined) return;
  mkdirSync(dirname(reportPath(file)), { recursive: true });
  console.log(`stryker: ${file}`);
  const flags = ["--incremental", "--incrementalFile", reportPath(file), "--concurrency", values.processes];
  const stryker = join(PROJECT, "node_modules", ".bin", "stryker");
  const { status } = spawnSync(stryker, ["run", "e2e/mutants/stryker.config.json", ...flags, "--mutate", file], {
    cwd: PROJECT,
    stdio: "inherit",
    env: { ...process.env, STRYKER_ROOMS: tests.join(",") },
  });
  if (status !== 0) throw new Error(`stryker: expected ${file} to be measured, got exit status ${status}`);
}

/** @returns undefined where the file was not measured, or was another one then */
function readReport(file: string): Report | undefined {
  if (!existsSync(reportPath(file))) return undefined;
  const report: Report = JSON.parse(readFileSync(reportPath(file), "utf8"));
  const isSame = report.files[file]?.source === readFileSync(join(PROJECT, file), "utf8");
  return isSame || report.files[file] === undefined ? report : undefined;
}

function reportPath(file: string): string {
  return join(PROJECT, "build", "stryker", "mutants", `${file.replaceAll("/", "--")}.json`);
}

/** Mutants of code that is run once, when a module is loaded, are in no count; nor are those that do not compile. */
function countOf(files: string, report: Report): Count {
  const statuses = Object.values(report.files).flatMap(({ mutants }) => mutants.map(({ status }) => status));
  const count = (...some: string[]) => statuses.filter((status) => some.includes(status)).length;
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
