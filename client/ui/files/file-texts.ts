/** The words of choosing files, as in texts.ts. */
export const files = {
  reading: (name: string) => `Reading ${name}`,
  stillReading: "Wait until the file has been read.",
  oneArray: (file: string, names: readonly string[]) =>
    `${file}: expected one array, got ${names.length === 0 ? "none" : names.join(", ").slice(0, 200)}; ` +
    `in Python: np.save("NAME.npy", np.load("${file}")["NAME"])`,
  labelColumn: "Labels are the column",
  labelColumnHint: "The column is taken out of the rows.",
  noColumn: "none: in a file of their own, or not at all",
  targetColumn: "y is the column",
  noTargetColumn: "none: y is in a file of its own",
  column: (place: number) => `column ${place}`,
};
