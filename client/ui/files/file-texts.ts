/** The words of choosing files, as in texts.ts. */
export const files = {
  reading: (name: string) => `Reading ${name}`,
  stillReading: "Wait until the file has been read.",
  labelColumn: "Labels are the column",
  labelColumnHint: "The column is taken out of the rows.",
  noColumn: "none: in a file of their own, or not at all",
  targetColumn: "y is the column",
  noTargetColumn: "none: y is in a file of its own",
  column: (place: number) => `column ${place}`,
};
