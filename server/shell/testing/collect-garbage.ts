/** What nobody needs is collected now, so that what a process holds can be told from what it has not cleared away yet. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
export const collectGarbage = runInNewContext("gc") as () => void;
