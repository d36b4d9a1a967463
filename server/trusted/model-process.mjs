// Processes start as plain JavaScript: this registers the TypeScript loader, then loads the real entry.
import { register } from "tsx/esm/api";

// The coordinator may end while this starts.
process.on("disconnect", () => process.exit());
// A signal to all processes of a terminal or a service is for the coordinator, which may want to finish what is under way.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
register();
// It reads the maps of the libraries too, megabytes of them, with their first file: nobody looks at where in them an error was.
process.setSourceMapsEnabled(false);
await import("./model-process.ts");
