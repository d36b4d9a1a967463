// Processes start as plain JavaScript: this registers the TypeScript loader, then loads the real entry.
import { register } from "tsx/esm/api";

// The coordinator may end while this starts.
process.on("disconnect", () => process.exit());
// A signal to all processes of a terminal or a service is for the coordinator, which may want to finish what is under way.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
register();
await import("./model-process.ts");
