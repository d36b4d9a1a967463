/**
 * A command was asked in a way that it does not understand. That is told in a sentence, without a stack: whoever typed it can mend it.
 * Commands that read their flags at the top import this file; anything else that nobody catches ends them as ever.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const isUsage = (error: Error) =>
  error instanceof UsageError || ("code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_"));

/** Call it before flags are read. */
export function sayUsageErrors(): void {
  process.on("uncaughtException", (error) => {
    console.error(isUsage(error) ? error.message : error);
    process.exit(1);
  });
}
