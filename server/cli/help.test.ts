import { expect, test } from "vitest";
import { cli } from "../../e2e/specs/terminal/fake-terminal.ts";
import { COMMANDS } from "./commands.ts";
import { EXIT } from "./exit-codes.ts";

test("the list names every command with one line about it", async () => {
  const { code, out } = await cli(["help"]);
  expect(code).toBe(EXIT.ok);
  for (const { name, summary } of COMMANDS)
    expect(out).toMatch(new RegExp(`^ {2}${name} +${summary.slice(0, 20)}`, "m"));
  expect((await cli(["--help"])).out).toBe(out);
});

test("without a command the list is shown, and it is a usage error", async () => {
  const { code, out } = await cli([]);
  expect([code, out.startsWith("usage: paritab COMMAND")]).toEqual([EXIT.usage, true]);
});

test.each(COMMANDS.map(({ name }) => name))(
  "%s --help has usage, every flag, and examples that parse",
  async (name) => {
    const command = COMMANDS.find((one) => one.name === name)!;
    const { code, out } = await cli([...name.split(" "), "--help"]);
    expect(code).toBe(EXIT.ok);
    expect(out).toMatch(new RegExp(`^usage: paritab ${name}`));
    for (const flag of Object.keys(command.flags)) expect(out).toContain(`--${flag}`);
    expect(command.examples.length).toBeGreaterThan(0);
    for (const [line] of command.examples) {
      expect(line).toContain(`paritab ${name}`);
      for (const [, flag] of line
        .slice(line.indexOf("paritab"))
        .split("|")[0]!
        .matchAll(/ --([a-z-]+)/g)) {
        expect(out, `${line}: --${flag}`).toContain(`--${flag}`);
      }
    }
    expect((await cli(["help", ...name.split(" ")])).out).toBe(out);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  },
);

test("no flag of a command hides one that every command has", () => {
  for (const command of COMMANDS) {
    const { name, flags } = command;
    if (!("handOn" in command)) expect(Object.keys(flags), name).not.toContain("url");
    for (const reserved of ["json", "help"]) expect(Object.keys(flags), name).not.toContain(reserved);
  }
});

test("the exit codes are told, each once", async () => {
  const { out } = await cli(["help", "exit-codes"]);
  const told = [...out.matchAll(/^ +(\d+) {2}/gm)].map(([, code]) => Number(code));
  expect(told).toEqual(Object.values(EXIT));
});
