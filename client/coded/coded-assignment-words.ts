/** What a volunteer is told of the assignments of a coded run. */
import type { KindFacts } from "../kinds/kind-facts.ts";

export const CODED_ASSIGNMENTS: KindFacts["assignments"] = {
  shard: {
    title: "Fetching a share of the data",
    sentence: "The share is kept in this tab’s memory, so that it is fetched once for all steps of the job below.",
    what: "A calculation on coded data. You fetch your share of the numbers.",
  },
  product: {
    title: "Computing",
    sentence: "Multiplying this tab’s share of the data for the job below.",
    what: "A calculation on coded data. You multiply your share of the numbers.",
  },
};
