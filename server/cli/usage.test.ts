import { expect, test } from "vitest";
import { cli } from "../../e2e/specs/terminal/fake-terminal.ts";
import { parseCommandLine } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT } from "./exit-codes.ts";
import { TerminatedError } from "./terminal.ts";

const bad: [argv: string, message: RegExp][] = [
  ["sing", /expected a command .*got "sing"/],
  ["serve --prot 9000", /Unknown option '--prot'; did you mean --port\?\nusage: paritab serve/],
  ["join http://localhost:8787", /expected nothing but flags behind `paritab join`, got "http:/],
  ["swarm --tab 3", /Unknown option '--tab'; did you mean --tabs\?/],
  ["convert table.csv o.txt", /OUT\.npy: expected a file ending in \.npy, got "o\.txt"/],
  ["convert table.csv o.npy --labels-out y.csv", /--labels-out: expected a file ending in \.npy, got "y\.csv"/],
  [
    "predict JOB --features X.npy --out predictions.txt",
    /--out: expected a file ending in \.csv, \.npy or \.json, got "predictions/,
  ],
  ["submit", /expected submit with flags or submit inference or submit regression or submit matmul, got "submit"/],
  ["submit everything", /got "submit everything"/],
  ["submit --images photos", /--model: expected a value, got nothing\nusage: paritab submit --model FOLDER/],
  [
    "submit --model m --images photos --out labels.txt",
    /--out: expected a file ending in .csv, .jsonl, .npy, .npz or .zip/,
  ],
  ["submit --model m --images photos --top 0", /--top: expected a whole number from 1 to 100, got "0"/],
  ["jobs --colour red", /Unknown option '--colour'/],
  ["submit inference --sample mnist --straglers 1", /Unknown option '--straglers'; did you mean --stragglers\?/],
  ["submit inference --sample mnist --count 5", /Unknown option '--count'; did you mean --sample-count\?/],
  ["submit inference --sample mnist --liars -1", /ambiguous; write --liars=VALUE where the value begins with a minus/],
  ["--url http://localhost:8787 capacity", /flags come after the command/],
  ["cancel", /usage: paritab cancel JOB/],
  ["jobs --last", /--last/],
  ["jobs --last many", /--last: expected a whole number from 1 to \d+, got "many"/],
  ["jobs --state sleeping", /--state: expected accepting or .* got "sleeping"/],
  ["jobs now", /expected nothing but flags behind `paritab jobs`, got "now"/],
  ["watch", /expected JOB behind `paritab watch`, got nothing/],
  ["model add minilm", /expected NAME FOLDER behind `paritab model add`, got "minilm"/],
  ["watch one two", /expected JOB behind `paritab watch`, got "one" "two"/],
  ["convert table.csv", /expected FILE OUT\.npy behind `paritab convert`, got "table\.csv"/],
  ["submit matmul", /--left and --right: expected a value for each, got nothing/],
  ["capacity --url ftp://example.org", /--url: expected an address like http:\/\/localhost:8787, got "ftp:/],
  ["capacity --url http://user:word@localhost", /--url: expected an address/],
  ["submit inference", /--model and --queries: expected a value for each, got nothing/],
  ["submit inference --model m", /--queries: expected a value, got nothing/],
  ["submit inference --sample mnist --model m", /--sample: expected no --model/],
  ["submit inference --sample mnist --labels y --size n=1", /--sample: expected no --size and no --labels beside it/],
  ["submit inference --model m --queries X --sample-count 3", /--sample-count: expected --sample beside it, got none/],
  [
    "submit inference --sample mnist --sample-start 9000 --sample-count 1001",
    /--sample-count: expected a whole number from 1 to 1000, got "1001"/,
  ],
  ["submit regression --sample gisette-like --rows 6001", /--rows: expected a whole number from 1 to 6000, got "6001"/],
  ["submit inference --sample mnist --queries-per-group four", /--queries-per-group: expected a number, got "four"/],
  ["submit inference --sample mnist --queries-per-group 65", /--queries-per-group: expected .*64, got 65/],
  [
    "submit inference --sample mnist --scheme magic --liars=-1",
    /--scheme: expected "uncoded" or .*; --liars: .*got -1/,
  ],
  ["submit inference --sample mnist --accept hope", /--accept: expected first or verified or final, got "hope"/],
  [
    "submit inference --sample mnist --out answers.txt",
    /--out: expected a file ending in .npy, .csv, .json, .jsonl or .npz/,
  ],
  ["submit inference --sample mnist --close-after -1", /--close-after/],
  ["submit inference --sample mnist --close-after 99999", /--close-after: expected a whole number from 0 to 60000/],
  ["submit inference --sample mnist --close-after 5", /--close-after: expected CSV on standard input/],
  ["submit inference --sample mnist --idle soon", /--idle: expected a time from 1s to 7d such as .*got "soon"/],
  ["submit inference --model m --queries q --input-scale big", /--input-scale: expected a positive number like 1\/255/],
  ["submit regression --sample mnist --features X", /--sample: expected no --features/],
  ["submit regression --sample mnist --label-column y", /--sample: expected no --label-column beside it/],
  ["submit regression --features X --rows 3", /--rows: expected --sample beside it, got none/],
  ["submit gradient --sample mnist --features X", /--sample: expected no --features/],
  ["submit regression --sample mnist --iterations 0", /--iterations: expected .*, got 0/],
  ["submit regression --features X --learning-rate fast", /--learning-rate: expected a number, got "fast"/],
];
test.each(bad)("`paritab %s` is a usage error that says what was expected", async (argv, message) => {
  const { code, out, said } = await cli(argv.split(" "));
  expect(said).toMatch(message);
  expect([code, out]).toEqual([EXIT.usage, ""]);
});

test.each([
  ["submit regression --features no-x --labels no-y", "no-x", "no-y"],
  ["submit matmul --left no-a --right no-b", "no-a", "no-b"],
])("`paritab %s` tells both files that are missing, before anything is sent", async (argv, first, second) => {
  const { code, said } = await cli(argv.split(" "));
  expect(said).toBe(
    `paritab: 2 problems:\n(1) ${first}: there is no such file\n(2) ${second}: there is no such file\n`,
  );
  expect(code).toBe(EXIT.input);
});

test("with --json the error is an object on stderr, with a stable code", async () => {
  const { code, said } = await cli(["jobs", "--last", "many", "--json"]);
  expect(code).toBe(EXIT.usage);
  expect(JSON.parse(said)).toEqual({
    error: { code: "usage", message: expect.stringMatching(/^--last/), exitCode: 2 },
  });
});

test("a coordinator that is not there is exit code 4, and the address is named", async () => {
  const { code, said } = await cli(["capacity", "--url", "http://127.0.0.1:1"]);
  expect(code).toBe(EXIT.unreachable);
  expect(said).toMatch(/^paritab: the coordinator at http:\/\/127\.0\.0\.1:1 cannot be reached/);
});

test("a job id that begins with a minus is no flag", async () => {
  for (const jobId of ["-pAbCdEfGhIjKlMnOpQrStUv", "--AbCdEfGhIjKlMnOpQrStUv"]) {
    const { code } = await cli(["watch", jobId, "--json", "--url", "http://127.0.0.1:1"], {
      signal: AbortSignal.abort(),
    });
    expect(code).toBe(EXIT.interrupted);
  }
});

test.each([
  ["whoever interrupts", 130, AbortSignal.abort()],
  ["whoever sends SIGTERM", 143, AbortSignal.abort(new TerminatedError())],
])("%s gets %i", async (_who, expected, signal) => {
  const { code } = await cli(["watch", "job", "--url", "http://127.0.0.1:1"], { signal });
  expect(code).toBe(expected);
});

test("a flag that is given again is refused by every command, unless it may stand more than once", () => {
  for (const command of COMMANDS) {
    const words = "words" in command ? Array.from({ length: command.words[0] }, () => "word") : [];
    for (const [name, { value, multiple }] of Object.entries(command.flags)) {
      const once = value === undefined ? [`--${name}`] : [`--${name}`, "first"];
      const again = value === undefined ? [`--${name}`] : [`--${name}=second`];
      const parse = () => parseCommandLine(command, [...words, ...once, ...again]);
      if (multiple === true) expect(parse().flags.texts(name)).toEqual(["first", "second"]);
      else expect(parse, `${command.name} --${name}`).toThrow(`--${name}: expected once, got twice`);
    }
  }
});
