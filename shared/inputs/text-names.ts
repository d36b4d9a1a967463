/** Which files hold texts, and how, by their names. */
const FORMS: Readonly<Record<string, "lines" | "json" | "table" | "parquet">> = {
  txt: "lines",
  jsonl: "json",
  ndjson: "json",
  csv: "table",
  tsv: "table",
  parquet: "parquet",
};

/** @returns undefined: none */
export function textFormOf(name: string): "lines" | "json" | "table" | "parquet" | undefined {
  const ending = /\.([^./\\]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(FORMS, ending) ? FORMS[ending] : undefined;
}
