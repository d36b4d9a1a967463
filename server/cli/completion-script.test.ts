/** What bash completes, asked of bash itself. */
import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { cli } from "../../e2e/specs/terminal/fake-terminal.ts";
import { COMMANDS } from "./commands.ts";
import { completionScript } from "./completion-script.ts";
import { EXIT } from "./exit-codes.ts";

/** @param line as typed so far; what stands behind its last blank is completed */
function completed(line: string): string[] {
  const words = line.split(" ").map((word) => `'${word}'`);
  const program = [
    completionScript("bash", COMMANDS),
    `COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _paritab; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ].join("\n");
  const { status, stdout, stderr } = spawnSync("bash", ["--norc", "-c", program]);
  expect([status, stderr.toString()]).toEqual([0, ""]);
  return stdout.toString().split("\n").filter(Boolean);
}

const hasBash = spawnSync("bash", ["--version"]).status === 0;

describe.skipIf(!hasBash)("in bash", () => {
  test("commands, and the second words of those that have one", () => {
    expect(completed("paritab ver")).toEqual(["verify"]);
    expect(completed("paritab ")).toEqual(expect.arrayContaining(["submit", "serve", "join", "help", "--version"]));
    expect(completed("paritab submit ")).toEqual(["inference", "regression", "matmul"]);
    expect(completed("paritab submit inf")).toEqual(["inference"]);
  });

  test("flags of the command that stands there, and no others", () => {
    expect(completed("paritab submit inference --sample-")).toEqual(["--sample-start", "--sample-count"]);
    expect(completed("paritab submit --im")).toEqual(["--images"]);
    expect(completed("paritab submit regression --im")).toEqual([]);
    for (const { name, flags } of COMMANDS) {
      const all = completed(`paritab ${name} --`);
      for (const flag of Object.keys(flags)) expect(all, name).toContain(`--${flag}`);
    }
  });

  test("the choices of a flag; anything else is a file, which bash knows itself", () => {
    expect(completed("paritab submit inference --scheme spl")).toEqual(["spline"]);
    expect(completed("paritab submit inference --accept ")).toEqual(["first", "verified", "final"]);
    expect(completed("paritab submit inference --queries ")).toEqual([]);
  });
});

test("paritab completion prints the script of a shell that it knows", async () => {
  expect(await cli(["completion", "bash"])).toMatchObject({ code: EXIT.ok, out: completionScript("bash", COMMANDS) });
  expect((await cli(["completion", "zsh"])).out).toContain("bashcompinit");
  expect(await cli(["completion", "fish"])).toMatchObject({ code: EXIT.usage });
});
