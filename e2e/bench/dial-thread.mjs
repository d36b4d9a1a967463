// Threads start as plain JavaScript: this registers the TypeScript loader in the thread, then loads its real entry.
import { register } from "tsx/esm/api";

register();
const { dialCase } = await import("./dial-case.ts");

export default (seed) => dialCase(seed);
