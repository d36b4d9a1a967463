/** What the dashboard says about matrix jobs. Sentences for people, as in client/ui/texts.ts. */
import { plural } from "../../ui/plural.ts";
import { count } from "../../ui/units.ts";

export const matmulTexts = {
  title: "Multiply matrices",
  lead: "A times B, exact: A is coded over the tabs, B goes to them in slices of columns. The job does not wait for slow tabs, and catches wrong results before they count.",

  /** T-privacy covers A alone. */
  privacy: (colluders: number) =>
    `Up to ${plural(colluders, "tab", "tabs")} that put their data together learn nothing of A. ` +
    "Only A is hidden: every tab sees B.",

  form: {
    legend: "Matrices",
    left: "A (.npy, .csv or .parquet)",
    leftHint: "Rows x inner.",
    right: "B (.npy, .csv or .parquet)",
    rightHint: "Inner x columns: as many rows as A has columns. Every tab sees it.",
    leftFractionBits: "Bits of A",
    rightFractionBits: "Bits of B",
    fractionBitsHint:
      "Entries are rounded to multiples of 2 to the power of minus this number; 0 takes only whole numbers.",
    sliceColumns: "Slice",
    sliceColumnsHint: "Slice: columns of B in one round.",
    nameAtFirst: "product",
    submit: "Start multiplying",
    noLeft: "Choose a file with A.",
    noRight: "Choose a file with B.",
  },

  job: {
    shapes: (rows: number, inner: number, columns: number) =>
      `${count(rows)} x ${count(inner)} times ${count(inner)} x ${count(columns)}`,
    progressLabel: (name: string) => `Slices of ${name}`,
    progress: (done: number, all: number) => `${count(done)} of ${plural(all, "slice", "slices")} of columns`,
    product: "Product (.npy)",
    productNamed: (name: string) => `Product of ${name} as npy`,
  },
  answers: {
    notYet: "The product can be saved here when all of its slices are there.",
    whole: (rows: number, columns: number) =>
      `The product is whole: ${count(rows)} x ${count(columns)}, exact. Save it with the link above.`,
    none: "There is no product: the job ended before all of its slices were there.",
  },
  hashes: { left: "A", right: "B", product: "product.npy, its numbers" },
  noProduct: "there is no whole product",
  whileItRuns: "When the job has ended, this page says who took part and what happened.",
};
