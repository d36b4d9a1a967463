/** Any JSON as text for people: fields one a line, lists of like objects as tables. */
import { textTable } from "./text-table.ts";

type Fields = Readonly<Record<string, unknown>>;

export function outline(value: unknown, indent = ""): string {
  if (!isFields(value)) return `${indent}${cell(value)}\n`;
  const width = Math.max(...Object.keys(value).map((name) => words(name).length));
  let text = "";
  for (const [name, field] of Object.entries(value)) {
    const label = `${indent}${words(name)}`;
    if (isFields(field) && Object.keys(field).length > 0) text += `${label}\n${outline(field, `${indent}  `)}`;
    else if (isTable(field)) text += `${label}\n${table(field, `${indent}  `)}`;
    else {
      const start = `${label.padEnd(indent.length + width)}  `;
      text += `${start}${areSentences(field) ? field.join(`\n${" ".repeat(start.length)}`) : cell(field, name)}\n`;
    }
  }
  return text;
}

function table(rows: readonly Fields[], indent: string): string {
  const names = Object.keys(rows[0]!);
  return textTable(
    names.map(words),
    rows.map((row) => names.map((name) => cell(row[name], name))),
    indent,
  );
}

/** Whoever wants every digit asks for --json. @param name of the field: it may say that a number is a moment */
function cell(value: unknown, name = ""): string {
  if (typeof value === "number") return numberText(value, name);
  if (value === null || value === undefined) return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map((one) => cell(one)).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const MOMENT_MS_MIN = 1e12;
function numberText(value: number, name: string): string {
  if (name.endsWith("Ms") && value > MOMENT_MS_MIN) return new Date(value).toISOString();
  if (Number.isInteger(value)) return value < 1e15 ? value.toLocaleString("en") : String(value);
  return String(Number(value.toPrecision(3)));
}

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);
/** Each has a line of its own. */
const areSentences = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string" && one.endsWith("."));
const isTable = (value: unknown): value is readonly Fields[] =>
  Array.isArray(value) && value.length > 0 && value.every(isFields);

/** answersByMark: "answers by mark" */
const words = (name: string) => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
