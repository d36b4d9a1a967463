// Processes start as plain JavaScript: this registers the TypeScript loader, then loads the real entry.
import { register } from "tsx/esm/api";

register();
await import("./model-process.ts");
