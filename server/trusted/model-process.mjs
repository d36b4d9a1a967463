// Processes start as plain JavaScript: this registers the TypeScript loader, then loads the real entry.
import { register } from "tsx/esm/api";

// The coordinator may end while this starts.
process.on("disconnect", () => process.exit());
register();
await import("./model-process.ts");
