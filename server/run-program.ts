/**
 * Runs what a file is for where it is the program, and not where somebody imports it. What goes wrong is said in a sentence, without a stack.
 * @param run resolves to the exit code
 */
export function runProgram(filename: string, run: () => Promise<number>): void {
  if (process.argv[1] !== filename) return;
  run().then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
}
