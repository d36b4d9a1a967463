// Threads start as plain JavaScript: this registers the TypeScript loader in the thread, then loads its real entry.
import { register } from "tsx/esm/api";

register();
const { default: homeWork } = await import("./home-thread.ts");
export default homeWork;
