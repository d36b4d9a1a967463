// Threads start as plain JavaScript: this registers the TypeScript loader in the thread, then loads its real entry.
import { register } from "tsx/esm/api";

register();
const [{ COALITION_CASES }, { coalitionCrowd }] = await Promise.all([
  import("./coalition-cases.ts"),
  import("./coalition-crowd.ts"),
]);

export default ({ place, seed }) => coalitionCrowd(COALITION_CASES[place], seed);
