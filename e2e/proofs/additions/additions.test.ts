/**
 * A scheme and a runtime are each one folder and their lines in one list, a job kind is a folder on each floor and a line in each list
 * of kinds; the compiler names every list that lacks it. Here they are added to a copy of the tree, which is compiled and runs a job of
 * each; nothing else in the copy is touched.
 */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT } from "../mutants/patch-files.ts";
import { TreeCopy } from "../mutants/tree-copy.ts";

const NEW_FILES = fileURLToPath(new URL("tree", import.meta.url));

/** [a text that stands in the list, what stands in its place] */
const LINES = [
  {
    file: "shared/coding/schemes/schemes.ts",
    lines: [
      ["import { parm }", 'import { pairs } from "./pairs/definition.ts";\nimport { parm }'],
      ["  systematic,\n", "  systematic,\n  pairs,\n"],
    ],
  },
  {
    file: "shared/compute/runtimes/runtimes.ts",
    lines: [
      ["import { onnx }", 'import { linear } from "./linear/linear.ts";\nimport { onnx }'],
      ["[tfjs, onnx]", "[tfjs, onnx, linear]"],
    ],
  },
  {
    file: "shared/kinds/kinds.ts",
    lines: [
      ["import { regressionKind }", 'import { primesKind } from "./primes/kind.ts";\nimport { regressionKind }'],
      ["matmul: matmulKind }", "matmul: matmulKind, primes: primesKind }"],
    ],
  },
  {
    file: "shared/kinds/assignments.ts",
    lines: [
      ["import { batch", 'import { rangeAssignmentSchema } from "./primes/range.ts";\nimport { batch'],
      ["  inference: batch", "  primes: rangeAssignmentSchema,\n  inference: batch"],
    ],
  },
  {
    file: "server/kinds/core-kinds.ts",
    lines: [
      ["import { rowsCore }", 'import { primesCore } from "./primes/core.ts";\nimport { rowsCore }'],
      ["  matmul: codedCore,", "  matmul: codedCore,\n  primes: primesCore,"],
    ],
  },
  {
    file: "server/kinds/kinds.ts",
    lines: [
      ["import { regressionJobs }", 'import { primesJobs } from "./primes/primes-kind.ts";\nimport { regressionJobs }'],
      ["matmul: matmulJobs }", "matmul: matmulJobs, primes: primesJobs }"],
    ],
  },
  {
    file: "server/kinds/cli-kinds.ts",
    lines: [
      ["import { regressionCli }", 'import { primesCli } from "./primes/primes-cli.ts";\nimport { regressionCli }'],
      ["  matmul: matmulCli,", "  matmul: matmulCli,\n  primes: primesCli,"],
    ],
  },
  {
    file: "server/kinds/cli-words.ts",
    lines: [
      [
        "import { regressionWords }",
        'import { primesWords } from "./primes/primes-cli.ts";\nimport { regressionWords }',
      ],
      ["matmul: matmulWords }", "matmul: matmulWords, primes: primesWords }"],
    ],
  },
  {
    file: "client/kinds/kinds.ts",
    lines: [
      ["import { regression }", 'import { primes } from "./primes/primes-kind.ts";\nimport { regression }'],
      ["regression, matmul }", "regression, matmul, primes }"],
    ],
  },
  {
    file: "client/kinds/tab-kinds.ts",
    lines: [
      [
        "import { regressionInTab }",
        'import { primesInTab } from "./primes/tab/primes-in-tab.ts";\nimport { regressionInTab }',
      ],
      ["matmul: matmulInTab }", "matmul: matmulInTab, primes: primesInTab }"],
    ],
  },
] as const;

/** What volunteers are told of the new kind, in each language. */
const WORDS = `primes: {
    name: "Primes",
    assignments: { range: { title: "Primes", sentence: "Your device counts primes.", what: "A range of numbers." } },
    progress: (done, all) => \`\${count(done)} of \${count(all)}\`,
    own: ({ batches }) => plural(batches, "range", "ranges"),
  },
  matmul: {`;
const LANGUAGES = ["en", "de", "fr", "es"].map((language) => ({
  file: `client/volunteer/texts/${language}.ts`,
  lines: [["matmul: {", WORDS]] as const,
}));

function errorOf(does: () => unknown): string {
  try {
    does();
  } catch (error) {
    return String(error);
  }
  throw new Error("expected an error, got none");
}

const copy = new TreeCopy();
afterAll(() => copy.remove());

beforeAll(() => {
  cpSync(NEW_FILES, copy.path, { recursive: true });
  // What was compiled here need not be compiled there again; and tabs are told which build they are of.
  for (const built of ["types", "client"]) {
    if (existsSync(join(PROJECT, "build", built))) {
      cpSync(join(PROJECT, "build", built), join(copy.path, "build", built), {
        recursive: true,
        preserveTimestamps: true,
      });
    }
  }
});

function add({ file, lines }: (typeof LINES | typeof LANGUAGES)[number]): void {
  let text = readFileSync(join(copy.path, file), "utf8");
  for (const [before, after] of lines) {
    expect(text).toContain(before);
    text = text.replace(before, after);
  }
  writeFileSync(join(copy.path, file), text);
}

function run(program: string, ...args: string[]): string {
  try {
    return execFileSync(join(PROJECT, "node_modules/.bin", program), args, {
      cwd: copy.path,
      encoding: "utf8",
      env: { ...process.env, VITEST: undefined, NODE_ENV: undefined },
    });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${program} ${args.join(" ")}:\n${stdout.slice(0, 60_000)}\n${stderr.slice(-2_000)}`);
  }
}

/** The list that says which kinds there are. */
const isFirst = ({ file }: { readonly file: string }) => file === "shared/kinds/kinds.ts";
const ofKinds = LINES.filter(({ file }) => file.includes("/kinds/"));

test("the compiler names every list that lacks a kind of job", () => {
  ofKinds.filter(isFirst).forEach(add);
  const told = errorOf(() => run("tsc", "-b", "--pretty", "false"));
  for (const { file } of [...ofKinds.filter((list) => !isFirst(list)), ...LANGUAGES]) {
    expect(told, file).toContain(`${file}(`);
  }
});

test("the copy with all its lines compiles", () => {
  for (const list of [...LINES, ...LANGUAGES]) if (!isFirst(list)) add(list);
  run("tsc", "-b");
});

test("what every scheme and every runtime promises holds for the new ones", () => {
  run("vitest", "run", "--project", "unit", "shared/coding/scheme.test.ts", "-t", "pairs");
});

test("a job of each runs end to end", () => {
  const told = run("vitest", "run", "--project", "proofs", "e2e/proofs/additions/jobs");
  expect(told).toMatch(/3 passed/);
});
