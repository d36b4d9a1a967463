/** A product of matrices asks nothing of a tab beside the shards and products of its coded run. */
export { codedInTab as matmulInTab } from "../../../coded/tab/coded-in-tab.ts";
