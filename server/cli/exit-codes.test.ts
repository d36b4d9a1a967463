import { writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { EXIT, exitCodeOf } from "./exit-codes.ts";

test.skipIf(process.platform !== "linux")(
  "a full disk is no mistake of the program; anything unforeseen is",
  async () => {
    const full = await writeFile("/dev/full", "answers").catch((error: unknown) => error);
    expect(full).toMatchObject({ code: "ENOSPC" });
    expect(exitCodeOf(full)).toBe(EXIT.input);
    expect(exitCodeOf(new TypeError("x is not a function"))).toBe(EXIT.internal);
  },
);
