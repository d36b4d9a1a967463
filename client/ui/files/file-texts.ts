/** The words of choosing files, as in texts.ts. */
export const files = {
  reading: (name: string) => `Reading ${name}`,
  stillReading: "Wait until the file has been read.",
  labelColumn: "Labels are the column",
  labelColumnHint: "The column is taken out of the rows.",
  noColumn: "none: in a file of their own, or not at all",
  targetColumn: "y is the column",
  noTargetColumn: "none: y is in a file of its own",
  fillAdvice: "let this page fill them",
  fill: "Fill empty cells with their column’s mean",
  column: (place: number) => `column ${place}`,
};
