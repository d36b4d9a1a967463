/** A regression asks nothing of a tab beside the shards and products of its coded run. */
export { codedInTab as regressionInTab } from "../../../coded/tab/coded-in-tab.ts";
