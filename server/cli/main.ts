/** The command's entry: the only file of this folder with effects on import. */
import { runCli } from "./cli.ts";
import { nodeTerminal } from "./node-terminal.ts";

process.exitCode = await runCli(process.argv.slice(2), nodeTerminal());
// A connection that is kept open for a next request must not hold the command up.
setImmediate(() => process.stdout.write("", () => process.exit()));
